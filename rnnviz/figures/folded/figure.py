"""The page as a figure: its size, its scene, and the frame that it is exported in."""

from __future__ import annotations

from rnnviz.figures.compared import shown_title
from rnnviz.figures.folded import surroundings
from rnnviz.figures.folded.below import below, page_height
from rnnviz.figures.folded.cells import cell, folded_cell
from rnnviz.figures.folded.chain import ends, link, loop
from rnnviz.figures.folded.options import FoldedOptions
from rnnviz.figures.folded.page import PAGE, page_of
from rnnviz.figures.folded.rises import rises
from rnnviz.figures.folded.stage import Stage
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.compose import scaled
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style

_READABLE = 0.8
_LARGEST = 1.25
_NEARLY = 0.9  # of a zoom, for which the diagram is not cut


class FoldedFigure:
    """The recurrent diagram with its loop, and beside it the same unrolled in time.

    Attributes:
        shares: boxes of one name are one matrix, and are shown to be under the mouse.
    """

    shares = True

    name = "folded"
    title = "Folded and unrolled"
    options_type = FoldedOptions
    zoom_range = (0.3, 6.0)

    def extent(self, view: View, options: FoldedOptions, frame: Frame) -> Extent:
        """The size of the page, the same however far it is opened."""
        page = page_of(view, options, frame.width)
        height = page_height(page, view, options)
        return Extent(page.width * frame.zoom, height * frame.zoom)

    def fit_zoom(self, view: View, options: FoldedOptions, width: float, height: float) -> float:
        """The zoom that shows all, or all of the width where the rest would be too small.

        Where the diagram itself would be cut by a little, it shows that without the words.
        """
        extent = self.extent(view, options, Frame(0, 0, width, height))
        wide, high = width / extent.width, height / extent.height
        zoom = min(max(min(wide, high), min(wide, _READABLE)), _LARGEST)
        uncut = height / page_of(view, options, width).bottom
        return uncut if _NEARLY * zoom <= uncut < zoom else zoom

    def build(self, view: View, options: FoldedOptions, frame: Frame, style: Style) -> Scene:
        """What a frame shows of the page."""
        page = page_of(view, options, frame.width)
        stage = Stage(page, view, options, style, frame.zoom)
        marks = [*_diagram(stage), *below(stage)]
        return Scene(
            frame.width,
            frame.height,
            scaled(marks, frame.zoom),
            background=style.background,
            title=shown_title(f"nn.{view.run.kind}, folded and unrolled", view),
            x=frame.x,
            y=frame.y,
        )

    def legend(self, view: View, options: FoldedOptions, width: float, style: Style) -> Scene:
        """None: the page has its own key."""
        return Scene(width, 0.0, (), style.background, "")

    def export_frame(self, view: View, options: FoldedOptions) -> Frame:
        """The whole page; a narrow one where only the folded diagram stands on it."""
        opened = options.openness > 0 and view.run.N > 0
        page = page_of(view, options, PAGE if opened else 0.0)
        return Frame(0, 0, page.width, page_height(page, view, options))


def _diagram(stage: Stage) -> list[Mark]:
    """From the back to the front: the chain, its cells last one first, the folded one."""
    page = stage.page
    marks = [mark for lane in page.lanes for mark in loop(stage, lane)]
    if stage.openness:
        for lane in page.lanes:
            marks += ends(stage, lane)
        for place in reversed(range(len(page.shown))):
            if place + 1 < len(page.shown):
                marks += [mark for lane in page.lanes for mark in link(stage, lane, place)]
            marks += rises(stage, stage.column(place), page.shown[place], stage.named)
            marks += [mark for lane in page.lanes for mark in cell(stage, lane, place)]
        marks += surroundings.time_axis(stage)
        marks += surroundings.left_out(stage)
        marks += surroundings.equals(stage)
        marks += surroundings.colors(stage)
    marks += rises(stage, stage.folded, None)
    for lane in page.lanes:
        marks += folded_cell(stage, lane)
    return [*marks, *surroundings.spaces(stage), *surroundings.titles(stage)]


FIGURE = FoldedFigure()
