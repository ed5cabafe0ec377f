"""How long the window stands still: while torch is loaded after its first paint, and in use.

Run by `python -m tests.benchmarks stalls [ROUNDS]`. Each round is a process of the program itself.
A timer of 2 ms ticks in its event loop; the longest time from one tick to the next is a stall, of
which the time that the thread was ready and had no core, because the machine did something else,
is taken away. Target: 100 ms, the median of the rounds. Of the longest stall it is told where the
threads stood.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.gui.stalls import LONGEST

_TIMEOUT = 600  # seconds

PROGRAM = """
import os, sys, tempfile
from pathlib import Path
from rnnviz import app
from rnnviz.ui.shell import Shell
paint = Shell.paintEvent
def watch(window):
    from PySide6.QtCore import QTimer
    from tests.gui.stalls import Heartbeat, watched
    beats = Heartbeat()
    def settled():
        state = window.bench.session.state
        return not state.busy and state.errand is None and not state.learns
    def say(what, gap):
        print(f"{gap.own:.4f}|{what}|" + str(gap).replace(chr(10), chr(9)), flush=True)
    def look():
        bench = window.bench
        if bench is None or not bench.session.state.ready or not settled():
            QTimer.singleShot(20, look)
            return
        say("from the first paint to the first run", beats.longest)
        watched(beats, lambda: None, lambda: True, 4000)
        say("what is loaded after it", beats.longest)
        from tests.gui.deeds import deeds_of
        with tempfile.TemporaryDirectory() as folder:
            for deed in deeds_of(window, Path(folder)):
                say(deed.name, watched(beats, deed.act, settled))
        os._exit(0)
    QTimer.singleShot(20, look)
def paint_and_watch(shell, event):
    fresh = shell._fresh
    paint(shell, event)
    if fresh:
        watch(shell.window())
Shell.paintEvent = paint_and_watch
app.run()
"""
Round = dict[str, tuple[float, str]]


def one_round(home: str) -> Round:
    """The longest stall of everything that is done, in seconds, and what is known of it."""
    environment = {**os.environ, "RNNVIZ_HOME": home}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=_TIMEOUT,
    )
    found: Round = {}
    for line in done.stdout.splitlines():
        seconds, name, told = line.split("|", 2)
        gap = (float(seconds), told.replace("\t", "\n"))
        found[name] = max(gap, found.get(name, gap))
    return found


def main(rounds: int = 3) -> int:
    """Prints the medians, the longest last; 1 where one is over the target."""
    with tempfile.TemporaryDirectory() as home:
        measured = [one_round(home) for _ in range(rounds)]
    names = [name for name in measured[0] if all(name in each for each in measured)]
    medians = {name: statistics.median(each[name][0] for each in measured) for name in names}
    missed = 0
    for name in sorted(names, key=lambda name: medians[name]):
        held = medians[name] <= LONGEST
        missed += not held
        verdict = "" if held else f" (target {LONGEST * 1e3:.0f}): missed"
        sys.stdout.write(f"{medians[name] * 1e3:5.0f} ms  {name}{verdict}\n")
        if not held:
            sys.stdout.write(f"{max(each[name] for each in measured)[1]}\n")
    sys.stdout.write(f"{len(names)} deeds, {missed} of them over {LONGEST * 1e3:.0f} ms\n")
    return 0 if names and not missed else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
