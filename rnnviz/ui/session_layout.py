"""What a session file remembers of the window, and how that comes back, in a window of any size."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from rnnviz.ui.camera import Camera
from rnnviz.ui.workbench import LEAST_FIGURE

if TYPE_CHECKING:
    from rnnviz.session.state import State
    from rnnviz.ui.workbench import Workbench

_LARGEST_PANE = 100_000  # px
_FARTHEST = 1e9  # px of content


class SessionLayout:
    """Says how a window is laid out, and lays it out as a session that is opened says.

    That waits for the session's run: until then there is nothing to be looked at.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._wanted: tuple[Mapping[str, Any], tuple[object, object]] | None = None
        bench.session.subscribe(self._on_changed)

    def made(self) -> dict[str, Any]:
        """The sizes of the panes, and where each figure is looked at from; plain JSON."""
        canvas = self._bench.figure.canvas
        return {
            **self._bench.layout_to_remember(),
            "pane": [canvas.width(), canvas.height()],
            "looks": {
                name: {"zoom": look.zoom, "x": look.x, "y": look.y, "fit": look.fit}
                for name, look in canvas.looks().items()
            },
        }

    def take(self, layout: Mapping[str, Any]) -> None:
        """Lays out what of it makes sense, in a window of whatever size."""
        bench = self._bench
        total = bench.columns.width()
        columns = _sizes(layout.get("columns"), 3)
        if columns is not None and total > 0:
            left, right = _beside(total - LEAST_FIGURE, columns)
            bench.columns.setSizes([left, total - left - right, right])
        rows = _sizes(layout.get("left"), 2)
        if rows is not None:
            bench.left.setSizes(rows)  # Qt keeps their proportion
        if isinstance(layout.get("inspector"), bool):
            bench.inspector.setVisible(layout["inspector"])
        looks = layout.get("looks")
        if isinstance(looks, Mapping):
            pane = _sizes(layout.get("pane"), 2)
            size = None if pane is None else (float(pane[0]), float(pane[1]))
            bench.figure.canvas.look_as(_looks(looks), size)

    def _on_changed(self, old: State, new: State) -> None:
        if new.layout is not old.layout:
            self._wanted = (new.layout, _run(old))
        if self._wanted is not None and new.ready and not new.busy:
            layout, before = self._wanted
            if not all(map(operator.is_, _run(new), before)):
                self._wanted = None
                # Once the panes have heard of the run, and what is hidden beside them is gone.
                QTimer.singleShot(0, self._bench, lambda: self.take(layout))


def _run(state: State) -> tuple[object, object]:
    return state.run, state.pr


def _beside(room: int, columns: Sequence[int]) -> tuple[int, int]:
    """The widths of the panes beside the figure: as they were, or narrower where room is short."""
    left, _, right = columns
    share = min(1.0, max(room, 0) / max(left + right, 1))
    return int(left * share), int(right * share)


def _sizes(value: object, count: int) -> list[int] | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != count:
        return None
    if not all(type(size) is int and 0 <= size <= _LARGEST_PANE for size in value):
        return None
    return list(value) if sum(value) else None


def _looks(stated: Mapping[str, Any]) -> dict[str, Camera]:
    from rnnviz.figures import figure_names, get_figure

    found = {}
    for name in figure_names():
        low, high = get_figure(name).zoom_range
        look = _look(stated.get(name), low, high)
        if look is not None:
            found[name] = look
    return found


def _look(stated: object, low: float, high: float) -> Camera | None:
    if not isinstance(stated, Mapping):
        return None
    zoom, x, y = (_number(stated.get(name)) for name in ("zoom", "x", "y"))
    fit = stated.get("fit")
    if zoom is None or x is None or y is None or fit not in ("whole", "readable", None):
        return None
    return Camera(min(max(zoom, low), high), x, y, fit)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) <= _FARTHEST else None
