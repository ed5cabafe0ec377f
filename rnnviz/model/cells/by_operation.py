"""A scan that goes operation by operation, so that any tensor within may be forced on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rnnviz.model.cells.base import Parameters
from rnnviz.model.cells.operations import Operation, Verb
from rnnviz.model.cells.scanning import Array, Lane, Recurrent, blocks, by_gate, continued

ForceRows = Callable[[Array, int], None]


def scan_by_operation(
    operations: Sequence[Operation],
    lane: Lane,
    parameters: Parameters,
    forced: Mapping[str, ForceRows],
) -> None:
    """Fills a lane's h and c, in numpy; for float32 and float64 of moderate size.

    Args:
        operations: of the cell, W_ih x and W_hh h first.
        forced: by tensor, what puts the forced values into (rows, width) of a timestep, which
            is counted from the first of the lane.
    """
    w, (ih, hh, *rest) = parameters, operations
    order, scales = range(len(ih.gives)), [1.0] * len(ih.gives)
    recurrent = Recurrent(w.weight_hh, order, scales, lane.h_0)
    b_hh = np.zeros(1, lane.h.dtype)
    if w.bias_hh is not None:
        b_hh = by_gate(w.bias_hh[:, None], order, scales).numpy()
    c, done = lane.c_0, 0
    for block in blocks(lane, w.weight_ih, w.bias_ih, order, scales):
        multiply, h, p = recurrent.of(block.rows)
        if c is not None and lane.c_0 is not None:
            c = continued(c, lane.c_0, block.rows)
        for step, x in enumerate(block.a):
            multiply()
            tensors = {"h_prev": h} if c is None else {"h_prev": h, "c_prev": c}
            tensors.update(zip(ih.gives, x, strict=True))
            tensors.update(zip(hh.gives, p + b_hh, strict=True))
            _perform(rest, tensors, w, forced, done)
            block.h[step] = h[:] = tensors["h"]
            if block.c is not None:
                block.c[step] = c = tensors["c"]
            done += 1


def _perform(
    operations: Sequence[Operation],
    tensors: dict[str, Array],
    parameters: Parameters,
    forced: Mapping[str, ForceRows],
    step: int,
) -> None:
    values: Array
    for _, verb, takes, gives, _ in operations:
        for index, name in enumerate(gives):
            if verb == "add":
                values = tensors[takes[index]] + tensors[takes[index + len(gives)]]
            elif verb == "project":
                assert parameters.weight_hr is not None  # only a cell with one has this operation
                values = tensors[takes[0]] @ parameters.weight_hr.T.numpy()
            else:
                values = _ELEMENTWISE[verb](*(tensors[name] for name in takes))
            if name in forced:
                forced[name](values, step)
            tensors[name] = values


def _sigmoid(a: Array) -> Array:
    result: Array = np.tanh(a * 0.5)
    result += 1
    result *= 0.5
    return result


_ELEMENTWISE: dict[Verb, Callable[..., Array]] = {
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "multiply": np.multiply,
    "complement": lambda first, second: (1 - first) * second,
}
