"""The numbers and colours of what is visible, fetched and mapped a whole block at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.later import refuse_if_long
from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import difference_digits
from rnnviz.figures.strips import crosses, merge_units, signed_numerals, units_per_cell
from rnnviz.figures.unrolled.form import units_width
from rnnviz.figures.unrolled.rows import UNPROJECTED, Row
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.model.trace import Trace, as_numpy
from rnnviz.scene.marks import Text

Floats = NDArray[np.floating]
_GATES_KEPT = 4096
_INSIDE = {UNPROJECTED: "o*tanh_c"}  # what the cell's operations call it
_PRODUCTS = 100  # that take as long as to go through a number
_MEMO = Memo(most=_GATES_KEPT)
_ROWS = Memo(most=512)


@dataclass(frozen=True, eq=False)
class Values:
    """One tensor at several steps.

    Attributes:
        values: `(steps, cells)`, units merged where their cells would be too narrow.
        colors: `(steps, cells, 3)`, None of a gate's levels.
        crossed: `(steps, cells)`, cells that hold NaN or infinity, None where there are none.
        units: before merging; `stride`: per cell.
        difference: decimals of values that are differences; None of plain ones.
    """

    values: Floats
    colors: NDArray[np.uint8] | None
    crossed: NDArray[np.bool_] | None
    units: int
    stride: int
    difference: int | None = None

    def numbers(self, index: int, box: tuple[float, float, float, float]) -> list[Text]:
        """The numbers of one step's signed strip."""
        assert self.colors is not None
        return signed_numerals(box, self.values[index], self.colors[index], self.difference)

    def crosses_of(self, index: int) -> NDArray[np.bool_] | None:
        """Which cells of one step are crossed."""
        return None if self.crossed is None else self.crossed[index]


def signed_values(stage: Stage, tensor: str, values: Floats, width: float) -> Values:
    """Signed values `(steps, units)` for strips `width` px wide, coloured in one call."""
    stride = units_per_cell(values.shape[-1], width)
    merged = merge_units(values, stride)
    limit = stage.ranges.limit(tensor)
    colors = stage.style.signed.colors(merged, limit)
    digits = difference_digits(limit) if stage.run.is_difference else None
    return Values(merged, colors, crosses(values, stride), values.shape[-1], stride, digits)


def gate_levels(values: Floats, width: float) -> Values:
    """The levels of a gate `(steps, units)` for strips `width` px wide."""
    stride = units_per_cell(values.shape[-1], width)
    return Values(merge_units(values, stride), None, None, values.shape[-1], stride)


def state_values(stage: Stage, layer: int, direction: int, tensor: str, t0: int, t1: int) -> Floats:
    """`h` or `c` of the sequence at steps [t0, t1), `(steps, units)`; the computed ones count."""
    buffers = stage.run.buffers
    states = buffers.h(layer) if tensor == "h" else buffers.c(layer)
    assert states is not None
    return as_numpy(states[t0:t1, stage.sequence, direction])


def row_values(stage: Stage, layer: int, direction: int, row: Row, steps: Sequence[int]) -> Values:
    """What a card's row shows at several computed steps."""
    width = units_width(stage.card, row.units, stage.scale)
    key = (
        (layer, direction, row.tensor, stage.sequence),
        (steps[0], steps[-1], len(steps)),
        units_per_cell(row.units, width),
        stage.ranges,
        stage.style.name,
    )
    compute = partial(_row_values, stage, layer, direction, row, tuple(steps), width)
    return _ROWS.get(stage.run.buffers, key, compute)


def _row_values(
    stage: Stage, layer: int, direction: int, row: Row, steps: tuple[int, ...], width: float
) -> Values:
    if row.tensor in ("h", "c"):
        first = steps[0]
        states = state_values(stage, layer, direction, row.tensor, first, steps[-1] + 1)
        chosen = states[[t - first for t in steps]]
        return signed_values(stage, row.tensor, chosen, width)
    kept = _activations(stage.run, layer, direction, steps, stage.sequence)
    values = np.stack([step[row.tensor] for step in kept])
    if row.aperture:
        return gate_levels(values, width)
    return signed_values(stage, row.tensor, values, width)


def _activations(
    run: Trace, layer: int, direction: int, steps: tuple[int, ...], sequence: int
) -> list[dict[str, Floats]]:
    keys = [(layer, direction, t, sequence) for t in steps]
    # A step is computed for all of its batch: a large one, or many, takes longer than a frame.
    missing = [key for key in keys if not _MEMO.has(run.buffers, key)]
    products = len(missing) * run.N * len(run.cell.gates) * run.hidden_size**2
    refuse_if_long(products // _PRODUCTS, (id(run.buffers), *keys[0]))
    start, stop = (missing[0][2], missing[-1][2] + 1) if missing else (0, 0)
    # Of cards that lie far apart, what lies between them is nothing to compute.
    is_close = 1 < stop - start <= 2 * len(missing)
    together = run.gate_states(layer, direction, start, stop) if is_close else {}

    def activations(t: int) -> dict[str, Floats]:
        place = (layer, direction, t)
        gates = {name: gate[t - start] for name, gate in together.items()} or run.gates(*place)
        if run.output_size != run.hidden_size:
            gates[UNPROJECTED] = run.before_projection(*place)
        # Copies, since a view would keep the gates of all sequences for as long.
        return {name: as_numpy(values[sequence]).copy() for name, values in gates.items()}

    return [_MEMO.get(run.buffers, key, partial(activations, key[2])) for key in keys]


def inside_values(stage: Stage, layer: int, direction: int, t: int, row: Row) -> Values | None:
    """What a card's row shows of the cell under way; None while that is not computed."""
    name = _INSIDE.get(row.tensor, row.tensor)
    if not stage.run.is_computed(name, layer, direction, t, stage.sequence):
        return None
    values = as_numpy(stage.run.tensors(layer, direction, t)[name][stage.sequence])[np.newaxis]
    width = units_width(stage.card, row.units, stage.scale)
    if row.aperture:
        return gate_levels(values, width)
    return signed_values(stage, row.tensor, values, width)


def input_values(stage: Stage, t0: int, t1: int) -> Floats:
    """x of the sequence at steps [t0, t1), `(steps, input_size)`."""
    return as_numpy(stage.run.inputs(0)[t0:t1, stage.sequence])


def top_values(stage: Stage, direction: int, t0: int, t1: int) -> Floats:
    """One direction's half of `output` at steps [t0, t1), `(steps, H_out)`."""
    return state_values(stage, stage.run.num_layers - 1, direction, "h", t0, t1)
