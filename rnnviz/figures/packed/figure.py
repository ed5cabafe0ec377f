"""The packed batch: padded grid, sorted grid, `PackedSequence.data`, all linked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnviz.figures.compared import shown_title
from rnnviz.figures.packed.arrows import draw_arrows, draw_ribbons
from rnnviz.figures.packed.batch import Batch, read_batch
from rnnviz.figures.packed.data import draw_data
from rnnviz.figures.packed.grid import GridRows, draw_grid
from rnnviz.figures.packed.layout import MARGIN, Layout, arrange, wants_table
from rnnviz.figures.packed.legend import draw_legend
from rnnviz.figures.packed.lists import draw_lists
from rnnviz.figures.packed.notes import draw_notes
from rnnviz.figures.packed.options import PackedOptions
from rnnviz.figures.packed.ringed import draw_place, draw_selection
from rnnviz.figures.packed.without import draw_without, measured
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.model.padding import without_packing
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_EXPORT_WIDTH = 1000.0
_REACH = 60.0  # px that a mark may reach beyond what it stands for
_EMPTY = "The batch is empty (N = 0): there is nothing to pack."


class PackedFigure:
    """Which sequences run at this step, where their data is, and why they are sorted."""

    name = "packed"
    title = "Packed batch"
    options_type = PackedOptions
    zoom_range = (1.0, 64.0)

    def extent(self, view: View, options: PackedOptions, frame: Frame) -> Extent:
        """The size of the whole content, at least as wide as the pane."""
        batch = read_batch(view)
        if batch is None:
            return Extent(frame.width, 120.0)
        layout = _layout(view, batch, options, frame)
        current = None
        if batch.t is not None:
            left = layout.given.column_x(batch.t)
            current = (left, left + layout.given.cell[0])
        return Extent(layout.width, layout.height, current)

    def build(self, view: View, options: PackedOptions, frame: Frame, style: Style) -> Scene:
        """What of the packed batch lies within a frame."""
        return self.content(view, options, frame, frame, style)

    def content(
        self, view: View, options: PackedOptions, frame: Frame, part: Frame, style: Style
    ) -> Scene:
        """What of the packed batch, as it is laid out for a frame, reaches into a part."""
        batch = read_batch(view)
        if batch is None:
            marks: tuple[Mark, ...] = (label(_EMPTY, MARGIN, 40, style.ui.text_secondary),)
        else:
            layout = _layout(view, batch, options, frame)
            near = part.grown(_REACH)
            marks = tuple(_marks(batch, layout, near, frame.width, style))
            marks += tuple(draw_without(view, batch, layout, style))
            marks += (
                *draw_selection(view, marks, style),
                *draw_place(view, batch, layout, style),
            )
        title = shown_title(_title(batch), view)
        return Scene(part.width, part.height, marks, style.background, title, x=part.x, y=part.y)

    def opening(self, frame: Frame) -> Frame:
        """All of a frame: nothing is pinned to its edges."""
        return frame

    def pinned(self, view: View, options: PackedOptions, frame: Frame, style: Style) -> Scene:
        """Nothing."""
        return Scene(frame.width, frame.height, (), x=frame.x, y=frame.y)

    def legend(self, view: View, options: PackedOptions, width: float, style: Style) -> Scene:
        """How the batch was sorted, what the marks mean, and the colour scale."""
        batch = read_batch(view)
        if batch is None:
            return Scene(width, 0.0, ())
        limits = (batch.ranges.hidden, batch.ranges.limit("x"))
        key = ("legend", width, style, limits, batch.shown)
        return batch.kept(key, lambda: draw_legend(batch, width, style))

    def export_frame(self, view: View, options: PackedOptions) -> Frame:
        """The whole figure, 1000 px wide; what goes wrong without packing is measured first."""
        frame = Frame(0.0, 0.0, _EXPORT_WIDTH, 120.0)
        batch = read_batch(view)
        if batch is not None and wants_table(batch, options):
            without_packing(view.run, view.padding_value)
        extent = self.extent(view, options, frame)
        return Frame(0.0, 0.0, extent.width, extent.height)


def _layout(view: View, batch: Batch, options: PackedOptions, frame: Frame) -> Layout:
    is_measured = wants_table(batch, options) and measured(view) is not None
    key = ("layout", options, frame.width, frame.zoom, is_measured)
    return batch.kept(key, lambda: arrange(batch, options, frame, is_measured))


def _title(batch: Batch | None) -> str:
    if batch is None:
        return "Packed batch, empty"
    step = f", t = {batch.t + 1}" if batch.t is not None else ""
    return f"Packed batch of {batch.N} sequences, {batch.rows} rows of data{step}"


def _marks(batch: Batch, layout: Layout, part: Frame, pane: float, style: Style) -> Iterator[Mark]:
    """What reaches into a part of the content, seen in a pane of a width."""
    as_given = GridRows(np.arange(batch.N), is_sorted=False)
    as_sorted = GridRows(batch.order, is_sorted=True)
    yield from draw_ribbons(batch, layout, part, style)
    yield from draw_grid(batch, layout.given, as_given, part, pane, style)
    yield from draw_grid(batch, layout.sorted, as_sorted, part, pane, style)
    yield from draw_arrows(batch, layout, style)
    yield from draw_notes(batch, layout, style)
    yield from draw_data(batch, layout.data, part, pane, style)
    if part.y + part.height >= layout.rule:
        yield from draw_lists(batch, layout, style)


FIGURE = PackedFigure()
