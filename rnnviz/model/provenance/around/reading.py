"""The numbers of an element of the whole model: of the run itself, and of its gradients."""

from __future__ import annotations

import re
from typing import Literal

import torch
from torch import Tensor

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.pipeline.named import Named
from rnnviz.model.provenance.around.spots import GRADIENT, OF_STATES
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.trace import Trace

Family = Literal["tensor", "weight", "gradient", "inner", "weight_gradient"]
THROUGH_GATES = "h_gates"  # the part of ∂loss/∂h_t that comes from the next timestep's gates
_OF_TRACE = frozenset({"output", *OF_STATES})
_PARAMETER = re.compile(r"(weight|bias)_(ih|hh|hr)_l\d+(_reverse)?")


def family_of(whole: Whole, name: str) -> Family | None:
    """What kind of number a tensor's name stands for; None for what is the trace's to tell."""
    pr = whole.pr
    if name.endswith("_vector"):
        return None  # h_0 and c_0 tell of it
    if name.startswith(GRADIENT):
        return _gradient_family(whole, name.removeprefix(GRADIENT))
    if name in pr.weights:
        return "weight"
    if name in pr.tensors and not (pr.run is not None and name in _OF_TRACE):
        return "tensor"
    return None


def named_of(whole: Whole, name: str) -> Named:
    """A tensor of the run, or of its gradients, with the names of its axes."""
    if not name.startswith(GRADIENT):
        return whole.pr.tensors[name]
    assert whole.gradients is not None
    return whole.gradients.tensors[name.removeprefix(GRADIENT)]


def weight_of(whole: Whole, name: str) -> Tensor:
    """A parameter by the pipeline's name or, of recurrent layers, by PyTorch's."""
    if name in whole.pr.weights:
        return whole.pr.weights[name]
    assert whole.pr.run is not None
    return whole.pr.run.weights[name]


def weight_gradient(whole: Whole, name: str) -> Tensor:
    """∂loss/∂ a parameter; on the way back, what the timesteps so far contribute."""
    assert whole.gradients is not None
    if name in whole.gradients.weights:
        return whole.gradients.weights[name]
    assert whole.arrived is not None
    return whole.arrived.weights[name]


def inner_strip(whole: Whole, element: Element) -> Tensor:
    """∂loss/∂ a vector inside the recurrent layers: (width,).

    Args:
        element: with layer, direction (but of x), sequence and, but for initial and final
            states, t.

    Raises:
        UsageError: where the run has no such tensor there.
    """
    found = whole.recurrent
    assert found is not None
    name = element.tensor.removeprefix(GRADIENT)
    layer, direction, n = element.layer or 0, element.direction or 0, element.sequence or 0
    row = layer * found.run.num_directions + direction
    if name in ("h_0", "c_0"):
        initial = found.h_0 if name == "h_0" else found.c_0
        assert initial is not None
        return initial[row, n]
    if name in ("h_n", "c_n"):
        return final_gradient(whole, name, row, n)
    assert element.t is not None
    if name == "x":
        return found.inputs(layer)[element.t, n]
    if name in ("h", "c"):
        states = found.h(layer, direction) if name == "h" else found.c(layer, direction)
        assert states is not None
        return states[element.t, n]
    if name == THROUGH_GATES:
        return _through_gates(whole, element)
    return found.tensors(layer, direction, element.t)[name][n]


def inner_path(whole: Whole, element: Element) -> Tensor:
    """The same at every timestep of its sequence: (L, width), of states and inputs."""
    found, name = whole.arrived, element.tensor.removeprefix(GRADIENT)
    assert found is not None
    layer, direction, n = element.layer or 0, element.direction or 0, element.sequence or 0
    if name == "x":
        grid: Tensor | None = found.inputs(layer)
    elif name in ("h", "c"):
        grid = found.h(layer, direction) if name == "h" else found.c(layer, direction)
    else:
        raise UsageError(f"{element.tensor} has no path through time")
    assert grid is not None
    return grid[: found.run.lengths[n], n]


def final_gradient(whole: Whole, name: str, row: int, n: int) -> Tensor:
    """∂loss/∂h_n or ∂loss/∂c_n, zeros where the loss does not see it: (H,)."""
    assert whole.gradients is not None
    run = trace_of(whole)
    named = whole.gradients.tensors.get(name)
    if named is None:
        width = run.output_size if name == "h_n" else run.hidden_size
        return torch.zeros(width, dtype=run.dtype)
    return named.tensor[row] if named.tensor.dim() == 2 else named.tensor[row, n]


def trace_of(whole: Whole) -> Trace:
    """The recurrent layers, run to their end."""
    assert whole.pr.run is not None
    return whole.pr.run


def following(run: Trace, element: Element) -> int | None:
    """The timestep that a state goes on to; None at the end of its sequence."""
    assert element.t is not None
    t = element.t + (-1 if element.direction else 1)
    return t if 0 <= t < run.lengths[element.sequence or 0] else None


def _through_gates(whole: Whole, element: Element) -> Tensor:
    run, found = trace_of(whole), whole.recurrent
    assert found is not None
    layer, direction = element.layer or 0, element.direction or 0
    t = following(run, element)
    if t is None:
        return torch.zeros(run.output_size, dtype=run.dtype)
    inside = found.tensors(layer, direction, t)
    gates = torch.cat([inside[f"hh_{gate}"][element.sequence or 0] for gate in run.cell.gates])
    suffix = f"_l{layer}{'_reverse' * direction}"
    return gates @ run.weights[f"weight_hh{suffix}"]


def _gradient_family(whole: Whole, base: str) -> Family | None:
    gradients, pr = whole.gradients, whole.pr
    if gradients is None:
        return None
    run = pr.run
    if base in pr.weights or (run is not None and base in run.weights):
        return "weight_gradient"
    if base in gradients.tensors and not (run is not None and base in OF_STATES):
        return "gradient"
    if run is None or gradients.recurrent is None or _PARAMETER.fullmatch(base):
        return None
    inside = {name for operation in run.operations for name in operation.gives}
    states = {"x", "h", "h_0", "h_n", THROUGH_GATES}
    if run.cell.has_c:
        states |= {"c", "c_0", "c_n"}
    return "inner" if base in inside | states else None
