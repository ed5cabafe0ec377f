"""Every parameter of a layer by its PyTorch name, gate by gate."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.colorbar import colorbar, end_labels
from rnnviz.figures.compared import shown_title, shown_words
from rnnviz.figures.numerals import signed
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.figures.weights import distribution, matrix, titles
from rnnviz.figures.weights.layout import (
    HEADER,
    MARGIN,
    NARROW,
    SIDE,
    SIDE_GAP,
    Block,
    Group,
    Layout,
    arrange,
    side_height,
    table_height,
)
from rnnviz.figures.weights.options import WeightsOptions
from rnnviz.figures.weights.parameters import Parameters, parameters
from rnnviz.model.provenance import sources
from rnnviz.scene.marks import Clip, Mark, Rect, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

_EXPORT = (1000.0, 750.0)
_WIDER = 1200.0  # px, where that is what the tables need to stand beside the matrices
_LEGEND = 32.0
_REACH = 40.0  # px that a mark may reach beyond what it stands for


def layout_of(view: View, options: WeightsOptions, frame: Frame) -> tuple[Parameters, Layout]:
    """The parameters on show and where they stand in a pane of the frame's size."""
    shown = parameters(view, options)
    subs = [titles.meets_width(shown, kind) for kind in ("weight_ih", "weight_hh")]
    return shown, arrange(shown, options.arrangement, frame, subs)


class _Drawing:
    """A part of the figure as it is laid out for a frame, gathered mark by mark.

    Args:
        part: what is drawn of the content; `margins` are those of the frame.
    """

    def __init__(
        self, view: View, options: WeightsOptions, frame: Frame, part: Frame, style: Style
    ) -> None:
        self.options, self.frame, self.part, self.style = options, frame, part, style
        self.shown, self.layout = layout_of(view, options, frame)
        self.digits = self.shown.digits if self.shown.is_difference else None
        self.selection = self._selected(view.selection)
        self.rows = _rows(view)
        low = self.layout.bands[-1].low
        self.top = min(max(frame.y, 0.0), max(low - HEADER, 0.0))
        edge = max(self.layout.right - MARGIN - self.layout.gutter - 40, 0.0)
        self.left = min(max(frame.x, 0.0), edge)
        self.start = self.left + MARGIN + self.layout.gutter

    def _selected(self, selection: Element | None) -> Element | None:
        names = {parameter.name for parameter in self.shown.owners()}
        return selection if selection is not None and selection.tensor in names else None

    def limit(self, block: Block) -> float:
        return self.shown.limit(block.parameter, self.options.shared_scale)

    def _own_scale(self, group: Group) -> float | None:
        return None if self.options.shared_scale else self.limit(group.weight)

    def matrices(self) -> list[Mark]:
        """The cells, and what is drawn around them."""
        layout, joined = self.layout, self.options.arrangement == "matrix"
        marks: list[Mark] = []
        cuts: list[matrix.Cut] = []
        for group in layout.groups:
            for block in group.blocks:
                for band in layout.bands:
                    found = matrix.cut(block, band, self.limit(block), self.part)
                    if found is not None:
                        cuts.append(found)
                        marks += matrix.cells(found, self.options.numbers, self.style, self.digits)
                marks += matrix.frames(block, layout.bands, joined, self.style)
        if layout.projection is not None:
            marks += self._projection(cuts)
        if self.selection is not None:
            marks += matrix.selected_ring(layout, tuple(cuts), self.selection, self.style)
        if self.shown.is_difference:
            marks += [ring for cut in cuts for ring in matrix.changed_rings(cut, self.style)]
        return marks + matrix.source_rings(tuple(cuts), self.rows, self.style)

    def margins(self) -> list[Mark]:
        """Labels that stay in sight."""
        return self._gutter() + self._header()

    def beside(self) -> list[Mark]:
        """The tables and the notes."""
        return self._sides() + self._foot()

    def _projection(self, cuts: list[matrix.Cut]) -> list[Mark]:
        assert self.layout.projection is not None
        group, band = self.layout.projection
        y, part = band.y - HEADER, self.part
        cell, scale = band.height / band.rows, self._own_scale(group)
        marks = titles.title(self.shown, group, cell, (group.x, y), scale, self.style)
        marks += titles.column_labels(
            self.shown, group.weight, band.y - 9, (part.x, part.x + part.width), self.style
        )
        found = matrix.cut(group.weight, band, self.limit(group.weight), part)
        if found is not None:
            cuts.append(found)
            marks += matrix.cells(found, self.options.numbers, self.style, self.digits)
        marks += matrix.frames(group.weight, (band,), False, self.style)
        return marks

    def _gutter(self) -> list[Mark]:
        """Gates and rows at the left edge; when scrolled, on paper of their own."""
        layout, frame = self.layout, self.frame
        bold = self.selection.row if self.selection else None
        in_bands = self.selection is not None and "weight_hr" not in self.selection.tensor
        low = frame.y + frame.height
        marks: list[Mark] = []
        if self.left > 0:
            height = layout.low + 8 - HEADER
            marks.append(self._paper(self.left, HEADER - 4, self.start - 6 - self.left, height))
        for band in layout.bands:
            if band.low < frame.y or band.y > low:
                continue
            visible = max(self.top + HEADER, frame.y), low
            marks += matrix.gate_labels(
                band, self.left + MARGIN, self.start - 11, visible, self.style
            )
            first = band.first if self.options.arrangement == "matrix" else 0
            row = bold if in_bands else None
            marks += matrix.row_labels(band, self.start - 11, visible, first, row, self.style)
        if layout.projection is not None:
            band = layout.projection[1]
            row = None if in_bands else bold
            marks += matrix.row_labels(band, self.start - 11, (frame.y, low), 0, row, self.style)
        return marks

    def _header(self) -> list[Mark]:
        """Names and columns at the top edge; when scrolled, on paper of their own."""
        marks: list[Mark] = []
        right = self.frame.x + self.frame.width
        if self.top > 0:
            end = min(self.layout.right + 8, right)
            width = end - self.frame.x
            marks.append(self._paper(self.frame.x, self.top, width, HEADER - 4))
        for group in self.layout.groups:
            if group.right < self.start or group.x > right:
                continue
            x = self._title_place(group)
            cell, at = self.layout.cell, (x, self.top)
            scale = self._own_scale(group)
            marks += titles.title(self.shown, group, cell, at, scale, self.style)
            marks += titles.column_labels(
                self.shown, group.weight, self.top + HEADER - 9, (self.start, right), self.style
            )
        return marks

    def _title_place(self, group: Group) -> float:
        """Where a title begins: at its matrix, or in sight where that begins further left."""
        weight = group.weight.parameter
        width = text_width(f"{weight.name} {weight.shape_text}", 12, "mono") + 10
        return max(group.x, min(self.start, group.weight.right - width))

    def _paper(self, x: float, y: float, width: float, height: float) -> Rect:
        return Rect(x, y, width, height, fill=self.style.background or self.style.ui.canvas)

    def _sides(self) -> list[Mark]:
        layout, shown, gates = self.layout, self.shown, len(self.shown.gates)
        marks: list[Mark] = []
        if self._meets(layout.side, side_height(gates)):
            marks += distribution.distribution(shown, layout.side, self.selection, self.style)
        if self._meets(layout.table, table_height(gates)):
            marks += distribution.table(shown, layout.table, self.style)
        return marks

    def _meets(self, place: tuple[float, float, float], height: float) -> bool:
        """Whether what begins somewhere, and is so wide, reaches into the part."""
        (x, y, width), part = place, self.part
        across = x <= part.x + part.width and x + width >= part.x
        return across and y <= part.y + part.height and y + height >= part.y

    def _foot(self) -> list[Mark]:
        width = max(self.layout.right, self.frame.width - MARGIN) - MARGIN
        if self.layout.side[1] == 0:
            width = self.layout.side[0] - 2 * MARGIN
        y, muted = self.layout.low + 26, self.style.ui.muted
        notes = [_foot_note(self.shown), " ".join((*self._differing(), *self._crowded()))]
        return [
            label(elide(note, width, 11), MARGIN, y + 17 * line, muted, 11)
            for line, note in enumerate(notes)
            if note
        ]

    def _differing(self) -> list[str]:
        """Of a difference, how many entries differ and the first of them."""
        if not self.shown.is_difference:
            return []
        counts = [(owner, owner.changed) for owner in self.shown.owners() if len(owner.changed)]
        if not counts:
            return ["Nothing differs in these weights."]
        total = sum(len(changed) for _, changed in counts)
        if total > 1:
            names = ", ".join(owner.name for owner, _ in counts)
            return [f"{total} entries differ, in {names}."]
        owner, changed = counts[0]
        row, column = changed[0].tolist()
        where = f"[{row}]" if owner.is_bias else f"[{row}, {column}]"
        value = signed(float(owner.values[row, column]), self.shown.digits)
        return [f"One entry differs: {owner.name}{where}, by {value}."]

    def _crowded(self) -> list[str]:
        """Notes that have no room in their matrix's title."""
        found = []
        for group in self.layout.groups:
            note = titles.pooled_note(self.layout.cell, group.weight)
            if note and text_width(note, 11) > titles.note_room(group, group.x):
                found.append(f"{group.weight.parameter.name}: {note}.")
        return found


def _scene(view: View, frame: Frame, marks: tuple[Mark, ...], background: str | None) -> Scene:
    title = shown_title("Weights", view)
    return Scene(frame.width, frame.height, marks, background, title, x=frame.x, y=frame.y)


def _rows(view: View) -> tuple[Element, ...]:
    """The rows of parameters that make what is selected."""
    if view.selection is None:
        return ()
    found = sources(view.run, view.selection)
    return tuple(element for element in found if element.tensor in view.run.weights)


def _foot_note(shown: Parameters) -> str:
    serve = "The same matrices serve every timestep."
    if len(shown.gates) == 1:
        return serve
    return f"PyTorch stacks the gates by rows in the order {', '.join(shown.gates)}. {serve}"


class Weights:
    """Which row serves which gate and unit, what is large, how far from where torch began."""

    name = "weights"
    title = "Weights"
    options_type = WeightsOptions
    zoom_range = (1.0, 256.0)  # at 100 % the pane is filled: nothing is gained further out

    def extent(self, view: View, options: WeightsOptions, frame: Frame) -> Extent:
        """The size of the whole content in a pane of the frame's size at its zoom."""
        _, layout = layout_of(view, options, frame)
        return Extent(layout.width, layout.height)

    def build(self, view: View, options: WeightsOptions, frame: Frame, style: Style) -> Scene:
        """The marks that the frame shows."""
        drawing = _Drawing(view, options, frame, frame, style)
        marks = (*drawing.matrices(), *drawing.margins(), *drawing.beside())
        return _scene(view, frame, marks, style.background)

    def content(
        self, view: View, options: WeightsOptions, frame: Frame, part: Frame, style: Style
    ) -> Scene:
        """What of the matrices and the tables, as laid out for a frame, reaches into a part."""
        drawing = _Drawing(view, options, frame, part.grown(_REACH), style)
        return _scene(view, part, (*drawing.matrices(), *drawing.beside()), style.background)

    def opening(self, frame: Frame) -> Frame:
        """All of a frame: the labels that stay in sight have paper of their own."""
        return frame

    def pinned(self, view: View, options: WeightsOptions, frame: Frame, style: Style) -> Scene:
        """The labels that stay in sight."""
        drawing = _Drawing(view, options, frame, frame, style)
        return _scene(view, frame, tuple(drawing.margins()), None)

    def legend(self, view: View, options: WeightsOptions, width: float, style: Style) -> Scene:
        """One colour bar for all parameters, or the word that each has its own."""
        shown = parameters(view, options)
        count = len(shown.owners())
        marks: list[Mark] = []
        room = width
        compared = shown_words(view)
        if shown.is_difference and not any(len(owner.changed) for owner in shown.owners()):
            words = "nothing differs in these weights"
        elif options.shared_scale:
            words = f"one colour range for all {count} tensors, centred at 0"
            ends = end_labels(shown.range, signed=True)
            end = text_width(ends[1], 11) + 7
            x = width - end - 120
            marks += colorbar(x, 12, 120, style.signed, ends, style)
            room = x - text_width(ends[0], 11) - 16
        else:
            words = "each matrix and its bias have a colour range of their own, centred at 0"
        text = elide(f"{compared}; {words}" if compared else words, room, 11)
        marks.append(label(text, 0, 20, style.ui.muted, 11))
        clip = Clip(0, 0, width, _LEGEND, tuple(marks))
        return Scene(width, _LEGEND, (clip,), background=style.background, title="Weights")

    def export_frame(self, view: View, options: WeightsOptions) -> Frame:
        """All of it, at 100 %, with no more between its parts than they need."""
        frame = Frame(0, 0, *_EXPORT)
        for width in (_EXPORT[0], _WIDER):
            shown, layout = layout_of(view, options, Frame(0, 0, width, _EXPORT[1]))
            if layout.side[1] == 0:  # the tables stand beside the matrices
                wide = max(layout.right + SIDE_GAP, text_width(_foot_note(shown), 11) + 2 * MARGIN)
                tight = max(wide + SIDE + MARGIN, NARROW)
                frame = Frame(0, 0, min(tight, width), _EXPORT[1])
                break
        for _ in range(4):
            extent = self.extent(view, options, frame)
            if extent.width <= frame.width and extent.height <= frame.height:
                break
            frame = Frame(0, 0, max(frame.width, extent.width), max(frame.height, extent.height))
        return Frame(0, 0, frame.width, min(frame.height, extent.height))


FIGURE = Weights()
