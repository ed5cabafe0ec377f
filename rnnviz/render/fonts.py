"""The bundled fonts, and the application object that they need."""

from __future__ import annotations

import os
import sys
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
_FEATURES: dict[Font, tuple[tuple[str, int], ...]] = {
    "ui": (("tnum", 1),),
    "mono": (("calt", 0), ("zero", 1)),
    "math": (),
}

_own_application: QGuiApplication | None = None
_loaded_for: QGuiApplication | None = None


class _Fonts(threading.local):
    """QFonts by what was asked for; each thread has its own, as Qt caches inside them."""

    def __init__(self) -> None:
        self.made: dict[tuple[Font, int, int, bool], QFont] = {}


_fonts = _Fonts()


def has_display() -> bool:
    """Whether windows could be shown here."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def ensure_gui() -> QGuiApplication:
    """The running application; one without windows is made where there is none yet."""
    global _own_application
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        application = running
    else:
        if not has_display():
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        application = _own_application = QGuiApplication(["rnnviz"])
    load_fonts()
    return application


def release_gui() -> None:
    """End the application that `ensure_gui` made, so that one with widgets can be created."""
    global _own_application, _loaded_for
    if _own_application is not None:
        _fonts.made.clear()
        _own_application.shutdown()
        _own_application = _loaded_for = None


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


def qfont(font: Font, size: int = MASTER_SIZE, weight: int = 400, italic: bool = False) -> QFont:
    """A bundled font at a whole size in px; figures are tabular, code has no ligatures.

    FreeType rounds sizes to whole px, so text of a fractional size is painted with the master
    size, scaled.
    """
    asked = (font, size, weight, italic)
    made = _fonts.made.get(asked)
    if made is None:
        made = _fonts.made[asked] = _make(font, size, weight, italic)
    return made


def _make(font: Font, size: int, weight: int, italic: bool) -> QFont:
    made = QFont()
    made.setFamilies(list(FAMILIES[font]))
    made.setPixelSize(max(size, 1))
    made.setWeight(QFont.Weight(round(weight / 100) * 100))
    made.setItalic(italic)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    for tag, value in _FEATURES[font]:
        made.setFeature(QFont.Tag(tag), value)
    return made
