"""How long the toy that reverses its input takes to learn it, and what the loop itself costs.

Run by `python -m tests.benchmarks.bench_training`. Sequences of 6 symbols out of 8 are read by an
encoder and said backwards by a decoder that feeds back its own choices; it has learned it where
it says 99 of 100 that it never saw without a mistake.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.model.pipeline.encoder_decoder import SequenceToSequence
from rnnviz.model.spec import ModelSpec
from rnnviz.model.training.batch import Batch
from rnnviz.model.training.fitting import sequence_to_sequence_for
from rnnviz.model.training.loop import train
from rnnviz.model.training.tasks import Parity, Reverse

SECONDS = 60.0  # on two cores
RIGHT = 0.99
TASK = Reverse(symbols=8, length=6)


def share_right(model: SequenceToSequence, fresh: Batch) -> float:
    """How many of a batch it says without a mistake when it hears nothing but itself."""
    decoder = model.decoder(fresh.input, fresh.target, teacher_forcing=False)
    for _ in decoder:
        pass
    return (decoder.choices == fresh.target).all(0).float().mean().item()


def learn() -> tuple[float, int, float]:
    """Seconds, steps, and the share of fresh sequences that come out right."""
    model = sequence_to_sequence_for(TASK, ModelSpec("GRU", 16, 64))
    fresh = next(TASK.batches(1000, seed=1))
    training = train(model, TASK, lr=0.005, clip=1.0, steps=20_000, batch_size=64, every=100)
    started, right = time.perf_counter(), 0.0
    for record in training:
        if record.step % 100 == 0:
            right = share_right(model, fresh)
            if right >= RIGHT or time.perf_counter() - started > 2 * SECONDS:
                break
    return time.perf_counter() - started, training.step, right


def overhead(steps: int = 100, repeats: int = 7) -> float:
    """What a step costs next to the same loop by hand with torch.optim, a median of ratios."""
    task = Parity(batch_first=True)
    ratios = []
    for _ in range(repeats):
        spent = []
        for ours in (False, True):
            parts = {"recurrent": nn.LSTM(1, 32, batch_first=True), "head": nn.Linear(32, 2)}

            def loss(batch: Batch, parts: dict[str, nn.Module] = parts) -> Tensor:
                scores = parts["head"](parts["recurrent"](batch.input)[0])
                return functional.cross_entropy(scores.flatten(0, 1), batch.target.flatten())

            batches = list(itertools.islice(task.batches(32), steps))
            started = time.process_time()
            if ours:
                train(parts, batches, loss=loss, steps=steps, clip=1.0).run()
            else:
                by_hand(parts, batches, loss)
            spent.append(time.process_time() - started)
        ratios.append(spent[1] / spent[0])
    return statistics.median(ratios)


def by_hand(parts: dict[str, nn.Module], batches: list[Batch], loss: object) -> None:
    """The loop as people write it."""
    assert callable(loss)
    parameters = [each for part in parts.values() for each in part.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.01)
    for batch in batches:
        optimizer.zero_grad()
        loss(batch).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()


def report(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    torch.set_num_threads(1)  # as in the window: two would wait for one another more than compute
    spent, steps, right = learn()
    report(f"reverses {TASK.length} symbols: {right:.1%} right after {steps} steps, {spent:.1f} s")
    report(f"a step, LSTM 1 -> 32, 32 sequences: {overhead():.2f} of a loop by hand, CPU time")
    reached = right >= RIGHT and spent <= SECONDS
    report(f"target: {RIGHT:.0%} within {SECONDS:.0f} s: {'reached' if reached else 'missed'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
