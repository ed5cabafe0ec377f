"""Whether a window can be opened here: asked before Qt, which would end the process."""

from __future__ import annotations

import os
import sys
from ctypes import CDLL
from importlib.util import find_spec
from pathlib import Path

_XCB_LIBRARIES = (
    "libxcb-cursor.so.0",
    "libxkbcommon-x11.so.0",
    "libxcb-icccm.so.4",
    "libxcb-keysyms.so.1",
    "libxcb-shape.so.0",
)
_LIBRARIES = ("PySide6", "numpy", "pyqtgraph", "torch", "ziamath")  # none is imported to know
_FIRST_PORT = 6000  # of X11, that of display 0

_found_missing: list[str] = []  # why Qt was told to draw offscreen, once it was


def missing_display() -> str | None:
    """Why no window can be opened here, in one line; None where one can."""
    if _found_missing:
        return _found_missing[0]
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if not sys.platform.startswith("linux"):
        return None
    if platform not in ("", "xcb", "wayland"):
        return _missing_platform(platform)
    if os.environ.get("WAYLAND_DISPLAY") and platform != "xcb":
        return None
    display = os.environ.get("DISPLAY")
    if not display or platform == "wayland":
        return "there is no display to open a window on (`rnnviz export` needs none)"
    if not _answers(display):
        return f"the display {display} does not answer"
    missing = [name for name in _XCB_LIBRARIES if not _loads(name)]
    if missing:
        return f"Qt needs system libraries that are missing: {', '.join(missing)} (see the README)"
    return None


def missing_library() -> str | None:
    """Which Python library is not installed that a window needs sooner or later, in one line."""
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if not missing:
        return None
    return f"{', '.join(missing)} not installed (see the README for what has to be installed)"


def draw_offscreen() -> None:
    """Let Qt draw without a display where there is none; to be called before Qt starts."""
    if not _found_missing and (reason := missing_display()):
        _found_missing.append(reason)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def _missing_platform(wanted: str) -> str | None:
    """Why Qt cannot draw on a platform that somebody has named; it may be a choice of several."""
    found = find_spec("PySide6")
    folder = Path(found.origin or "").parent / "Qt/plugins/platforms" if found else Path()
    ours = [folder / f"libq{name.partition(':')[0]}.so" for name in wanted.split(";")]
    elsewhere = {"QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"} & os.environ.keys()
    if elsewhere or not folder.is_dir() or any(path.exists() and _loads(path) for path in ours):
        return None
    known = ", ".join(sorted(path.stem.removeprefix("libq") for path in folder.glob("libq*.so")))
    return f"Qt cannot draw on the platform {wanted} that QT_QPA_PLATFORM names (it has {known})"


def _answers(display: str) -> bool:
    """Whether the X server of a display listens."""
    host, _, number = display.rpartition(":")
    number = number.partition(".")[0]
    if host not in ("", "unix"):
        return _answers_remotely(host, number)
    path = f"/tmp/.X11-unix/X{number}"
    addresses = [f"\0{path}", path] if Path(path).exists() else [f"\0{path}"]
    return any(_connects(address) for address in addresses)


def _connects(address: str) -> bool:
    import socket  # which takes a while, and the window waits

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        return connection.connect_ex(address) == 0


def _answers_remotely(host: str, number: str) -> bool:
    """As `ssh -X` has it: display 10 of localhost is its port 6010."""
    import socket

    try:
        with socket.create_connection((host, _FIRST_PORT + int(number)), timeout=3.0):
            return True
    except (OSError, ValueError, OverflowError):
        return False


def _loads(library: str | Path) -> bool:
    try:
        CDLL(str(library))
    except OSError:
        return False
    return True
