"""What is loaded beside the window: what it is made of, then torch, then what may be wanted later.

A module that is imported where the window paints stops it for as long as that takes.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from rnnviz.session.runner import Cancel

WINDOW = (
    "rnnviz.session.session",
    "rnnviz.session.example_documents",
    "rnnviz.ui.theme",
    "rnnviz.ui.workbench",
    "rnnviz.ui.menus",
    "rnnviz.ui.keys",
)
RUN = (
    "torch",
    "rnnviz.session.binding",
    "rnnviz.session.walking",
    "rnnviz.session.fitting",
    "rnnviz.session.badge",
    "rnnviz.session.account",
    "rnnviz.figures.ruler",
)
LATER = (
    "rnnviz.ui.gallery",
    "rnnviz.ui.about",
    "rnnviz.ui.error_dialog",
    "rnnviz.ui.vocabulary_dialog",
    "rnnviz.session.changes",
    "rnnviz.session.learning",
    "rnnviz.session.tasks",
    "rnnviz.model.differences",
    "rnnviz.model.dynamics",
    "rnnviz.files.vectors",
    "rnnviz.writers",
    "pyqtgraph",
    "rnnviz.ui.trajectory_view",
    "ziamath.zmath",
)
_AFTER = 1.0  # seconds after the first run until anything else is loaded
_PAUSE = 0.02  # seconds from one module to the next


def load(modules: Iterable[str], cancel: Cancel) -> None:
    """Imports modules; what cannot be is told by whoever needs it."""
    for name in modules:
        cancel.check()
        try:
            importlib.import_module(name)
        except ImportError:
            continue


def load_figures(cancel: Cancel) -> None:
    """Imports every figure: the first run is asked in which it can be shown."""
    from rnnviz.figures import figure_names, get_figure

    for name in figure_names():
        cancel.check()
        get_figure(name)


def load_torch_libraries() -> None:
    """Loads torch's shared libraries before its import, which would hold the window up.

    Python's own ways to load them, `ctypes.CDLL` among them, keep every other thread waiting
    meanwhile; a C function that is called through ctypes does not.
    """
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None or sys.platform == "win32":
        return
    folder = Path(spec.origin).parent / "lib"
    open_library = ctypes.CDLL(None).dlopen
    open_library.restype, open_library.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    for name in ("libc10", "libtorch_cpu", "libtorch_python"):
        for path in folder.glob(f"{name}.*"):  # the import itself tells what is missing
            open_library(os.fsencode(path), os.RTLD_NOW | os.RTLD_GLOBAL)


class LaterLoader:
    """Loads in a thread of its own what is not needed for the first run."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rnnviz-later", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Loads no more, and returns when the thread has ended."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        pause = _AFTER
        for name in LATER:
            if self._ended.wait(pause):
                return
            load((name,), Cancel())
            pause = _PAUSE
