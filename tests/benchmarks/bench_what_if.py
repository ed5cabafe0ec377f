"""How long an edit takes next to a whole trace, and how long until its difference can be shown.

Run by `python -m tests.benchmarks.bench_what_if`. Each recomputation is timed right after a whole
trace of the same run, and the median of the ratios is told, so that a machine that is busy with
other work tells about the same.
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
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.model.binding import bind
from rnnviz.model.clamps import Clamp
from rnnviz.model.differences import difference_run
from rnnviz.model.recompute import recompute
from rnnviz.model.trace import Trace, trace

TARGET = 60.0  # milliseconds for the recomputation after an edit of one weight
T = 150  # of 200, where the later edits are

Edit = Callable[[Any, Tensor], tuple[Clamp, ...]]


def weight(name: str) -> Edit:
    """One number of a weight."""

    def edit(module: Any, values: Tensor) -> tuple[Clamp, ...]:
        module.get_parameter(name)[3, 2] = 0.5
        return ()

    return edit


def value(module: Any, values: Tensor) -> tuple[Clamp, ...]:
    """One number of the input."""
    values[T, 0, 3] = 2.0
    return ()


def clamp(t: int | None) -> Edit:
    """The forget gate of layer 0, forced open."""
    return lambda module, values: (Clamp("f", 1.0, t=t),)


EDITS: dict[str, Edit] = {
    "weight_hh_l0[3, 2]": weight("weight_hh_l0"),
    "weight_hh_l1[3, 2]": weight("weight_hh_l1"),
    f"input at t = {T}": value,
    f"f = 1 at t = {T}": clamp(T),
    "f = 1 at every t": clamp(None),
}


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one thread, which other work on the machine hardly touches."""
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(edit: Edit, bidirectional: bool, repeats: int) -> tuple[float, float, float, float]:
    """Medians: milliseconds of trace, recomputation and difference; recomputation by trace."""
    torch.manual_seed(0)
    module: Any = nn.LSTM(64, 256, num_layers=2, bidirectional=bidirectional).eval()
    values = torch.randn(200, 1, 64)
    before = trace(module, values)
    with torch.no_grad():
        clamps = edit(module, values)
    timed = []
    for _ in range(repeats + 2):  # the first two warm up
        traced = seconds(lambda: trace(module, values))
        again = seconds(lambda: recompute(before, bind(module, values, None, clamps)))
        difference = recompute(before, bind(module, values, None, clamps)), before
        shown = seconds(partial(look, *difference))
        timed.append((traced * 1e3, again * 1e3, shown * 1e3, again / traced))
    columns = zip(*timed[2:], strict=True)
    trace_ms, again_ms, shown_ms, ratio = (statistics.median(column) for column in columns)
    return trace_ms, again_ms, shown_ms, ratio


def look(new: Trace, old: Trace) -> None:
    """What a picture of the whole difference asks for."""
    run = difference_run(new, old)
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            run.states(layer, direction)
            run.gates(layer, direction, T)
        run.state_norms(layer)


def report(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=9)
    repeats = arguments.parse_args().repeats
    torch.set_num_threads(1)
    report("LSTM (200, 1, 64) -> 256, 2 layers; float32, one thread, CPU time")
    report(f"{'edit':34} {'trace':>8} {'again':>8} {'ratio':>6} {'difference':>11}")
    reached = True
    for bidirectional in (False, True):
        for name, edit in EDITS.items():
            traced, again, shown, ratio = measure(edit, bidirectional, repeats)
            name += ", bidirectional" * bidirectional
            report(f"{name:34} {traced:5.1f} ms {again:5.1f} ms {ratio:6.2f} {shown:8.1f} ms")
            reached &= again <= TARGET or not name.startswith("weight")
    report(f"target of one weight: at most {TARGET:.0f} ms: {'reached' if reached else 'missed'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
