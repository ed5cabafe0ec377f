"""Steps computed again from the states before them: for gates on demand, and for comparison."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Binding
from rnnviz.model.cells import Step
from rnnviz.model.comparison import Difference, absolute_difference
from rnnviz.model.forcing import forced_step
from rnnviz.model.states import States

_CHUNK = 4 << 20  # numbers of gates that are held at a time


def chunks(states: States, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
    """Ranges of t whose gates take little memory together, of all t or of start … stop − 1."""
    layout, spec = states.binding.layout, states.binding.spec
    length = max(1, _CHUNK // max(1, layout.N * spec.hidden_size * spec.gate_count))
    end = layout.L if stop is None else stop
    for begin in range(start, end, length):
        yield begin, min(begin + length, end)


@plain_arithmetic()
def replay(states: States, layer: int, direction: int, start: int, stop: int) -> Step:
    """The steps t = start … stop − 1 of a layer and direction, each as (T, N, *)."""
    binding = states.binding
    step = _latest(states, layer, direction, start, stop)
    if step is None:
        entering = _rows(previous(states, layer, direction, start, stop))
        places = _places(binding, start, stop)
        step = forced_step(binding, (layer, direction), entering, places)

    def grid(rows: Tensor) -> Tensor:
        return rows.view(stop - start, binding.layout.N, rows.shape[1])

    return Step(
        grid(step.h),
        None if step.c is None else grid(step.c),
        {name: grid(gate) for name, gate in step.gates.items()},
        {name: grid(gate) for name, gate in step.preactivations.items()},
        grid(step.unprojected),
    )


def _latest(states: States, layer: int, direction: int, start: int, stop: int) -> Step | None:
    """The step taken last, where it is the one that is asked for."""
    t, step = states.latest.get((layer, direction), (-1, None))
    return step.in_torch() if step is not None and (t, t + 1) == (start, stop) else None


def previous(
    states: States, layer: int, direction: int, start: int, stop: int
) -> tuple[Tensor, Tensor, Tensor | None]:
    """What these steps start from: x, h and c, each (T, N, *)."""
    binding = states.binding
    h_0, c_0 = binding.initial(layer, direction)
    c = states.c(layer)
    return (
        states.inputs(layer, start, stop),
        shifted(binding, states.h(layer)[:, :, direction], h_0, direction, start, stop),
        None
        if c is None or c_0 is None
        else shifted(binding, c[:, :, direction], c_0, direction, start, stop),
    )


def largest_difference(states: States, position: int) -> Difference:
    """The largest difference of all computed steps to torch's own cell functions."""
    found = Difference()
    for layer, direction in states.binding.lanes:
        computed = torch.from_numpy(states.schedule.computed(layer, direction, position))
        for start, stop in chunks(states):
            if computed[start:stop].any():
                part = _differences(states, layer, direction, start, stop, computed[start:stop])
                found = max(found, part, key=lambda difference: difference.value)
    return found


def largest_difference_by_step(states: States, position: int) -> Difference:
    """The same, with only the rows of one step in a call, as they were when it was computed.

    How a sum is rounded, and where it overflows, depends on the rows multiplied together.
    """
    steps = (difference_of_step(states, step) for step in range(position))
    return max(steps, key=lambda difference: difference.value, default=Difference())


@plain_arithmetic()
def difference_of_step(states: States, step: int) -> Difference:
    """The largest difference of one step of the schedule to torch's own cell functions."""
    binding, found = states.binding, Difference()
    for advance in states.schedule.advances(step):
        layer, direction, _ = advance
        sequences, t, x, h, c = states.received(advance)
        if not len(t):
            continue
        expected = binding.cell.torch_cell(x, h, c, binding.lanes[layer, direction])
        kept = (states.h(layer), states.c(layer))
        for name, wanted, values in zip(("h", "c"), expected, kept, strict=True):
            if wanted is None or values is None:
                continue
            gap = absolute_difference(values[t, sequences, direction], wanted)
            gap = _without_forced(binding, (layer, direction), (t, sequences), name, gap)
            value, row, unit = _peak(gap)
            if value > found.value:
                place = (int(t[row]), int(sequences[row]), unit)
                found = Difference(value, layer, direction, *place, name)
    return found


@plain_arithmetic()
def _differences(
    states: States, layer: int, direction: int, start: int, stop: int, computed: Tensor
) -> Difference:
    binding, found = states.binding, Difference()
    N = binding.layout.N  # noqa: N806
    x, h, c = _rows(previous(states, layer, direction, start, stop))
    expected = binding.cell.torch_cell(x, h, c, binding.lanes[layer, direction])
    kept = (states.h(layer), states.c(layer))
    for name, wanted, values in zip(("h", "c"), expected, kept, strict=True):
        if wanted is None or values is None:
            continue
        gap = absolute_difference(values[start:stop, :, direction].flatten(0, 1), wanted)
        places = _places(binding, start, stop)
        gap = _without_forced(binding, (layer, direction), places, name, gap)
        value, row, unit = _peak(gap.masked_fill(~computed.reshape(-1, 1), 0.0))
        if value > found.value:
            t, sequence = divmod(row, N)
            found = Difference(value, layer, direction, start + t, sequence, unit, name)
    return found


def _places(binding: Binding, start: int, stop: int) -> tuple[Tensor, Tensor]:
    """t and sequence of each of the (T * N) rows at t = start … stop − 1."""
    t, sequences = torch.arange(start, stop, device="cpu"), binding.layout.sequences
    return t.repeat_interleave(len(sequences)), sequences.repeat(len(t))


def _without_forced(
    binding: Binding, lane: tuple[int, int], rows: tuple[Tensor, Tensor], tensor: str, gap: Tensor
) -> Tensor:
    """Differences (rows, width), 0 where torch cannot tell what a forced number leads to."""
    forcing = binding.forcing.get(lane)
    follows = None if forcing is None else forcing.follows(*rows).get(tensor)
    return gap if follows is None else gap.masked_fill(follows, 0.0)


def _rows(
    before: tuple[Tensor, Tensor, Tensor | None],
) -> tuple[Tensor, Tensor, Tensor | None]:
    """(T, N, *) as (T * N, *)."""
    x, h, c = before
    return x.flatten(0, 1), h.flatten(0, 1), None if c is None else c.flatten(0, 1)


def _peak(gap: Tensor) -> tuple[float, int, int]:
    """The largest of (rows, H), its row and its unit."""
    row, unit = divmod(int(gap.argmax()), gap.shape[1])
    return float(gap[row, unit]), row, unit


def shifted(
    binding: Binding, values: Tensor, initial: Tensor, direction: int, start: int, stop: int
) -> Tensor:
    """The states before those at t = start … stop − 1, along the direction: (T, N, H).

    Args:
        values: (L, N, H), the states of one direction.
        initial: (N, H), what the first of each sequence starts from.
    """
    L = values.shape[0]  # noqa: N806
    if direction == 0:
        before = values[max(start - 1, 0) : stop - 1]
        return before if start else torch.cat((initial[None], before))
    before = values[start + 1 : stop + 1]
    if stop == L:
        before = torch.cat((before, initial[None]))
    if binding.layout.plan is None:
        return before
    t = torch.arange(start, stop, device="cpu")
    begins = t[:, None] == binding.layout.ends
    return torch.where(begins[..., None], initial, before)
