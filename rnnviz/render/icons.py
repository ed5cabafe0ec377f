"""Icons: Tabler's outlines, tinted with the theme's ink."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from rnnviz.resource import resource_path

_RATIOS = (1.0, 2.0, 3.0)


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    svg = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(svg.replace("currentColor", color).encode()))


def icon_pixmap(
    name: str, color: str, size: float = 16.0, device_pixel_ratio: float = 1.0
) -> QPixmap:
    """An icon in one colour, `size` px on each side.

    Raises:
        FileNotFoundError: where no icon has that name.
    """
    renderer = _renderer(name, color)
    side = max(1, round(size * device_pixel_ratio))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(device_pixel_ratio)
    return pixmap


def icon(name: str, color: str, size: float = 16.0, disabled: str | None = None) -> QIcon:
    """An icon for buttons and menus, sharp on every screen.

    Args:
        disabled: the colour of the icon while its button is disabled; Qt's own paling if None.
    """
    made = QIcon()
    for ratio in _RATIOS:
        made.addPixmap(icon_pixmap(name, color, size, ratio))
        if disabled is not None:
            pixmap = icon_pixmap(name, disabled, size, ratio)
            made.addPixmap(pixmap, QIcon.Mode.Disabled)
    return made
