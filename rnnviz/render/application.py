"""The application object that fonts and pictures need, where no window has made one."""

from __future__ import annotations

import os
import sys

from PySide6.QtGui import QGuiApplication

from rnnviz.render.fonts import forget_fonts, load_fonts
from rnnviz.render.lettering import forget_lettering

_own_application: QGuiApplication | None = None


def has_display() -> bool:
    """Whether windows could be shown here."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def ensure_gui() -> QGuiApplication:
    """The running application; one without widgets is made where there is none yet.

    Without a display Qt would end the process: it is told to paint offscreen.
    """
    global _own_application
    application = QGuiApplication.instance()
    if not isinstance(application, QGuiApplication):
        if not has_display():
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        application = _own_application = QGuiApplication(["rnnviz"])
    load_fonts()
    return application


def release_gui() -> None:
    """End the application that `ensure_gui` made, so that one with widgets can be created."""
    global _own_application
    if _own_application is not None:
        forget_lettering()
        forget_fonts()
        _own_application.shutdown()
        _own_application = None
