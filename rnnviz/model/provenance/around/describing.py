"""What is said of an element of the whole model: its names, its numbers, and its PyTorch."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.provenance import words
from rnnviz.model.provenance.around import reading
from rnnviz.model.provenance.around.coding import lines_of
from rnnviz.model.provenance.around.letters import name_of, symbol
from rnnviz.model.provenance.around.notes import note_of
from rnnviz.model.provenance.around.spots import GRADIENT, has_time, settle, spot
from rnnviz.model.provenance.around.status import status_of
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.description import Description, Symbol, Values
from rnnviz.model.provenance.places import check, check_index
from rnnviz.model.trace import as_numpy

_NEAR = 32  # rows on either side of the one that is described


def knows(whole: Whole, element: Element) -> bool:
    """Whether an element is one of what stands around the recurrent layers, or of gradients."""
    return reading.family_of(whole, element.tensor) is not None


def settled(whole: Whole, element: Element) -> Element:
    """An element with its defaults filled in.

    Raises:
        UsageError: where the run has no such element.
    """
    family = reading.family_of(whole, element.tensor)
    if family in ("tensor", "gradient"):
        return settle(whole.pr, element, reading.named_of(whole, element.tensor))
    if family in ("weight", "weight_gradient"):
        return Element(element.tensor, row=element.row, column=element.column)
    if family is None and (element.tensor != "x" or element.layer):
        raise UsageError(f"there is no tensor {element.tensor!r} here")
    run = reading.trace_of(whole)
    base = element.tensor.removeprefix(GRADIENT)
    element = element._replace(
        layer=element.layer or 0,
        direction=None if base == "x" else element.direction or 0,
        sequence=element.sequence or 0,
        t=None if base in ("h_0", "c_0", "h_n", "c_n") else element.t,
    )
    check(run, element)
    return element


def values_of(whole: Whole, element: Element) -> Values:
    """The numbers of a settled element, and where it lies in them.

    Raises:
        UsageError: where the run has no such element.
    """
    family = reading.family_of(whole, element.tensor)
    if family in ("weight", "weight_gradient"):
        return _weight_values(whole, element, family == "weight")
    if family in ("tensor", "gradient"):
        return _outer_values(whole, element).with_status(status_of(whole, element))
    if family is None:
        raise UsageError(f"there is no tensor {element.tensor!r} here")
    if element.t is None and element.tensor.removeprefix(GRADIENT) in ("x", "h", "c"):
        return Values(as_numpy(reading.inner_path(whole, element)))
    status = status_of(whole, element)
    width = _inner_width(whole, element)
    check_index(element, "unit", width)
    index = None if element.unit is None else (element.unit,)
    if status != "computed":
        return Values(np.full(width, np.nan), index, status)
    return Values(as_numpy(reading.inner_strip(whole, element)), index)


def describe(whole: Whole, element: Element) -> Description:
    """All that the inspector says of an element of the whole model.

    Raises:
        UsageError: where the run has no such element.
    """
    element = settled(whole, element)
    values = values_of(whole, element)
    axes = _axes(whole, element, values)
    lines = lines_of(whole, element, values) if values.status != "padding" else []
    return Description(
        element=element,
        title=title(whole, element),
        subtitle=" · ".join([*place(whole, element, " = "), *_word(whole, element, values)]),
        symbol=_symbol(whole, element),
        role=_role(whole, element),
        values=values.array,
        index=values.index,
        status=values.status,
        axes=tuple(zip(axes, values.array.shape, strict=True)),
        shape_legend=legend(whole, element),
        code=tuple(line.code for line in lines),
        code_results=tuple(line.shape for line in lines),
        setup=(),
        equation=None,
        equation_key=None,
        note=note_of(whole, element, values.status),
        field=values.field,
        first=values.first,
    )


def title(whole: Whole, element: Element) -> str:
    """An element in words: "Score of class 'l'", "Gradient at the cell state"."""
    base = element.tensor.removeprefix(GRADIENT)
    name = name_of(whole, base)
    said = name.title
    unit = element.unit if element.row is None else element.column
    if unit is not None and "{}" in name.one:
        said = name.one.format(_unit_name(whole, base, unit))
    if base == element.tensor:
        return said
    if base in whole.pr.weights or (whole.pr.run is not None and base in whole.pr.run.weights):
        return f"Gradient of {base}"
    return f"Gradient at the {said[:1].lower() + said[1:].replace(' of class ', ' ')}"


def place(whole: Whole, element: Element, separator: str) -> list[str]:
    """Where an element lies, part by part; t counts from 1."""
    pr, parts = whole.pr, []
    base = element.tensor.removeprefix(GRADIENT)
    if element.layer is not None:
        parts.append(f"layer {element.layer}")
    if element.direction is not None and pr.run is not None and pr.run.num_directions == 2:
        parts.append(words.DIRECTIONS[element.direction])
    if element.row is not None:
        parts.append(f"row {element.row}")
        if base.startswith("flat_"):
            n, t = pr.flat_rows[element.row]
            parts += [f"t{separator}{t + 1}", f"sequence {n}"]
        elif base == "embedding.weight" and len(whole.tokens) > element.row:
            parts.append(f"token {whole.token_name(element.row)}")
        elif base.startswith("head.") and element.row < len(whole.classes):
            parts.append(f"class {whole.class_name(element.row)}")
    if element.t is not None:
        parts.append(f"t{separator}{element.t + 1}")
    if element.sequence is not None and pr.form.N > 1:
        parts.append(f"sequence {element.sequence}")
    if element.column is not None and not base.startswith("flat_"):
        parts.append(f"column {element.column}")
    return parts


def _word(whole: Whole, element: Element, values: Values) -> list[str]:
    """What an id, or the class that is wanted, stands for."""
    known = values.index is not None and not whole.is_difference
    if not known or element.tensor not in ("ids", "targets", "flat_targets"):
        return []
    if values.index is None or values.array.dtype.kind not in "iu":
        return []
    names = whole.tokens if element.tensor == "ids" else whole.classes
    id_ = int(values.array[values.index])
    return [repr(names[id_])] if 0 <= id_ < len(names) else []


def accessible_name(whole: Whole, element: Element) -> str:
    """An element in words, as a screen reader or a tooltip gives it.

    Such as "score of class 'l', t 3, 1.234"; empty where there is no such element.
    """
    try:
        element = settled(whole, element)
        values = values_of(whole, element)
    except UsageError:
        return ""
    said = title(whole, element)
    parts = [said[:1].lower() + said[1:], *place(whole, element, " ")]
    if element.unit is not None and "{}" not in name_of(whole, _base(element)).one:
        parts.append(f"unit {element.unit}")
    return ", ".join([*parts, *_spoken_value(whole, element, values)])


def _spoken_value(whole: Whole, element: Element, values: Values) -> list[str]:
    if values.status != "computed":
        return ["padding" if values.status == "padding" else "not computed yet"]
    if values.index is None:
        return []
    number = values.array[values.index]
    if values.array.dtype.kind in "iub":
        return [_named_number(whole, _base(element), int(number))]
    return [words.spoken(float(number))]


def _named_number(whole: Whole, base: str, number: int) -> str:
    if base == "ids":
        return f"{whole.token_name(number)} (id {number})" if whole.tokens else str(number)
    loss = whole.pr.pipeline.loss
    if loss is not None and number == loss.ignore_index:
        return f"{number}: it does not count".replace("-", "−")
    if base in ("targets", "flat_targets") and whole.classes:
        return f"class {whole.class_name(number)}"
    return str(number)


def legend(whole: Whole, element: Element) -> str:
    """Names and sizes of the axes of the tensor in PyTorch."""
    family = reading.family_of(whole, element.tensor)
    if family in ("tensor", "gradient"):
        return reading.named_of(whole, element.tensor).legend
    base = _base(element)
    if family in ("weight", "weight_gradient"):
        shape = tuple(reading.weight_of(whole, base).shape)
        return str(shape)
    return f"({_inner_axis(base)},) = ({_inner_width(whole, element)},)"


def unit_count(whole: Whole, element: Element) -> int:
    """How many numbers the strip of an element has."""
    values = values_of(whole, settled(whole, element)._replace(unit=None))
    return values.array.shape[-1] if values.array.ndim else 1


def _outer_values(whole: Whole, element: Element) -> Values:
    named, pr = reading.named_of(whole, element.tensor), whole.pr
    if not named.axes:
        return Values(as_numpy(named.tensor.reshape(1)), (0,))
    if element.row is None and element.t is None and has_time(named):
        n = element.sequence or 0
        count = int(pr.form.ends[n]) + 1
        rows = [spot(pr, element._replace(t=t), named).strip for t in range(count)]
        return Values(as_numpy(_stacked(rows)), field="t" if rows[0].dim() == 0 else "unit")
    where = spot(pr, element, named)
    if where.axis:
        unit, field = element.unit, "unit"
        if element.row is not None:
            unit, field = element.column, "column"
        return Values(as_numpy(where.strip), None if unit is None else (unit,), field=field)  # type: ignore[arg-type]
    if element.row is not None:
        first = max(0, element.row - _NEAR)
        strip = named.tensor[first : element.row + _NEAR]
        return Values(as_numpy(strip), (element.row - first,), field="row", first=first)
    return _scalars(whole, element)


def _scalars(whole: Whole, element: Element) -> Values:
    """Single numbers along a sequence, or along the batch where there is one for each."""
    named, pr, n = reading.named_of(whole, element.tensor), whole.pr, element.sequence or 0
    if not has_time(named):
        every = [
            spot(pr, element._replace(sequence=other, t=None), named).strip
            for other in range(pr.form.N)
        ]
        return Values(as_numpy(_stacked(every)), (n,), field="sequence")
    count = max(int(pr.form.ends[n]), element.t or 0) + 1
    first = max(0, (element.t or 0) - _NEAR)
    last = min(count, (element.t or 0) + _NEAR)
    along = [spot(pr, element._replace(t=t), named).strip for t in range(first, last)]
    return Values(as_numpy(_stacked(along)), ((element.t or 0) - first,), field="t", first=first)


def _stacked(rows: list[Tensor]) -> Tensor:
    from torch import stack

    return stack(rows)


def _weight_values(whole: Whole, element: Element, own: bool) -> Values:
    base = _base(element)
    weight = reading.weight_of(whole, base) if own else reading.weight_gradient(whole, base)
    check_index(element, "row", len(weight))
    if weight.dim() == 2:
        check_index(element, "column", weight.shape[1])
    if element.row is None:
        return Values(as_numpy(weight), field="row")
    if weight.dim() == 2:
        index = None if element.column is None else (element.column,)
        return Values(as_numpy(weight[element.row]), index, field="column")
    return Values(as_numpy(weight), (element.row,), field="row")


def _axes(whole: Whole, element: Element, values: Values) -> tuple[str, ...]:
    family, base = reading.family_of(whole, element.tensor), _base(element)
    if family in ("weight", "weight_gradient"):
        names = _weight_axes(base)
        return (
            names
            if values.array.ndim == 2
            else (names[1] if values.field == "column" else names[0],)
        )
    last = "1"
    if family in ("tensor", "gradient"):
        named = reading.named_of(whole, element.tensor)
        if values.field in ("t", "sequence"):
            return ("L" if values.field == "t" else "N",)
        if values.field == "row":
            return (named.axes[0],)
        last = named.axes[-1] if named.axes else "1"
    else:
        last = _inner_axis(base)
    return ("L", last) if values.array.ndim == 2 else (last,)


def _weight_axes(base: str) -> tuple[str, str]:
    if base.startswith("head."):
        return "C", "D * H_out"
    if base.startswith("embedding."):
        return "V", "E"
    return "rows", "columns"


def _inner_axis(base: str) -> str:
    if base == "x":
        return "in_features"
    return "H_out" if base.startswith("h") and not base.startswith("hh") else "H_cell"


def _inner_width(whole: Whole, element: Element) -> int:
    run, base = reading.trace_of(whole), _base(element)
    if base == "x":
        return int(run.inputs(element.layer or 0).shape[-1])
    return run.output_size if _inner_axis(base) == "H_out" else run.hidden_size


def _symbol(whole: Whole, element: Element) -> Symbol:
    token = symbol(whole, element)
    text = token.text.replace("_", " ")
    return Symbol(text, token.sub)


def _role(whole: Whole, element: Element) -> str:
    if element.tensor.startswith(GRADIENT):
        return "gradient"
    return name_of(whole, element.tensor).role


def _unit_name(whole: Whole, base: str, unit: int) -> str:
    if base == "one_hot":
        return whole.token_name(unit)
    return str(unit) if base in ("input", "flat_output") else whole.class_name(unit)


def _base(element: Element) -> str:
    return element.tensor.removeprefix(GRADIENT)
