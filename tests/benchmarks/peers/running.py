"""Measurements by processes of their own, with an end to their time and memory."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.benchmarks.peers.cases import Case

ROOT = Path(__file__).resolve().parents[3]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_NO_MEMORY = re.compile(r"memory|bad_alloc|realloc|malloc", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """What a measurement may cost.

    Attributes:
        seconds: of one run, on the clock.
        megabytes: of a process.
        runs: at least, where a run takes less than a minute.
    """

    seconds: float = 300.0
    megabytes: int = 8192
    runs: int = 3

    @property
    def too_long(self) -> str:
        minutes, rest = divmod(self.seconds, 60)
        return f"over {self.seconds:g} s" if rest or not minutes else f"over {minutes:g} min"

    @property
    def too_large(self) -> str:
        return f"out of memory ({self.megabytes / 1024:g} GB)"


@dataclass
class Measurement:
    """What came of a case; times are CPU seconds, one of each run.

    Attributes:
        failure: what stopped it; "" where nothing did.
        imported: CPU seconds of importing and setting up.
        difference: rnnviz's h beside the loop's, at most; None of the others.
        warned: what the tool warned of while it drew.
    """

    captures: list[float] = field(default_factory=list)
    draws: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)
    failure: str = ""
    imported: float = 0.0
    svg_bytes: int = 0
    peak_megabytes: int = 0
    difference: float | None = None
    warned: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float | None:
        """The median of whole runs; None where none came to its end."""
        if self.draws:
            whole = zip(self.captures, self.draws, strict=False)
            return statistics.median(capture + draw for capture, draw in whole)
        return statistics.median(self.captures) if self.captures and not self.failure else None

    def heed(self, event: dict[str, Any]) -> None:
        """Takes in one line of the child's."""
        match event["event"]:
            case "ready":
                self.imported = event["imported"]
            case "captured":
                self.captures.append(event["cpu"])
                self.walls.append(event["wall"])
                if event["difference"] is not None:
                    self.difference = max(self.difference or 0.0, event["difference"])
            case "drawn":
                self.draws.append(event["cpu"])
                self.walls[-1] += event["wall"]
                self.svg_bytes = event["bytes"]
                self.peak_megabytes = event["peak"]
                self.warned = event["warned"]


def measure(case: Case, limits: Limits) -> Measurement:
    """Runs one case in a process of its own."""
    what = (case.tool, case.model, case.steps, limits.runs, limits.megabytes)
    command = [sys.executable, "-m", "tests.benchmarks.peers.child", *map(str, what)]
    return measured(command, limits)


def measured(command: Sequence[str], limits: Limits) -> Measurement:
    """What a process tells in lines of JSON until it ends, fails or is stopped."""
    found = Measurement()
    own = {**ONE_THREAD, "QT_QPA_PLATFORM": "offscreen"}
    with tempfile.TemporaryFile("w+") as errors, tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **own, "RNNVIZ_HOME": home},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        told: queue.Queue[str | None] = queue.Queue()
        listener = threading.Thread(target=_listen, args=(process.stdout, told))
        listener.start()
        try:
            for event in _events(told, limits.seconds):
                found.heed(event)
            process.wait(timeout=limits.seconds)
        except (TimeoutError, subprocess.TimeoutExpired):
            found.failure = limits.too_long
        finally:
            _stop(process)
            listener.join()
            process.stdout.close()
        errors.seek(0)
        if not found.failure and process.returncode != 0:
            found.failure = _reason(process.returncode, errors.read(), limits)
    return found


def _listen(lines: IO[str], told: queue.Queue[str | None]) -> None:
    """Hands over a process' lines as they come, and None after the last."""
    for line in lines:
        told.put(line)
    told.put(None)


def _events(told: queue.Queue[str | None], seconds: float) -> Iterator[dict[str, Any]]:
    """The child's lines, each run within its time.

    Raises:
        TimeoutError: a run, or what comes before the first, took longer.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            line = told.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            return
        event = json.loads(line)
        if event["event"] != "captured":
            deadline = time.monotonic() + seconds
        yield event


def _reason(code: int, errors: str, limits: Limits) -> str:
    """Why a process ended as it did, in a few words."""
    last = next((line for line in reversed(errors.splitlines()) if line.strip()), "")
    if _NO_MEMORY.search(errors) or code == -signal.SIGKILL.value:
        return limits.too_large
    if "ModuleNotFoundError" in last:
        return "not installed"
    if "timed out" in errors:
        return "gave up (its own limit)"
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    kind = last.partition(":")[0].rpartition(".")[2]
    return f"failed: {kind[:40] or code}"


def _stop(process: subprocess.Popen[str]) -> None:
    """Ends a process and the children it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


class Results:
    """Finished measurements, kept in a file so that a comparison can be gone on with."""

    def __init__(self, folder: Path, machine: dict[str, str]) -> None:
        self._path = folder / "measurements.json"
        self._machine = machine
        self._found: dict[str, Measurement] = {}
        if self._path.exists():
            kept = json.loads(self._path.read_text("utf-8"))
            if kept["machine"] == machine:
                self._found = {key: Measurement(**one) for key, one in kept["found"].items()}

    def get(self, case: Case) -> Measurement | None:
        return self._found.get(case.key)

    def put(self, case: Case, measurement: Measurement) -> None:
        self._found[case.key] = measurement
        found = {key: asdict(one) for key, one in self._found.items()}
        kept = {"machine": self._machine, "found": found}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(kept, indent=1), "utf-8")
