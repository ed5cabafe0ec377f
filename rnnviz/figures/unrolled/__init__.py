"""The unrolled graph: every step of every layer, side by side."""

from __future__ import annotations

from rnnviz.figures.unrolled.fitting import LEAST, fit_zoom, page_frame
from rnnviz.figures.unrolled.legend import legend
from rnnviz.figures.unrolled.options import UnrolledOptions
from rnnviz.figures.unrolled.picture import content, opening, picture, pinned
from rnnviz.figures.unrolled.returned import focused_steps
from rnnviz.figures.unrolled.stage import Layout, layout_of
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import Style


class UnrolledFigure:
    """Every step of every layer side by side, and what passes between them."""

    name = "unrolled"
    title = "Unrolled graph"
    options_type = UnrolledOptions
    zoom_range = (LEAST, 6.0)

    def extent(self, view: View, options: UnrolledOptions, frame: Frame) -> Extent:
        """The size of the whole graph, and where the current step's column lies in it."""
        layout = layout_of(view, options, frame)
        current = _current(view, layout, opening(frame).width) if layout.sequences else None
        return Extent(layout.width, layout.height, current)

    def fit_zoom(self, view: View, options: UnrolledOptions, width: float, height: float) -> float:
        """The zoom at which a pane shows most: all of it if that can be read.

        A run that is too long for its width as cards is squeezed; one that is too high is
        scrolled rather than made smaller than its cards can be.
        """
        return fit_zoom(view, options, width, height)

    def build(self, view: View, options: UnrolledOptions, frame: Frame, style: Style) -> Scene:
        """What a frame shows."""
        return picture(view, options, frame, style)

    def content(
        self, view: View, options: UnrolledOptions, frame: Frame, part: Frame, style: Style
    ) -> Scene:
        """What of the graph, as it is laid out for a frame, reaches into any part of it."""
        return content(view, options, frame, part, style)

    def opening(self, frame: Frame) -> Frame:
        """The part of a frame that no names are pinned to."""
        return opening(frame)

    def pinned(self, view: View, options: UnrolledOptions, frame: Frame, style: Style) -> Scene:
        """The names of rows and columns at a frame's edges."""
        return pinned(view, options, frame, style)

    def legend(self, view: View, options: UnrolledOptions, width: float, style: Style) -> Scene:
        """The key to roles, gates and signed colours."""
        return legend(view, width, style)

    def export_frame(self, view: View, options: UnrolledOptions) -> Frame:
        """The whole run: at 100 % where that fits a page, else squeezed to its width."""
        return page_frame(view, options)


def _current(view: View, layout: Layout, room: float) -> tuple[float, float] | None:
    """From where to where the current columns lie.

    Of two directions that are too far apart to be seen at once, the one that is selected, or else
    the forward one.
    """
    steps, timeline = focused_steps(view, layout.sequences.start), layout.timeline
    if not steps:
        return None
    first, last = min(steps.values()), max(steps.values())
    start, end = timeline.left(first), timeline.left(last) + timeline.width(last)
    if end - start <= room:
        return start, end
    chosen = None if view.selection is None else view.selection.t
    t = next((t for t in steps.values() if t == chosen), steps[min(steps)])
    return timeline.left(t), timeline.left(t) + timeline.width(t)


FIGURE = UnrolledFigure()
