"""How a state depends on an earlier one: ∂h_T/∂h_t, for small sizes."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.errors import UsageError
from rnnviz.model.arithmetic import one_thread, plain_arithmetic
from rnnviz.model.cells import Parameters
from rnnviz.model.engine import Cancelled
from rnnviz.model.gradients.derivatives import Lane, Local, before_projection, through_gates
from rnnviz.model.gradients.flow import widened
from rnnviz.model.gradients.passing import local_at
from rnnviz.model.gradients.seeds import check_run
from rnnviz.model.states import States
from rnnviz.model.trace import Trace

LARGEST = 512  # hidden_size, beyond which a timestep takes a tenth of a second

_CHUNK = 1 << 18  # numbers of gates whose local derivatives are held at a time


@dataclass(frozen=True, eq=False)
class Jacobian:
    """How one state of a layer and direction depends on an earlier one.

    Attributes:
        values: (H, H), row j column k is ∂ of unit j at T by unit k at t.
        norm: Frobenius.
        largest_singular_value: how much the change that grows most grows, from t to T.
    """

    values: Tensor
    norm: float
    largest_singular_value: float


class JacobianNorms(NamedTuple):
    """The sizes of the Jacobians to one T, from every t.

    Attributes:
        norm: Frobenius, (L,), NaN at padding and behind T along the direction.
        largest_singular_value: (L,) likewise.
    """

    norm: NDArray[np.float64]
    largest_singular_value: NDArray[np.float64]


@plain_arithmetic()
def jacobian(
    run: Trace,
    layer: int,
    direction: int,
    T: int,  # noqa: N803
    t: int,
    sequence: int = 0,
    *,
    of: str = "h",
    by: str = "h",
    cancelled: Callable[[], bool] | None = None,
) -> Jacobian:
    """∂h_T/∂h_t of one layer, direction and sequence, through everything that lies between.

    Of LSTM, h_t is changed alone, with c_t as it is, as autograd does; `of` and `by` choose c.

    Args:
        run: a run that is computed to its end.
        T, t: positions in the sequence, from 0; of the reverse direction T is at most t.
        of, by: "h", or of LSTM "c": which state at T, and which at t.
        cancelled: asked between timesteps whether to give up.

    Raises:
        UsageError: where hidden_size is beyond what is bearable, T comes before t along the
            direction, or there is no such state.
        Cancelled: where `cancelled` said so.
    """
    place = _checked(run, layer, direction, T, sequence, of, by)
    t = _index("t", t, run.lengths[place[1]])
    if (T - t if direction == 0 else t - T) < 0:
        raise UsageError(f"t: expected a timestep before T = {T} along the direction, got {t}")
    with one_thread():
        values = next(
            _chosen(found, by)
            for at, found in _backwards(run, *place, T, of, _checker(cancelled))
            if at == t
        )
        values = values.to(run.dtype)
        return Jacobian(values, *_sizes(values))


@plain_arithmetic()
def jacobian_norms(
    run: Trace,
    layer: int,
    direction: int,
    T: int,  # noqa: N803
    sequence: int = 0,
    *,
    of: str = "h",
    by: str = "h",
    cancelled: Callable[[], bool] | None = None,
) -> JacobianNorms:
    """The sizes of ∂h_T/∂h_t for every t up to T, in one way back.

    Takes and raises what `jacobian` does.
    """
    place = _checked(run, layer, direction, T, sequence, of, by)
    found = JacobianNorms(np.full(run.L, math.nan), np.full(run.L, math.nan))
    with one_thread():
        for t, states in _backwards(run, *place, T, of, _checker(cancelled)):
            norm, largest = _sizes(_chosen(states, by))
            found.norm[t], found.largest_singular_value[t] = norm, largest
    return found


class _Found(NamedTuple):
    """∂ of the state at T by h_t (H, H_out) and by c_t (H, H_cell)."""

    h: Tensor
    c: Tensor | None


def _backwards(
    run: Trace,
    lane: Lane,
    sequence: int,
    T: int,  # noqa: N803
    of: str,
    check: Callable[[], None],
) -> Iterator[tuple[int, _Found]]:
    """Each t from T on back, with the Jacobian by its states.

    Every row is a way back through time from one unit at T, all of them at once.
    """
    states = widened(run.buffers)
    found = _identity(run, states, of)
    weights = states.binding.lanes[lane]
    for t, local in _locals(states, lane, sequence, T):
        check()
        h, c = found
        if c is not None and local.c_by_h is not None:
            c = c + before_projection(local, weights, h)[1] * local.c_by_h
        yield t, _Found(h, c)
        found = _onward(local, weights, h, c)


def _onward(local: Local, weights: Parameters, h: Tensor, c: Tensor | None) -> _Found:
    """A timestep further back."""
    within = through_gates(local, weights, h, c)
    passed = within.hh @ weights.weight_hh
    if local.carry is None:
        return _Found(passed, None)
    if c is None:
        return _Found(passed + within.h * local.carry, None)
    return _Found(passed, c * local.carry)


def _locals(
    states: States,
    lane: Lane,
    sequence: int,
    T: int,  # noqa: N803
) -> Iterator[tuple[int, Local]]:
    """The local derivatives of each timestep from T on back, a row of each."""
    spec = states.binding.spec
    count = max(1, _CHUNK // (spec.hidden_size * spec.gate_count))
    length = states.binding.layout.lengths[sequence]
    way = range(T, -1, -1) if lane[1] == 0 else range(T, length)
    for start in range(0, len(way), count):
        part = way[start : start + count]
        t = torch.tensor(part, dtype=torch.long, device="cpu")
        local, _ = local_at(states, lane, (t, torch.full_like(t, sequence)))
        for k, at in enumerate(part):
            yield at, _row(local, k)


def _row(local: Local, k: int) -> Local:
    def one(values: Tensor | None) -> Tensor | None:
        return None if values is None else values[k : k + 1]

    return Local(
        gates=local.gates[k : k + 1],
        from_c=local.from_c,
        c_by_h=one(local.c_by_h),
        carry=one(local.carry),
        free_h=one(local.free_h),
    )


def _identity(run: Trace, states: States, of: str) -> _Found:
    """∂ of a state by itself."""
    like, H_out, H_cell = states.binding.x, run.output_size, run.hidden_size  # noqa: N806
    size = H_out if of == "h" else H_cell
    identity = torch.eye(size, dtype=like.dtype, device="cpu")
    if not run.cell.has_c:
        return _Found(identity, None)
    if of == "h":
        return _Found(identity, like.new_zeros(size, H_cell))
    return _Found(like.new_zeros(size, H_out), identity)


def _chosen(found: _Found, by: str) -> Tensor:
    chosen = found.h if by == "h" else found.c
    assert chosen is not None
    return chosen


def _sizes(values: Tensor) -> tuple[float, float]:
    """Frobenius norm and largest singular value."""
    wide = values.double()
    if not bool(wide.isfinite().all()):
        return math.nan, math.nan
    return float(torch.linalg.matrix_norm(wide)), float(torch.linalg.matrix_norm(wide, ord=2))


def _checked(
    run: Trace,
    layer: int,
    direction: int,
    T: int,  # noqa: N803
    sequence: int,
    *names: str,
) -> tuple[Lane, int]:
    check_run(run)
    if run.hidden_size > LARGEST:
        raise UsageError(f"jacobian: expected hidden_size up to {LARGEST}, got {run.hidden_size}")
    known = ("h", "c") if run.cell.has_c else ("h",)
    for name in names:
        if name not in known:
            raise UsageError(f"tensor: expected {' or '.join(known)}, got {name!r}")
    lane = (
        _index("layer", layer, run.num_layers),
        _index("direction", direction, run.num_directions),
    )
    sequence = _index("sequence", sequence, run.N)
    _index("T", T, run.lengths[sequence])
    return lane, sequence


def _checker(cancelled: Callable[[], bool] | None) -> Callable[[], None]:
    def check() -> None:
        if cancelled is not None and cancelled():
            raise Cancelled

    return check


def _index(name: str, index: int, size: int) -> int:
    """A position from 0."""
    position = operator.index(index)
    if not 0 <= position < size:
        raise IndexError(f"{name}: expected 0 to {size - 1}, got {index}")
    return position
