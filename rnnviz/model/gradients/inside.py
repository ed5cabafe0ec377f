"""Back through the operations inside one cell: the gradient of every tensor within."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnviz.model.binding import Binding
from rnnviz.model.cells import Operation, Parameters, perform_all
from rnnviz.model.gradients.derivatives import Lane, Places
from rnnviz.model.gradients.flow import Flow
from rnnviz.model.gradients.passing import around_at

Tensors = dict[str, Tensor]


def gradients_inside(flow: Flow, lane: Lane, places: Places) -> Tensors:
    """∂loss/∂ every tensor of the cells at some places, (rows, width) each, by name.

    Of what enters (`x`, `h_prev`, `c_prev`) it is the share that comes through these cells.
    """
    binding, parameters = flow.binding, flow.binding.lanes[lane]
    tensors = _tensors(flow, lane, places)
    kept = {"h": flow.h[lane][places]} | ({"c": flow.c[lane][places]} if flow.c else {})
    found: Tensors = {}
    for operation in reversed(binding.operations):
        given = []
        for name in operation.gives:
            found[name] = kept[name] if name in kept else found[name]
            given.append(_unforced(binding, lane, places, name, found[name]))
        for name, share in _back(operation, tensors, given, parameters).items():
            found[name] = found[name] + share if name in found else share
    return found


def _tensors(flow: Flow, lane: Lane, places: Places) -> Tensors:
    around = around_at(flow.states, lane, places)
    entering = {"x": around.x, "h_prev": around.h_prev}
    if around.c_prev is not None:
        entering["c_prev"] = around.c_prev
    forcing = flow.binding.forcing.get(lane)
    force = None if forcing is None else forcing.at(*places)
    return perform_all(flow.binding.operations, entering, flow.binding.lanes[lane], force)


def _unforced(binding: Binding, lane: Lane, places: Places, name: str, gradient: Tensor) -> Tensor:
    """What goes on from a tensor to those it is made of: nothing where it is forced."""
    forcing = binding.forcing.get(lane)
    mask = None if forcing is None else forcing.mask(name, *places)
    return gradient if mask is None else gradient.masked_fill(mask, 0.0)


def _back(
    operation: Operation, tensors: Tensors, given: list[Tensor], parameters: Parameters
) -> Tensors:
    """Each taken tensor's share of the gradients of what an operation gives."""
    takes, verb = operation.takes, operation.verb
    if verb == "linear_ih":
        return {takes[0]: torch.cat(given, dim=-1) @ parameters.weight_ih}
    if verb == "linear_hh":
        return {takes[0]: torch.cat(given, dim=-1) @ parameters.weight_hh}
    if verb == "add":
        return dict(zip(takes, given * 2, strict=True))
    if verb == "project":
        assert parameters.weight_hr is not None  # only a cell with one has this operation
        return {takes[0]: given[0] @ parameters.weight_hr}
    if verb in _ACTIVATIONS:
        return {takes[0]: _ACTIVATIONS[verb](given[0], tensors, operation)}
    first, second = (tensors[name] for name in takes)
    if verb == "complement":
        return {takes[0]: -given[0] * second, takes[1]: given[0] * (1 - first)}
    return {takes[0]: given[0] * second, takes[1]: given[0] * first}


def _result(tensors: Tensors, operation: Operation) -> Tensor:
    return tensors[operation.gives[0]]


_ACTIVATIONS: dict[str, Callable[[Tensor, Tensors, Operation], Tensor]] = {
    "sigmoid": lambda grad, tensors, op: grad * _result(tensors, op) * (1 - _result(tensors, op)),
    "tanh": lambda grad, tensors, op: grad * (1 - _result(tensors, op) ** 2),
    "relu": lambda grad, tensors, op: grad * (_result(tensors, op) > 0),
}
