"""Gradients of a loss with respect to everything in a run."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cached_property, partial

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import UsageError
from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.engine import Cancelled
from rnnviz.model.gradients import contributions
from rnnviz.model.gradients.derivatives import Lane, Places
from rnnviz.model.gradients.flow import Flow, compute_flow
from rnnviz.model.gradients.inside import gradients_inside
from rnnviz.model.gradients.passing import (
    begins,
    reaching_c,
    reaching_h,
    to_input,
    to_previous,
)
from rnnviz.model.gradients.seeds import GradOutput, check_run, seeds_of
from rnnviz.model.schedule import checked_position
from rnnviz.model.trace import Trace
from rnnviz.model.weight_names import suffix


@plain_arithmetic()
def back(
    run: Trace,
    grad_output: GradOutput,
    grad_h_n: Tensor | None = None,
    grad_c_n: Tensor | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Gradients:
    """Goes back through time, from the gradients of what the module returned.

    Args:
        run: a run that is computed to its end; dropout masks and clamps are as in it.
        grad_output: ∂loss/∂output in the form of the module's `output`: padded, packed as the
            input was, or unbatched. Also time-major with the directions apart, as
            (L, N, D, H_out), whatever the form of the input; padding is not looked at. None
            where the loss does not see `output`.
        grad_h_n: ∂loss/∂h_n, (D * num_layers, N, H_out), or without N for unbatched input.
        grad_c_n: ∂loss/∂c_n, (D * num_layers, N, H_cell) likewise, of LSTM alone.
        cancelled: asked now and then whether to give up.

    Returns:
        What autograd would give, and what lies between.

    Raises:
        UsageError: where the run is not computed to its end, or is a difference of two.
        InputError: where a gradient does not fit it.
        Cancelled: where `cancelled` said so.

    References:
        Werbos, Backpropagation through time: what it does and how to do it, 1990.
    """

    def check() -> None:
        if cancelled is not None and cancelled():
            raise Cancelled

    check_run(run)
    seeds = seeds_of(run, grad_output, grad_h_n, grad_c_n)
    return Gradients(run, compute_flow(run.buffers, seeds, check), run.total)


class Gradients:
    """Gradients of a loss in a run: of states, inputs, weights, and of what lies within the cells.

    Shapes are those of the run: time-major, in the caller's order of sequences, on the CPU, in
    the run's dtype; NaN at padding, and where nothing is computed yet.

    Attributes:
        run: the run that they are of.
        position: how many steps back are computed; `run.total` is all of them.
    """

    def __init__(self, run: Trace, flow: Flow, position: int) -> None:
        self.run, self.position = run, position
        self._flow = flow
        self._cache: dict[object, Tensor] = {}

    @property
    def total(self) -> int:
        """How many steps back there are: as many as the run has forward."""
        return self.run.total

    def at(self, position: int) -> Gradients:
        """The same gradients as they are after `position` steps back, on the same memory.

        Raises:
            UsageError: where the position lies beyond this one.
        """
        position = checked_position(position, self.position)
        return self if position == self.position else Gradients(self.run, self._flow, position)

    def reached(self, layer: int, direction: int = 0) -> Tensor:
        """Where ∂loss/∂h_t is computed: (L, N) bool, False at padding."""
        layer, direction = self._lane(layer, direction)
        left = self.run.schedule.computed(layer, direction, self.total - self.position)
        return torch.from_numpy(self.run.schedule.valid & ~left)

    # Of states, inputs and weights.

    def h(self, layer: int, direction: int = 0) -> Tensor:
        """∂loss/∂h_t at every t: (L, N, H_out)."""
        lane = self._lane(layer, direction)
        return self._shown(("h", lane), lambda: self._hidden(lane, self._flow.h[lane]))

    def c(self, layer: int, direction: int = 0) -> Tensor | None:
        """∂loss/∂c_t at every t: (L, N, H_cell); None but for LSTM."""
        lane = self._lane(layer, direction)
        if not self._flow.c:
            return None
        return self._shown(("c", lane), lambda: self._hidden(lane, self._flow.c[lane]))

    def inputs(self, layer: int) -> Tensor:
        """Gradient of what a layer receives, after the dropout mask: (L, N, in_features)."""
        layer, _ = self._lane(layer, 0)
        return self._shown(("inputs", layer), lambda: self._to_inputs(layer))

    @property
    def x(self) -> Tensor:
        """∂loss/∂x_t at every t: (L, N, H_in)."""
        return self.inputs(0)

    @property
    def input(self) -> Tensor | PackedSequence:
        """The same in the form, order and device in which the input was given."""
        binding = self.run.buffers.binding
        return binding.as_given(binding.layout.rows(self.x))

    @property
    def h_0(self) -> Tensor:
        """∂loss/∂h_0: (D * num_layers, N, H_out), NaN where it is not reached yet."""
        return self._shown("h_0", lambda: self._initial("h"))

    @property
    def c_0(self) -> Tensor | None:
        """∂loss/∂c_0: (D * num_layers, N, H_cell) likewise; None but for LSTM."""
        return self._shown("c_0", lambda: self._initial("c")) if self._flow.c else None

    @cached_property
    @plain_arithmetic()
    def weights(self) -> dict[str, Tensor]:
        """Gradients of the weights by PyTorch's names, in PyTorch's order: `weight.grad`.

        After some steps back, the sum of what the timesteps reached so far contribute.
        """
        found = contributions.weight_gradients(self._flow, self._places)
        return {name: values.to(self.run.dtype) for name, values in found.items()}

    @plain_arithmetic()
    def weight_at(self, name: str, t: int, sequence: int | None = None) -> Tensor:
        """What timestep t contributes to the gradient of a weight; 0 where it is not reached.

        The sum over all t is `weights[name]`.

        Args:
            name: PyTorch's, such as "weight_hh_l0_reverse".
            t: position in the sequences, from 0.
            sequence: one sequence's share; None is that of all together.

        Returns:
            Of the shape of the weight.
        """
        kind, lane = contributions.parsed_name(self.run.buffers.binding, name)
        chosen = torch.zeros_like(self.reached(*lane))
        chosen[_index("t", t, self.run.L)] = True
        if sequence is not None:
            others = torch.arange(self.run.N) != _index("sequence", sequence, self.run.N)
            chosen[:, others] = False
        factors = contributions.factors(self._flow, lane, self._places(lane, chosen))[kind]
        return contributions.product(*factors).to(self.run.dtype)

    @plain_arithmetic()
    def factors(
        self, name: str, row: int, column: int | None = None
    ) -> tuple[Places, Tensor, Tensor | None]:
        """What the gradient of one number of a weight is the sum of, wherever it is reached.

        Args:
            name: as PyTorch has it.
            column: None of a bias.

        Returns:
            The places (t, sequence); the gradients of what the row makes there, (places,); and
            what the column takes, (places,), None of a bias. The gradient is the sum over all
            places of their products.
        """
        kind, lane = contributions.parsed_name(self.run.buffers.binding, name)
        t, n = self._places(lane)
        lefts, rights = [self.run.h_0.new_zeros(0)], [self.run.h_0.new_zeros(0)]
        for places in contributions.chunks(self._flow, (t, n)):
            left, right = contributions.factors(self._flow, lane, places)[kind]
            lefts.append(left[:, row])
            if right is not None and column is not None:
                rights.append(right[:, column])
        return (t, n), torch.cat(lefts), None if column is None else torch.cat(rights)

    @plain_arithmetic()
    def weight_norms(self, name: str) -> Tensor:
        """The Frobenius norm of each contribution to the gradient of a weight: (L, N) float64.

        NaN at padding and where it is not reached.
        """
        kind, lane = contributions.parsed_name(self.run.buffers.binding, name)

        def norms(places: Places) -> Tensor:
            left, right = contributions.factors(self._flow, lane, places)[kind]
            sizes = _norm(left)
            return (sizes if right is None else sizes * _norm(right))[:, None]

        return self._grid(lane, norms, 1, torch.float64)[..., 0]

    @plain_arithmetic()
    def contribution_norms(self, layer: int, direction: int = 0) -> dict[str, Tensor]:
        """`weight_norms` of every weight of a layer and direction at once, by PyTorch's names."""
        lane = self._lane(layer, direction)
        wanted = set(self.run.buffers.binding.weights)
        grids: dict[str, Tensor] = {}
        for places in contributions.chunks(self._flow, self._places(lane)):
            for kind, (left, right) in contributions.factors(self._flow, lane, places).items():
                name = kind + suffix(*lane)
                if name in wanted:
                    sizes = _norm(left) if right is None else _norm(left) * _norm(right)
                    grid = grids.setdefault(name, self._nothing(1, torch.float64)[..., 0])
                    grid[places] = sizes
        return grids

    # Within the cells.

    def preactivations(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        """∂loss/∂ the gates before activation, (N, H_cell) at t by PyTorch's names."""
        inside = self.tensors(layer, direction, t)
        return {gate: inside[f"a_{gate}"] for gate in self.run.cell.gates}

    def gates(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        """∂loss/∂ the activated gates, (N, H_cell) at t by PyTorch's names."""
        inside = self.tensors(layer, direction, t)
        return {gate: inside[gate] for gate in self.run.cell.gates}

    @plain_arithmetic()
    def tensors(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        """∂loss/∂ every tensor inside the cell at t, (N, width), by the names of its operations.

        Of `x`, `h_prev` and `c_prev` it is the share that comes through this cell.
        """
        lane = self._lane(layer, direction)
        chosen = torch.zeros_like(self.run.valid)
        chosen[_index("t", t, self.run.L)] = True
        places = self._places(lane, chosen)
        found = gradients_inside(self._flow, lane, places)
        return {name: self._over_batch(places[1], values) for name, values in found.items()}

    # By path.

    @plain_arithmetic()
    def parts(self, tensor: str, layer: int, direction: int = 0) -> dict[str, Tensor]:
        """Where ∂loss/∂h_t or ∂loss/∂c_t comes from: (L, N, H) each; their sum is all of it.

        Args:
            tensor: "h", in parts "above" (the output, or the layer above), "gates" (the next
                timestep, through W_hh), "carry" (of GRU: from there, along z) and "final"
                (h_n); or "c" of LSTM, in parts "carry" (c of the next timestep, along f), "h"
                (h_t) and "final" (c_n).

        Raises:
            UsageError: where the run has no such state.
        """
        reaching, widths = reaching_h, self.run.output_size
        if tensor == "c" and self._flow.c:
            reaching, widths = reaching_c, self.run.hidden_size
        elif tensor != "h":
            names = "h or c" if self._flow.c else "h"
            raise UsageError(f"tensor: expected {names}, got {tensor!r}")
        lane = self._lane(layer, direction)
        grids: dict[str, Tensor] = {}
        for places in contributions.chunks(self._flow, self._places(lane)):
            for name, values in reaching(self._flow, lane, places).items():
                grid = grids.setdefault(name, self._nothing(widths))
                grid[places] = values.to(grid.dtype)
        return grids

    def through_c(self, layer: int, direction: int = 0) -> Tensor | None:
        """What of ∂loss/∂c_t came along the carry f ⊙ from c_{t+1}: (L, N, H_cell).

        None but for LSTM, whose c carries it. What begins at c_n counts as of no path.
        """
        return self.parts("c", layer, direction).get("carry") if self._flow.c else None

    def through_h(self, layer: int, direction: int = 0) -> Tensor:
        """What of it came the other way, through the gates and h.

        Of LSTM the part of ∂loss/∂c_t (L, N, H_cell) that came through h_t; of RNN and GRU the
        part of ∂loss/∂h_t (L, N, H_out) that came from h_{t+1} through W_hh.
        """
        if self._flow.c:
            return self.parts("c", layer, direction)["h"]
        return self.parts("h", layer, direction)["gates"]

    # Sizes.

    @plain_arithmetic()
    def norms(self, tensor: str, layer: int = 0, direction: int = 0) -> Tensor:
        """|∂loss/∂·| through time: (L, N) float64, NaN at padding and where not reached.

        Args:
            tensor: "h", "c", "x" (what the layer receives), "through_c" or "through_h".

        Raises:
            UsageError: where the run has no such tensor.
        """
        known: dict[str, Callable[[], Tensor | None]] = {
            "h": lambda: self.h(layer, direction),
            "c": lambda: self.c(layer, direction),
            "x": lambda: self.inputs(layer),
            "through_c": lambda: self.through_c(layer, direction),
            "through_h": lambda: self.through_h(layer, direction),
        }
        values = known[tensor]() if tensor in known else None
        if values is None:
            names = [name for name in known if self._flow.c or name not in ("c", "through_c")]
            raise UsageError(f"tensor: expected one of {', '.join(names)}, got {tensor!r}")
        return _norm(values)

    @property
    def saliency(self) -> Tensor:
        """How much the loss depends on each token: |∂loss/∂x_t|, (L, N) float64."""
        return self.norms("x")

    # How it is put together.

    def _lane(self, layer: int, direction: int) -> Lane:
        run = self.run
        return (
            _index("layer", layer, run.num_layers),
            _index("direction", direction, run.num_directions),
        )

    def _places(self, lane: Lane, chosen: Tensor | None = None) -> Places:
        """t and sequence of what is reached, or of those of it that are chosen."""
        where = self.reached(*lane) if chosen is None else self.reached(*lane) & chosen
        t, sequences = where.nonzero(as_tuple=True)
        return t, sequences

    def _nothing(self, width: int, dtype: torch.dtype | None = None) -> Tensor:
        shape = (self.run.L, self.run.N, width)
        return torch.full(shape, math.nan, dtype=dtype or self.run.dtype, device="cpu")

    def _grid(
        self, lane: Lane, values: Callable[[Places], Tensor], width: int, dtype: torch.dtype
    ) -> Tensor:
        """(L, N, width) of what is asked for at the places that are reached."""
        grid = self._nothing(width, dtype)
        for places in contributions.chunks(self._flow, self._places(lane)):
            grid[places] = values(places).to(dtype)
        return grid

    def _over_batch(self, sequences: Tensor, rows: Tensor) -> Tensor:
        """(N, width) of the rows of some sequences, NaN for the others."""
        result = rows.new_full((self.run.N, rows.shape[1]), math.nan)
        result[sequences] = rows
        return result.to(self.run.dtype)

    def _hidden(self, lane: Lane, values: Tensor) -> Tensor:
        if self.position == self.total:
            return values
        return values.masked_fill(~self.reached(*lane)[..., None], math.nan)

    def _to_inputs(self, layer: int) -> Tensor:
        width, dtype = self.run.inputs(layer).shape[-1], self._flow.seeds.output.dtype
        shares = [
            self._grid(lane, partial(to_input, self._flow, lane), width, dtype)
            for lane in self._flow.binding.lanes
            if lane[0] == layer
        ]
        return torch.stack(shares).sum(dim=0)

    def _initial(self, tensor: str) -> Tensor:
        """(D * num_layers, N, H), what the first timesteps pass on."""
        rows = []
        for lane in self._flow.binding.lanes:
            places = self._places(lane, self._begins(lane[1]))
            to = to_previous(self._flow, lane, places)
            share = to.c_carry if tensor == "c" else to.gates
            assert share is not None
            if tensor == "h" and to.h_carry is not None:
                share = share + to.h_carry
            rows.append(self._over_batch(places[1], share))
        return torch.stack(rows)

    def _begins(self, direction: int) -> Tensor:
        """Where sequences begin along a direction: (L, N) bool."""
        valid = self.run.valid
        places = valid.nonzero(as_tuple=True)
        result = torch.zeros_like(valid)
        result[places] = begins(self._flow.states, direction, (places[0], places[1]))
        return result

    def _shown(self, key: object, make: Callable[[], Tensor]) -> Tensor:
        if key not in self._cache:
            with plain_arithmetic():
                self._cache[key] = make().to(self.run.dtype)
        return self._cache[key]


def _norm(values: Tensor) -> Tensor:
    """|·| over the last axis, squared in float64 so that large values don't overflow."""
    norms: Tensor = torch.linalg.vector_norm(values, dim=-1, dtype=torch.float64)
    return norms


def _index(name: str, index: int, size: int) -> int:
    """A position as Python counts, from 0 or back from −1."""
    position = operator.index(index)
    if not -size <= position < size:
        raise IndexError(f"{name}: expected 0 to {size - 1}, got {index}")
    return position % size
