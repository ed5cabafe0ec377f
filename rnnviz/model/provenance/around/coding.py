"""How PyTorch gives a number of the whole model: lines for a script of the run."""

from __future__ import annotations

import ast

from rnnviz.element import Element
from rnnviz.model.pipeline.code import run_code
from rnnviz.model.provenance.around import reading
from rnnviz.model.provenance.around.reading import THROUGH_GATES
from rnnviz.model.provenance.around.spots import GRADIENT, has_time, spot
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.description import Line, Values

_LEAVES = ("input", "one_hot")
_LOSSES = {"cross_entropy": "cross_entropy", "mse": "mse_loss"}


def lines_of(whole: Whole, element: Element, values: Values) -> list[Line]:
    """Lines of PyTorch, each with the shape of what it gives; the last is the number."""
    family, base = reading.family_of(whole, element.tensor), element.tensor.removeprefix(GRADIENT)
    if family == "weight":
        return _indexed(base, _weight_index(element), values)
    if family == "weight_gradient":
        name = base if base in whole.pr.weights else f"recurrent.{base}"
        return [
            Line("loss.backward()", ()),
            *_indexed(f"{name}.grad", _weight_index(element), values),
        ]
    if family == "tensor":
        return _of_tensor(whole, element, values)
    if family == "gradient":
        return _of_gradient(whole, element, base, values)
    return _inside(element, base, values, reading.trace_of(whole).num_directions)


def script_of(whole: Whole) -> str:
    """The script after which the lines work: modules, batch, and all up to the loss."""
    lines = [
        line
        for line in run_code(whole.pr).splitlines()
        if not line.startswith(("print(", "loss.backward()"))
    ]
    for statement in reversed(ast.parse("\n".join(lines)).body):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id in _LEAVES:
            lines.insert(statement.end_lineno or 0, f"{target.id}.requires_grad_()")
    return "\n".join(lines) + "\n"


def _weight_index(element: Element) -> tuple[int | str, ...]:
    return tuple(index for index in (element.row, element.column) if index is not None)


def _indexed(name: str, index: tuple[int | str, ...], values: Values) -> list[Line]:
    """A tensor at some indices, with the strip first where one number of it is meant."""
    shape: tuple[int, ...] = () if values.index is not None else values.array.shape
    place = ", ".join(map(str, index))
    return [Line(f"{name}[{place}]" if place else name, shape)]


def _place(whole: Whole, element: Element, values: Values) -> tuple[int | str, ...]:
    named = reading.named_of(whole, element.tensor)
    if element.row is None and element.t is None and has_time(whole.pr, named):
        first = spot(whole.pr, element._replace(t=0, unit=None), named).indices
        names = [axis for axis in named.axes if axis in ("N", "L")]
        if len(names) != len(first):
            return ()
        return tuple(":" if axis == "L" else at for axis, at in zip(names, first, strict=True))
    where = spot(whole.pr, element, named)
    unit = element.unit if element.row is None else element.column
    return (*where.indices, unit) if where.axis and unit is not None else where.indices


def _of_tensor(whole: Whole, element: Element, values: Values) -> list[Line]:
    name, place = element.tensor, _place(whole, element, values)
    if name == "loss":
        return [Line("loss", ())]
    if name == "losses":
        return _indexed(_each_loss(whole), place, values)
    if name == "counts":
        return []
    return _indexed(name, place, values)


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
    return f'nn.functional.{call}({flat}, flat_targets{more}, reduction="none")'


def _of_gradient(whole: Whole, element: Element, base: str, values: Values) -> list[Line]:
    head = whole.pr.pipeline.head
    if base == "output" and head is not None and head.on == "h_n":
        return []  # the loss does not see it: autograd has no gradient there, not even zeros
    lines = [] if base in _LEAVES else [Line(f"{base}.retain_grad()", ())]
    place = _place(whole, element, values)
    return [*lines, Line("loss.backward()", ()), *_indexed(f"{base}.grad", place, values)]


def _inside(element: Element, base: str, values: Values, directions: int) -> list[Line]:
    """What autograd keeps inside a fused module is not there: it is recomputed."""
    layer, direction, n = element.layer or 0, element.direction or 0, element.sequence or 0
    where = f"{layer}, {direction}"
    t = ":" if element.t is None else str(element.t)
    index = f"{t}, {n}"
    if base in ("h", "c"):
        code = f"gradients.{base}({where})[{index}]"
    elif base == "x":
        code = f"gradients.inputs({layer})[{index}]"
    elif base in ("h_0", "c_0"):
        code = f"gradients.{base}[{layer * directions + direction}, {n}]"
    elif base in ("h_n", "c_n") or base == THROUGH_GATES or element.t is None:
        return []
    else:
        code = f'gradients.tensors({where}, {t})["{base}"][{n}]'
    if element.unit is not None:
        code = f"{code[:-1]}, {element.unit}]"
    shape = () if element.unit is not None else values.array.shape
    return [Line("gradients = pr.backward().recurrent", ()), Line(code, shape)]
