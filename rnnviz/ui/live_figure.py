"""The figure that a pane shows, on the session's run as it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QWidget

from rnnviz.ui.ahead import Ahead
from rnnviz.ui.camera import Box, Camera, Fit, fitting_zoom, readable_zoom

if TYPE_CHECKING:
    from rnnviz.figures.view import Extent, Figure, Frame, Lasting
    from rnnviz.model.trace import Trace
    from rnnviz.scene.marks import Scene
    from rnnviz.scene.style import Style
    from rnnviz.session import Session
    from rnnviz.session.state import State
    from rnnviz.ui.gliding import Glide

Foresee = Callable[[], "State | None"]

_LARGEST_FIT = 1.25  # a small figure is not blown up beyond this to fill the pane


class LiveFigure:
    """A figure with its view and options of this moment; what a figure raises comes through.

    All but `ready` and `name` are there once it is ready. What it derives of large data is worked
    out beside the window: whatever describes it raises `Later` until that is there.

    Args:
        pane: whose size it is described for.
        session: what it shows.
        glide: shows its options, of which one may be on its way.
        arrived: called when what was waited for is there.
        told: called when it has been waited for a while.
        foresee: gives the state that a next step leads to.

    Attributes:
        foresee: the same.
        name: the figure's, "" before the first.
        ahead: what is waited for.
    """

    def __init__(
        self,
        pane: QWidget,
        session: Session,
        glide: Glide,
        arrived: Callable[[], object],
        told: Callable[[], object],
        foresee: Foresee,
    ) -> None:
        self._pane, self._session, self._glide = pane, session, glide
        self.foresee = foresee
        self.ahead = Ahead(pane, session.beside, arrived, told)
        self._figure: Figure | None = None
        self.name = ""

    def change(self, name: str) -> None:
        """Becomes another figure."""
        self.ahead.end()
        self.name, self._figure = name, None

    def ready(self) -> bool:
        """Whether there is something to draw. Figures need torch: none is loaded before a run.

        Between a run that the figure cannot show and the change to another figure, there is not.
        """
        state = self._session.state
        if not state.ready or self.name not in state.figures:
            return False
        if self._figure is None:
            from rnnviz.figures import get_figure

            self._figure = get_figure(self.name)
            self._pane.setAccessibleName(self._figure.title)
        return True

    @property
    def shares(self) -> bool:
        """Whether it draws one thing in several places; False until it is ready."""
        return getattr(self._figure, "shares", False)

    @property
    def gliding(self) -> bool:
        """Whether all of it changes from frame to frame: an option is on its way, or it learns."""
        return self._glide.active or self._session.state.learns

    @property
    def zoom_range(self) -> tuple[float, float]:
        """The least and the largest zoom."""
        return self._ready_figure.zoom_range

    def options(self) -> object:
        """Its options as they are shown now."""
        return self._glide.shown(self._session.state.options[self.name])

    def extent_at(self, zoom: float) -> Extent:
        """How large it is at a zoom."""
        frame = self._frame(Camera(zoom))
        figure, view = self._ready_figure, self._session.state.view()
        return self.ahead.attempt(partial(figure.extent, view, self.options(), frame))

    def fit_zoom(self, fit: Fit) -> float:
        """The zoom at which it fits the pane."""
        from rnnviz.figures.view import FitsItself

        figure, pane = self._ready_figure, (self._pane.width(), self._pane.height())
        if isinstance(figure, FitsItself):
            view, options = self._session.state.view(), self.options()
            zoom = self.ahead.attempt(partial(figure.fit_zoom, view, options, *pane))
            return min(zoom, _LARGEST_FIT)
        low, high = figure.zoom_range
        limits = (low, max(low, min(high, _LARGEST_FIT)))
        find = fitting_zoom if fit == "whole" else readable_zoom
        return find(self.extent_at, *pane, limits)

    def build(self, camera: Camera, style: Style) -> Scene:
        """What the pane sees of it."""
        frame = self._frame(camera)
        figure, view = self._ready_figure, self._session.state.view()
        return self.ahead.attempt(partial(figure.build, view, self.options(), frame, style))

    @property
    def lasts(self) -> bool:
        """Whether its content keeps its place and look while it is panned, and nothing moves."""
        from rnnviz.figures.view import Lasting

        return isinstance(self._figure, Lasting) and not self.gliding

    def content(self, camera: Camera, box: Box, style: Style) -> Scene:
        """What of the content reaches into a box, laid out for the pane."""
        return self.ahead.attempt(self._describe(camera, box, style, self._session.state))

    def foreseen_content(self, state: State, camera: Camera, box: Box, style: Style) -> Scene:
        """The same of another state, if it can be had at once."""
        from rnnviz.figures.later import at_once

        with at_once():
            return self._describe(camera, box, style, state)()

    def is_on_show(self, state: State) -> bool:
        """Whether the content of a state is what there is to be seen now."""
        return is_drawn_alike(state, self._session.state)

    @property
    def position(self) -> int:
        """How many steps the run has come that there is to be seen now."""
        return self._session.state.position

    def _describe(
        self, camera: Camera, box: Box, style: Style, state: State
    ) -> Callable[[], Scene]:
        frame = self._frame(camera)
        part = replace(frame, x=box[0], y=box[1], width=box[2], height=box[3])
        return partial(self._lasting.content, state.view(), self.options(), frame, part, style)

    def opening(self, camera: Camera) -> Box:
        """Where the pane sees the content: all over, unless something is pinned to its edges."""
        from rnnviz.figures.view import Lasting

        frame, figure = self._frame(camera), self._figure
        opening = figure.opening(frame) if isinstance(figure, Lasting) else frame
        return opening.x, opening.y, opening.width, opening.height

    def pinned(self, camera: Camera, style: Style) -> Scene:
        """What is pinned to the pane's edges."""
        given = self._session.state.view(), self.options(), self._frame(camera)
        return self.ahead.attempt(partial(self._lasting.pinned, *given, style))

    def _frame(self, camera: Camera) -> Frame:
        return camera.frame(self._pane.width(), self._pane.height())

    @property
    def _lasting(self) -> Lasting:
        return cast("Lasting", self._figure)

    @property
    def _ready_figure(self) -> Figure:
        assert self._figure is not None
        return self._figure


def nothing_foreseen() -> State | None:
    """Nobody knows what comes next."""
    return None


def is_drawn_alike(old: State, new: State) -> bool:
    """Whether two states give a figure the same picture."""
    return _drawn(old) == _drawn(new) and old.position == new.position


def may_be_resized(old: State, new: State) -> bool:
    """Whether a figure may have another size, beyond another step or selection."""
    return (
        old.run is None
        or new.run is None
        or _sizes(old.run) != _sizes(new.run)
        or old.sequence != new.sequence
        or old.options is not new.options
        or (old.whole is None) != (new.whole is None)
        or (old.pr is None) != (new.pr is None)
        or (old.gradients is None) != (new.gradients is None)
        or (old.returned is None) != (new.returned is None)
    )


def _drawn(state: State) -> tuple[object, ...]:
    """What a figure follows from; runs and options are compared by identity."""
    runs = (state.run, state.whole, state.original, state.pr, state.original_pr)
    ways = (state.gradients, state.rival, state.jacobians, state.decoded, state.options)
    return (
        *(id(value) for value in (*runs, *ways)),
        state.showing,
        state.sequence,
        state.selection,
        state.figure,
        state.document.padding_value,
        state.returned,
        state.decoder_steps,
    )


def _sizes(run: Trace) -> tuple[object, ...]:
    """What the size of a figure follows from, whatever the numbers."""
    return run.spec, run.schedule, run.unbatched, run.plan is None
