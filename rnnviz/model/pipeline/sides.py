"""Two ways to compute one sequence, step by step: what lessons put side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.model.building import build_module
from rnnviz.model.pipeline.pairs import followed_by_linear
from rnnviz.model.pipeline.vanilla import VanillaCell
from rnnviz.model.trace import Trace, trace

if TYPE_CHECKING:
    from rnnviz.model.spec import ModelSpec

LONGEST_LOOP = 2000  # timesteps that a hand-written loop is run over
LONGEST = 10_000  # timesteps that another module is run over
_LEAST, _MOST_WORK = 8, 1e8  # timesteps of a large model; multiplications of all timesteps
_SHORT = {"ih_h": "ih", "hh_h": "hh", "a_h": "a", "o*tanh_c": "unprojected"}


class Side(Protocol):
    """One of two columns, for one sequence of T timesteps."""

    @property
    def h(self) -> Tensor:
        """The states, (T, H_out)."""
        ...

    @property
    def o(self) -> Tensor | None:
        """What a Linear layer makes of them, (T, O); None without one."""
        ...

    def at(self, t: int) -> dict[str, Tensor]:
        """What is computed at a timestep by name, each (width,).

        `x` and `h_prev`; of an RNN `ih` (W_ih x_t + b_ih), `hh` (W_hh h_{t−1} + b_hh) and their
        sum `a`; of an LSTM `c` and, before a projection, `unprojected`; `h`, and `o` where
        there is a Linear layer.
        """
        ...


@dataclass(frozen=True, eq=False)
class LoopSide:
    """A cell's own loop, as it is written in a lesson.

    Attributes:
        cell: by its own names.
        x: (T, H_in).
        h_0: (H,).
    """

    cell: VanillaCell
    x: Tensor
    h_0: Tensor

    @cached_property
    def h(self) -> Tensor:
        return self.cell.unroll(self.x, self.h_0).h

    @cached_property
    def o(self) -> Tensor | None:
        return None if self.cell.V is None else _linear(self.h, self.cell.V, self.cell.c)

    def at(self, t: int) -> dict[str, Tensor]:
        h_prev = self.h[t - 1] if t else self.h_0
        inside = self.cell.inside(self.x[t], h_prev)
        found = {
            "x": self.x[t],
            "h_prev": h_prev,
            "ih": inside.received,
            "hh": inside.recurrent,
            "a": inside.sum,
            "h": inside.h,
        }
        return found if inside.o is None else found | {"o": inside.o}


@dataclass(frozen=True, eq=False)
class TraceSide:
    """A module, and perhaps a Linear layer behind it.

    Attributes:
        run: of one layer and one direction, all of it computed.
        sequence: row of its batch.
        weight, bias: of the Linear layer, (O, H_out) and (O,).
        scores: what that layer gave, (T, O), where it is known already.
    """

    run: Trace
    sequence: int
    weight: Tensor | None = None
    bias: Tensor | None = None
    scores: Tensor | None = None

    @cached_property
    def h(self) -> Tensor:
        return self.run.states(0).h[: self.run.lengths[self.sequence], self.sequence]

    @cached_property
    def o(self) -> Tensor | None:
        if self.scores is not None:
            return self.scores
        return None if self.weight is None else _linear(self.h, self.weight, self.bias)

    def at(self, t: int) -> dict[str, Tensor]:
        inside = self.run.tensors(0, 0, t)
        found = {_SHORT.get(name, name): values[self.sequence] for name, values in inside.items()}
        found.pop("o", None)  # the gate
        return found if self.o is None else found | {"o": self.o[t]}


@dataclass(frozen=True, eq=False)
class MinusSide:
    """What an edit changed on one side: every number is the new one less the old one."""

    new: Side
    old: Side

    @cached_property
    def h(self) -> Tensor:
        return self.new.h - self.old.h

    @cached_property
    def o(self) -> Tensor | None:
        new, old = self.new.o, self.old.o
        return None if new is None or old is None else new - old

    def at(self, t: int) -> dict[str, Tensor]:
        return _minus(self.new.at(t), self.old.at(t))


@dataclass(frozen=True, eq=False)
class Sides:
    """Two ways to compute one sequence.

    Attributes:
        left, right: each way.
        pairs: the tensors that are compared, by the names that each side gives them.
        left_weights, right_weights: the parameters of each by name.
    """

    left: Side
    right: Side
    pairs: tuple[tuple[str, str], ...]
    left_weights: Mapping[str, Tensor]
    right_weights: Mapping[str, Tensor]

    @cached_property
    def gaps(self) -> dict[str, Tensor]:
        """By the left side's names, what the right side gives less what the left one gives.

        Each is (T, width), of the timesteps that both have.
        """
        found = {}
        for first, second in self.pairs:
            left, right = getattr(self.left, first), getattr(self.right, second)
            both = min(len(left), len(right))
            found[first] = right[:both] - left[:both]
        return found

    @cached_property
    def difference(self) -> Tensor:
        """The largest absolute difference of any compared number at each timestep, (T,)."""
        gaps = [gap.abs().amax(dim=1) for gap in self.gaps.values()]
        return torch.stack(gaps).amax(dim=0)


@torch.no_grad()
def vanilla_cell(run: Trace, head: Mapping[str, Tensor], identity: bool = False) -> VanillaCell:
    """The cell by its own names that an nn.RNN and a Linear layer are.

    Args:
        run: of one layer and one direction.
        head: "weight" and perhaps "bias" of the Linear layer; empty without one.
        identity: whether its W is never applied.
    """
    weights = run.weights
    second = weights.get("bias_hh_l0")
    return VanillaCell(
        U=weights["weight_ih_l0"],
        W=weights["weight_hh_l0"],
        V=head.get("weight"),
        b=weights.get("bias_ih_l0"),
        c=head.get("bias"),
        b_hh=second if second is not None and bool(second.any()) else None,
        nonlinearity=run.spec.nonlinearity,
        identity=identity,
    )


@torch.no_grad()
def vanilla_sides(
    run: Trace, sequence: int, head: Mapping[str, Tensor], scores: Tensor | None = None
) -> Sides:
    """A cell's own loop beside nn.RNN and nn.Linear.

    Args:
        run: of one layer and one direction, all of it computed.
        sequence: row of the batch.
        head: as of `vanilla_cell`.
        scores: what the Linear layer gave, (T, O), where it gave that at every timestep.
    """
    cell = vanilla_cell(run, head)
    x = _entering(run, sequence, LONGEST_LOOP)
    loop = LoopSide(cell, x, run.h_0[0, sequence])
    module = TraceSide(run, sequence, cell.V, cell.c, scores)
    return Sides(loop, module, _compared(cell), _own_weights(cell), _weights(run, head))


@torch.no_grad()
def identity_sides(
    run: Trace, sequence: int, head: Mapping[str, Tensor], scores: Tensor | None = None
) -> Sides:
    """The loop whose hidden-to-hidden layer is never applied beside the one that applies it.

    One of them is the run itself: the first, where its weight_hh is an identity. What was made
    but never applied is then unknown, and drawn as torch draws it; else it is weight_hh.

    Args:
        run, sequence, head, scores: as of `vanilla_sides`.
    """
    cell = vanilla_cell(run, head)
    own = TraceSide(run, sequence, cell.V, cell.c, scores)
    is_identity = applies_nothing(run)
    other = _with(cell, drawn_weight(run.spec), identity=False) if is_identity else None
    applied = other or cell
    module = (applied if is_identity else _with(cell, cell.W, identity=True)).recurrent()
    x = _entering(run, sequence, LONGEST)
    second = TraceSide(trace(module, x, run.h_0[:, sequence]), 0, cell.V, cell.c)
    left, right = (own, second) if is_identity else (second, own)
    return Sides(left, right, _compared(cell), _own_weights(applied), _own_weights(applied))


@torch.no_grad()
def projection_sides(run: Trace, sequence: int, weight_hh: str = "drawn") -> Sides:
    """An LSTM with proj_size beside an LSTM followed by a Linear layer.

    The second begins with an h_0 of zeros, as that of the first has too few features for it.

    Args:
        run: of an LSTM of one layer and one direction, with proj_size, all of it computed.
        sequence: row of the batch.
        weight_hh: of the second: "drawn", or the "product" with which both are the same.
    """
    module = build_module(run.spec)
    assert isinstance(module, nn.LSTM)
    module.load_state_dict(dict(run.weights))
    followed = followed_by_linear(module, weight_hh)
    assert followed.recurrent is not None
    assert run.c_0 is not None
    x, c_0 = _entering(run, sequence, LONGEST), run.c_0[:, sequence]
    second = trace(followed.recurrent, x, (torch.zeros_like(c_0), c_0))
    weights = {name.partition(".")[2]: w for name, w in followed.weights().items()}
    linear = weights.pop("weight").detach()
    return Sides(
        TraceSide(run, sequence),
        TraceSide(second, 0, linear),
        (("h", "o"),),
        dict(run.weights),
        {**second.weights, "linear.weight": linear},
    )


def difference_sides(new: Sides, old: Sides) -> Sides:
    """What an edit changed on either side; both are of one lesson and one sequence."""
    return Sides(
        MinusSide(new.left, old.left),
        MinusSide(new.right, old.right),
        new.pairs,
        _minus(new.left_weights, old.left_weights),
        _minus(new.right_weights, old.right_weights),
    )


def applies_nothing(run: Trace) -> bool:
    """Whether an nn.RNN hands its state on as it is: weight_hh an identity, bias_hh zeros."""
    weight, bias = run.weights["weight_hh_l0"], run.weights.get("bias_hh_l0")
    one = torch.eye(len(weight), dtype=weight.dtype, device=weight.device)
    return torch.equal(weight, one) and (bias is None or not bool(bias.any()))


def drawn_weight(spec: ModelSpec) -> Tensor:
    """A hidden-to-hidden weight as torch draws it from seed 0, (H, H)."""
    module = build_module(spec.with_changes(seed=0))
    return dict(module.named_parameters())["weight_hh_l0"].detach()


def _entering(run: Trace, sequence: int, longest: int) -> Tensor:
    """What enters at the timesteps that are compared, (T, H_in): fewer where each is much work."""
    work = run.hidden_size * (run.hidden_size + run.spec.input_size) * len(run.cell.gates)
    most = max(min(longest, int(_MOST_WORK / work)), _LEAST)
    return run.inputs(0)[: min(run.lengths[sequence], most), sequence]


def _with(cell: VanillaCell, weight: Tensor, identity: bool) -> VanillaCell:
    """The same cell with another W, applied or not."""
    return VanillaCell(
        cell.U, weight, cell.V, cell.b, cell.c, cell.b_hh, cell.nonlinearity, identity
    )


def _compared(cell: VanillaCell) -> tuple[tuple[str, str], ...]:
    return (("h", "h"),) if cell.V is None else (("h", "h"), ("o", "o"))


def _own_weights(cell: VanillaCell) -> dict[str, Tensor]:
    named = {"U": cell.U, "b": cell.b, "W": cell.W, "b_hh": cell.b_hh, "V": cell.V, "c": cell.c}
    return {name: weight for name, weight in named.items() if weight is not None}


def _weights(run: Trace, head: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {**run.weights, **{f"head.{name}": weight for name, weight in head.items()}}


def _minus(new: Mapping[str, Tensor], old: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: values - old[name] for name, values in new.items() if name in old}


def _linear(h: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return functional.linear(h, weight, bias)
