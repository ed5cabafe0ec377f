"""Layers that follow one another, as few modules of torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.files.found import FoundStack
from rnnviz.model.spec import ModelSpec

_ALIKE = ("cell", "hidden_size", "directions", "bias", "proj_size", "nonlinearity", "dtype")


@dataclass(frozen=True, eq=False)
class SingleLayer:
    """A layer, in both its directions if it has two.

    Attributes:
        name: what the file calls it.
        cell: "RNN", "LSTM" or "GRU".
        input_size: features that it receives.
        hidden_size: its units, of each direction.
        directions: 1 or 2.
        bias: whether it has any.
        proj_size: features that it projects h to; 0 for none.
        nonlinearity: of an RNN, "tanh" or "relu"; None where the file does not say.
        weights: in torch's layout and gate order, by torch's names without the number of the
            layer: "weight_ih", "weight_ih_reverse".
        said: what was converted, a sentence each.
    """

    name: str
    cell: str
    input_size: int
    hidden_size: int
    directions: int
    bias: bool
    proj_size: int
    nonlinearity: str | None
    weights: Mapping[str, NDArray[np.floating]]
    said: tuple[str, ...] = ()

    @property
    def output_size(self) -> int:
        """Features that it gives on, of all directions together."""
        return self.directions * (self.proj_size or self.hidden_size)

    @property
    def dtype(self) -> str:
        """Of its weights."""
        return next(iter(self.weights.values())).dtype.name


def join(layers: Sequence[SingleLayer]) -> tuple[FoundStack, ...]:
    """The stacks that layers make, each receiving what the one before gives.

    Layers that fit one module of torch become one stack: alike in all but the features that
    they receive.

    Raises:
        SpecError: where torch has no such module, or this machine cannot hold it.
    """
    runs: list[list[SingleLayer]] = []
    for layer in layers:
        if runs and _continues(runs[-1], layer):
            runs[-1].append(layer)
        else:
            runs.append([layer])
    return tuple(map(stack_of, runs))


def fit(layers: Sequence[SingleLayer]) -> bool:
    """Whether each layer receives as many features as the one before gives."""
    return all(after.input_size == before.output_size for before, after in pairwise(layers))


def stack_of(layers: Sequence[SingleLayer], name: str | None = None) -> FoundStack:
    """One module of torch, of layers that are known to fit one.

    Raises:
        SpecError: where torch has no such module, or this machine cannot hold it.
    """
    first = layers[0]
    spec = ModelSpec(
        cell=first.cell,
        input_size=first.input_size,
        hidden_size=first.hidden_size,
        num_layers=len(layers),
        nonlinearity=first.nonlinearity or "tanh",
        bias=first.bias,
        bidirectional=first.directions == 2,
        proj_size=first.proj_size,
        dtype=first.dtype,
    )
    weights = {
        _torch_name(kind, number): array
        for number, layer in enumerate(layers)
        for kind, array in layer.weights.items()
    }
    said = tuple(dict.fromkeys(sentence for layer in layers for sentence in layer.said))
    return FoundStack(name or _joined_name(layers), spec, weights, said, _asked(spec, first))


def _continues(run: Sequence[SingleLayer], layer: SingleLayer) -> bool:
    last = run[-1]
    alike = all(getattr(layer, field) == getattr(last, field) for field in _ALIKE)
    return alike and layer.input_size == last.output_size


def _joined_name(layers: Sequence[SingleLayer]) -> str:
    return " → ".join(dict.fromkeys(layer.name for layer in layers))


def _asked(spec: ModelSpec, layer: SingleLayer) -> tuple[str, ...]:
    """What no weights say."""
    asked = ["nonlinearity"] if spec.cell == "RNN" and layer.nonlinearity is None else []
    asked.append("batch_first")
    return (*asked, "dropout") if spec.num_layers > 1 else tuple(asked)


def _torch_name(name: str, layer: int) -> str:
    """PyTorch's: "weight_ih_reverse" of layer 1 is "weight_ih_l1_reverse"."""
    kind = name.removesuffix("_reverse")
    return f"{kind}_l{layer}{name[len(kind) :]}"
