"""The parameters of one layer and direction, as the figure needs them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import difference_digits
from rnnviz.figures.ranges import largest_magnitude, round_limit
from rnnviz.figures.view import View
from rnnviz.figures.weights.options import WeightsOptions
from rnnviz.model.trace import Trace, as_numpy

Kind = Literal["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"]
KINDS: tuple[Kind, ...] = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
_memo = Memo()


@dataclass(frozen=True, eq=False)
class Parameter:
    """One parameter of a layer and direction.

    Attributes:
        name: PyTorch's, `weight_hh_l0_reverse`.
        values: `(rows, columns)`; a bias has one column.
        owner: the tensor itself, which pooled copies are kept by.
    """

    kind: Kind
    name: str
    values: NDArray[np.floating]
    owner: object
    layer: int
    direction: int

    @property
    def key(self) -> Element:
        """The whole parameter as an element."""
        return Element(self.name, layer=self.layer, direction=self.direction)

    @property
    def is_bias(self) -> bool:
        return self.kind.startswith("bias")

    @property
    def shape_text(self) -> str:
        """The shape as PyTorch prints it."""
        rows, columns = self.values.shape
        return f"({rows},)" if self.is_bias else f"({rows}, {columns})"

    @property
    def largest(self) -> float:
        """The largest finite magnitude, 0 where there is none."""
        find = partial(largest_magnitude, self.values)
        return _memo.get(self.owner, "largest", find, self.values.size)

    @property
    def changed(self) -> NDArray[np.intp]:
        """Of a difference, the rows and columns that are not 0, (n, 2)."""
        find = partial(_changed, self.values)
        return _memo.get(self.owner, "changed", find, self.values.size)


@dataclass(frozen=True, eq=False)
class Parameters:
    """All parameters of one layer and direction.

    Attributes:
        gates: names in PyTorch's row order; `hidden`: rows per gate.
    """

    run: Trace
    layer: int
    direction: int
    by_kind: dict[Kind, Parameter]

    @property
    def gates(self) -> tuple[str, ...]:
        gates: tuple[str, ...] = self.run.cell.gates
        return gates

    @property
    def hidden(self) -> int:
        return int(self.run.hidden_size)

    @property
    def is_difference(self) -> bool:
        """Whether every number is the difference of two runs' weights."""
        return self.run.is_difference

    @property
    def initial_range(self) -> float:
        """±1/√H, where torch draws every parameter from."""
        return float(self.hidden**-0.5)

    def limit(self, parameter: Parameter, shared: bool) -> float:
        """The end of the colour range for a parameter: all share one, or a matrix and its bias."""
        if shared:
            return self.range
        pair = [parameter]
        if parameter.kind != "weight_hr":
            end = parameter.kind[-3:]
            pair = [peer for peer in self.owners() if peer.kind.endswith(end)]
        return round_limit(max(peer.largest for peer in pair))

    @property
    def range(self) -> float:
        """A round number that no finite entry of any parameter exceeds."""
        return round_limit(max(parameter.largest for parameter in self.by_kind.values()))

    @property
    def digits(self) -> int:
        """The decimals that differences are written with."""
        return difference_digits(self.range)

    def owners(self) -> tuple[Parameter, ...]:
        return tuple(self.by_kind.values())


def _changed(values: NDArray[np.floating]) -> NDArray[np.intp]:
    found: NDArray[np.intp] = np.argwhere(values != 0)
    return found


def parameters(view: View, options: WeightsOptions) -> Parameters:
    """The parameters that the options ask for, the nearest that exist."""
    run = view.run
    layer = min(max(options.layer, 0), run.num_layers - 1)
    direction = min(max(options.direction, 0), run.num_directions - 1)
    suffix = f"_l{layer}{'_reverse' if direction else ''}"
    found: dict[Kind, Parameter] = {}
    for kind in KINDS:
        tensor = run.weights.get(kind + suffix)
        if tensor is not None:
            values = as_numpy(tensor)
            matrix = values[:, None] if values.ndim == 1 else values
            found[kind] = Parameter(kind, kind + suffix, matrix, tensor, layer, direction)
    return Parameters(run, layer, direction, found)
