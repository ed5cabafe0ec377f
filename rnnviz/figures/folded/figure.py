"""The page as a figure: its size, its scene, and the frame that it is exported in."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.figures.folded import surroundings
from rnnviz.figures.folded.block import Block
from rnnviz.figures.folded.cells import cell, folded_cell
from rnnviz.figures.folded.chain import ends, link, loop
from rnnviz.figures.folded.options import FoldedOptions
from rnnviz.figures.folded.page import ALONE, PAGE, Page, page_of
from rnnviz.figures.folded.rises import rises
from rnnviz.figures.folded.stage import Stage
from rnnviz.figures.folded.words import words
from rnnviz.figures.memo import Memo
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.compose import scaled, translate
from rnnviz.scene.marks import Clip, Mark, Polyline, Rect, Scene
from rnnviz.scene.style import Style, export_style

_RULE = 22.0  # from the diagram to the words
_FOOT = 10.0
_READABLE = 0.8
_LARGEST = 1.25
_FADES_BY = 0.3  # of the way: the words of the folded diagram alone
_COMES_FROM = 0.5  # of the way: those of both
_MEMO = Memo(most=8)  # setting the words costs more than the diagram


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
        height = max(_height(page, view, options, alone) for alone in (True, False))
        return Extent(page.width * frame.zoom, height * frame.zoom)

    def fit_zoom(self, view: View, options: FoldedOptions, width: float, height: float) -> float:
        """The zoom that shows all, or all of the width where the rest would be too small."""
        extent = self.extent(view, options, Frame(0, 0, width, height))
        wide, high = width / extent.width, height / extent.height
        return min(max(min(wide, high), min(wide, _READABLE)), _LARGEST)

    def build(self, view: View, options: FoldedOptions, frame: Frame, style: Style) -> Scene:
        """What a frame shows of the page."""
        page = page_of(view, options, frame.width)
        stage = Stage(page, view, options, style, frame.zoom)
        marks = [*_diagram(stage), *_below(stage)]
        return Scene(
            frame.width,
            frame.height,
            scaled(marks, frame.zoom),
            background=style.background,
            title=f"nn.{view.run.kind}, folded and unrolled",
            x=frame.x,
            y=frame.y,
        )

    def legend(self, view: View, options: FoldedOptions, width: float, style: Style) -> Scene:
        """None: the page has its own key."""
        return Scene(width, 0.0, (), style.background, "")

    def export_frame(self, view: View, options: FoldedOptions) -> Frame:
        """The whole page; the folded diagram alone where the other isn't open."""
        if options.openness > 0 and view.run.N:
            page = page_of(view, options, PAGE)
            height = _height(page, view, options, alone=False)
            if options.openness < _FADES_BY:
                height = max(height, _height(page, view, options, alone=True))
            return Frame(0, 0, page.width, height)
        page = page_of(view, options, ALONE)
        height = _height(page, view, options, alone=True)
        return Frame((page.width - ALONE) / 2, 0, ALONE, height)


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


def _below(stage: Stage) -> list[Mark]:
    """The rule and the words; on the way, those of the one end give way to those of the other."""
    page = stage.page
    marks: list[Mark] = []
    alone = max(0.0, 1 - stage.openness / _FADES_BY)
    if alone:
        marks += _faded(_words(stage.page, stage.view, stage.options, stage.style, True), alone)
    together = max(0.0, (stage.openness - _COMES_FROM) / (1 - _COMES_FROM))
    if together:
        block = _words(stage.page, stage.view, stage.options, stage.style, False)
        marks += _faded(block, together)
    left = stage.on_way((page.width - ALONE) / 2, 0.0) + page.spacing.margin
    rule = Rect(left, page.bottom + 8, page.width - 2 * left, 1, stage.style.ui.border)
    return [rule, *marks]


def _words(
    page: Page, view: View, options: FoldedOptions, style: Style, alone: bool
) -> tuple[Mark, ...]:
    """The words where they stand on the page."""
    left = (page.width - ALONE) / 2 if alone else 0.0
    block = _block(page, view, options, style, alone)
    return translate(block.marks, left + page.spacing.margin, page.bottom + _RULE)


def _block(page: Page, view: View, options: FoldedOptions, style: Style, alone: bool) -> Block:
    width = (ALONE if alone else page.width) - 2 * page.spacing.margin
    chosen = replace(options, openness=0.0 if alone else 1.0)
    key = (chosen, width, style.name, view.sequence, view.showing)
    return _MEMO.get(view.run, key, lambda: words(view, chosen, width, style))


def _height(page: Page, view: View, options: FoldedOptions, alone: bool) -> float:
    """Of the page with its words; the colours of the style don't matter."""
    block = _block(page, view, options, export_style(), alone)
    return page.bottom + _RULE + block.height + _FOOT


def _faded(marks: tuple[Mark, ...], opacity: float) -> tuple[Mark, ...]:
    if opacity == 1.0:
        return marks
    return tuple(
        mark if isinstance(mark, Clip | Polyline) else replace(mark, opacity=mark.opacity * opacity)
        for mark in marks
    )


FIGURE = FoldedFigure()
