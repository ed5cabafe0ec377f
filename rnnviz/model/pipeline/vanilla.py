"""The vanilla cell by the names that lessons give it, and the `nn.RNN` + `nn.Linear` it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnnviz.errors import InputError, SpecError
from rnnviz.model.pipeline.head import Head, activate
from rnnviz.model.pipeline.loss import Loss
from rnnviz.model.pipeline.named import shape_text
from rnnviz.model.pipeline.pipeline import Pipeline

_ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class CellStep(NamedTuple):
    """What one step gives.

    Attributes:
        h: the new state, (…, H).
        o: the output, (…, O); None without V.
    """

    h: Tensor
    o: Tensor | None


class CellInside(NamedTuple):
    """What one step computes on its way.

    Attributes:
        received: U x_t + b, (…, H).
        recurrent: W h_{t−1}, with b_hh where there is one; of an identity h_{t−1} itself, (…, H).
        sum: both together, (…, H).
        h: the new state, (…, H).
        o: the output, (…, O); None without V.
    """

    received: Tensor
    recurrent: Tensor
    sum: Tensor
    h: Tensor
    o: Tensor | None


@dataclass(frozen=True, eq=False)
class VanillaCell:
    """h_t = tanh(W h_{t−1} + U x_t + b), o_t = V h_t + c.

    Args:
        U: input to hidden, (H, H_in).
        W: hidden to hidden, (H, H).
        V: hidden to output, (O, H); None for a cell without output.
        b: (H,), one bias; None for none.
        c: (O,); None for none.
        b_hh: (H,), a second bias, added to W h; as where U and W are Linear layers.
        nonlinearity: "tanh" or "relu".
        identity: whether W is made but never applied, so that h_t = tanh(h_{t−1} + U x_t + b):
            a common slip in hand-written loops.
        batch_first: whether N stands before L.

    Raises:
        SpecError: where the sizes do not fit each other.
    """

    U: Tensor
    W: Tensor
    V: Tensor | None = None
    b: Tensor | None = None
    c: Tensor | None = None
    b_hh: Tensor | None = None
    nonlinearity: str = "tanh"
    identity: bool = False
    batch_first: bool = False

    def __post_init__(self) -> None:
        if self.nonlinearity not in _ACTIVATIONS:
            raise SpecError("nonlinearity", expected="'tanh' or 'relu'", got=self.nonlinearity)
        if not isinstance(self.U, Tensor) or self.U.dim() != 2:
            raise SpecError("U", expected="a matrix (H, H_in)", got=_kind(self.U))
        H = len(self.U)  # noqa: N806
        O = 0 if self.V is None else len(self.V)  # noqa: E741, N806
        if self.V is None and self.c is not None:
            raise SpecError("c", expected="None without V", got=_kind(self.c))
        shapes = {"W": (H, H), "V": (O, H), "b": (H,), "c": (O,), "b_hh": (H,)}
        for name, shape in shapes.items():
            values = getattr(self, name)
            if values is None and name != "W":
                continue
            if not isinstance(values, Tensor) or tuple(values.shape) != shape:
                raise SpecError(name, expected=shape_text(shape), got=_kind(values))
            if values.dtype != self.U.dtype:
                raise SpecError(name, expected=f"{self.U.dtype}, that of U", got=values.dtype)

    @classmethod
    def of_layers(
        cls,
        wi: nn.Linear,
        wh: nn.Linear,
        wo: nn.Linear | None = None,
        nonlinearity: str = "tanh",
        identity: bool = False,
        batch_first: bool = False,
    ) -> VanillaCell:
        """A cell given as Linear layers: h_t = tanh(wi(x_t) + wh(h_{t−1})), o_t = wo(h_t).

        Args:
            wi: input to hidden; its bias is b.
            wh: hidden to hidden; its bias is b_hh.
            wo: hidden to output; its bias is c.
        """
        wanted = {"wi": wi, "wh": wh} | ({} if wo is None else {"wo": wo})
        for name, layer in wanted.items():
            if not isinstance(layer, nn.Linear):
                raise SpecError(name, expected="an nn.Linear", got=_kind(layer))
        return cls(
            U=_values(wi.weight),
            W=_values(wh.weight),
            V=None if wo is None else _values(wo.weight),
            b=None if wi.bias is None else _values(wi.bias),
            c=None if wo is None or wo.bias is None else _values(wo.bias),
            b_hh=None if wh.bias is None else _values(wh.bias),
            nonlinearity=nonlinearity,
            identity=identity,
            batch_first=batch_first,
        )

    @property
    def names(self) -> dict[str, str]:
        """Which weight of the pipeline each of its own names is; only those that are applied."""
        known = {"U": "recurrent.weight_ih_l0"}
        if not self.identity:
            known["W"] = "recurrent.weight_hh_l0"
        known |= {} if self.V is None else {"V": "head.weight"}
        known |= {} if self.b is None else {"b": "recurrent.bias_ih_l0"}
        known |= {} if self.c is None else {"c": "head.bias"}
        if self.b_hh is not None and not self.identity:
            known["b_hh"] = "recurrent.bias_hh_l0"
        return known

    def step(self, x: Tensor, h_prev: Tensor | None = None) -> CellStep:
        """One step as it is written in a lesson, without nn.RNN.

        Args:
            x: (H_in,) or (N, H_in).
            h_prev: (H,) or (N, H); zeros if None.
        """
        inside = self.inside(x, h_prev)
        return CellStep(inside.h, inside.o)

    def inside(self, x: Tensor, h_prev: Tensor | None = None) -> CellInside:
        """The same step with all that it computes on its way."""
        if x.dim() not in (1, 2) or x.shape[-1] != self.U.shape[1]:
            wanted = f"({self.U.shape[1]}) or (N, {self.U.shape[1]})"
            raise InputError("x", expected=wanted, got=shape_text(tuple(x.shape)))
        if h_prev is None:
            h_prev = x.new_zeros(*x.shape[:-1], len(self.U))
        recurrent = h_prev if self.identity else h_prev @ self.W.T
        if self.b_hh is not None and not self.identity:
            recurrent = recurrent + self.b_hh
        received = x @ self.U.T if self.b is None else x @ self.U.T + self.b
        together = recurrent + received
        h = _ACTIVATIONS[self.nonlinearity](together)
        return CellInside(received, recurrent, together, h, self._out(h))

    def unroll(self, x: Tensor, h_0: Tensor | None = None) -> CellStep:
        """The loop over a whole batch as it is written in a lesson.

        Args:
            x: (L, N, H_in), (N, L, H_in) under batch_first, or (L, H_in).
            h_0: (N, H), or (H,) for all sequences alike; zeros if None.

        Returns:
            h and o of every timestep, in the form of x.
        """
        at = 1 if self.batch_first and x.dim() == 3 else 0
        shape = x.select(at, 0).shape[:-1]
        h = x.new_zeros(*shape, len(self.U)) if h_0 is None else h_0.expand(*shape, len(self.U))
        states = []
        for x_t in x.unbind(at):
            h = self.step(x_t, h).h
            states.append(h)
        stacked = torch.stack(states, dim=at)
        return CellStep(stacked, self._out(stacked))

    def recurrent(self) -> nn.RNN:
        """The nn.RNN that computes the same states.

        An identity is a weight_hh of ones on the diagonal. What the cell has not, or does not
        apply, asks for no gradient, so that training leaves it as it is.
        """
        H, features = self.U.shape  # noqa: N806
        bias = self.b is not None or (self.b_hh is not None and not self.identity)
        module = nn.RNN(
            features,
            H,
            nonlinearity=self.nonlinearity,
            bias=bias,
            batch_first=self.batch_first,
            device="meta",
            dtype=self.U.dtype,
        ).to_empty(device="cpu")
        zeros = self.U.new_zeros(H)
        weights = {"weight_ih_l0": self.U, "weight_hh_l0": self.W}
        if self.identity:
            weights["weight_hh_l0"] = torch.eye(H, dtype=self.U.dtype)
        if bias:
            given = None if self.identity else self.b_hh
            weights["bias_ih_l0"] = zeros if self.b is None else self.b
            weights["bias_hh_l0"] = zeros if given is None else given
        module.load_state_dict(weights)
        applied = {name.partition(".")[2] for name in self.names.values()}
        for name, parameter in module.named_parameters():
            parameter.requires_grad_(name in applied)
        return module

    def pipeline(
        self, activation: str | None = None, on: str = "every", loss: Loss | str | None = None
    ) -> Pipeline:
        """The same cell as nn.RNN + nn.Linear.

        Args:
            activation: what comes after o: None, "sigmoid" or "softmax".
            on: which timesteps give an output, as of a `Head`.
            loss: what follows it.
        """
        return Pipeline(recurrent=self.recurrent(), head=self._head(activation, on), loss=loss)

    def _head(self, activation: str | None, on: str) -> Head | None:
        if self.V is None:
            return None
        features, count = self.V.shape[1], len(self.V)
        linear = nn.Linear(
            features, count, bias=self.c is not None, device="meta", dtype=self.U.dtype
        ).to_empty(device="cpu")
        linear.load_state_dict({"weight": self.V} | ({} if self.c is None else {"bias": self.c}))
        return Head(linear, on, activation)

    def _out(self, h: Tensor) -> Tensor | None:
        if self.V is None:
            return None
        return h @ self.V.T if self.c is None else h @ self.V.T + self.c


@dataclass(frozen=True, eq=False)
class SameNumbers:
    """A vanilla cell's own loop beside its nn.RNN + nn.Linear.

    Attributes:
        own: h and o by the loop.
        module: h and o by nn.RNN and nn.Linear.
        probabilities: what an activation makes of o; None without one.
    """

    own: CellStep
    module: CellStep
    probabilities: Tensor | None

    @property
    def difference(self) -> float:
        """The largest absolute difference of any number."""
        gaps = [self.own.h - self.module.h]
        if self.own.o is not None and self.module.o is not None:
            gaps.append(self.own.o - self.module.o)
        return max(float(gap.abs().max()) for gap in gaps)


@torch.no_grad()
def same_numbers(
    cell: VanillaCell, x: Tensor, h_0: Tensor | None = None, activation: str | None = None
) -> SameNumbers:
    """Computes a batch by a cell's own loop and by the modules that it is.

    Args:
        x: as `VanillaCell.unroll` takes it.
        h_0: (N, H), or (H,) for all sequences alike; zeros if None.
    """
    own = cell.unroll(x, h_0)
    hx = None if h_0 is None else (h_0 if h_0.dim() == 1 else h_0.unsqueeze(0))
    pr = cell.pipeline(activation).run(x, hx=hx)
    assert pr.output is not None
    after = None if own.o is None or activation is None else activate(own.o, activation)
    return SameNumbers(own, CellStep(pr.output, pr.scores), after)


def _values(parameter: Tensor) -> Tensor:
    return parameter.detach().clone()


def _kind(value: object) -> str:
    return shape_text(tuple(value.shape)) if isinstance(value, Tensor) else type(value).__name__
