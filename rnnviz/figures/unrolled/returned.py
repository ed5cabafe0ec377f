"""How far the gradients have come back, and what they are: of the view, and of one sequence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.figures.memo import Memo
from rnnviz.figures.ranges import round_limit
from rnnviz.figures.unrolled.slices import Floats, sampled
from rnnviz.figures.view import View
from rnnviz.model.gradients import Gradients
from rnnviz.model.pipeline.backward import PipelineGradients
from rnnviz.model.schedule import Advance
from rnnviz.model.trace import Trace, as_numpy

_ROBUST = 0.95  # of all gradients are within the range
_MEMO = Memo()


def current_steps(view: View, sequence: int) -> dict[tuple[int, int], int]:
    """Where the last step was, forward or back, by layer and direction, of a sequence in it."""
    return _of_sequence(_last(view), sequence)


def focused_steps(view: View, sequence: int) -> dict[tuple[int, int], int]:
    """The same; before the first step back, where that will be."""
    if _steps(view) == 0 and view.run.total:
        return _of_sequence(view.run.schedule.advances(view.run.total - 1), sequence)
    return current_steps(view, sequence)


def _of_sequence(advances: tuple[Advance, ...], sequence: int) -> dict[tuple[int, int], int]:
    return {
        (advance.layer, advance.direction): advance.t[sequence]
        for advance in advances
        if advance.t[sequence] >= 0
    }


def _last(view: View) -> tuple[Advance, ...]:
    steps, run = _steps(view), view.run
    if steps is None:
        return run.current
    return run.schedule.advances(run.total - steps) if steps else ()


def _steps(view: View) -> int | None:
    """How many steps back are done; None while the way forward is on show."""
    around = view.around
    return None if around is None or around.gradients is None else around.returned


def reached(run: Trace, steps: int, lane: tuple[int, int], length: int) -> tuple[int, int]:
    """The timesteps [t0, t1) of a layer and direction whose gradients are there."""
    left = min(run.schedule.steps_done(*lane, run.total - steps), length)
    return (0, length - left) if lane[1] else (left, length)


def gradient_values(
    found: Gradients, tensor: str, lane: tuple[int, int], sequence: int, t0: int, t1: int
) -> Floats:
    """∂loss/∂h_t, ∂loss/∂c_t or ∂loss/∂x_t of a sequence at timesteps [t0, t1)."""
    return as_numpy(_whole(found, tensor, lane)[t0:t1, sequence])


def _whole(found: Gradients, tensor: str, lane: tuple[int, int]) -> Tensor:
    if tensor == "x":
        return found.x
    values = found.h(*lane) if tensor == "h" else found.c(*lane)
    assert values is not None
    return values


def gradient_limit(gradients: PipelineGradients, of: str = "states") -> float:
    """The end of the range that gradients are coloured in: nearly all of them are within it.

    Args:
        of: "states", x included, or "scores".
    """
    return _MEMO.get(gradients, of, partial(_limit, gradients, of))


def _limit(gradients: PipelineGradients, of: str) -> float:
    found = [np.abs(values).ravel() for values in _samples(gradients, of)]
    sizes: NDArray[np.float64] = np.concatenate([*found, np.zeros(1)]).astype(np.float64)
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return round_limit(float(np.quantile(sizes, _ROBUST))) if sizes.size else 1.0


def _samples(gradients: PipelineGradients, of: str) -> Iterator[Floats]:
    if of == "scores":
        if "scores" in gradients.tensors:
            yield sampled(gradients.tensors["scores"].tensor)
        return
    found = gradients.recurrent
    assert found is not None
    for layer in range(found.run.num_layers):
        for direction in range(found.run.num_directions):
            yield sampled(found.h(layer, direction))
            c = found.c(layer, direction)
            if c is not None:
                yield sampled(c)
