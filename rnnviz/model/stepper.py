"""One timestep at a time, forwards and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import UsageError
from rnnviz.model.binding import Binding, Initial, bind
from rnnviz.model.engine import Advanced, compute_run, compute_step
from rnnviz.model.schedule import checked_position
from rnnviz.model.states import States
from rnnviz.model.trace import Trace

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent

_NEAR = 64  # steps that a seek computes rather than copies


@dataclass(frozen=True, eq=False)
class StepRecord:
    """What one step computed of one layer and direction.

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
    h: Tensor
    c: Tensor | None
    gates: dict[str, Tensor]


class Stepper:
    """Walks through a run, computing one timestep per `step()`, and only that timestep.

    Args:
        module: any `torch.nn.RNN`, `LSTM` or `GRU`.
        input: as the module takes it: (L, N, H_in), (N, L, H_in) under batch_first, (L, H_in),
            or a PackedSequence.
        hx: `h_0`, or `(h_0, c_0)` for LSTM; zeros if None.

    Raises:
        SpecError: where `module` is none of those.
        InputError: where `input` or `hx` do not fit it.

    Example:
        >>> for records in Stepper(module, input):
        ...     print([(record.layer, record.t) for record in records])
    """

    def __init__(
        self,
        module: Recurrent,
        input: Tensor | PackedSequence,
        hx: Initial = None,
    ) -> None:
        self._binding = bind(module, input, hx)
        self._states = States.empty(self._binding)
        self._position = 0
        self._whole: States | None = None
        self._trace = Trace(self._states, 0)

    @property
    def position(self) -> int:
        """How many steps are done: 0 to `total`."""
        return self._position

    @property
    def total(self) -> int:
        """How many steps there are: L, or L × num_layers if bidirectional."""
        return self._states.schedule.total

    @property
    def trace(self) -> Trace:
        """The run as far as it is computed, in the memory into which the steps write."""
        if self._trace.position != self._position:
            self._trace = Trace(self._states, self._position)
        return self._trace

    def step(self) -> tuple[StepRecord, ...]:
        """Computes the next timestep of every layer and direction whose turn it is.

        Raises:
            StopIteration: past the end.
        """
        if self._position >= self.total:
            raise StopIteration
        done = compute_step(self._states, self._position)
        self._position += 1
        return tuple(_record(self._binding, advanced) for advanced in done)

    def __iter__(self) -> Iterator[tuple[StepRecord, ...]]:
        return self

    def __next__(self) -> tuple[StepRecord, ...]:
        return self.step()

    def back(self) -> None:
        """Goes back by one step; at the beginning it stays there."""
        self._position = max(self._position - 1, 0)

    def seek(self, k: int) -> Trace:
        """Goes to where k steps are done, computing what is not yet computed.

        Raises:
            UsageError: where k is not in 0 to `total`.
        """
        k = checked_position(k, self.total)
        filled = self._states.filled
        if self._whole is not None and k - filled > _NEAR:
            self._states.copy_from(self._whole, filled, k)
        for step in range(self._states.filled, k):
            compute_step(self._states, step)
        self._position = k
        return self.trace

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

    def adopt(self, whole: Trace) -> None:
        """Lets far seeks copy what a whole trace of the same run has computed already.

        Steps taken one at a time, and near seeks, are computed all the same.

        Raises:
            UsageError: where the trace is of another run or not of the whole.
        """
        if whole.position != whole.total or not whole.is_of(self.trace):
            raise UsageError("adopt: expected a whole trace of the same module and input")
        self._whole = whole.buffers


def _record(binding: Binding, advanced: Advanced) -> StepRecord:
    (layer, direction, t), sequences, step = advanced
    count = binding.layout.N

    def whole(rows: Tensor) -> Tensor:
        if len(rows) == count:
            return rows.clone()  # the states keep the step that was taken last
        result = rows.new_full((count, rows.shape[1]), float("nan"))
        result[sequences] = rows
        return result

    return StepRecord(
        layer=layer,
        direction=direction,
        t=t,
        h=whole(step.h),
        c=None if step.c is None else whole(step.c),
        gates={name: whole(gate) for name, gate in step.gates.items()},
    )
