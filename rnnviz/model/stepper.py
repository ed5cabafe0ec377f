"""One timestep, one cell or one operation at a time, forwards and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import UsageError
from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Initial, bind
from rnnviz.model.cells import Operation, Step, StepArrays
from rnnviz.model.clamps import Clamp
from rnnviz.model.engine import (
    Advanced,
    compute_cell,
    compute_operation,
    compute_run,
    compute_step,
)
from rnnviz.model.recompute import recompute
from rnnviz.model.schedule import Advance, Progress, checked_progress, normal
from rnnviz.model.states import States
from rnnviz.model.trace import Trace

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent

_NEAR = 64  # steps that a seek computes rather than copies


@dataclass(frozen=True, eq=False)
class StepRecord:
    """What one step computed of one layer and direction; its tensors are made when asked for.

    Attributes:
        layer: 0 is the lowest.
        direction: 0 forward, 1 reverse.
        t: for each sequence the timestep computed; −1 where it did not advance.
        h: (N, H_out), NaN where a sequence did not advance, as in all that follow.
        c: (N, H_cell); None but for LSTM.
        gates: activated gates (N, H_cell) by PyTorch's names.
    """

    layer: int
    direction: int
    t: tuple[int, ...]
    _sequences: Tensor | None = field(repr=False)
    _step: Step | StepArrays = field(repr=False)

    @cached_property
    def h(self) -> Tensor:
        return self._spread(self._tensors.h)

    @cached_property
    def c(self) -> Tensor | None:
        return None if self._tensors.c is None else self._spread(self._tensors.c)

    @cached_property
    def gates(self) -> dict[str, Tensor]:
        return {name: self._spread(gate) for name, gate in self._tensors.gates.items()}

    @property
    def _tensors(self) -> Step:
        return self._step.in_torch()

    def _spread(self, rows: Tensor) -> Tensor:
        return _spread(rows, self._sequences, len(self.t))


@dataclass(frozen=True, eq=False)
class OperationRecord:
    """What one operation inside a cell computed.

    Attributes:
        operation: what was done.
        layer, direction, t: of the cell, as in a `StepRecord`.
        tensors: what it gave, (N, width) by name, NaN where a sequence did not advance.
    """

    operation: Operation
    layer: int
    direction: int
    t: tuple[int, ...]
    tensors: dict[str, Tensor]


class Stepper:
    """Walks through a run, computing one timestep per `step()`, and only that timestep.

    `step_layer()` computes one cell of it, `step_operation()` one operation inside a cell.

    Args:
        module: any `torch.nn.RNN`, `LSTM` or `GRU`.
        input: as the module takes it: (L, N, H_in), (N, L, H_in) under batch_first, (L, H_in),
            or a PackedSequence.
        hx: `h_0`, or `(h_0, c_0)` for LSTM; zeros if None.
        clamps: gates and states that are forced to a value, as `trace` takes them.

    Raises:
        SpecError: where `module` is none of those.
        InputError: where `input`, `hx` or `clamps` do not fit it.

    Example:
        >>> for records in Stepper(module, input):
        ...     print([(record.layer, record.t) for record in records])
    """

    def __init__(
        self,
        module: Recurrent,
        input: Tensor | PackedSequence,
        hx: Initial = None,
        clamps: Sequence[Clamp] = (),
    ) -> None:
        self._binding = bind(module, input, hx, clamps)
        self._states = States.empty(self._binding)
        self._progress = Progress(0)
        self._whole: States | None = None
        self._trace = Trace(self._states, self._progress)
        self._foreseen = self._trace

    @property
    def position(self) -> int:
        """How many whole steps are done: 0 to `total`."""
        return self._progress.step

    @property
    def progress(self) -> Progress:
        """How far it has come, to the operation."""
        return self._progress

    @property
    def total(self) -> int:
        """How many steps there are: L, or L × num_layers if bidirectional."""
        return self._states.schedule.total

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations inside each cell, in the order in which they are computed."""
        return self._binding.operations

    @property
    def trace(self) -> Trace:
        """The run as far as it is computed, in the memory into which the steps write."""
        if self._trace.progress != self._progress:
            known = self._foreseen.progress == self._progress
            self._trace = self._foreseen if known else Trace(self._states, self._progress)
        return self._trace

    def step(self) -> tuple[StepRecord, ...]:
        """Computes the next timestep of every layer and direction whose turn it is.

        Of a step that is done in part, the cells that are left.

        Raises:
            StopIteration: past the end.
        """
        step, cell, _ = self._next()
        done = compute_step(self._states, step, cell)
        self._progress = Progress(step + 1)
        return tuple([_record(advanced) for advanced in done])

    def step_layer(self) -> StepRecord:
        """Computes one cell: the next timestep of the next layer (or direction) alone.

        Raises:
            StopIteration: past the end.
        """
        step, cell, _ = self._next()
        done = compute_cell(self._states, step, cell)
        self._progress = self._normal(Progress(step, cell + 1))
        return _record(done)

    def step_operation(self) -> OperationRecord:
        """Computes one operation inside the next cell, and only that.

        Raises:
            StopIteration: past the end.
        """
        step, cell, operation = self._next()
        self._catch_up(step, cell, operation)
        given = compute_operation(self._states, step, cell, operation)
        self._progress = self._normal(Progress(step, cell, operation + 1))
        advance = self._states.schedule.advances(step)[cell]
        count, sequences = self._binding.layout.N, _advancing(advance)
        return OperationRecord(
            operation=self.operations[operation],
            layer=advance.layer,
            direction=advance.direction,
            t=advance.t,
            tensors={name: _spread(rows, sequences, count) for name, rows in given.items()},
        )

    def __iter__(self) -> Iterator[tuple[StepRecord, ...]]:
        return self

    def __next__(self) -> tuple[StepRecord, ...]:
        return self.step()

    def back(self) -> None:
        """Goes back by one step, or to the beginning of one that is done in part.

        At the beginning it stays there.
        """
        step, cell, operation = self._progress
        self._progress = Progress(step if cell or operation else max(step - 1, 0))

    def back_layer(self) -> None:
        """Goes back by one cell, or to the beginning of one that is done in part."""
        step, cell, operation = self._progress
        if not operation:
            step, cell = self._cell_before(step, cell)
        self._progress = Progress(step, cell)

    def back_operation(self) -> None:
        """Goes back by one operation; at the beginning it stays there."""
        step, cell, operation = self._progress
        if operation:
            self._progress = Progress(step, cell, operation - 1)
        elif (step, cell) != (0, 0):
            self._progress = Progress(*self._cell_before(step, cell), len(self.operations) - 1)

    def seek(self, k: int | Progress) -> Trace:
        """Goes to where k steps are done, computing what is not yet computed.

        Args:
            k: whole steps, or a place between the operations of one.

        Raises:
            UsageError: where there is no such place.
        """
        goal = checked_progress(k, self._states.schedule, len(self.operations))
        states, cells = self._states, self._states.cells(goal.step, goal.cell)
        if self._whole is not None and goal.step - states.filled // self._per_step > _NEAR:
            states.copy_from(self._whole, states.filled, cells)
        for number in range(states.filled, cells):
            compute_cell(states, *divmod(number, self._per_step))
        if goal.operation:
            self._catch_up(*goal)
        self._progress = goal
        return self.trace

    def foresee(self, k: int | Progress) -> Trace:
        """The run as it is going to be in another place, without going there.

        Once the stepper gets there, its trace is this very one.

        Args:
            k: whole steps, or a place between the cells of one.

        Raises:
            UsageError: where there is no such place.
        """
        here, now = self._progress, self.trace
        self._foreseen = self.seek(k)
        self._progress, self._trace = here, now
        return self._foreseen

    def run(self) -> Trace:
        """Goes on to the end."""
        return self.seek(self.total)

    def whole(self, cancelled: Callable[[], bool] | None = None) -> Trace:
        """Computes the whole run from the same snapshot, dropout masks included.

        It touches nothing of the stepper, so that another thread may call it.

        Args:
            cancelled: asked between timesteps whether to give up.

        Raises:
            Cancelled: where it said so.
        """
        return Trace(compute_run(self._binding, cancelled))

    def edited(self, before: Trace, cancelled: Callable[[], bool] | None = None) -> Trace:
        """Computes the whole run as `whole` does, from where it may differ from one that is known.

        Args:
            before: the whole run before some numbers were edited.
            cancelled: asked between timesteps whether to give up.

        Raises:
            Cancelled: where it said so.
        """
        return recompute(before, self._binding, cancelled)

    def adopt(self, whole: Trace, until: int = 0) -> None:
        """Lets far seeks copy what a whole trace of the same run has computed already.

        Steps taken one at a time, and near seeks, are computed all the same.

        Args:
            until: how many steps are copied at once, to seek among them for nothing.

        Raises:
            UsageError: where the trace is of another run or not of the whole.
        """
        is_known = whole.buffers is self._whole  # then all its numbers were compared before
        if whole.position != whole.total or not (is_known or whole.is_of(self.trace)):
            raise UsageError("adopt: expected a whole trace of the same module and input")
        self._whole = whole.buffers
        cells = self._states.cells(until)
        if cells > self._states.filled:
            self._states.copy_from(self._whole, self._states.filled, cells)

    @property
    def _per_step(self) -> int:
        return self._states.schedule.cells_per_step

    def _next(self) -> Progress:
        if self.position >= self.total:
            raise StopIteration
        return self._progress

    def _normal(self, progress: Progress) -> Progress:
        return normal(progress, self._states.schedule, len(self.operations))

    def _cell_before(self, step: int, cell: int) -> tuple[int, int]:
        return divmod(max(step * self._per_step + cell - 1, 0), self._per_step)

    def _catch_up(self, step: int, cell: int, operation: int) -> None:
        """Computes the operations of a cell up to one, as far as they are not at hand."""
        known = self._states.scratch
        mine = known is not None and known.cell == self._states.cells(step, cell)
        for earlier in range(operation):
            gives = self.operations[earlier].gives
            if not (mine and known is not None and set(gives) <= known.tensors.keys()):
                compute_operation(self._states, step, cell, earlier)


def _record(advanced: Advanced) -> StepRecord:
    (layer, direction, t), sequences, step = advanced
    return StepRecord(layer, direction, t, sequences, step)


def _advancing(advance: Advance) -> Tensor:
    sequences = [n for n, t in enumerate(advance.t) if t >= 0]
    return torch.tensor(sequences, dtype=torch.long, device="cpu")


@plain_arithmetic()
def _spread(rows: Tensor, sequences: Tensor | None, count: int) -> Tensor:
    """(N, width) of the rows of those sequences that advanced, NaN for the others."""
    if sequences is None or len(rows) == count:
        return rows.clone()  # the states keep the step that was taken last
    result = rows.new_full((count, rows.shape[1]), float("nan"))
    result[sequences] = rows
    return result
