"""What every figure receives: what is to be shown, where, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from rnnviz.element import Element
from rnnviz.model.schedule import Progress
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import Style


@dataclass(frozen=True)
class View:
    """A run at a moment, as a person looks at it.

    Attributes:
        run: what has been computed up to now; `run.position` and `run.computed(...)` say how far.
        whole: the whole run where it is known, for what lies ahead (minimap, faint curves).
        sequence: the row of the batch on show; None shows all as small multiples.
        selection: the selected element, ringed wherever it appears.
        padding_value: what stands beyond a sequence's length where the batch is not packed.
        original: the whole run before its numbers were edited; None where none were.
        showing: what `run` is: the edited run, the original, or their difference.
        on_page: it is shown where nobody can click: in a picture of its own.
    """

    run: Trace
    whole: Trace | None = None
    sequence: int | None = 0
    selection: Element | None = None
    padding_value: float = 0.0
    original: Trace | None = None
    showing: Literal["new", "old", "difference"] = "new"
    on_page: bool = False


@dataclass(frozen=True)
class Frame:
    """The visible rectangle, in the figure's own px at `zoom` (1.0 is 100 %).

    `pane` is the size of the whole visible pane; a figure that fills it (trajectories) lays
    itself out within. Marks are given in content px: a mark at (x, y) appears at
    (x − frame.x, y − frame.y) of the pane.
    """

    x: float
    y: float
    width: float
    height: float
    zoom: float = 1.0


@dataclass(frozen=True)
class Extent:
    """The size of the whole content at a zoom, in px, and where the current step lies in it."""

    width: float
    height: float
    current: tuple[float, float] | None = None  # x from, x to of the lit slab


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
class LeadsElsewhere(Protocol):
    """A figure whose key lists places in the run: a click on one goes there."""

    def progress_of(self, view: View, element: Element) -> Progress | None:
        """How far the run is computed at the place of a mark of the key."""
        ...


@runtime_checkable
class FitsItself(Protocol):
    """A figure that knows at which zoom a pane shows most of it: all, if that can be read."""

    def fit_zoom(self, view: View, options: Any, width: float, height: float) -> float: ...
