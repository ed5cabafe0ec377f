"""How long a trace takes next to torch's own fused forward, and how long one interactive step.

Run by `python -m tests.benchmarks.bench_trace`. Each trace is timed right after a forward of the
same module on the same input, and the median of the ratios is told, so that a machine that is
busy with other work tells about the same.
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
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import trace

TARGET = 2.5  # for the first case


def padded(*shape: int) -> torch.Tensor:
    return torch.randn(shape)


def packed(features: int) -> Any:
    lengths = [1000, 870, 520, 480, 330, 210, 150, 100]
    return pack_sequence([torch.randn(length, features) for length in lengths])


CASES: dict[str, Callable[[], tuple[Any, Any]]] = {
    "LSTM (1000, 8, 64) -> 128, 2 layers, bidirectional": lambda: (
        nn.LSTM(64, 128, num_layers=2, bidirectional=True),
        padded(1000, 8, 64),
    ),
    "LSTM (100, 1, 64) -> 64": lambda: (nn.LSTM(64, 64), padded(100, 1, 64)),
    "LSTM (5000, 1, 64) -> 256, 2 layers": lambda: (
        nn.LSTM(64, 256, num_layers=2),
        padded(5000, 1, 64),
    ),
    "LSTM (200, 32, 64) -> 512": lambda: (nn.LSTM(64, 512), padded(200, 32, 64)),
    "LSTM (1000, 8, 64) -> 128, proj_size 64": lambda: (
        nn.LSTM(64, 128, proj_size=64),
        padded(1000, 8, 64),
    ),
    "LSTM packed, 8 lengths to 1000 -> 128, 2 layers, bidirectional": lambda: (
        nn.LSTM(64, 128, num_layers=2, bidirectional=True),
        packed(64),
    ),
    "GRU (1000, 8, 64) -> 128, 2 layers, bidirectional": lambda: (
        nn.GRU(64, 128, num_layers=2, bidirectional=True),
        padded(1000, 8, 64),
    ),
    "RNN (1000, 8, 64) -> 128, 2 layers, bidirectional": lambda: (
        nn.RNN(64, 128, num_layers=2, bidirectional=True),
        padded(1000, 8, 64),
    ),
}


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one thread, which other work on the machine hardly touches."""
    started = time.process_time()
    work()
    return time.process_time() - started


def compare(module: Any, values: Any, repeats: int) -> tuple[float, float, float]:
    """Medians: seconds of the forward, of the trace, and their ratio pair by pair."""
    module.eval()
    pairs = []
    with torch.no_grad():
        for _ in range(repeats + 2):  # the first two warm up
            forward = seconds(lambda: module(values))
            pairs.append((forward, seconds(lambda: trace(module, values))))
    forwards, traces = zip(*pairs[2:], strict=True)
    ratios = [traced / forward for forward, traced in pairs[2:]]
    return statistics.median(forwards), statistics.median(traces), statistics.median(ratios)


def step_milliseconds(module: Any, repeats: int = 30) -> float:
    """The median of one step of a single sequence."""
    stepper = Stepper(module.eval(), padded(repeats, 1, module.input_size))
    return statistics.median(seconds(stepper.step) for _ in range(repeats)) * 1e3


def report(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=9)
    repeats = arguments.parse_args().repeats
    torch.set_num_threads(1)
    torch.manual_seed(0)
    report(f"{'float32, one thread, CPU time':64} forward    trace   ratio")
    first = 0.0
    for name, make in CASES.items():
        forward, traced, ratio = compare(*make(), repeats)
        first = first or ratio
        report(f"{name:64} {forward * 1e3:5.1f} ms {traced * 1e3:5.1f} ms {ratio:7.2f}")
    for cell in (nn.LSTM, nn.GRU, nn.RNN):
        spent = step_milliseconds(cell(1024, 1024))
        report(f"one step, {cell.__name__} 1024 -> 1024{'':42} {spent:5.1f} ms")
    report(f"target of the first: at most {TARGET}: {'reached' if first <= TARGET else 'missed'}")
    return 0 if first <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
