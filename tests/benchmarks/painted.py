"""How long a pane takes to paint, where the other panes of its window paint in the same turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.ruler_view import RulerView
from rnnviz.ui.trajectory_view import TrajectoryView


class Painted:
    """Counts the CPU time of every pane: to repaint one paints all that waits in the window.

    It is made before there are any panes.
    """

    def __init__(self) -> None:
        self._spent: dict[int, float] = {}
        for kind, name in (
            (FigureCanvas, "paintEvent"),
            (RulerView, "paintEvent"),
            (TrajectoryView, "viewportEvent"),
        ):
            setattr(kind, name, self._timed(getattr(kind, name)))

    def forget(self) -> None:
        """Counts from nothing."""
        self._spent.clear()

    def by(self, pane: QWidget) -> float:
        """Seconds that a pane has painted."""
        return self._spent.get(id(pane), 0.0)

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(pane: QWidget, event: QEvent) -> Any:
            if event.type() != QEvent.Type.Paint:
                return method(pane, event)
            start = time.thread_time()
            found = method(pane, event)
            spent = time.thread_time() - start
            self._spent[id(pane)] = self._spent.get(id(pane), 0.0) + spent
            return found

        return timed
