"""When Python searches for garbage: in the window's own process, while nobody is at work.

What is no longer used goes by itself, since references to it are counted. The search is for what
refers to itself, of which the window makes next to nothing; but a full one goes through every
object, and stops the window for 50 to 150 ms in the middle of a drag or a jump.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

_SELDOM = 200  # searches among newer objects until a full one, whoever is at work
_WORTH_IT = 5  # of them, after which a full one is made at rest
_LOOK = 2000  # ms from one look whether anything goes on to the next
_AT_REST = 300  # objects more or less in that time

_Counts = tuple[int, int, int]


def spare_collector() -> None:
    """Leaves what is loaded out of the search, and full searches to moments of rest.

    Torch's modules are half a million objects: looking through them takes 0.2 s.
    """
    young, newer, _ = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(young, newer, _SELDOM)
    gc.enable()


class RestingCollector(QObject):
    """Makes the full searches that were put off, when nothing goes on.

    Args:
        parent: lives as long as the process shows windows.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._last: _Counts = gc.get_count()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK)

    def look(self) -> None:
        """Searches if there is something to search, and nothing was made since the last look."""
        before, self._last = self._last, gc.get_count()
        pressed = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if not pressed and self._last[2] >= _WORTH_IT and _is_rest(before, self._last):
            gc.collect()


def _is_rest(before: _Counts, now: _Counts) -> bool:
    return before[1:] == now[1:] and abs(now[0] - before[0]) <= _AT_REST
