"""Watches an event loop: how long it stood still, and where.

A timer ticks in the loop's thread; from one tick to the next is a gap. What of it the thread was
ready to run and had no core, because the machine did something else, is no fault of the program
and told apart. Another thread looks meanwhile at where the first one stands.
"""

from __future__ import annotations

import faulthandler
import os
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEventLoop, Qt, QTimer

LONGEST = 0.1  # seconds that a window may stand still on a laptop's core
_SUMS, _LAPTOP = 10**6, 0.05  # additions, and the seconds that such a core takes for them
_SLOWEST = 4.0
_BEAT = 2  # ms
_LOOK = 0.01  # seconds from one look at a thread that stands to the next
_DEEP = 7  # frames of a stack that are told
_IDLE = ("wait", "_run")  # where a thread of the program stands that has nothing to do
_LONGEST = 1 << 20  # bytes of stacks
_CALL = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)


def longest() -> float:
    """Seconds that a window may stand still on this machine, as busy as it is at the moment.

    Where cores are shared, the same work takes three times as long for minutes.
    """
    start, total = time.thread_time(), 0
    for number in range(_SUMS):
        total += number
    slowness = (time.thread_time() - start) / _LAPTOP
    return LONGEST * min(max(slowness, 1.0), _SLOWEST)


class _Call(NamedTuple):
    """Where a thread stands, or what it has called."""

    file: str
    line: str
    function: str


@dataclass(frozen=True)
class Gap:
    """From one tick to the next, in seconds.

    Attributes:
        seconds: all of it.
        own: without what the thread waited for a core.
        cpu: of it that the thread itself computed; the rest it waited, as for another thread.
        places: where the threads stood, as often as somebody looked.
    """

    seconds: float
    own: float
    cpu: float
    places: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        seen = "\n".join(f"  seen {n}×  {place}" for place, n in self.places.most_common(4))
        own, cpu, wall = (round(x * 1e3) for x in (self.own, self.cpu, self.seconds))
        return f"{own} ms ({cpu} of them computing; {wall} with the wait for a core)\n{seen}"


class Heartbeat:
    """Ticks in the thread that makes it, from then until `stop`.

    Attributes:
        longest: the longest gap since the last `clear`.
    """

    def __init__(self) -> None:
        self.longest = Gap(0.0, 0.0, 0.0)
        self._thread = threading.get_ident()
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._places: Counter[str] = Counter()
        self._last = self._now()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self.beat)
        self._timer.start()
        self._ended = threading.Event()
        self._stacks = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `stop`)
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._watchdog.start()

    def clear(self) -> None:
        """Forgets what was before."""
        self.longest = Gap(0.0, 0.0, 0.0)
        self._places = Counter()
        self._last = self._now()

    def stop(self) -> None:
        """Ticks no more."""
        self._timer.stop()
        self._ended.set()
        self._watchdog.join()
        self._stacks.close()

    def beat(self) -> None:
        """Ends a gap, as the timer does."""
        before, self._last = self._last, self._now()
        places, self._places = self._places, Counter()
        seconds, waited, cpu = (now - then for now, then in zip(self._last, before, strict=True))
        if seconds - waited > self.longest.own:
            self.longest = Gap(seconds, seconds - waited, cpu, places)

    def _now(self) -> tuple[float, float, float]:
        """The time, what the thread has waited for a core, and what it has computed."""
        told = self._schedule
        waited = int(told.read_text().split()[1]) / 1e9 if told.exists() else 0.0
        return time.perf_counter(), waited, time.thread_time()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK):
            if time.perf_counter() - self._last[0] > 2 * _LOOK:
                self._look()

    def _look(self) -> None:
        places, names = self._places, {t.ident: t.name for t in threading.enumerate()}
        for thread, calls in self._standing():
            name = names.get(thread, "")
            if thread == self._thread:
                places[f"here: {_told(calls)}"] += 1
            elif "rnnviz" in name and calls[0].function not in _IDLE:
                places[f"{name}: {_told(calls)}"] += 1

    def _standing(self) -> Iterator[tuple[int, list[_Call]]]:
        """Every other thread with its calls, the innermost first.

        A frame that is held, as by `sys._current_frames`, keeps what is in it when its function
        returns: a QPainter that outlives its paintEvent, and ends in this thread, ends the process.
        """
        file = self._stacks.fileno()
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        faulthandler.dump_traceback(file, all_threads=True)
        for part in os.pread(file, _LONGEST, 0).decode("utf-8", "replace").split("\n\n"):
            head = re.match(r"Thread 0x([0-9a-f]+)", part)
            calls = [_Call(*found) for found in _CALL.findall(part)]
            if head is not None and calls:
                yield int(head[1], 16), calls


def watched(
    heartbeat: Heartbeat, act: Callable[[], object], done: Callable[[], bool], rest: int = 150
) -> Gap:
    """The longest gap while something is done in the event loop, and what follows from it.

    Args:
        heartbeat: of this thread.
        act: does it, in a turn of the loop.
        done: whether all that follows is there.
        rest: ms that are watched after that.
    """
    loop, check = QEventLoop(), QTimer()
    begun = False

    def begin() -> None:
        nonlocal begun
        act()
        begun = True

    def look() -> None:
        if begun and done():
            check.stop()
            QTimer.singleShot(rest, loop.quit)

    check.setInterval(10)
    check.timeout.connect(look)
    heartbeat.clear()
    QTimer.singleShot(0, begin)
    check.start()
    loop.exec()
    return heartbeat.longest


def _told(calls: list[_Call]) -> str:
    """A stack in one line, the innermost call first."""
    told = []
    for call in calls[:_DEEP]:
        where = Path(call.file)
        if "importlib" not in where.name:
            told.append(f"{where.parent.name}/{where.name}:{call.line} {call.function}")
    return " < ".join(told)
