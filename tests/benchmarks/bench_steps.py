"""How long one interactive step takes, next to torch's own module called with one timestep.

Run by `python -m tests.benchmarks.bench_steps`. A step computes every layer of a timestep and
records h, c and every gate; the module is given the same timestep and the state before. The median
of the ratios pair by pair is told.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from rnnviz.model.stepper import Stepper


class Case(NamedTuple):
    """A module of two layers, and the ratio that is aimed at."""

    cell: Callable[..., Any]
    units: int
    target: float


CASES = {
    "RNN 128": Case(nn.RNN, 128, 0.6),
    "GRU 128": Case(nn.GRU, 128, 0.6),
    "LSTM 128": Case(nn.LSTM, 128, 0.6),
    "LSTM 1024": Case(nn.LSTM, 1024, 0.2),
}


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one thread, which other work on the machine hardly touches."""
    started = time.process_time()
    work()
    return time.process_time() - started


def compare(case: Case, repeats: int) -> tuple[float, float, float]:
    """Medians: seconds of the module, of the step, and their ratio pair by pair."""
    module = case.cell(case.units, case.units, num_layers=2).eval()
    values = torch.randn(repeats + 5, 1, case.units)
    stepper = Stepper(module, values)
    pairs, state = [], None
    with torch.no_grad():
        for t in range(len(values)):
            started = time.process_time()
            _, state = module(values[t : t + 1], state)
            pairs.append((time.process_time() - started, seconds(stepper.step)))
    called, stepped = zip(*pairs[5:], strict=True)
    ratios = [step / call for call, step in pairs[5:]]
    return statistics.median(called), statistics.median(stepped), statistics.median(ratios)


def report(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=200)
    arguments.add_argument("--only", default="", help="part of a case's name")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    report(f"{'one timestep, 2 layers, one thread':36}  module      step   ratio  target")
    missed = 0
    for name, case in CASES.items():
        if options.only not in name:
            continue
        called, stepped, ratio = compare(case, options.repeats)
        missed += ratio > case.target
        times = f"{called * 1e3:6.3f} ms {stepped * 1e3:6.3f} ms {ratio:7.2f}"
        report(f"{name:34} {times} {case.target:7.2f}{'  missed' if ratio > case.target else ''}")
    report(f"targets missed: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
