"""Mathematics on screen: drawn equations in the theme's colours, and a tensor's symbol."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.resource import resource_path
from rnnviz.scene.style import Style
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.model.provenance import Symbol

_PADDING = 12


class EquationView(QFrame):
    """One equation in a quiet frame, as large as it is drawn or as the room allows."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("formula")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._key = ""

    def show_equation(self, key: str | None, latex: str | None) -> None:
        """Shows an equation by its key; nothing where there is none."""
        self._key = key or ""
        self.setAccessibleName(latex or "")
        self.setVisible(bool(key) and _svg(self._key) is not None)
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        size = self._natural()
        scale = self._scale(size)
        return QSize(200, round(size.height() * scale) + 2 * _PADDING - 4)

    def resizeEvent(self, event: object) -> None:
        self.setFixedHeight(self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        renderer = self._renderer()
        if renderer is None:
            return
        size = self._natural()
        scale = self._scale(size)
        width, height = size.width() * scale, size.height() * scale
        painter = QPainter(self)
        renderer.render(painter, QRectF(_PADDING, (self.height() - height) / 2, width, height))

    def _renderer(self) -> QSvgRenderer | None:
        return _coloured(self._key, style_of(self)) if self._key else None

    def _natural(self) -> QSize:
        renderer = self._renderer()
        return renderer.defaultSize() if renderer is not None else QSize(0, 0)

    def _scale(self, size: QSize) -> float:
        room = max(60, self.width() - 2 * _PADDING)
        return min(1.0, room / size.width()) if size.width() else 1.0


@lru_cache(maxsize=128)
def _svg(key: str) -> str | None:
    try:
        return resource_path("equations", f"{key}.svg").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


@lru_cache(maxsize=64)
def _coloured(key: str, style: Style) -> QSvgRenderer | None:
    svg = _svg(key)
    if svg is None:
        return None
    return QSvgRenderer(QByteArray(recoloured(svg, _inks(key), style).encode()))


@cache
def _index() -> dict[str, Any]:
    text = resource_path("equations", "index.json").read_text(encoding="utf-8")
    index: dict[str, Any] = json.loads(text)
    return index


def _inks(key: str) -> dict[str, str]:
    inks: dict[str, str] = _index().get(key, {}).get("inks", {})
    return inks


def recoloured(svg: str, inks: Mapping[str, str], style: Style) -> str:
    """An equation's SVG in a style's colours; `inks` says which of its colours has which role."""
    themed = {
        ink: style.ui.text if role == "text" else style.role(role).text
        for ink, role in inks.items()
    }
    return re.sub("|".join(map(re.escape, themed)), lambda found: themed[found[0]], svg)


class SymbolLabel(QWidget):
    """A tensor's mathematical name, set large in the colour of its role."""

    SIZE = 28

    def __init__(self) -> None:
        super().__init__()
        self._symbol: Symbol | None = None
        self._role = "x"
        self.setFixedHeight(40)

    def show_symbol(self, symbol: Symbol, role: str) -> None:
        """Shows a symbol."""
        self._symbol, self._role = symbol, role
        self.setAccessibleName(" ".join(part for part in symbol if part))
        self.setFixedWidth(round(self._width()) + 4)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._symbol is None:
            return
        painter = QPainter(self)
        painter.setPen(QColor(style_of(self).role(self._role).text))
        base, below = self._fonts()
        baseline = 27.0
        painter.setFont(base)
        painter.drawText(0, int(baseline), self._symbol.base)
        x = int(QFontMetricsF(base).horizontalAdvance(self._symbol.base)) + 1
        painter.setFont(below)
        painter.drawText(x, int(baseline + 6), self._symbol.sub)
        painter.drawText(x + round(self._overhang(base)), int(baseline - 12), self._symbol.sup)

    def _fonts(self) -> tuple[QFont, QFont]:
        return qfont("math", self.SIZE, 400, True), qfont("math", round(self.SIZE * 0.6))

    def _width(self) -> float:
        assert self._symbol is not None
        base, below = (QFontMetricsF(font) for font in self._fonts())
        beside = max(below.horizontalAdvance(text) for text in (self._symbol.sub, self._symbol.sup))
        overhang = self._overhang(self._fonts()[0])
        return base.horizontalAdvance(self._symbol.base) + beside + overhang + 1

    def _overhang(self, font: QFont) -> float:
        """How far the letter leans beyond its width, as an italic f does."""
        assert self._symbol is not None
        last = self._symbol.base[-1:]
        return max(-QFontMetricsF(font).rightBearing(last), 0.0) if last else 0.0
