"""The lookup drawn as a lookup: ids pick rows of a table, and the rows are the vectors."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.lookup.drawing import draw_part
from rnnviz.figures.lookup.grid import MARGIN
from rnnviz.figures.lookup.layout import Part, arrange
from rnnviz.figures.lookup.notes import AGREEMENT, NOTES, draw_agreement, draw_notes
from rnnviz.figures.lookup.options import WAYS, LookupOptions, ways
from rnnviz.figures.lookup.subject import Subject, subject_of
from rnnviz.figures.matrix import NUMBERED, Look
from rnnviz.figures.scale_key import Scale, of_two_runs, scale_key, titled_of
from rnnviz.figures.selected import selection_rings
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style

_EXPORTS = (1000.0, 1300.0, 1600.0)  # px of a page; a wider one where it brings out numbers
_NARROWEST = 640.0
_TRIES = 16
_WORDINGS = ("one colour range for the table and the vectors, centred at 0", "signed value")


class LookupFigure:
    """Which row of the table each id picks, and that three ways to write it are one."""

    name = "lookup"
    title = "Lookup"
    options_type = LookupOptions
    zoom_range = (1.0, 256.0)  # at 100 % the pane is filled: nothing is gained further out

    def applies(self, view: View) -> bool:
        """Whether the model takes ids."""
        return view.around is not None and view.around.pr.ids is not None

    def extent(self, view: View, options: LookupOptions, frame: Frame) -> Extent:
        """The size of the whole content in a pane of the frame's size at its zoom."""
        parts = _parts(subject_of(view), options, frame)
        return Extent(max(_right(parts), frame.width), _low(parts))

    def build(self, view: View, options: LookupOptions, frame: Frame, style: Style) -> Scene:
        """The marks that the frame shows."""
        subject = subject_of(view)
        parts = _parts(subject, options, frame)
        look = Look(style, frame, options.numbers, subject.is_difference)
        marks = tuple(_marks(subject, parts, max(_right(parts), frame.width), look))
        return Scene(
            frame.width,
            frame.height,
            (*marks, *selection_rings(view.selection, marks, style)),
            background=style.background,
            title=titled_of(f"Lookup of {subject.ids_title[0]} {subject.ids_title[1]}", view),
            x=frame.x,
            y=frame.y,
        )

    def legend(self, view: View, options: LookupOptions, width: float, style: Style) -> Scene:
        """The colour range of the table and the vectors."""
        subject, compared = subject_of(view), of_two_runs(view)
        scales = [
            Scale("one_hot" if subject.is_identity else "weight", subject.table.limit, style.signed)
        ]
        if subject.bias is not None:
            scales.append(Scale("embedded", subject.result.limit, style.signed))
        wordings = (compared,) if compared else _WORDINGS[len(scales) - 1 :]
        return scale_key(wordings, tuple(scales), width, style)

    def export_frame(self, view: View, options: LookupOptions) -> Frame:
        """All of it, at 100 %, no wider than it needs."""
        subject = subject_of(view)
        for page in (*_EXPORTS, _EXPORTS[0]):
            parts = _parts(subject, options, Frame(0, 0, page, 0))
            if all(part.result.cell >= NUMBERED[0] for part in parts):
                break
        for _ in range(_TRIES):
            width = max(_right(parts), _NARROWEST)
            parts = _parts(subject, options, Frame(0, 0, width, 0))
            if _right(parts) <= width + 0.5:
                break
        return Frame(0, 0, width, _low(parts))


def _parts(subject: Subject, options: LookupOptions, frame: Frame) -> list[Part]:
    """The ways on show, one below the other."""
    there = ways(subject.view)
    if options.show != "all" or options.show not in there:
        way = options.show if options.show in there else there[0]
        return [arrange(subject, way, frame, 0.0)]
    parts: list[Part] = []
    for way in WAYS:
        top = parts[-1].low + NOTES if parts else 0.0
        parts.append(arrange(subject, way, frame, top, few=True))
    return parts


def _right(parts: list[Part]) -> float:
    return max(part.right for part in parts) + MARGIN


def _low(parts: list[Part]) -> float:
    return parts[-1].low + NOTES + (AGREEMENT if len(parts) > 1 else 0.0)


def _marks(subject: Subject, parts: list[Part], width: float, look: Look) -> Iterator[Mark]:
    for part in parts:
        yield from draw_part(subject, part, look)
        yield from draw_notes(subject, part, width - 2 * MARGIN, look)
    if len(parts) > 1:
        yield from draw_agreement(subject, parts[-1].low + NOTES, width - 2 * MARGIN, look)


FIGURE = LookupFigure()
