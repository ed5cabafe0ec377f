"""A batch laid out both ways, as the figure reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.moments import steps_now
from rnnviz.figures.ranges import largest_magnitude, round_limit
from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.view import View
from rnnviz.model.pipeline import PipelineRun, arrange, pair_labels
from rnnviz.model.pipeline.arrangements import Pairing
from rnnviz.model.trace import as_numpy

MOST_FEATURES = 16  # of a vector that is drawn in a cell
_ORDERS = {"L": "time", "N": "batch"}
_memo = Memo()


@dataclass(frozen=True, eq=False)
class Laid:
    """A layout of the batch, of the shape that the module takes.

    Attributes:
        name: how it came about: "transpose" or "view".
        sequences, timesteps: what stands at each place, with the first axis first.
        right: which places hold what belongs there.
    """

    name: str
    sequences: NDArray[np.int64]
    timesteps: NDArray[np.int64]
    right: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Subject:
    """What is drawn.

    Attributes:
        axes: of the batch as the module takes it: ("L", "N"), or ("N", "L") under batch_first.
        transpose, view: the two ways to get there from the other order.
        limit: the end of the colours of vectors.
    """

    seen: View
    around: Surroundings
    axes: tuple[str, str]
    transpose: Laid
    view: Laid
    limit: float

    @property
    def pr(self) -> PipelineRun:
        """The whole run."""
        return self.around.pr

    @property
    def L(self) -> int:  # noqa: N802 (PyTorch's letter)
        """Timesteps."""
        return self.pr.form.L

    @property
    def N(self) -> int:  # noqa: N802 (PyTorch's letter)
        """Sequences."""
        return self.pr.form.N

    @property
    def time_major(self) -> bool:
        """Whether the module takes L before N."""
        return self.axes == ("L", "N")

    @property
    def given(self) -> tuple[str, str]:
        """The axes of the batch before it is laid out: the other way about."""
        return self.axes[1], self.axes[0]

    def size(self, axis: str) -> int:
        """Of an axis."""
        return self.L if axis == "L" else self.N

    @cached_property
    def now(self) -> int | None:
        """The timestep that is read now; None before the first."""
        steps = steps_now(self.seen, self.pr.form)
        return int(steps.max()) if (steps >= 0).any() else None

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """Of each sequence."""
        lengths = self.pr.form.lengths
        return (self.L,) * self.N if lengths is None else lengths

    @property
    def is_difference(self) -> bool:
        """Whether the numbers of vectors are new − original."""
        return self.seen.showing == "difference"

    @property
    def has_labels(self) -> bool:
        """Whether there is a label, or could be one, for each timestep."""
        pipeline = self.pr.pipeline
        every = pipeline.head is None or pipeline.head.on == "every"
        return every and (pipeline.head is not None or pipeline.loss is not None)

    @property
    def order(self) -> str:
        """How scores lie once flattened: "time" by time or "batch" by batch."""
        return _ORDERS[self.axes[0]]

    def pairing(self, labels: str) -> Pairing:
        """Scores as they lie, beside labels flattened in an order."""
        key = ("pairing", labels)
        sizes = self.L, self.N
        # A place is worth many numbers: each is paired with its label.
        return _memo.get(
            self.pr, key, lambda: pair_labels(*sizes, self.order, labels), 64 * self.L * self.N
        )

    def token(self, n: int, t: int) -> str:
        """What stands at a place of the batch; "" of vectors."""
        ids = self.pr.ids
        return "" if ids is None else self.around.token(int(self.pr.form.grid(ids)[t, n]))

    def vector(self, n: int, t: int) -> NDArray[np.floating] | None:
        """The vector at a place of the batch; None of ids."""
        if self.pr.ids is not None:
            return None
        values: NDArray[np.floating] = as_numpy(self.pr.form.grid(self.pr.tensors["input"].tensor))[
            t, n
        ]
        return values

    def label(self, n: int, t: int) -> str:
        """The class that is the label of a place; "" where there is none."""
        targets, loss = self.pr.flat_targets, self.pr.pipeline.loss
        if targets is None or loss is None or not loss.takes_classes:
            return ""
        row = t * self.N + n if self.time_major else n * self.L + t
        target = int(targets[row])
        return "" if target == loss.ignore_index else self.around.class_name(target)


def subject_of(view: View) -> Subject | None:
    """What the figure shows of a view; None where it has nothing to tell.

    It takes at least two sequences of at least two timesteps, of ids or of short vectors.
    """
    around = view.around
    if around is None or len(around.pr.form.axes) != 2:
        return None
    pr = around.pr
    if pr.form.N < 2 or pr.form.L < 2:
        return None
    if pr.ids is None and pr.tensors["input"].tensor.shape[-1] > MOST_FEATURES:
        return None
    laid = _memo.get(pr, "laid", lambda: _laid(pr), 16 * pr.form.L * pr.form.N)
    axes = ("N", "L") if pr.form.batch_first else ("L", "N")
    return Subject(view, around, axes, *laid)


def _laid(pr: PipelineRun) -> tuple[Laid, Laid, float]:
    form, limit = pr.form, 1.0
    if pr.ids is None:
        limit = round_limit(largest_magnitude(as_numpy(pr.tensors["input"].tensor)))
    first, second = (form.L, form.N) if form.batch_first else (form.N, form.L)
    both = arrange(torch.zeros(first, second, dtype=torch.bool))
    found = []
    for name, way in (("transpose", both.transpose), ("view", both.view)):
        outer, inner = way.sequences.numpy(), way.timesteps.numpy()
        n, t = (inner, outer) if form.batch_first else (outer, inner)
        found.append(Laid(name, n, t, way.right.numpy()))
    return found[0], found[1], limit


def letter(sequence: int) -> str:
    """A sequence's letter: A to Z, then AA, AB and so on."""
    text = ""
    sequence += 1
    while sequence:
        sequence, rest = divmod(sequence - 1, 26)
        text = chr(65 + rest) + text
    return text
