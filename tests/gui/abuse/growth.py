"""What a window grows by while it does nothing but step.

`python -m tests.gui.abuse.growth STEPS` tells it in MB per 1,000 steps.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

WARM, EVERY = 1000, 100  # steps before it counts, and from one look to the next
_MB = 1 << 20


def resident() -> float:
    """The memory that this process holds, without what it could give back, in MB."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB


def growth(steps: int, example: str) -> float:
    """Steps through an example forward and back; MB per 1,000 steps by the slope of all looks."""
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    from rnnviz.app import open_window

    window = open_window(example)

    def turn(wait: int = 0) -> None:
        flags = QEventLoop.ProcessEventsFlag
        if wait:
            QApplication.processEvents(flags.WaitForMoreEvents, wait)
        else:
            QApplication.processEvents(flags.AllEvents)

    while window.bench is None or window.bench.session.state.whole is None:
        turn(50)
    session = window.bench.session
    looks: list[float] = []
    for number in range(WARM + steps):
        ahead = session.state.total
        (session.step if number // ahead % 2 == 0 else session.back)()
        turn()
        if number >= WARM and number % EVERY == 0:
            looks.append(resident())
    window.close_unasked()
    slope: float = np.polyfit(np.arange(len(looks)) * EVERY / 1000, looks, 1)[0]
    return slope


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication(["rnnviz"])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as place:
        os.environ["RNNVIZ_HOME"] = place
        for example in sys.argv[2:] or ["lstm", "recall"]:
            grown = growth(int(sys.argv[1]), example)
            print(f"{example}: {grown:+.3f} MB per 1,000 steps")  # noqa: T201


if __name__ == "__main__":
    main()
