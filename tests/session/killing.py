"""Processes that write in a loop and are killed at any moment: what they leave is whole.

`python -m tests.session.killing N [SEED]` kills N of every kind and tells what was found.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from rnnviz.errors import RnnvizError
from rnnviz.files.container import read_container
from rnnviz.session.recovery import leftovers
from rnnviz.session.saved import Restored, restored
from rnnviz.session.settings import load_settings

_LONGEST = 0.12  # seconds that a process may write until it is killed

# What all need is imported once; then each process is a fork that writes.
_BEGIN = """
import os, sys, torch
from pathlib import Path
from rnnviz.files.container import write_container
from rnnviz.files.saving import atomic
from rnnviz.session import Session, recovery
from rnnviz.session.living import enter
from rnnviz.session.runner import ImmediateRunner
from rnnviz.session.settings import Settings, save_settings
torch.set_num_threads(1)
folder = Path(sys.argv[1])
def prepared():
    session = Session(ImmediateRunner())
    session.open_example("lstm")
    session.set_steps(200)
    return session
"""
_SESSION = """
session = prepared()
def write(count):
    session.set_value(0, 0, 0, float(count))
    session.save(folder / "mine.rnnviz", over=True)
    assert not session.state.problems
"""
_RECOVERY = """
session = prepared()
def write(count):
    if not count:
        session.enter()
    session.set_value(0, 0, 0, float(count))
    session.keep_changes({}, lambda: None, print)
"""
_SETTINGS = """
def write(count):
    assert save_settings(Settings(speed=1.0 + count % 50, layout={"columns": [count] * 400}))
"""
_LOOP = """
for line in sys.stdin:
    child = os.fork()
    if not child:
        count = 0
        while True:
            write(count)
            if not count:
                print(os.getpid(), flush=True)
            count += 1
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


def _session(folder: Path, written: Counter[str]) -> None:
    """The file is one whole version, and nothing else that would be taken for one is there."""
    found = restored(read_container(folder / "mine.rnnviz"))
    assert isinstance(found, Restored)
    assert found.document.L == 200
    written[str(found.document.values[0, 0, 0])] += 1


def _recovery(folder: Path, written: Counter[str]) -> None:
    found = leftovers(folder / "recovery")
    assert not found.damaged
    assert len(found.whole) == 1
    assert "200 timesteps" in found.whole[0].summary
    written["left"] += 1
    for path in (folder / "recovery").iterdir():
        path.unlink()


def _settings(folder: Path, written: Counter[str]) -> None:
    settings = load_settings()
    columns = settings.layout["columns"]
    assert len(columns) == 400
    assert settings.speed == 1.0 + columns[0] % 50
    written[str(columns[0])] += 1


_Check = Callable[[Path, Counter[str]], None]
KINDS: dict[str, tuple[str, _Check]] = {
    "session": (_SESSION, _session),
    "recovery": (_RECOVERY, _recovery),
    "settings": (_SETTINGS, _settings),
}


def kill(kind: str, count: int, folder: Path, seed: int = 0) -> Counter[str]:
    """Kill processes one after the other, and look at the file after each.

    Returns:
        How often which version was found; in all as many as were killed.

    Raises:
        AssertionError: where a file is not whole; a note names the kill.
    """
    code, check = KINDS[kind]
    found: Counter[str] = Counter()
    command = [sys.executable, "-c", _BEGIN + code + _LOOP, str(folder)]
    given = {**os.environ, "RNNVIZ_HOME": str(folder), "OMP_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=given, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        for number in range(count):
            parent.stdin.write("again\n")
            parent.stdin.flush()
            child = int(parent.stdout.readline())
            time.sleep(random.Random(f"{kind} {seed} {number}").uniform(0, _LONGEST))
            os.kill(child, signal.SIGKILL)
            assert parent.stdout.readline() == "dead\n"
            try:
                check(folder, found)
            except (AssertionError, RnnvizError) as error:
                error.add_note(f"kill {number} of {kind}, seed {seed}")
                raise
    return found


if __name__ == "__main__":
    kills = int(sys.argv[1])
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for name in KINDS:
        with tempfile.TemporaryDirectory() as place:
            os.environ["RNNVIZ_HOME"] = place
            versions = kill(name, kills, Path(place), first)
            print(f"{name}: {kills} killed, {kills - versions.total()} lost")  # noqa: T201
