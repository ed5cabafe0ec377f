"""Colours, pens and brushes, made once."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from rnnviz.scene.marks import Color


@lru_cache(maxsize=2048)
def qcolor(color: Color) -> QColor:
    """A `#RRGGBB` as Qt's colour."""
    return QColor(color)


@lru_cache(maxsize=512)
def pen(color: Color, width: float = 1.0, dash: tuple[float, ...] = ()) -> QPen:
    """A pen with flat ends; `dash` in px, whatever the width."""
    made = QPen(qcolor(color), width)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dash:
        pattern = dash if len(dash) % 2 == 0 else dash * 2
        made.setDashPattern([length / max(width, 1e-3) for length in pattern])
    return made


@lru_cache(maxsize=512)
def brush(color: Color) -> QBrush:
    """A solid brush."""
    return QBrush(qcolor(color))


NO_PEN = QPen(Qt.PenStyle.NoPen)
NO_BRUSH = QBrush(Qt.BrushStyle.NoBrush)
