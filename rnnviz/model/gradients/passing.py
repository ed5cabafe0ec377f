"""Gradients on their way through single cells: what reaches one, and what it passes on.

Places are pairs of rows (t, sequence), none of them padding; ∂loss/∂h and ∂loss/∂c are taken from
what is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.model.gradients.derivatives import (
    Around,
    Lane,
    Local,
    Places,
    Within,
    before_projection,
    local_derivatives,
    through_gates,
)
from rnnviz.model.gradients.flow import Flow
from rnnviz.model.states import States


class Passing(NamedTuple):
    """Gradients inside the cells at some places.

    Attributes:
        around: what the cells receive and give.
        local: their local derivatives.
        within: the gradients of their gates.
        c: (rows, H_cell), ∂loss/∂c_t; None but for LSTM.
    """

    around: Around
    local: Local
    within: Within
    c: Tensor | None


def passing(flow: Flow, lane: Lane, places: Places) -> Passing:
    """What passes through the cells of a layer and direction at some places."""
    local, around = local_at(flow.states, lane, places)
    c = flow.c[lane][places] if flow.c else None
    within = through_gates(local, flow.binding.lanes[lane], flow.h[lane][places], c)
    return Passing(around, local, within, c)


def to_input(flow: Flow, lane: Lane, places: Places) -> Tensor:
    """∂loss/∂x_t as it comes from one layer and direction: (rows, in_features)."""
    return passing(flow, lane, places).within.ih @ flow.binding.lanes[lane].weight_ih


class ToPrevious(NamedTuple):
    """What cells pass on to the states before them.

    Attributes:
        gates: (rows, H_out), to h_{t−1} through W_hh.
        h_carry: (rows, H_out), to h_{t−1} along z of GRU; None of others.
        c_carry: (rows, H_cell), to c_{t−1} along f of LSTM; None of others.
    """

    gates: Tensor
    h_carry: Tensor | None
    c_carry: Tensor | None


def to_previous(flow: Flow, lane: Lane, places: Places) -> ToPrevious:
    """What the cells at some places pass on to the states before them."""
    through = passing(flow, lane, places)
    gates = through.within.hh @ flow.binding.lanes[lane].weight_hh
    carry = through.local.carry
    if carry is None:
        return ToPrevious(gates, None, None)
    if through.c is None:
        return ToPrevious(gates, through.within.h * carry, None)
    return ToPrevious(gates, None, through.c * carry)


def reaching_h(flow: Flow, lane: Lane, places: Places) -> dict[str, Tensor]:
    """The parts of ∂loss/∂h_t, (rows, H_out) each; their sum is all of it.

    `above` comes from the output or the layer above, `gates` from the next timestep through
    W_hh, `carry` (of GRU) from there along z, and `final` from h_n.
    """
    row, ended, (previous, onward) = _next(flow, lane, places)
    parts = {"above": _from_above(flow, lane, places)}
    parts["gates"] = _at(previous.gates, onward, places)
    if previous.h_carry is not None:
        parts["carry"] = _at(previous.h_carry, onward, places)
    parts["final"] = flow.seeds.h_n[row, places[1]] * ended[:, None]
    return parts


def reaching_c(flow: Flow, lane: Lane, places: Places) -> dict[str, Tensor]:
    """The parts of ∂loss/∂c_t, (rows, H_cell) each; their sum is all of it.

    `carry` comes from c_{t+1} along f, `h` through h_t, and `final` from c_n.
    """
    assert flow.seeds.c_n is not None
    row, ended, (previous, onward) = _next(flow, lane, places)
    assert previous.c_carry is not None
    local, _ = local_at(flow.states, lane, places)
    assert local.c_by_h is not None
    _, unprojected = before_projection(local, flow.binding.lanes[lane], flow.h[lane][places])
    return {
        "carry": _at(previous.c_carry, onward, places),
        "h": unprojected * local.c_by_h,
        "final": flow.seeds.c_n[row, places[1]] * ended[:, None],
    }


def local_at(states: States, lane: Lane, places: Places) -> tuple[Local, Around]:
    """The local derivatives at some places, and what they are made of."""
    around = around_at(states, lane, places)
    return local_derivatives(states.binding, lane, around, lambda: places), around


def around_at(states: States, lane: Lane, places: Places) -> Around:
    """What the cells at some places receive and give."""
    (layer, direction), (t, sequences) = lane, places
    h, c = states.h(layer)[:, :, direction], states.c(layer)
    h_0, c_0 = states.binding.initial(*lane)
    c_prev = None
    if c is not None and c_0 is not None:
        c = c[:, :, direction]
        c_prev = _before(states, c, c_0, direction, places)
    return Around(
        x=_input_at(states, layer, places),
        h_prev=_before(states, h, h_0, direction, places),
        h=h[t, sequences],
        c_prev=c_prev,
        c=None if c is None else c[t, sequences],
    )


def begins(states: States, direction: int, places: Places) -> Tensor:
    """Where a sequence begins along a direction: (rows,) bool."""
    t, sequences = places
    return t == 0 if direction == 0 else t == states.binding.layout.ends[sequences]


def _before(
    states: States, values: Tensor, initial: Tensor, direction: int, places: Places
) -> Tensor:
    """The states before those at some places: (rows, H)."""
    t, sequences = places
    first = begins(states, direction, places)
    before = t - 1 if direction == 0 else t + 1
    known = values[before.masked_fill(first, 0), sequences]
    return torch.where(first[:, None], initial[sequences], known)


def _input_at(states: States, layer: int, places: Places) -> Tensor:
    if layer == 0:
        return states.binding.x_grid[places]
    x = states.h(layer - 1)[places].flatten(1)
    mask = states.binding.mask_grids.get(layer - 1)
    return x if mask is None else x * mask[places]


def _next(flow: Flow, lane: Lane, places: Places) -> tuple[int, Tensor, tuple[ToPrevious, Tensor]]:
    """The row of h_n, where sequences end along the direction, and what comes from the others."""
    (layer, direction), (t, sequences) = lane, places
    ended = begins(flow.states, 1 - direction, places)
    following = t + 1 if direction == 0 else t - 1
    onward = (~ended).nonzero()[:, 0]
    previous = to_previous(flow, lane, (following[onward], sequences[onward]))
    return layer * flow.binding.spec.num_directions + direction, ended, (previous, onward)


def _from_above(flow: Flow, lane: Lane, places: Places) -> Tensor:
    layer, direction = lane
    spec = flow.binding.spec
    if layer == spec.num_layers - 1:
        return flow.output[(*places, direction)]
    shares = [to_input(flow, (layer + 1, other), places) for other in range(spec.num_directions)]
    share = torch.stack(shares).sum(dim=0)
    mask = flow.binding.mask_grids.get(layer)
    share = share if mask is None else share * mask[places]
    return share.view(-1, spec.num_directions, spec.output_size)[:, direction]


def _at(values: Tensor, rows: Tensor, places: Places) -> Tensor:
    """Values at some rows of the places, 0 at the others."""
    result = values.new_zeros(len(places[0]), values.shape[1])
    result[rows] = values
    return result
