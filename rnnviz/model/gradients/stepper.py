"""Back through time one timestep at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.gradients.derivatives import Places
from rnnviz.model.gradients.flow import empty_flow
from rnnviz.model.gradients.gradients import Gradients
from rnnviz.model.gradients.passing import reaching_c, reaching_h
from rnnviz.model.gradients.seeds import GradOutput, check_run, seeds_of
from rnnviz.model.schedule import Advance, checked_position
from rnnviz.model.trace import Trace


@dataclass(frozen=True, eq=False)
class BackRecord:
    """What one step back computed of one layer and direction.

    Attributes:
        layer: 0 is the lowest.
        direction: 0 forward, 1 reverse.
        t: for each sequence the timestep whose gradient was computed; −1 where none was.
        h: (N, H_out), ∂loss/∂h_t, NaN where a sequence has none, as in all that follow.
        c: (N, H_cell), ∂loss/∂c_t; None but for LSTM.
        h_parts, c_parts: where they come from, as `Gradients.parts` names it.
    """

    layer: int
    direction: int
    t: tuple[int, ...]
    h: Tensor
    c: Tensor | None
    h_parts: dict[str, Tensor]
    c_parts: dict[str, Tensor]


class BackStepper:
    """Walks back through a run, computing one timestep per `step()`, and only that timestep.

    The steps are those of the run's schedule in reverse, so that the last timestep computed is
    the first to be reached, and the topmost layer of it before the others.

    Args:
        run: a run that is computed to its end.
        grad_output, grad_h_n, grad_c_n: as `back` takes them.

    Raises:
        UsageError: where the run is not computed to its end, or is a difference of two.
        InputError: where a gradient does not fit it.

    Example:
        >>> for records in BackStepper(run, grad_output):
        ...     print([(record.layer, record.t) for record in records])
    """

    @plain_arithmetic()
    def __init__(
        self,
        run: Trace,
        grad_output: GradOutput,
        grad_h_n: Tensor | None = None,
        grad_c_n: Tensor | None = None,
    ) -> None:
        check_run(run)
        self._run = run
        self._flow = empty_flow(run.buffers, seeds_of(run, grad_output, grad_h_n, grad_c_n))
        self._position = self._filled = 0
        self._gradients = Gradients(run, self._flow, 0)

    @property
    def position(self) -> int:
        """How many steps back are done: 0 to `total`."""
        return self._position

    @property
    def total(self) -> int:
        """How many steps there are: as many as the run has forward."""
        return self._run.total

    @property
    def next(self) -> tuple[Advance, ...]:
        """What the next step back computes, in its order; nothing at the end."""
        if self._position >= self.total:
            return ()
        return self._run.schedule.advances(self.total - 1 - self._position)[::-1]

    @property
    def gradients(self) -> Gradients:
        """The gradients as far as they are computed, in the memory into which the steps write."""
        if self._gradients.position != self._position:
            self._gradients = Gradients(self._run, self._flow, self._position)
        return self._gradients

    def step(self) -> tuple[BackRecord, ...]:
        """Computes the step before, of every layer and direction that it has.

        Raises:
            StopIteration: past the beginning of the run.
        """
        if self._position >= self.total:
            raise StopIteration
        records = tuple(self._compute(advance) for advance in self.next)
        self._position += 1
        self._filled = max(self._filled, self._position)
        return records

    def back(self) -> None:
        """Takes back the last step; where none is done it stays there."""
        self._position = max(self._position - 1, 0)

    def seek(self, k: int) -> Gradients:
        """Goes to where k steps back are done, computing what is not yet computed.

        Raises:
            UsageError: where there is no such place.
        """
        goal = checked_position(k, self.total)
        self._position = min(goal, self._filled)
        while self._position < goal:
            self.step()
        return self.gradients

    def run(self) -> Gradients:
        """Goes on to the beginning of the run."""
        return self.seek(self.total)

    def __iter__(self) -> Iterator[tuple[BackRecord, ...]]:
        return self

    def __next__(self) -> tuple[BackRecord, ...]:
        return self.step()

    @plain_arithmetic()
    def _compute(self, advance: Advance) -> BackRecord:
        lane, places = (advance.layer, advance.direction), _places(advance)
        h_parts = reaching_h(self._flow, lane, places)
        self._flow.h[lane][places] = h = _sum(h_parts)
        c, c_parts = None, {}
        if self._flow.c:
            c_parts = reaching_c(self._flow, lane, places)
            self._flow.c[lane][places] = c = _sum(c_parts)
        return BackRecord(
            *advance,
            h=self._spread(places, h),
            c=None if c is None else self._spread(places, c),
            h_parts={name: self._spread(places, part) for name, part in h_parts.items()},
            c_parts={name: self._spread(places, part) for name, part in c_parts.items()},
        )

    def _spread(self, places: Places, rows: Tensor) -> Tensor:
        """(N, width) of the rows of those sequences that have one, NaN for the others."""
        result = rows.new_full((self._run.N, rows.shape[1]), float("nan"))
        result[places[1]] = rows
        return result.to(self._run.dtype)


def _places(advance: Advance) -> Places:
    rows = [(t, n) for n, t in enumerate(advance.t) if t >= 0]
    t, sequences = torch.tensor(rows, dtype=torch.long, device="cpu").view(-1, 2).unbind(1)
    return t, sequences


def _sum(parts: dict[str, Tensor]) -> Tensor:
    return torch.stack(list(parts.values())).sum(dim=0)
