"""From the output to the loss, as the figure reads it: one row for each place of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.figures.memo import Memo
from rnnviz.figures.moments import outputs_there, steps_now
from rnnviz.figures.ranges import largest_magnitude, round_limit
from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.view import View
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.pipeline.loss import Loss
from rnnviz.model.trace import as_numpy

Floats = NDArray[np.floating]
FEW = 12  # classes that have a cell with a number each
_FLAT = ("flat_scores", "flat_probabilities", "flat_output")
_memo = Memo()


@dataclass(frozen=True, eq=False)
class Compared:
    """The rows beside their targets.

    Attributes:
        loss: what compares them.
        targets: (R,) int64, or (R, C).
        counts: (R,) bool, which rows count.
        losses: (R,), or (R, C).
        limit: the end of the losses' colours.
    """

    loss: Loss
    targets: NDArray[Any]
    counts: NDArray[np.bool_]
    losses: Floats
    limit: float


@dataclass(frozen=True, eq=False)
class Rows:
    """The tensors behind the recurrent layers, each flattened to R rows.

    Attributes:
        sequences, timesteps: (R,), where each row is from.
        valid: (R,) bool, False at padding.
        scores: (R, C), or the output where there is no head.
        probabilities: (R, C); None where nothing makes them.
        compared: what they are compared with; None without targets.
        limit: the end of the scores' colours.
        probability_limit: 1; less of differences, and where very many classes share it.
    """

    sequences: NDArray[np.int64]
    timesteps: NDArray[np.int64]
    valid: NDArray[np.bool_]
    scores: Floats
    probabilities: Floats | None
    compared: Compared | None
    limit: float
    probability_limit: float


@dataclass(frozen=True, eq=False)
class Subject:
    """What is drawn, and how far it has come."""

    view: View
    around: Surroundings
    rows: Rows

    @property
    def pr(self) -> PipelineRun:
        """The whole run."""
        return self.around.pr

    @property
    def name(self) -> str:
        """What the scores are called: `output` where there is no head."""
        return "output" if self.pr.scores is None else "scores"

    @property
    def axes(self) -> tuple[str, ...]:
        """Of the scores, C aside."""
        head = self.pr.pipeline.head
        axes = self.pr.form.axes
        every = head is None or head.on == "every"
        return axes if every else tuple(axis for axis in axes if axis != "L")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of `axes`."""
        form = self.pr.form
        return tuple({"L": form.L, "N": form.N}[axis] for axis in self.axes)

    @property
    def grid(self) -> tuple[int, int]:
        """Lines of the grid, and places in each: read line by line they are the rows."""
        sizes = self.sizes
        return (sizes[0] if sizes else 1), (sizes[1] if len(sizes) > 1 else 1)

    @property
    def R(self) -> int:  # noqa: N802 (the count of rows)
        """Rows once the leading axes are flattened."""
        return len(self.rows.scores)

    @property
    def C(self) -> int:  # noqa: N802 (PyTorch's letter)
        """Numbers in a row."""
        return int(self.rows.scores.shape[1])

    @property
    def compared(self) -> Compared | None:
        """What the scores are compared with; None without targets."""
        return self.rows.compared

    @property
    def takes_classes(self) -> bool:
        """Whether a target is the number of a class."""
        return self.compared is not None and self.compared.loss.takes_classes

    @property
    def flat_name(self) -> str:
        """The tensor that is compared; "" where nothing is."""
        return next((name for name in _FLAT if name in self.pr.tensors), "")

    @property
    def is_difference(self) -> bool:
        """Whether the numbers are new − original."""
        return self.view.showing == "difference"

    @property
    def softmax(self) -> bool:
        """Whether the probabilities of a row make 1 together."""
        head, loss = self.pr.pipeline.head, self.pr.pipeline.loss
        activation = None if head is None else head.activation
        if activation is not None:
            return activation == "softmax"
        return loss is not None and loss.takes_classes

    @cached_property
    def reached(self) -> NDArray[np.bool_]:
        """Whose scores are there already: (R,)."""
        form, head = self.pr.form, self.pr.pipeline.head
        there = outputs_there(self.view, form)
        found: NDArray[np.bool_] = there[self.rows.timesteps, self.rows.sequences]
        if head is not None and head.on == "h_n" and self.view.trace is not None:
            found = found & there[0, self.rows.sequences]
        return found & self.rows.valid

    @cached_property
    def now(self) -> NDArray[np.bool_]:
        """Which rows are of the timestep that was computed last: (R,)."""
        steps = steps_now(self.view, self.pr.form)
        found: NDArray[np.bool_] = steps[self.rows.sequences] == self.rows.timesteps
        return found & self.rows.valid

    @cached_property
    def gradients(self) -> Floats | None:
        """∂loss/∂scores (R, C), once the way back has begun."""
        found = self.around.gradients
        if found is None or self.around.returned is None or self.is_difference:
            return None
        named = found.tensors.get(self.name)
        return None if named is None else as_numpy(named.tensor).reshape(-1, self.C)

    @cached_property
    def gradient_limit(self) -> float:
        """The end of the gradients' colours."""
        return 1.0 if self.gradients is None else round_limit(largest_magnitude(self.gradients))

    @property
    def loss_value(self) -> float | None:
        """The reduced loss, once all that it depends on is there."""
        found = self.pr.loss
        return float(found) if found is not None and self.view.has_loss else None


def subject_of(view: View) -> Subject | None:
    """What the figure shows of a view; None where there are neither scores nor a loss."""
    around = view.around
    if around is None or (around.pr.scores is None and around.pr.loss is None):
        return None
    pr = around.pr
    # A row is worth many numbers: each is paired with its place.
    size = 64 * pr.form.L * pr.form.N
    return Subject(view, around, _memo.get(pr, "rows", lambda: _rows(view, pr), size))


def _rows(view: View, pr: PipelineRun) -> Rows:
    given = pr.output if pr.scores is None else pr.scores
    if given is None:
        given = pr.embedded
    scores = _flat(given, given.shape[-1])
    places = np.asarray(pr.flat_rows, dtype=np.int64).reshape(-1, 2)
    compared, sizes = _compared(pr), [largest_magnitude(scores)]
    if compared is not None and compared.targets.ndim == 2 and view.showing != "difference":
        sizes.append(largest_magnitude(compared.targets))
    likely = pr.probabilities
    probabilities = None if likely is None else _flat(likely, given.shape[-1])
    highest = 1.0
    difference = view.showing == "difference"
    if probabilities is not None and (difference or given.shape[-1] > FEW):
        highest = min(round_limit(largest_magnitude(probabilities)), 1.0)
    return Rows(
        sequences=places[:, 0],
        timesteps=places[:, 1],
        valid=pr.form.valid.numpy()[places[:, 1], places[:, 0]],
        scores=scores,
        probabilities=probabilities,
        compared=compared,
        limit=round_limit(max(sizes)),
        probability_limit=highest,
    )


def _compared(pr: PipelineRun) -> Compared | None:
    loss, targets, losses = pr.pipeline.loss, pr.flat_targets, pr.losses
    if loss is None or targets is None or losses is None:
        return None
    counts, each = pr.tensors["counts"].tensor.numpy(), as_numpy(losses)
    limit = round_limit(largest_magnitude(each))
    return Compared(loss, as_numpy(targets), counts, each, limit)


def _flat(values: Tensor, features: int) -> Floats:
    return as_numpy(values).reshape(-1, features)
