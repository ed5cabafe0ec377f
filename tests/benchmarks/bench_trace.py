"""How long a full trace takes next to torch's own fused forward, and what memory it needs.

Run by `python -m tests.benchmarks.bench_trace`. Each trace is timed right after a forward of the
same module on the same input, and the median of the ratios is told, so that a machine that is
busy with other work tells about the same. Memory is what the process has in use at its peak
beyond what it had before and the copies of weights and input, next to the states; it is measured
in a process of its own, and where the states are few, not at all.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz.model.trace import trace

MEMORY = 1.1
SMALLEST_STATES = 8 << 20  # bytes: below it the peak says nothing of them


class Size(NamedTuple):
    """T, N and H_in of the input, and the module's."""

    T: int
    N: int
    features: int
    units: int
    layers: int = 1
    bidirectional: bool = False

    def __str__(self) -> str:
        shape = f"({self.T}, {self.N}, {self.features}) -> {self.units}"
        layers = f" x {self.layers}" if self.layers > 1 else ""
        return shape + layers + (" bidirectional" if self.bidirectional else "")


class Kind(NamedTuple):
    """A cell with its bar, and the one at the smallest size."""

    make: Callable[..., Any]
    bar: float
    smallest: float
    projected: bool = False


SIZES = (
    Size(100, 1, 32, 64),
    Size(1000, 8, 64, 128, 2, True),
    Size(5000, 1, 64, 256, 2),
    Size(200, 32, 128, 512, 2),
)
KINDS = {
    "RNN": Kind(nn.RNN, 0.8, 0.8),
    "LSTM": Kind(nn.LSTM, 1.5, 2.5),
    "LSTM with proj_size": Kind(nn.LSTM, 1.1, 1.1, projected=True),
    "GRU": Kind(nn.GRU, 1.25, 1.25),
}
PACKED = 1.1


class Case(NamedTuple):
    """A row of the table."""

    kind: str
    size: Size
    packed: bool

    def __str__(self) -> str:
        return f"{self.kind} {self.size}{' packed' if self.packed else ''}"

    @property
    def bar(self) -> float:
        """The ratio to a forward that is aimed at."""
        if self.packed:
            return PACKED
        kind = KINDS[self.kind]
        return kind.smallest if self.size is SIZES[0] else kind.bar

    def make(self) -> tuple[Any, Any]:
        """A module and its input."""
        size, kind = self.size, KINDS[self.kind]
        options = {"proj_size": size.units // 2} if kind.projected else {}
        module = kind.make(
            size.features,
            size.units,
            num_layers=size.layers,
            bidirectional=size.bidirectional,
            **options,
        )
        torch.manual_seed(0)
        return module.eval(), self._input()

    def states(self) -> int:
        """Bytes of every h and c."""
        size, kind = self.size, KINDS[self.kind]
        h = size.units // 2 if kind.projected else size.units
        width = h + (size.units if kind.make is nn.LSTM else 0)
        lanes = size.layers * (2 if size.bidirectional else 1)
        return sum(self._lengths()) * lanes * width * 4

    def _lengths(self) -> list[int]:
        T, N = self.size.T, self.size.N  # noqa: N806
        return [T - n * (T - T // 10) // N for n in range(N)] if self.packed else [T] * N

    def _input(self) -> Any:
        if not self.packed:
            return torch.randn(self.size.T, self.size.N, self.size.features)
        return pack_sequence([torch.randn(n, self.size.features) for n in self._lengths()])


CASES = [Case(kind, size, packed) for kind in KINDS for size in SIZES for packed in (False, True)]


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one thread, which other work on the machine hardly touches."""
    started = time.process_time()
    work()
    return time.process_time() - started


def compare(case: Case, repeats: int) -> tuple[float, float, float]:
    """Medians: seconds of the forward, of the trace, and their ratio pair by pair."""
    module, values = case.make()
    pairs = []
    with torch.no_grad():
        for _ in range(repeats + 2):  # the first two warm up
            forward = seconds(lambda: module(values))
            pairs.append((forward, seconds(lambda: trace(module, values))))
    forwards, traces = zip(*pairs[2:], strict=True)
    ratios = [traced / forward for forward, traced in pairs[2:]]
    return statistics.median(forwards), statistics.median(traces), statistics.median(ratios)


def tell_peak(case: Case) -> None:
    """Writes how many bytes a trace has in use at its peak; for a process of its own."""
    module, values = case.make()
    few = [torch.randn(20 - n % 2, case.size.features) for n in range(case.size.N)]
    small = trace(module, pack_sequence(few, enforce_sorted=False) if case.packed else values[:20])
    del small  # torch has loaded what it needs, and its threads are there
    before = in_use("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    run = trace(module, values)
    given = values.data if case.packed else values
    copies = sum(kept.numel() * kept.element_size() for kept in (*run.weights.values(), given))
    report(str(in_use("VmHWM") - before - copies))


def in_use(name: str) -> int:
    """A line of Linux' account of this process, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def memory(case: Case) -> float | None:
    """The peak next to the states; None where that says nothing, or nobody counts it."""
    if case.states() < SMALLEST_STATES or not sys.platform.startswith("linux"):
        return None
    command = [sys.executable, "-m", __spec__.name, "--peak", str(CASES.index(case))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout) / case.states()


def report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=9)
    arguments.add_argument("--only", default="", help="part of a case's name")
    arguments.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    warnings.filterwarnings("ignore", message="LSTM with projections")
    torch.set_num_threads(1)
    if options.peak is not None:
        tell_peak(CASES[options.peak])
        return 0
    report(
        f"{'float32, one thread, CPU time':58} forward     trace   ratio     bar  memory     bar"
    )
    missed = 0
    for case in CASES:
        if options.only not in str(case):
            continue
        forward, traced, ratio = compare(case, options.repeats)
        used = memory(case)
        is_missed = ratio > case.bar or (used is not None and used > MEMORY)
        missed += is_missed
        times = f"{forward * 1e3:6.1f} ms {traced * 1e3:6.1f} ms {ratio:7.2f} {case.bar:7.2f}"
        kept = f"{'-':>7} {'':7}" if used is None else f"{used:7.2f} {MEMORY:7.2f}"
        report(f"{case!s:56} {times} {kept}{'  missed' if is_missed else ''}")
    report(f"bars missed: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
