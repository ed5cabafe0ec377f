"""What a picture costs: seconds, the size of its file, and memory, at small and at large sizes.

Run by `python -m tests.benchmarks.bench_export`. Every picture is made in a process of its own,
which has traced the run and drawn nothing yet: its time, CPU, is all from there to the finished
file, the loading of Qt and of the fonts too. Memory is the highest that the process held
meanwhile, less what it held before. `--keep FOLDER` leaves the pictures there.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz.model.pipeline import Pipeline
from rnnviz.model.trace import trace
from rnnviz.viewing import Run

FORMATS = (".svg", ".pdf", ".png")
MEGABYTE = 1e6
LARGEST = 5.0  # MB of a file, the target
GROWTH = 5.0  # MB of memory that 100 times as many timesteps may add, the target


class Case(NamedTuple):
    """A run and a figure of it.

    Attributes:
        run: makes the run.
        seconds: that a picture may take, the target.
        more: memory may grow no further than that of this case, by `GROWTH`.
    """

    run: Callable[[], Run]
    figure: str
    options: dict[str, Any]
    seconds: float
    more: str = ""


def four_layers(steps: int) -> Run:
    return trace(nn.LSTM(8, 32, num_layers=4), torch.randn(steps, 1, 8))


def large_weights(rows: int, columns: int) -> Run:
    return trace(nn.LSTM(columns, rows // 4), torch.randn(3, 1, columns))


def long_run(steps: int, hidden_size: int) -> Run:
    return trace(nn.RNN(8, hidden_size), torch.randn(steps, 1, 8))


def batch(sequences: int, steps: int) -> Run:
    lengths = torch.linspace(steps, 1, sequences).long().tolist()
    return trace(nn.GRU(4, 8), pack_sequence([torch.randn(length, 4) for length in lengths]))


def with_loss(steps: int) -> Run:
    pipeline = Pipeline(None, nn.LSTM(4, 32, num_layers=2), nn.Linear(32, 3), "mse")
    return pipeline.run(torch.randn(steps, 1, 4), targets=torch.randn(steps, 1, 3))


CASES: dict[str, Case] = {
    "unrolled, T 100": Case(lambda: four_layers(100), "unrolled", {}, 1.0),
    "unrolled, T 10 000": Case(
        lambda: four_layers(10_000), "unrolled", {}, 1.0, more="unrolled, T 100"
    ),
    "unrolled, T 100 000": Case(
        lambda: four_layers(100_000), "unrolled", {}, 1.0, more="unrolled, T 100"
    ),
    "elided, T 100": Case(lambda: four_layers(100), "unrolled", {"elide": True}, 1.0),
    "elided, T 10 000": Case(
        lambda: four_layers(10_000), "unrolled", {"elide": True}, 1.0, more="elided, T 100"
    ),
    "elided, T 100 000": Case(
        lambda: four_layers(100_000), "unrolled", {"elide": True}, 1.0, more="elided, T 100"
    ),
    "folded, T 10 000": Case(lambda: four_layers(10_000), "folded", {}, 5.0),
    "anatomy, T 10 000": Case(lambda: four_layers(10_000), "anatomy", {}, 5.0),
    "weights, 4096 × 1024": Case(lambda: large_weights(4096, 1024), "weights", {}, 5.0),
    "trajectories, 1024 × 10 000": Case(lambda: long_run(10_000, 1024), "trajectories", {}, 5.0),
    "packed, 512 × 2000": Case(lambda: batch(512, 2000), "packed", {}, 5.0),
    "gradients, T 100": Case(lambda: with_loss(100), "gradients", {}, 5.0),
    "gradients, T 10 000": Case(
        lambda: with_loss(10_000), "gradients", {}, 5.0, more="gradients, T 100"
    ),
}


def resident(entry: str) -> float:
    """What this process holds ("VmRSS") or has held at most ("VmHWM"), MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(entry)) * 1024 / MEGABYTE


def measure(name: str, ending: str, folder: Path) -> dict[str, float]:
    """Of one picture: seconds to describe it and in all, MB of its file and of memory."""
    from rnnviz.pictures import picture_of
    from rnnviz.viewing import Place, view_of

    torch.set_num_threads(1)
    torch.manual_seed(0)
    case = CASES[name]
    run = case.run()
    if getattr(run, "loss", None) is not None:
        run.backward()  # type: ignore[union-attr]
    view = view_of(run, Place())
    path = folder / f"{name.replace(',', '').replace(' ', '-')}{ending}"
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak so far is forgotten
    before, start = resident("VmRSS"), time.process_time()
    made = picture_of(view, case.figure, case.options, transparent=False)
    described = time.process_time() - start
    made.save(path)
    return {
        "described": described,
        "seconds": time.process_time() - start,
        "file": path.stat().st_size / MEGABYTE,
        "memory": resident("VmHWM") - before,
    }


def in_a_process(name: str, ending: str, folder: Path) -> dict[str, float]:
    """`measure`, where nothing has been drawn before."""
    here = [sys.executable, "-m", "tests.benchmarks.bench_export", "--one", name, ending]
    told = subprocess.run(
        [*here, "--keep", str(folder)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    found: dict[str, float] = json.loads(told)
    return found


def told(name: str, ending: str, found: dict[str, float], small: float | None) -> int:
    """Writes a line; how many targets it misses."""
    case = CASES[name]
    growth = 0.0 if small is None else found["memory"] - small
    missed = [
        found["seconds"] > case.seconds,
        found["file"] > LARGEST,
        growth > GROWTH,
    ]
    memory = f"{found['memory']:6.1f} MB"
    if small is not None:
        memory += f", {growth:+6.1f} (target {GROWTH:+.0f})"
    marked = "  missed" if any(missed) else ""
    sys.stdout.write(
        f"{name:28} {ending}  {found['seconds']:5.2f} s (target {case.seconds:.0f}),"
        f" {found['described']:5.2f} s of it described;"
        f"  {found['file']:5.2f} MB (target {LARGEST:.0f});  memory {memory}{marked}\n"
    )
    sys.stdout.flush()
    return sum(missed)


def report(only: str, folder: Path) -> int:
    """Measures every case whose name has a text in it; how many targets are missed."""
    missed, held = 0, {}
    for name, case in CASES.items():
        if only not in name:
            continue
        for ending in FORMATS:
            found = in_a_process(name, ending, folder)
            held[name, ending] = found["memory"]
            missed += told(name, ending, found, held.get((case.more, ending)))
    sys.stdout.write(f"targets missed: {missed}\n")
    return missed


def main() -> int:
    """Prints every figure; 1 where a target is missed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", help="part of a case's name")
    arguments.add_argument("--keep", type=Path, help="a folder for the pictures")
    arguments.add_argument("--one", nargs=2, metavar=("NAME", "ENDING"), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.one:
        name, ending = given.one
        sys.stdout.write(json.dumps(measure(name, ending, given.keep)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
        return 1 if report(given.only, given.keep or Path(folder)) else 0


if __name__ == "__main__":
    sys.exit(main())
