"""What is put side by side: one sequence, computed both ways, as far as the view has come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.ranges import largest_magnitude, round_limit, value_ranges
from rnnviz.figures.sides.options import SidesOptions, lesson_of
from rnnviz.figures.view import View
from rnnviz.model.differences import DifferenceTrace
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.pipeline.head import activate
from rnnviz.model.pipeline.sides import (
    MinusSide,
    Side,
    Sides,
    applies_nothing,
    difference_sides,
    identity_sides,
    projection_sides,
    vanilla_sides,
)
from rnnviz.model.trace import Trace, as_numpy

Floats = NDArray[np.floating]
Which = Literal["left", "right"]
SIDES: tuple[Which, Which] = ("left", "right")

LESSONS = ("vanilla", "identity", "projection")
_RNN = {"ih": "ih_h", "hh": "hh_h", "a": "a_h"}
_LSTM = {"unprojected": "o*tanh_c"}
_OUTPUTS = {"o": "scores", "y": "probabilities"}
_memo = Memo()


def refusal(view: View) -> str:
    """Why a view's model cannot be shown; "" where it can."""
    lesson, run = lesson_of(view), view.trace
    if lesson not in LESSONS or view.around is None:
        return "Nothing is put side by side with this model."
    if run is None or not run.L:
        return "There is no timestep of a recurrent layer to be compared."
    spec = run.spec
    if spec.num_layers > 1 or spec.bidirectional:
        layers = "layer" if spec.num_layers == 1 else "layers"
        way = "both directions" if spec.bidirectional else "one direction"
        return (
            "This lesson is for one layer and one direction: "
            f"the model has {spec.num_layers} {layers} and {way}."
        )
    if lesson == "projection":
        if spec.cell != "LSTM" or not spec.proj_size:
            return f"This lesson is for an LSTM with proj_size: the model is {spec.code()}."
        return ""
    if spec.cell != "RNN":
        return f"This lesson is for nn.RNN: the model is {spec.code()}."
    return ""


@dataclass(frozen=True, eq=False)
class Subject:
    """Two ways to compute a sequence.

    Attributes:
        view: which `refusal` has nothing against.
        options: of the figure.
    """

    view: View
    options: SidesOptions

    @property
    def lesson(self) -> str:
        return lesson_of(self.view)

    @property
    def pr(self) -> PipelineRun:
        assert self.view.around is not None
        return self.view.around.pr

    @property
    def run(self) -> Trace:
        """The whole run, whatever of it is reached."""
        assert self.pr.run is not None
        return self.pr.run

    @property
    def plain(self) -> Trace:
        """The same, or where it is a difference of two runs, the new one of them."""
        return self.run.new if isinstance(self.run, DifferenceTrace) else self.run

    @cached_property
    def sequence(self) -> int:
        return min(self.view.sequence or 0, self.run.N - 1)

    @property
    def length(self) -> int:
        return int(self.run.lengths[self.sequence])

    @cached_property
    def sides(self) -> Sides:
        key = ("sides", self.lesson, self.sequence, self.options.weight_hh)
        return _memo.get(self.pr, key, partial(_sides, self))

    @cached_property
    def done(self) -> int:
        """How many timesteps of the sequence are computed."""
        computed = as_numpy(self.view.run.computed(0)[:, self.sequence].double())
        return int(computed.sum())

    @cached_property
    def t(self) -> int:
        """The timestep that is written out: the one under way, else the last that is computed."""
        active = self.view.run.active
        if active is not None and active.t[self.sequence] >= 0:
            return int(active.t[self.sequence])
        return max(self.done - 1, 0)

    @property
    def is_started(self) -> bool:
        """Whether anything of the sequence is computed."""
        return self.done > 0 or self.view.run.progress.operation > 0

    @cached_property
    def compared(self) -> int:
        """How many of the computed timesteps are compared."""
        return min(self.done, len(self.sides.difference))

    @cached_property
    def differences(self) -> NDArray[np.float64]:
        """The largest absolute difference at every timestep that is compared, (T,)."""
        return _memo.get(self.sides, "differences", lambda: _doubles(self.sides.difference))

    @property
    def tolerance(self) -> float:
        """What counts as rounding."""
        return float(self.plain.tolerance * self.plain.value_scale)

    @cached_property
    def is_identity(self) -> bool:
        """Whether the run itself hands its state on as it is."""
        return _memo.get(self.plain, "identity", lambda: applies_nothing(self.plain))

    def is_own(self, which: Which) -> bool:
        """Whether a side's tensors are those of the run itself."""
        if self.lesson == "vanilla":
            return True
        own = "left" if self.lesson == "projection" else "right"
        if self.lesson == "identity" and self.is_identity:
            own = "left"
        return which == own

    def side(self, which: Which) -> Side:
        return self.sides.left if which == "left" else self.sides.right

    def is_known(self, name: str, t: int) -> bool:
        """Whether a tensor of a step is computed."""
        run, n = self.view.run, self.sequence
        if name == "x":
            return True
        if name == "h_prev":
            return t <= self.done
        if t != self.t:
            return t < self.done and (name not in _OUTPUTS or self.has_output(t))
        if self.lesson == "projection" and name == "o":  # a layer that is not the run's own
            name = "h"
        if name in _OUTPUTS:
            return self.view.has_scores(t, n)
        names = _RNN if run.spec.cell == "RNN" else _LSTM
        return run.is_computed(names.get(name, name), 0, 0, t, n)

    def values(self, which: Which, name: str, t: int) -> Floats | None:
        """A vector of a step, (width,); None beyond what is compared."""
        if name == "x":
            return _doubles(self.run.inputs(0)[t, self.sequence])
        side = self.side(which)
        if t >= len(side.h):
            return None
        if name == "y":
            return self._probabilities(side, t)
        if name in ("h", "o"):
            series = side.h if name == "h" else side.o
            return None if series is None else _doubles(series[t])
        return _doubles(self._inside(which, t)[name])

    def gap(self, name: str, t: int) -> Floats | None:
        """What the right side gives less what the left one gives; None beyond what is compared."""
        gaps = self.sides.gaps[name]
        return _doubles(gaps[t]) if t < len(gaps) else None

    def has_output(self, t: int) -> bool:
        """Whether the Linear layer is given a timestep at all."""
        head = self.pr.pipeline.head
        return head is None or head.on == "every" or t == self.length - 1

    def key(self, which: Which, name: str, t: int) -> Element | None:
        """The element that a vector is; None of what is no tensor of the run."""
        if not self.is_own(which):
            return None
        if name in _OUTPUTS:
            return Element(_OUTPUTS[name], t=t, sequence=self.sequence)
        if name == "h_prev":
            if t:
                return Element("h", 0, 0, t - 1, self.sequence)
            return Element("h_0", 0, 0, sequence=self.sequence)
        names = _RNN if self.run.spec.cell == "RNN" else _LSTM
        return Element(names.get(name, name), 0, 0, t, self.sequence)

    @cached_property
    def limits(self) -> dict[str, float]:
        """The ends of the colour ranges: of h, x, c and sums, o, weights, and of gaps."""
        return _memo.get(self.sides, "limits", partial(_limits, self))

    def _probabilities(self, side: Side, t: int) -> Floats | None:
        """What the head's activation makes of a step's scores, (C,)."""
        head = self.pr.pipeline.head
        if isinstance(side, MinusSide):
            pair = [self._probabilities(part, t) for part in (side.new, side.old)]
            return None if pair[0] is None or pair[1] is None else pair[0] - pair[1]
        if head is None or side.o is None:
            return None
        return _doubles(activate(side.o[t], head.activation))

    def _inside(self, which: Which, t: int) -> dict[str, Tensor]:
        side = self.side(which)
        return _memo.get(self.sides, (which, t), lambda: side.at(t))


def _sides(subject: Subject) -> Sides:
    run, pr = subject.run, subject.pr
    if not isinstance(run, DifferenceTrace):
        head = _head(pr.weights)
        scores = None
        if pr.pipeline.head is not None and pr.pipeline.head.on == "every":
            scores = pr.grid("scores")[: subject.length, subject.sequence]
        return _of_lesson(subject, run, head, scores)
    # The weights of a difference are differences too; those of the new run are in its modules.
    new = _head({name: weight.detach() for name, weight in pr.pipeline.weights().items()})
    changes = _head(pr.weights)
    old = {name: weight - changes[name] for name, weight in new.items()}
    return difference_sides(_of_lesson(subject, run.new, new), _of_lesson(subject, run.old, old))


def _of_lesson(
    subject: Subject, run: Trace, head: dict[str, Tensor], scores: Tensor | None = None
) -> Sides:
    if subject.lesson == "projection":
        return projection_sides(run, subject.sequence, subject.options.weight_hh)
    of = vanilla_sides if subject.lesson == "vanilla" else identity_sides
    return of(run, subject.sequence, head, scores)


def _head(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix("head."): weight
        for name, weight in weights.items()
        if name.startswith("head.")
    }


def _limits(subject: Subject) -> dict[str, float]:
    sides, ranges = subject.sides, value_ranges(subject.run)
    both = [side.h for side in (sides.left, sides.right)]
    outputs = [side.o for side in (sides.left, sides.right) if side.o is not None]
    if subject.lesson == "projection":  # h of one is what the other's layer gives
        outputs, both = [*outputs, both[0]], both[1:]
    weights = [*sides.left_weights.values(), *sides.right_weights.values()]
    is_bounded = not subject.run.is_difference and subject.run.spec.nonlinearity != "relu"
    return {
        "h": 1.0 if is_bounded else _largest(both),
        "x": ranges.limit("x"),
        "c": ranges.limit("c"),
        "o": _largest(outputs),
        "weight": _largest(weights),
        "gap": _largest(list(sides.gaps.values())),
        "y": _largest(outputs) if subject.run.is_difference else 1.0,
    }


def _largest(tensors: list[Tensor]) -> float:
    return round_limit(max((largest_magnitude(as_numpy(values)) for values in tensors), default=0))


def _doubles(values: Tensor) -> NDArray[np.float64]:
    return as_numpy(values).astype(np.float64)
