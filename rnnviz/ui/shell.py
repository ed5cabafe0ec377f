"""What the window shows at once: its bars and panes in their places, before anything is loaded."""

from __future__ import annotations

import json
from typing import Any, Literal

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rnnviz.resource import resource_path

LOADING = "Loading PyTorch…"


def tokens() -> dict[str, Any]:
    """The theme's tokens as they lie in the file: `Style` needs numpy, the first paint does not."""
    text = resource_path("theme", "tokens.json").read_text(encoding="utf-8")
    result: dict[str, Any] = json.loads(text)
    return result


class Shell(QWidget):
    """The empty workbench: right sizes and colours, and one quiet line in the canvas."""

    def __init__(self, theme: Literal["light", "dark"]) -> None:
        super().__init__()
        values = tokens()
        self._colors: dict[str, str] = values["color"][theme]["ui"]
        self._layout: dict[str, int] = values["layout"]
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        sizes = self._layout
        width, height = self.width(), self.height()
        bottom = height - sizes["statusbar"] - sizes["transport"]
        painter.fillRect(self.rect(), QColor(self._colors["surface"]))
        middle = QRect(
            sizes["left"],
            sizes["topbar"] + sizes["tabbar"],
            width - sizes["left"] - sizes["inspector"],
            bottom - sizes["topbar"] - sizes["tabbar"],
        )
        painter.fillRect(middle, QColor(self._colors["canvas"]))
        status = QRect(0, height - sizes["statusbar"], width, sizes["statusbar"])
        painter.fillRect(status, QColor(self._colors["surface_sunken"]))
        self._rule(painter, middle, bottom)
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor(self._colors["muted"]))
        painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, LOADING)

    def _rule(self, painter: QPainter, middle: QRect, bottom: int) -> None:
        line, width = QColor(self._colors["border"]), self.width()
        top = self._layout["topbar"]
        painter.fillRect(0, top - 1, width, 1, line)
        painter.fillRect(middle.left(), middle.top() - 1, middle.width(), 1, line)
        painter.fillRect(middle.left() - 1, top, 1, bottom - top, line)
        painter.fillRect(middle.right() + 1, top, 1, bottom - top, line)
        painter.fillRect(0, bottom, width, 1, line)
        painter.fillRect(0, self.height() - self._layout["statusbar"] - 1, width, 1, line)
