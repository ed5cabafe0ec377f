"""First paint of `rnnviz`, as a ratio to a bare PySide6 main window's, each in its own process.

Run by `python -m tests.benchmarks.bench_first_paint [ROUNDS]`. It draws offscreen unless
QT_QPA_PLATFORM says otherwise. Target: 1.15.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = 1.15

_CLOCK = """
import sys, time
def report():
    sys.stdout.write(str(time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)) + " "
                     + str(time.time() - float(sys.argv[1])) + "\\n")
    sys.stdout.flush()
    import os
    os._exit(0)
"""
BARE = (
    _CLOCK
    + """
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
class Centre(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, report)
app = QApplication([])
window = QMainWindow()
window.setCentralWidget(Centre())
window.resize(1280, 800)
window.show()
app.exec()
"""
)
OURS = (
    _CLOCK
    + """
import rnnviz.ui.precedence
from rnnviz.__main__ import main
prefer_window = rnnviz.ui.precedence.prefer_window
def and_report():
    prefer_window()
    from rnnviz import app
    from PySide6.QtCore import QTimer
    from rnnviz.ui.shell import Shell
    paint = Shell.paintEvent
    def paint_and_report(shell, event):
        QTimer.singleShot(0, report)
        paint(shell, event)
    Shell.paintEvent = paint_and_report
rnnviz.ui.precedence.prefer_window = and_report
main([])
"""
)


def first_paint(program: str, home: str) -> tuple[float, float]:
    """CPU and wall seconds from the start of the process to its first paint."""
    environment = {**os.environ, "RNNVIZ_HOME": home}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [sys.executable, "-c", program, str(time.time())],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    cpu, wall = done.stdout.split()
    return float(cpu), float(wall)


def main(rounds: int = 11) -> int:
    """Prints the medians and their ratio."""
    with tempfile.TemporaryDirectory() as home:
        first_paint(OURS, home)  # compiles and warms the disk's cache
        pairs = [(first_paint(BARE, home), first_paint(OURS, home)) for _ in range(rounds)]
    ratios = []
    for what, place in (("CPU", 0), ("wall", 1)):
        bare = statistics.median(pair[0][place] for pair in pairs)
        ours = statistics.median(pair[1][place] for pair in pairs)
        ratios.append(ours / bare)
        sys.stdout.write(
            f"first paint, {what}: bare {bare * 1000:.0f} ms, rnnviz {ours * 1000:.0f} ms, "
            f"ratio {ours / bare:.2f} (target {TARGET})\n"
        )
    return 0 if min(ratios) <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
