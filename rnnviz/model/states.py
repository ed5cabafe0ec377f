"""Where the states of a run are kept: one buffer a layer, shared by every view of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from weakref import ref

import torch
from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Binding
from rnnviz.model.cells import Step, StepArrays
from rnnviz.model.schedule import Advance, Schedule

if TYPE_CHECKING:
    from rnnviz.model.lane_steps import LaneSteps
    from rnnviz.model.reference import Reference


class LayerStates(NamedTuple):
    """h and c of a layer, both directions; c is None but for LSTM."""

    h: Tensor
    c: Tensor | None


class Received(NamedTuple):
    """What the sequences that advance receive: their rows of the batch, x, and the states before.

    Attributes:
        sequences: (rows,), which sequences they are.
        t: (rows,), the timestep of each.
        x: (rows, in_features).
        h, c: (rows, H_out), (rows, H_cell), the previous states; c is None but for LSTM.
    """

    sequences: Tensor
    t: Tensor
    x: Tensor
    h: Tensor
    c: Tensor | None


class Scratch(NamedTuple):
    """What the operations of one cell gave, for the sequences that advance.

    Attributes:
        cell: its place in the order of the schedule.
        received: what it started from.
        tensors: (rows, width) by name.
    """

    cell: int
    received: Received
    tensors: dict[str, Tensor]


class Known(NamedTuple):
    """A whole run that is known, and where the states of another one may differ from it.

    Attributes:
        states: of the known run.
        changed: (L, N) bool by layer and direction.
    """

    states: States
    changed: dict[tuple[int, int], Tensor]


class States:
    """h and c of every layer and direction, as (L, N, D, H) in the caller's order.

    Attributes:
        filled: cells, in the order of the schedule, whose values the buffers hold; beyond them
            they are NaN.
        scratch: of the cell whose operations were computed last, what they gave.
        reference: what the module itself returns, once that has been asked for.
        latest: of a layer and direction, the step taken last and its t, where that is the same
            in every sequence: its gates are wanted again at once.
        lane_steps: of a layer and direction, what computes its steps in numpy where that serves;
            None until a step is taken.
        differences: those to another run's states that are in use.
    """

    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        spec, layout = binding.spec, binding.layout
        self.schedule = Schedule(layout.L, layout.lengths, spec.num_layers, spec.num_directions)
        self.filled = 0
        self.scratch: Scratch | None = None
        self.reference: Reference | None = None
        self.latest: dict[tuple[int, int], tuple[int, Step | StepArrays]] = {}
        self.lane_steps: dict[tuple[int, int], LaneSteps] | None = None
        self.differences: ref[States] | None = None
        self._rows: list[LayerStates] = []
        self._grids: dict[int, LayerStates] = {}

    @classmethod
    @plain_arithmetic()
    def empty(cls, binding: Binding) -> States:
        """Buffers in which nothing is computed yet."""
        states = cls(binding)
        spec, layout = binding.spec, binding.layout
        shape = (layout.L, layout.N, spec.num_directions)
        for layer in range(spec.num_layers):
            h = binding.x.new_full((*shape, spec.output_size), float("nan"))
            c = binding.x.new_full((*shape, spec.hidden_size), float("nan"))
            states._grids[layer] = LayerStates(h, c if binding.cell.has_c else None)
        return states

    @classmethod
    def of_rows(cls, binding: Binding, rows: list[LayerStates]) -> States:
        """A whole run, whose layers are given as (rows, D, H)."""
        states = cls(binding)
        states._rows = rows
        states.filled = states.cells(states.schedule.total)
        return states

    @classmethod
    @plain_arithmetic()
    def continuing(cls, binding: Binding, known: States) -> States:
        """A whole run that begins as a copy of another one's states."""
        states = cls(binding)
        for layer in range(binding.spec.num_layers):
            h, c = known.h(layer), known.c(layer)
            states._grids[layer] = LayerStates(h.clone(), None if c is None else c.clone())
        states.filled = states.cells(states.schedule.total)
        return states

    def cells(self, step: int, cell: int = 0) -> int:
        """How many cells are done after so many whole steps and cells of the next one."""
        return step * self.schedule.cells_per_step + cell

    def h(self, layer: int) -> Tensor:
        """(L, N, D, H_out), NaN at padding and where nothing is computed."""
        return self._grid(layer).h

    def c(self, layer: int) -> Tensor | None:
        """(L, N, D, H_cell) likewise; None but for LSTM."""
        return self._grid(layer).c

    def rows(self, layer: int) -> LayerStates:
        """The states of a layer as the rows of the data: (rows, D, H)."""
        if self._rows:
            return self._rows[layer]
        (h, c), rows = self._grid(layer), self.binding.layout.rows
        return LayerStates(rows(h), None if c is None else rows(c))

    def fresh(self, layer: int, direction: int, start: int, stop: int) -> tuple[slice, Tensor]:
        """Which timesteps the cells `start` to `stop` of the schedule compute.

        Returns:
            a range with all of them in it, no longer than it takes, and which of it: (T, N) bool.
        """
        schedule = self.schedule
        begin, end = (divmod(count, schedule.cells_per_step) for count in (start, stop))
        before, after = (schedule.steps_done(layer, direction, *place) for place in (begin, end))
        at = schedule.between(direction, before, after)
        known = schedule.computed(layer, direction, *begin, at=at)
        return at, torch.from_numpy(schedule.computed(layer, direction, *end, at=at) & ~known)

    def received(self, advance: Advance) -> Received:
        """What a step of the schedule starts from, for the sequences that advance in it."""
        layer, direction, t = advance
        sequences = torch.tensor(
            [n for n, at in enumerate(t) if at >= 0], dtype=torch.long, device="cpu"
        )
        at = torch.tensor([at for at in t if at >= 0], dtype=torch.long, device="cpu")
        h, c = self._before(layer, direction, sequences, at)
        return Received(sequences, at, self._input(layer, sequences, at), h, c)

    def final(self, values: Tensor, direction: int) -> Tensor:
        """(N, *) of (L, N, *): the values where each sequence ends along a direction."""
        layout = self.binding.layout
        if direction == 1:
            return values[0]
        if layout.plan is None:
            return values[layout.L - 1]
        return values[layout.ends, layout.sequences]

    def inputs(self, layer: int, start: int, stop: int) -> Tensor:
        """What a layer receives at t = start … stop − 1: (T, N, in_features)."""
        if layer == 0:
            return self.binding.x_grid[start:stop]
        x = self.h(layer - 1)[start:stop].flatten(2)
        mask = self.binding.mask_grids.get(layer - 1)
        return x if mask is None else x * mask[start:stop]

    def write(self, advance: Advance, received: Received, h: Tensor, c: Tensor | None) -> None:
        """Keeps what a step has computed."""
        layer, direction, _ = advance
        self.h(layer)[received.t, received.sequences, direction] = h
        kept = self.c(layer)
        if kept is not None and c is not None:
            kept[received.t, received.sequences, direction] = c

    def copy_from(self, whole: States, start: int, stop: int) -> None:
        """Takes the values of cells `start` to `stop` from a run that holds them."""
        for layer, direction in self.binding.lanes:
            at, fresh = self.fresh(layer, direction, start, stop)
            if not len(fresh):
                continue
            for mine, known in (
                (self.h(layer), whole.h(layer)),
                (self.c(layer), whole.c(layer)),
            ):
                if mine is not None and known is not None:
                    _take(mine[at, :, direction], known[at, :, direction], fresh)
        self.filled = max(self.filled, stop)

    def _input(self, layer: int, sequences: Tensor, t: Tensor) -> Tensor:
        if layer == 0:
            return self.binding.x_grid[t, sequences]
        x = self.h(layer - 1)[t, sequences].flatten(1)
        mask = self.binding.mask_grids.get(layer - 1)
        return x if mask is None else x * mask[t, sequences]

    def _before(
        self, layer: int, direction: int, sequences: Tensor, t: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """The previous states; a wavefront begins for all its sequences at once."""
        h_0, c_0 = self.binding.initial(layer, direction)
        lengths = self.binding.layout.lengths
        if direction == 0:
            begins, previous = not len(t) or int(t[0]) == 0, t - 1
        else:
            begins = not len(t) or int(t[0]) == lengths[int(sequences[0])] - 1
            previous = t + 1
        if begins:
            return h_0[sequences], None if c_0 is None else c_0[sequences]
        c = self.c(layer)
        h = self.h(layer)[previous, sequences, direction]
        return h, None if c is None else c[previous, sequences, direction]

    def _grid(self, layer: int) -> LayerStates:
        known = self._grids.get(layer)
        if known is None:
            h, c = self._rows[layer]
            grid = self.binding.layout.grid
            known = self._grids[layer] = LayerStates(grid(h), None if c is None else grid(c))
        return known


def _take(mine: Tensor, known: Tensor, fresh: Tensor) -> None:
    """Copies the fresh rows (T, N) of (T, N, *)."""
    mine.copy_(known if bool(fresh.all()) else torch.where(fresh[..., None], known, mine))
