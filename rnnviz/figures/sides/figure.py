"""Side by side: two models that people take for the same, or that are the same."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.compared import shown_title
from rnnviz.figures.memo import Memo
from rnnviz.figures.remarks import caption
from rnnviz.figures.sides.legend import draw_legend
from rnnviz.figures.sides.options import SidesOptions, lesson_of
from rnnviz.figures.sides.page import MARGIN, Page, page
from rnnviz.figures.sides.subject import LESSONS, Subject, refusal
from rnnviz.figures.strips import ring
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.compose import scaled
from rnnviz.scene.hit import hit_rect
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style, load_style

_EXPORT_WIDTH = 1000.0
_LARGEST = 1.25
_REFUSAL = 80.0  # px of a pane with nothing but words
_TITLES = {
    "vanilla": "A cell by its own names beside nn.RNN and nn.Linear",
    "identity": "A recurrence that is never applied beside one that is",
    "projection": "An LSTM with proj_size beside an LSTM followed by Linear",
}
_memo = Memo(16)


class SidesFigure:
    """Two ways to compute one sequence: where they are the same, and where they part."""

    name = "sides"
    title = "Side by side"
    options_type = SidesOptions
    zoom_range = (0.4, 4.0)

    def applies(self, view: View) -> bool:
        """Whether a lesson puts something beside the model."""
        return lesson_of(view) in LESSONS

    def extent(self, view: View, options: SidesOptions, frame: Frame) -> Extent:
        """The size of the whole page."""
        if refusal(view):
            return Extent(frame.width, _REFUSAL)
        width, height = _size(Subject(view, options), frame.width)
        return Extent(width * frame.zoom, height * frame.zoom)

    def fit_zoom(self, view: View, options: SidesOptions, width: float, height: float) -> float:
        """The zoom that shows the whole page, if that can be read."""
        extent = self.extent(view, options, Frame(0, 0, width, height))
        fitting = min(width / extent.width, height / extent.height)
        return min(max(fitting, 1.0), _LARGEST)

    def build(self, view: View, options: SidesOptions, frame: Frame, style: Style) -> Scene:
        """The whole page: it is small enough to be described at once."""
        refused = refusal(view)
        if refused:
            room = max(frame.width - 2 * MARGIN, 100.0)
            marks: tuple[Mark, ...] = tuple(caption(refused, MARGIN, 40, room, style, 12))
            title = self.title
        else:
            drawn = page(Subject(view, options), frame.width, style)
            marks = scaled((*drawn.marks, *_rings(view, drawn, style)), frame.zoom)
            title = shown_title(_TITLES[lesson_of(view)], view)
        return Scene(frame.width, frame.height, marks, style.background, title, frame.x, frame.y)

    def legend(self, view: View, options: SidesOptions, width: float, style: Style) -> Scene:
        """Whose frame is whose, and the ranges of the colours."""
        if refusal(view):
            return Scene(width, 0.0, ())
        return draw_legend(Subject(view, options), width, style)

    def export_frame(self, view: View, options: SidesOptions) -> Frame:
        """The whole page, 1000 px wide."""
        extent = self.extent(view, options, Frame(0, 0, _EXPORT_WIDTH, _REFUSAL))
        return Frame(0, 0, extent.width, extent.height)


def _size(subject: Subject, pane: float) -> tuple[float, float]:
    """Width and height of a page, which are the same at every step."""

    def measured() -> tuple[float, float]:
        drawn = page(subject, pane, load_style("light"))
        return drawn.width, drawn.height

    key = (pane, subject.options, subject.lesson, subject.sequence)
    return _memo.get(subject.pr, key, measured)


def _rings(view: View, drawn: Page, style: Style) -> Iterator[Mark]:
    """Rings around the selected element wherever it stands."""
    if view.selection is None:
        return
    for mark in drawn.marks:
        box = hit_rect(Scene(0, 0, (mark,)), view.selection)
        if box is not None:
            yield ring(box, style, margin=1.0, radius=3.0)


FIGURE = SidesFigure()
