"""What the window shows at once: its bars and panes in their places, before anything is loaded.

It is the whole cost of the first paint, so it avoids what is slow to begin with: Qt's namespace
of enums, which takes 40 ms in Python and which a QPainter's and a QBrush's methods ask for;
fonts; numpy. One short style sheet needs none of them.
"""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from rnnviz.resource import resource_path

LOADING = "Loading PyTorch…"

_SHEET = """
QFrame { background: %(surface)s; border: none; }
#topbar, #tabbar { border-bottom: 1px solid %(border)s; }
#left { border-right: 1px solid %(border)s; }
#inspector { border-left: 1px solid %(border)s; }
#canvas { background: %(canvas)s; }
#transport { border-top: 1px solid %(border)s; border-bottom: 1px solid %(border)s; }
#statusbar { background: %(surface_sunken)s; }
QLabel { background: transparent; color: %(muted)s; font-size: 12px; }
"""
_PANES = ("topbar", "left", "tabbar", "canvas", "inspector", "transport", "statusbar")


def tokens() -> dict[str, Any]:
    """The theme's tokens as they lie in the file: `Style` needs numpy, the first paint does not."""
    text = resource_path("theme", "tokens.json").read_text(encoding="utf-8")
    result: dict[str, Any] = json.loads(text)
    return result


class Shell(QWidget):
    """The empty workbench, in the right sizes and colours.

    Signals:
        painted: after the first paint.
    """

    painted = Signal()

    def __init__(self, theme: str) -> None:
        super().__init__()
        values = tokens()
        self._sizes: dict[str, int] = values["layout"]
        self._fresh = True
        self._panes = {name: QFrame(self) for name in _PANES}
        for name, pane in self._panes.items():
            pane.setObjectName(name)
        self.setStyleSheet(_SHEET % values["color"][theme]["ui"])

    def show_text(self, text: str) -> None:
        """Shows a quiet line in the canvas, at once."""
        canvas = self._panes["canvas"]
        label = QLabel(text, canvas)
        label.adjustSize()
        label.move((canvas.width() - label.width()) // 2, (canvas.height() - label.height()) // 2)
        label.show()
        self.repaint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        for name, place in self._places().items():
            self._panes[name].setGeometry(*place)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._fresh:
            self._fresh = False
            self.painted.emit()

    def _places(self) -> dict[str, tuple[int, int, int, int]]:
        """x, y, width and height of each pane."""
        sizes, width, height = self._sizes, self.width(), self.height()
        top, left, right = sizes["topbar"], sizes["left"], sizes["inspector"]
        status = height - sizes["statusbar"]
        bottom = status - sizes["transport"]
        middle, tabs = width - left - right, sizes["tabbar"]
        return {
            "topbar": (0, 0, width, top),
            "left": (0, top, left, bottom - top),
            "tabbar": (left, top, middle, tabs),
            "canvas": (left, top + tabs, middle, bottom - top - tabs),
            "inspector": (width - right, top, right, bottom - top),
            "transport": (0, bottom, width, status - bottom),
            "statusbar": (0, status, width, height - status),
        }
