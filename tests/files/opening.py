"""Opens files in a process of its own, and tells what came of each and what it cost.

As a program: reads paths as JSON from its input, and writes a line of JSON for each.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WATCHDOG = 20  # seconds after which a file has hung, opened in one of the ways


@dataclass(frozen=True)
class Outcome:
    """What came of a file.

    Attributes:
        path: the file.
        opened: whether it was.
        error: the message otherwise, of FileError; or another exception's traceback.
        sound: no other exception was raised.
        seconds: of CPU time, of the costliest of three ways of opening it.
        megabytes: by which the process grew at its largest.
    """

    path: str
    opened: bool
    error: str
    sound: bool
    seconds: float
    megabytes: float


def open_all(paths: Sequence[Path]) -> list[Outcome]:
    """What comes of files, in a process that they cannot harm this one from."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.files.opening"],
        input=json.dumps([os.fspath(path) for path in paths]),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    outcomes = [Outcome(**json.loads(line)) for line in done.stdout.splitlines()]
    if done.returncode or len(outcomes) != len(paths):
        at = paths[len(outcomes)] if len(outcomes) < len(paths) else "the end"
        raise AssertionError(f"it ended with {done.returncode} at {at}: {done.stderr[-2000:]}")
    assert not done.stderr, done.stderr[-2000:]
    return outcomes


def report() -> int:
    """Opens the corpus and prints what each file cost."""
    from tests.files.hostile import corpus

    with tempfile.TemporaryDirectory() as name:
        canary = Path(name) / "canary"
        folder = Path(name) / "files"
        folder.mkdir()
        cases = corpus(folder, canary)
        outcomes = open_all([case.path for case in cases])
        wrong = 0
        for case, outcome in zip(cases, outcomes, strict=True):
            right = outcome.sound and (case.harmless or not outcome.opened)
            wrong += not right
            said = outcome.error.replace(name, "") or "opened"
            cost = f"{outcome.seconds:6.3f} s {outcome.megabytes:6.1f} MB"
            print(f"{'' if right else 'WRONG '}{cost}  {case.path.name[:50]!r}: {said!r}")  # noqa: T201
        refused = [outcome for outcome in outcomes if not outcome.opened]
        print(  # noqa: T201
            f"{len(outcomes)} files: {len(refused)} refused, {len(outcomes) - len(refused)} opened,"
            f" {wrong} wrong, executed: {canary.exists()}; a refused one cost at most "
            f"{max(o.seconds for o in refused):.2f} s, {max(o.megabytes for o in refused):.0f} MB"
        )
        return int(wrong > 0 or canary.exists())


def _main() -> None:
    from rnnviz.errors import FileError
    from rnnviz.files.models import find_models
    from rnnviz.files.tensors import list_arrays, read_tensors

    with contextlib.suppress(FileError):  # what is imported at the first file counts for none
        find_models(Path(__file__))
    for name in json.load(sys.stdin):
        path = Path(name)
        _forget_peak()
        before, seconds = _peak(), 0.0
        opened, error, sound = True, "", True
        for function in (find_models, list_arrays, read_tensors):
            faulthandler.dump_traceback_later(WATCHDOG, exit=True)
            start = time.process_time()
            try:
                function(path)
            except FileError as caught:
                opened, error = False, str(caught)
            except Exception as caught:  # which the test reports
                opened, sound = False, False
                error = f"{function.__name__}: {type(caught).__name__}: {caught}"
                break
            finally:
                seconds = max(seconds, time.process_time() - start)
        faulthandler.cancel_dump_traceback_later()
        outcome = Outcome(name, opened, error, sound, seconds, _peak() - before)
        print(json.dumps(outcome.__dict__), flush=True)  # noqa: T201


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """The most memory that the process has had, in MB, as far as the system tells."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    _main()
