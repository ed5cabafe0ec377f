"""The bundled fonts."""

from __future__ import annotations

import threading

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

from rnnviz.resource import resource_path
from rnnviz.scene.marks import Font

FONT_FILES = (
    "inter/Inter-Regular.otf",
    "inter/Inter-Medium.otf",
    "inter/Inter-SemiBold.otf",
    "jetbrains-mono/JetBrainsMono-Regular.ttf",
    "stix/STIX-Regular.otf",
    "stix/STIX-Italic.otf",
    "stix/STIXMath-Regular.otf",
    "dejavu/DejaVuSans.ttf",
)
FAMILIES: dict[Font, tuple[str, ...]] = {
    "ui": ("Inter", "DejaVu Sans"),
    "mono": ("JetBrains Mono", "DejaVu Sans"),
    "math": ("STIX", "STIX Math", "DejaVu Sans"),
}
MASTER_SIZE = 64
# A new QFont begins with the features of the application's font, so each says of every feature
# in use whether it is on.
_ON: dict[Font, frozenset[str]] = {
    "ui": frozenset({"calt", "tnum"}),
    "mono": frozenset({"zero"}),
    "math": frozenset({"calt"}),
}
_IN_USE = ("calt", "tnum", "zero")

_loaded_for: QGuiApplication | None = None


class _Fonts(threading.local):
    """QFonts by what was asked for; each thread has its own, as Qt caches inside them."""

    def __init__(self) -> None:
        self.made: dict[tuple[Font, int, int, bool, bool], QFont] = {}


_fonts = _Fonts()


def load_fonts() -> None:
    """Make the bundled fonts known to Qt, once for each application."""
    global _loaded_for
    application = QGuiApplication.instance()
    if application is None or application is _loaded_for:
        return
    for name in FONT_FILES:
        QFontDatabase.addApplicationFont(str(resource_path("fonts", *name.split("/"))))
    assert isinstance(application, QGuiApplication)
    _loaded_for = application


def forget_fonts() -> None:
    """Drop every font, before the application that they were loaded for ends."""
    global _loaded_for
    _fonts.made.clear()
    _loaded_for = None


def qfont(
    font: Font,
    size: int = MASTER_SIZE,
    weight: int = 400,
    italic: bool = False,
    plain: bool = False,
) -> QFont:
    """A bundled font at a whole size in px; figures are tabular, code has no ligatures.

    FreeType rounds sizes to whole px, so text of a fractional size is painted with the master
    size, scaled.

    Args:
        plain: without other shapes of the same characters; in a PDF those cannot be searched.
    """
    asked = (font, size, weight, italic, plain)
    made = _fonts.made.get(asked)
    if made is None:
        made = _fonts.made[asked] = _make(font, size, weight, italic, plain)
    return made


def _make(font: Font, size: int, weight: int, italic: bool, plain: bool) -> QFont:
    made = QFont()
    made.setFamilies(list(FAMILIES[font]))
    made.setPixelSize(max(size, 1))
    made.setWeight(QFont.Weight(round(weight / 100) * 100))
    made.setItalic(italic)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    for tag in _IN_USE:
        made.setFeature(QFont.Tag(tag), int(not plain and tag in _ON[font]))
    return made
