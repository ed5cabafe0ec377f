"""Numbers of a run that are forced to a value, to see what follows from them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real

from rnnviz.errors import InputError
from rnnviz.model.cells import CELLS
from rnnviz.model.spec import ModelSpec


@dataclass(frozen=True)
class Clamp:
    """A gate or state that is forced to a value while the run is computed.

    A gate is forced after its activation. Everything that is computed from it, in the cell and
    beyond, uses the forced value; what it would have been is seen in its preactivation alone.
    A forced `h` or `c` replaces the state that the cell gives, before it goes on to the next
    timestep, to the layer above and to the output. h_0 and c_0 are not reached.

    Attributes:
        tensor: a gate (`i f g o`, `r z n`), `h`, or `c` of an LSTM.
        value: what it is forced to, rounded to the run's dtype.
        layer, direction, t, sequence, unit: where, from 0; None is all of them. With proj_size
            `h` has proj_size units. Where t lies in padding there is nothing to force.
    """

    tensor: str
    value: float
    layer: int | None = 0
    direction: int | None = 0
    t: int | None = None
    sequence: int | None = None
    unit: int | None = None

    def reaches(self, layer: int, direction: int) -> bool:
        """Whether it forces anything in this layer and direction."""
        return self.layer in (None, layer) and self.direction in (None, direction)


def check_clamps(
    clamps: object, spec: ModelSpec, timesteps: int, sequences: int
) -> tuple[Clamp, ...]:
    """The clamps as a tuple, where all of them fit a run.

    Args:
        clamps: what the caller gave.
        timesteps: L of the input.
        sequences: N of the input.

    Raises:
        InputError: with what would have fitted.
    """
    if not isinstance(clamps, Sequence) or not all(isinstance(clamp, Clamp) for clamp in clamps):
        raise InputError("clamps", expected="a sequence of Clamp", got=_kind(clamps))
    for clamp in clamps:
        _check(clamp, spec, timesteps, sequences)
    return tuple(clamps)


def clampable(spec: ModelSpec) -> dict[str, int]:
    """What of a cell can be forced, and how wide it is."""
    cell = CELLS[spec.cell]
    widths = dict.fromkeys(cell.gates, spec.hidden_size) | {"h": spec.output_size}
    return widths | {"c": spec.hidden_size} if cell.has_c else widths


def same_clamps(first: Sequence[Clamp], second: Sequence[Clamp]) -> bool:
    """Whether two runs are forced alike, NaN included."""
    return [_bits(clamp) for clamp in first] == [_bits(clamp) for clamp in second]


def _bits(clamp: Clamp) -> tuple[object, ...]:
    place = (clamp.tensor, clamp.layer, clamp.direction, clamp.t, clamp.sequence, clamp.unit)
    return *place, struct.pack("d", clamp.value)


def _check(clamp: Clamp, spec: ModelSpec, timesteps: int, sequences: int) -> None:
    widths = clampable(spec)
    if clamp.tensor not in widths:
        raise InputError("clamp", expected=f"one of {', '.join(widths)}", got=repr(clamp.tensor))
    if isinstance(clamp.value, bool) or not isinstance(clamp.value, Real):
        raise InputError("clamp", expected="a number as its value", got=repr(clamp.value))
    for name, index, size in (
        ("layer", clamp.layer, spec.num_layers),
        ("direction", clamp.direction, spec.num_directions),
        ("t", clamp.t, timesteps),
        ("sequence", clamp.sequence, sequences),
        ("unit", clamp.unit, widths[clamp.tensor]),
    ):
        whole = isinstance(index, Integral) and not isinstance(index, bool)
        if index is not None and not (whole and 0 <= int(index) < size):
            raise InputError("clamp", expected=f"{name} 0 to {size - 1}", got=repr(index))


def _kind(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        wrong = next(item for item in value if not isinstance(item, Clamp))
        return f"a {type(wrong).__name__} in it"
    return f"a {type(value).__name__}"
