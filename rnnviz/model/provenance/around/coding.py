"""How PyTorch gives a number of the whole model: lines that work after the copied script."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.provenance.around import reading, rerun
from rnnviz.model.provenance.around.reading import THROUGH_GATES
from rnnviz.model.provenance.around.script_names import (
    gets_own_grad,
    keeps_grad,
    parameter_name,
    tensor_name,
)
from rnnviz.model.provenance.around.spots import GRADIENT, has_time, spot
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.description import Line, Values

_LOSSES = {"cross_entropy": "cross_entropy", "mse": "mse_loss"}
_OF_STATES = ("h_0", "c_0", "h_n", "c_n")


def lines_of(whole: Whole, element: Element, values: Values) -> list[Line]:
    """Lines of PyTorch, each with the shape of what it gives; the last is the number."""
    family, base = reading.family_of(whole, element.tensor), element.tensor.removeprefix(GRADIENT)
    if family == "weight":
        return _indexed(parameter_name(whole, base), _weight_index(element), values)
    if family == "weight_gradient":
        return _of_weight_gradient(whole, element, base, values)
    if family == "tensor":
        return _of_tensor(whole, element, values)
    if family == "gradient":
        return _of_gradient(whole, element, base, values)
    return _inside(whole, element, base, values)


def _weight_index(element: Element) -> tuple[int | str, ...]:
    return tuple(index for index in (element.row, element.column) if index is not None)


def _indexed(name: str, index: tuple[int | str, ...], values: Values) -> list[Line]:
    """A tensor at some indices; none where the script has no such tensor."""
    shape: tuple[int, ...] = () if values.index is not None else values.array.shape
    place = ", ".join(map(str, index))
    return [Line(f"{name}[{place}]" if place else name, shape)] if name else []


def _again(whole: Whole, *lines: Line) -> list[Line]:
    """Lines that need `gradients`, with the statements that make them."""
    before = rerun.statements(whole)
    return [*(Line(code, ()) for code in before), *lines] if before and lines else []


def _place(whole: Whole, element: Element) -> tuple[int | str, ...]:
    named = reading.named_of(whole, element.tensor)
    if element.row is None and element.t is None and has_time(named):
        first = spot(whole.pr, element._replace(t=0, unit=None), named).indices
        names = [axis for axis in named.axes if axis in ("N", "L")]
        if len(names) != len(first):
            return ()
        return tuple(":" if axis == "L" else at for axis, at in zip(names, first, strict=True))
    where = spot(whole.pr, element, named)
    unit = element.unit if element.row is None else element.column
    return (*where.indices, unit) if where.axis and unit is not None else where.indices


def _of_tensor(whole: Whole, element: Element, values: Values) -> list[Line]:
    name, place = element.tensor, _place(whole, element)
    if name == "loss":
        return [Line("loss", ())]
    if name == "losses":
        return _indexed(_each_loss(whole), place, values)
    if name == "counts":
        return []
    return _indexed(tensor_name(whole, name), place, values)


def _each_loss(whole: Whole) -> str:
    loss = whole.pr.pipeline.loss
    assert loss is not None
    flat = next(name for name in whole.pr.tensors if name.startswith("flat_"))
    call = _LOSSES.get(loss.kind, "binary_cross_entropy")
    if loss.kind == "bce" and flat != "flat_probabilities":
        call = "binary_cross_entropy_with_logits"
    more = ""
    if loss.takes_classes:
        if loss.weight is not None:
            more += ", weight=criterion.weight"
        if loss.ignore_index != -100:
            more += f", ignore_index={loss.ignore_index}"
        if loss.label_smoothing:
            more += f", label_smoothing={loss.label_smoothing}"
    targets = tensor_name(whole, "flat_targets")
    return f'nn.functional.{call}({flat}, {targets}{more}, reduction="none")'


def _of_weight_gradient(whole: Whole, element: Element, base: str, values: Values) -> list[Line]:
    """`.grad`; of a way back that is under way what the timesteps so far contribute."""
    inner, place = base not in whole.pr.weights, _weight_index(element)
    found = whole.arrived
    if inner and found is not None and found.position < found.total:
        code = f'gradients.recurrent.at({found.position}).weights["{base}"]'
        return _again(whole, *_indexed(code, place, values))
    if gets_own_grad(whole, base):
        return _indexed(f"{parameter_name(whole, base)}.grad", place, values)
    name = f"recurrent.{base}" if inner else base
    return _again(whole, *_indexed(f'gradients.weights["{name}"]', place, values))


def _of_gradient(whole: Whole, element: Element, base: str, values: Values) -> list[Line]:
    place = _place(whole, element)
    if keeps_grad(whole, base):
        return _indexed(f"{tensor_name(whole, base)}.grad", place, values)
    return _again(whole, *_indexed(f'gradients.tensors["{base}"].tensor', place, values))


def _inside(whole: Whole, element: Element, base: str, values: Values) -> list[Line]:
    """What autograd keeps inside a fused module is not there: it is computed in the open."""
    run = reading.trace_of(whole)
    layer, direction, n = element.layer or 0, element.direction or 0, element.sequence or 0
    where = f"{layer}, {direction}"
    unit = () if element.unit is None else (element.unit,)
    if base in _OF_STATES:
        row = layer * run.num_directions + direction
        return _of_state(whole, base, (row, n, *unit), values)
    place = (":" if element.t is None else element.t, n, *unit)
    if base == THROUGH_GATES or (element.t is None and base not in ("h", "c", "x")):
        return []
    if base in ("h", "c"):
        code = f"gradients.recurrent.{base}({where})"
    elif base == "x":
        code = f"gradients.recurrent.inputs({layer})"
    else:
        code = f'gradients.recurrent.tensors({where}, {element.t})["{base}"]'
        place = (n, *unit)
    return _again(whole, *_indexed(code, place, values))


def _of_state(whole: Whole, base: str, place: tuple[int, ...], values: Values) -> list[Line]:
    """Of an initial or final state: (D * num_layers, N, H)."""
    if base in ("h_0", "c_0"):
        return _again(whole, *_indexed(f"gradients.recurrent.{base}", place, values))
    name = tensor_name(whole, base)
    if whole.pr.run is not None and whole.pr.run.unbatched:
        place = (place[0], *place[2:])
    if keeps_grad(whole, base):
        return _indexed(f"{name}.grad", place, values)
    assert whole.gradients is not None
    if base in whole.gradients.tensors:
        code = f'gradients.tensors["{base}"].tensor'
        return _again(whole, *_indexed(code, place, values))
    return _indexed(f"torch.zeros_like({name})" if name else "", place, values)
