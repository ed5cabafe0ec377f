"""What recording costs a training step while it is on and captures nothing.

Run by `python -m tests.benchmarks.bench_record`. Steps with and without it alternate, and the
median of the ratios is told. Target: 1.05.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor, nn

import rnnviz

TARGET = 1.05
STEPS, ROUNDS = 20, 15


class Model(nn.Module):
    """Small, so that what is added to a step weighs most."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(8, hidden, num_layers=2)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.rnn(x)[0][-1])
        return scores


def seconds(model: Model, x: Tensor, optimizer: torch.optim.Optimizer) -> float:
    """CPU time of some steps."""
    started = time.process_time()
    for _ in range(STEPS):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
    return time.process_time() - started


def compare(hidden: int, steps: int, folder: Path) -> float:
    """The median ratio of a training step with recording on to one without."""
    model, x = Model(hidden), torch.randn(steps, 4, 8)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    seconds(model, x, optimizer)
    gc.disable()
    ratios = []
    for _ in range(ROUNDS):
        without = seconds(model, x, optimizer)
        # The one batch that is captured comes long after the last of these.
        with rnnviz.record(model, folder / "run.rnnviz", batches=[0]) as recorder:
            recorder.count = 1
            ratios.append(seconds(model, x, optimizer) / without)
            recorder.count = 0
            model(x)
    gc.enable()
    return statistics.median(ratios)


def main() -> int:
    """Prints the ratios; 1 where one misses the target."""
    torch.set_num_threads(1)
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for hidden, steps in ((8, 5), (64, 50), (256, 100)):
            ratio = compare(hidden, steps, Path(folder))
            missed += ratio > TARGET
            name = f"LSTM ({steps}, 4, 8) -> {hidden}, 2 layers, a training step"
            sys.stdout.write(f"{name:52} {ratio:.3f} (target {TARGET})\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
