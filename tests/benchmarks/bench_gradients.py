"""How long every ∂loss/∂h_t takes from a recorded run, next to torch's own forward and backward.

Run by `python -m tests.benchmarks.bench_gradients`. Each way back is timed right after a forward
and backward of the same module on the same input, which gives the gradients of the input and of
the weights but not those of the states; the median of the ratios is told. The last column is the
ratio with the gradients of all weights and of the input besides.
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
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from rnnviz.model.gradients import Gradients, back
from rnnviz.model.trace import trace


class Case(NamedTuple):
    """A module, an input, and the ratio that is aimed at; None where none is."""

    make: Callable[[], tuple[Any, Any]]
    target: float | None = None


def padded(*shape: int) -> Tensor:
    return torch.randn(shape)


def packed(features: int) -> PackedSequence:
    lengths = [1000, 870, 520, 480, 330, 210, 150, 100]
    return pack_sequence([torch.randn(length, features) for length in lengths])


CASES: dict[str, Case] = {
    "LSTM (1000, 8, 64) -> 128, 2 layers, bidirectional": Case(
        lambda: (nn.LSTM(64, 128, num_layers=2, bidirectional=True), padded(1000, 8, 64)), 1.1
    ),
    "LSTM (5000, 1, 64) -> 256, 2 layers": Case(
        lambda: (nn.LSTM(64, 256, num_layers=2), padded(5000, 1, 64)), 1.1
    ),
    "LSTM (1000, 1, 64) -> 64": Case(lambda: (nn.LSTM(64, 64), padded(1000, 1, 64)), 1.1),
    "LSTM (100, 1, 64) -> 64": Case(lambda: (nn.LSTM(64, 64), padded(100, 1, 64))),
    "LSTM (200, 32, 64) -> 512": Case(lambda: (nn.LSTM(64, 512), padded(200, 32, 64))),
    "LSTM (1000, 8, 64) -> 128, proj_size 64": Case(
        lambda: (nn.LSTM(64, 128, proj_size=64), padded(1000, 8, 64)), 1.1
    ),
    "LSTM packed, 8 lengths to 1000 -> 128, 2 layers, bidirectional": Case(
        lambda: (nn.LSTM(64, 128, num_layers=2, bidirectional=True), packed(64)), 1.1
    ),
    "GRU (1000, 8, 64) -> 128, 2 layers, bidirectional": Case(
        lambda: (nn.GRU(64, 128, num_layers=2, bidirectional=True), padded(1000, 8, 64)), 0.5
    ),
    "GRU (5000, 1, 64) -> 256, 2 layers": Case(
        lambda: (nn.GRU(64, 256, num_layers=2), padded(5000, 1, 64)), 0.5
    ),
    "GRU (1000, 1, 64) -> 64": Case(lambda: (nn.GRU(64, 64), padded(1000, 1, 64)), 0.5),
    "RNN (1000, 8, 64) -> 128, 2 layers, bidirectional": Case(
        lambda: (nn.RNN(64, 128, num_layers=2, bidirectional=True), padded(1000, 8, 64)), 0.4
    ),
    "RNN (5000, 1, 64) -> 256, 2 layers": Case(
        lambda: (nn.RNN(64, 256, num_layers=2), padded(5000, 1, 64)), 0.4
    ),
    "RNN (1000, 1, 64) -> 64": Case(lambda: (nn.RNN(64, 64), padded(1000, 1, 64)), 0.4),
}


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one thread, which other work on the machine hardly touches."""
    started = time.process_time()
    work()
    return time.process_time() - started


def by_torch(module: Any, values: Any, grad: Tensor) -> None:
    """torch's own forward and backward, of the input and the weights."""
    module.zero_grad()
    given = values.data if isinstance(values, PackedSequence) else values
    given.grad = None
    output, _ = module(values)
    output = output.data if isinstance(output, PackedSequence) else output
    output.backward(grad)


def all_gradients(gradients: Gradients) -> None:
    """What torch's backward gives, besides the gradients of the states."""
    assert gradients.weights
    assert gradients.x is not None


def compare(module: Any, values: Any, repeats: int) -> tuple[float, float, float, float]:
    """Medians: seconds of torch, of the way back, their ratio, and that with all gradients."""
    (values.data if isinstance(values, PackedSequence) else values).requires_grad_()
    run = trace(module, values)
    output = run.output
    grad = torch.randn_like(output.data if isinstance(output, PackedSequence) else output)
    given = output._replace(data=grad) if isinstance(output, PackedSequence) else grad
    found: list[Gradients] = []
    rounds = []
    for _ in range(repeats + 2):  # the first two warm up
        found.clear()
        whole = seconds(lambda: by_torch(module, values, grad))
        states = seconds(lambda: found.append(back(run, given)))
        rounds.append((whole, states, seconds(lambda: all_gradients(found[0]))))
    wholes, states_alone, _ = zip(*rounds[2:], strict=True)
    ratios = [states / whole for whole, states, _ in rounds[2:]]
    with_all = [(states + rest) / whole for whole, states, rest in rounds[2:]]
    median = statistics.median
    return median(wholes), median(states_alone), median(ratios), median(with_all)


def report(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=9)
    arguments.add_argument("--only", default="", help="part of a case's name")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    report(f"{'float32, one thread, CPU time':64}    torch     back   ratio  target     all")
    missed = 0
    for name, (make, target) in CASES.items():
        if options.only not in name:
            continue
        whole, states, ratio, with_all = compare(*make(), options.repeats)
        wanted = "" if target is None else f"{target:.2f}"
        missed += target is not None and ratio > target
        times = f"{whole * 1e3:6.1f} ms {states * 1e3:5.1f} ms {ratio:7.2f}"
        report(f"{name:64} {times} {wanted:>7} {with_all:7.2f}")
    report(f"targets missed: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
