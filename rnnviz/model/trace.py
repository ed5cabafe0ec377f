"""A whole run: every state kept, gates recomputed on demand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.element import Element
from rnnviz.model import replay
from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Initial, bind
from rnnviz.model.cells import Step
from rnnviz.model.clamps import Clamp, clampable
from rnnviz.model.engine import compute_run
from rnnviz.model.exactness import Exactness
from rnnviz.model.finiteness import first_not_finite
from rnnviz.model.inside import operations_done, tensors_inside
from rnnviz.model.reached import checked_index
from rnnviz.model.schedule import Progress
from rnnviz.model.states import States

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent


_CELLS_KEPT = 64  # whose inner tensors are kept


@plain_arithmetic()
def trace(
    module: Recurrent,
    input: Tensor | PackedSequence,
    hx: Initial = None,
    clamps: Sequence[Clamp] = (),
) -> Trace:
    """Computes a run of a module in the open, keeping every state.

    In train mode with dropout the masks are drawn as the module would draw them, from the same
    generator, which is advanced as the module would advance it. Autocast does not reach it.

    Args:
        module: any `torch.nn.RNN`, `LSTM` or `GRU`; it is not changed.
        input: as the module takes it: (L, N, H_in), (N, L, H_in) under batch_first, (L, H_in)
            for one unbatched sequence, or a PackedSequence, sorted or not.
        hx: `h_0` (D * num_layers, N, H_out), or for LSTM `(h_0, c_0)` with c_0
            (D * num_layers, N, H_cell); without N for unbatched input; zeros if None.
        clamps: gates and states that are forced to a value; of two for one number the later
            holds. torch itself cannot compute such a run.

    Returns:
        The run, with a snapshot of all it follows from.

    Raises:
        SpecError: where `module` is none of those.
        InputError: where `input`, `hx` or `clamps` do not fit it.
    """
    return Trace(compute_run(bind(module, input, hx, clamps)))


def as_numpy(values: Tensor) -> NDArray[np.floating]:
    """A tensor as float32 or float64, on the same memory where it is one of these."""
    values = values.detach().cpu()
    if values.dtype in (torch.bfloat16, torch.float16):
        values = values.float()
    result: NDArray[np.floating] = values.numpy()
    return result


class Trace(Exactness):
    """A run, or the part of it that is computed up to a position.

    Inside, everything is time-major and in the caller's order of sequences; L is the number of
    timesteps, N of sequences (1 for unbatched input), D of directions, H_cell is hidden_size and
    H_out proj_size or else hidden_size. Tensors lie on the CPU, and share the run's memory: they
    are to be read, not written. What lies at padding, or beyond the position, is NaN.

    Attributes:
        progress: how far this view shows it as computed, to the operation.
    """

    def __init__(self, buffers: States, progress: Progress | None = None) -> None:
        super().__init__(buffers, progress)
        self._inside: dict[tuple[int, int, int], dict[str, Tensor]] = {}

    def at(self, position: int | Progress) -> Trace:
        """The same run as it is after `position` steps, on the same memory.

        Args:
            position: whole steps, or a place between the operations of one.

        Raises:
            IndexError: where the position lies beyond this one, or there is no such place.
        """
        place = self._place(position)
        return self if place == self.progress else Trace(self.buffers, place)

    # What the module returns.

    @property
    def output(self) -> Tensor | PackedSequence:
        """What the module returns first: type, shape, order, dtype and device are the same."""
        rows = self._binding.layout.rows(self._h(self.num_layers - 1))
        return self._binding.as_given(rows.flatten(1))

    @property
    def h_n(self) -> Tensor:
        """The module's h_n: (D * num_layers, N, H_out), or (D * num_layers, H_out) unbatched."""
        return self._binding.state_as_given(self._final("h"))

    @property
    def c_n(self) -> Tensor | None:
        """The module's c_n: (D * num_layers, N, H_cell), or unbatched; None but for LSTM."""
        return self._binding.state_as_given(self._final("c")) if self.cell.has_c else None

    # What lies within.

    def inputs(self, layer: int, at: slice = slice(None)) -> Tensor:
        """What a layer receives: (L, N, in_features).

        The input, or both directions of the layer below, after the dropout mask.

        Args:
            at: which timesteps are asked about, where not all of them are: (T, N, in_features).
        """
        layer, _ = self._lane(layer, 0)
        if layer == 0:
            return self._binding.x_grid[at]
        below = self._h(layer - 1, at).flatten(2)
        mask = self.masks.get(layer - 1)
        if mask is None:
            return below
        if at != slice(None):
            return below * mask[at]
        return self._cached(("inputs", layer), lambda: below * mask)

    def tensors(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        """Every tensor inside the cell at t, by the names that its operations give.

        Each is (N, width), NaN where it is not computed (yet). `x` (in_features), `h_prev`
        (H_out) and of LSTM `c_prev` (H_cell) are what enters the cell.
        """
        layer, direction = self._lane(layer, direction)
        t = checked_index("t", t, self.L)
        if (layer, direction, t) not in self._inside:
            if len(self._inside) >= _CELLS_KEPT:
                self._inside.clear()
            self._inside[layer, direction, t] = tensors_inside(self, layer, direction, t)
        return self._inside[layer, direction, t]

    def is_computed(
        self, tensor: str, layer: int, direction: int, t: int, sequence: int = 0
    ) -> bool:
        """Whether a tensor that the cell's operations give is computed, for one sequence.

        Raises:
            KeyError: where no operation gives such a tensor.
        """
        layer, direction = self._lane(layer, direction)
        t, sequence = checked_index("t", t, self.L), checked_index("sequence", sequence, self.N)
        numbers = {name: k for k, done in enumerate(self.operations) for name in done.gives}
        return bool(operations_done(self, layer, direction, t)[sequence] > numbers[tensor])

    def clamped(self, tensor: str, layer: int, direction: int, t: int) -> Tensor:
        """What of a gate, `h` or `c` is forced to a value at t: (N, width) bool.

        Raises:
            KeyError: where nothing of that name can be forced.
        """
        layer, direction = self._lane(layer, direction)
        t, width = checked_index("t", t, self.L), clampable(self.spec)[tensor]
        forcing, sequences = self._binding.forcing.get((layer, direction)), torch.arange(self.N)
        mask = None
        if forcing is not None:
            mask = forcing.mask(tensor, torch.full_like(sequences, t), sequences)
        if mask is None:
            return torch.zeros(self.N, width, dtype=torch.bool, device="cpu")
        return mask & self.valid[t, :, None]

    def gates(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        """Activated gates (N, H_cell) at t: `i f g o`, `r z n`, or `h` of an RNN."""
        if self._is_under_way(layer, direction):
            inside = self.tensors(layer, direction, t)
            return {name: inside[name] for name in self.cell.gates}
        step, shown = self._step_at(layer, direction, t)
        return {name: shown(gate) for name, gate in step.gates.items()}

    def preactivations(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        """The gates before activation (N, H_cell); GRU's `n` with its r ⊙ (…)."""
        if self._is_under_way(layer, direction):
            inside = self.tensors(layer, direction, t)
            return {name: inside[f"a_{name}"] for name in self.cell.gates}
        step, shown = self._step_at(layer, direction, t)
        return {name: shown(gate) for name, gate in step.preactivations.items()}

    def before_projection(self, layer: int, direction: int, t: int) -> Tensor:
        """h before `weight_hr` (N, H_cell); h itself where there is no projection."""
        if self._is_under_way(layer, direction):
            inside = self.tensors(layer, direction, t)
            return inside.get("o*tanh_c", inside["h"])
        step, shown = self._step_at(layer, direction, t)
        return shown(step.unprojected)

    def gate_states(
        self, layer: int, direction: int = 0, start: int = 0, stop: int | None = None
    ) -> dict[str, Tensor]:
        """Activated gates at t = start … stop − 1, every t by default: (T, N, H_cell) each.

        They are recomputed in few products, so that the last bit may not be that of `gates`.
        """
        layer, direction = self._lane(layer, direction)
        at = slice(start, self.L if stop is None else stop)
        steps = [
            replay.replay(self.buffers, layer, direction, *part)
            for part in replay.chunks(self.buffers, at.start, at.stop)
        ]
        place = self.progress[:2]
        computed = self.schedule.computed(layer, direction, *place, at=at)
        hidden = torch.from_numpy(~computed[..., None])
        return {
            name: torch.cat([step.gates[name] for step in steps]).masked_fill(hidden, math.nan)
            for name in self.cell.gates
        }

    def state_norms(self, layer: int) -> NDArray[np.float64]:
        """|h_t| over both directions together: (L, N), NaN at padding and beyond the position."""
        layer, _ = self._lane(layer, 0)
        norms = self._cached(("norms", layer), lambda: _norms(self._h(layer)))
        result: NDArray[np.float64] = norms.numpy()
        return result

    @cached_property
    def first_not_finite(self) -> Element | None:
        """The first NaN or infinity in the order of work, None in a tame run."""
        return first_not_finite(self)

    @property
    def is_difference(self) -> bool:
        """Whether these are no numbers of a run but the differences of two runs' numbers."""
        return False

    def is_of(self, other: Trace) -> bool:
        """Whether two traces are of the same weights, input, initial states and masks."""
        return self._binding.is_same(other._binding)

    def _step_at(
        self, layer: int, direction: int, t: int
    ) -> tuple[Step, Callable[[Tensor], Tensor]]:
        """The step that computes t, and a function that hides what of it is not computed."""
        layer, direction = self._lane(layer, direction)
        t = checked_index("t", t, self.L)
        step = replay.replay(self.buffers, layer, direction, t, t + 1)
        computed = self.schedule.computed(layer, direction, *self.progress[:2], at=slice(t, t + 1))
        hidden = torch.from_numpy(~computed[0, :, None])

        def shown(values: Tensor) -> Tensor:
            return values[0].masked_fill(hidden, math.nan)

        return step, shown

    def _final(self, name: str) -> Tensor:
        """(D * num_layers, N, H), the states where each sequence ends along its direction."""
        finals = []
        for layer in range(self.num_layers):
            values = self._h(layer) if name == "h" else self._c(layer)
            assert values is not None
            finals += [self.buffers.final(values[:, :, d], d) for d in range(self.num_directions)]
        return torch.stack(finals)


def _norms(h: Tensor) -> Tensor:
    """|h| over the last two axes, squared in float64 so that large values don't overflow."""
    norms: Tensor = torch.linalg.vector_norm(h, dim=(2, 3), dtype=torch.float64)
    return norms
