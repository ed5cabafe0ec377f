"""What every figure receives: what is to be shown, where, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.figures.surroundings import Surroundings
from rnnviz.model.schedule import Progress
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import Style


@dataclass(frozen=True)
class View:
    """A run at a moment, as a person looks at it.

    Attributes:
        trace: what has been computed up to now; `run.position` and `run.computed(...)` say how
            far. None where the model has no recurrent layers.
        whole: the whole run where it is known, for what lies ahead (minimap, faint curves).
        sequence: the row of the batch on show; None shows all as small multiples.
        selection: the selected element, ringed wherever it appears.
        padding_value: what stands beyond a sequence's length where the batch is not packed.
        original: the whole run before its numbers were edited; None where none were.
        showing: what `run` is: the edited run, the original, or their difference.
        on_page: it is shown where nobody can click: in a picture of its own.
        around: what stands before and behind the recurrent layers, and the way back; None where
            there is nothing, or while it is not known yet.
    """

    trace: Trace | None
    whole: Trace | None = None
    sequence: int | None = 0
    selection: Element | None = None
    padding_value: float = 0.0
    original: Trace | None = None
    showing: Literal["new", "old", "difference"] = "new"
    on_page: bool = False
    around: Surroundings | None = None

    @property
    def run(self) -> Trace:
        """What has been computed up to now.

        Raises:
            UsageError: where the model has no recurrent layers; `applies_to` asks first.
        """
        if self.trace is None:
            raise UsageError("this figure needs recurrent layers")
        return self.trace

    @property
    def is_difference(self) -> bool:
        """Whether every number is one of an edited run less that of its original."""
        return self.showing == "difference" if self.trace is None else self.trace.is_difference

    def has_output(self, t: int, sequence: int) -> bool:
        """Whether the top layer's output at t is there, of each direction."""
        run = self.trace
        if run is None:
            return self.around is not None and t < self.around.position
        if t >= run.lengths[sequence]:
            return False
        top = run.num_layers - 1
        return all(
            run.is_computed("h", top, direction, t, sequence)
            for direction in range(run.num_directions)
        )

    def has_scores(self, t: int, sequence: int) -> bool:
        """Whether the head has all that it needs for the scores that stand at t."""
        around = self.around
        if around is None or around.pr.scores is None:
            return False
        head = around.pr.pipeline.head
        if head is None or head.on == "every" or self.trace is None:
            return self.has_output(t, sequence)
        last = self.trace.lengths[sequence] - 1
        if t != last:
            return False
        if head.on == "last":
            return self.has_output(t, sequence)
        # h_n of the reverse direction is there once its first timestep is.
        return self.has_output(t, sequence) and self.has_output(0, sequence)

    @property
    def has_loss(self) -> bool:
        """Whether everything that the loss depends on is there."""
        around = self.around
        if around is None or around.pr.loss is None:
            return False
        if self.trace is not None:
            return self.trace.position == self.trace.total
        return around.position >= around.pr.form.L


@dataclass(frozen=True)
class Frame:
    """The visible rectangle, in the figure's own px at `zoom` (1.0 is 100 %).

    A figure that fills the pane (trajectories) lays itself out within. Marks are given in content
    px: a mark at (x, y) appears at (x − frame.x, y − frame.y) of the pane.
    """

    x: float
    y: float
    width: float
    height: float
    zoom: float = 1.0

    def grown(self, reach: float) -> Frame:
        """The same with more of the content on every side."""
        width, height = self.width + 2 * reach, self.height + 2 * reach
        return Frame(self.x - reach, self.y - reach, width, height, self.zoom)


@dataclass(frozen=True)
class Extent:
    """The size of the whole content at a zoom, in px, and where the current step lies in it."""

    width: float
    height: float
    current: tuple[float, float] | None = None  # x from, x to of the lit slab
    current_row: tuple[float, float] | None = None  # y from, y to of the lit row


class Figure(Protocol):
    """One kind of picture: pure functions of a view, options, a frame and a style.

    `options_type` is a frozen dataclass. Each of its fields is a bool (a toggle) or has
    `metadata["choices"]`: a function of a View that returns `[(value, label), ...]`;
    `metadata["label"]` is its accessible name, and for a toggle its visible label.
    """

    name: str
    title: str
    options_type: type[Any]
    zoom_range: tuple[float, float]

    def extent(self, view: View, options: Any, frame: Frame) -> Extent: ...

    def build(self, view: View, options: Any, frame: Frame, style: Style) -> Scene: ...

    def legend(self, view: View, options: Any, width: float, style: Style) -> Scene:
        """The key to the colours: a fixed strip above the pane, and part of every export."""
        ...

    def export_frame(self, view: View, options: Any) -> Frame:
        """The frame that a picture of the figure is made of."""
        ...


@runtime_checkable
class Chooses(Protocol):
    """A figure that is not for every model; one without this needs recurrent layers."""

    def applies(self, view: View) -> bool:
        """Whether there is something to be shown."""
        ...


def applies_to(figure: Figure, view: View) -> bool:
    """Whether a figure can show a view."""
    if isinstance(figure, Chooses):
        return figure.applies(view)
    return view.trace is not None


@runtime_checkable
class LeadsElsewhere(Protocol):
    """A figure whose key lists places in the run: a click on one goes there."""

    def progress_of(self, view: View, element: Element) -> Progress | None:
        """How far the run is computed at the place of a mark of the key."""
        ...


@runtime_checkable
class FitsItself(Protocol):
    """A figure that knows at which zoom a pane shows most of it: all, if that can be read."""

    def fit_zoom(self, view: View, options: Any, width: float, height: float) -> float: ...


@runtime_checkable
class Lasting(Protocol):
    """A figure whose content keeps its place and look while it is panned.

    `build` gives the same in one scene: the content as it is seen through `opening`, and over it
    what is pinned to the frame's edges.
    """

    def content(self, view: View, options: Any, frame: Frame, part: Frame, style: Style) -> Scene:
        """What of the content, as it is laid out for a frame, reaches into any part of it."""
        ...

    def opening(self, frame: Frame) -> Frame:
        """The part of a frame that the content is seen through."""
        ...

    def pinned(self, view: View, options: Any, frame: Frame, style: Style) -> Scene:
        """What is pinned to a frame's edges, on nothing."""
        ...
