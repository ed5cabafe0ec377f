"""The parameters: which rows serve which gate and unit."""

from __future__ import annotations

import re
from typing import NamedTuple

from torch import Tensor

from rnnviz.element import Element
from rnnviz.model.provenance import words
from rnnviz.model.provenance.description import Line, Symbol, Values
from rnnviz.model.provenance.equations import cell_key
from rnnviz.model.provenance.kind import Facts, Kind
from rnnviz.model.provenance.places import check_index
from rnnviz.model.trace import Trace, as_numpy

_NAME = re.compile(r"(weight|bias)_(ih|hh|hr)_l(\d+)(_reverse)?")
_MEANINGS = {
    "weight_ih": "input-hidden weights",
    "weight_hh": "hidden-hidden weights",
    "weight_hr": "projection weights",
    "bias_ih": "input-hidden bias",
    "bias_hh": "hidden-hidden bias",
}
_ROLES = {"ih": "x", "hh": "h", "hr": "h"}


class _Parameter(NamedTuple):
    kind: str  # weight or bias
    between: str  # ih, hh or hr
    layer: int
    direction: int
    gate: str | None  # that the row serves; None where no row is chosen
    rows: tuple[int, int]  # of that gate, or all

    @property
    def unit(self) -> int:
        return self.rows[0]


def gate_of_row(run: Trace, name: str, row: int) -> tuple[str, int]:
    """The gate and the unit that a row of a parameter serves; of `weight_hr`, h and its unit."""
    if name.startswith("weight_hr"):
        return "h", row
    gate, unit = divmod(row, run.hidden_size)
    return run.cell.gates[gate], unit


def lane_of(name: str) -> tuple[int, int]:
    """The layer and the direction of a parameter."""
    match = _NAME.fullmatch(name)
    assert match is not None
    return int(match[3]), int(match[4] is not None)


def _read(run: Trace, element: Element) -> _Parameter:
    match = _NAME.fullmatch(element.tensor)
    assert match is not None  # it is among the run's weights
    kind, between, layer, reverse = match.groups()
    count = len(run.weights[element.tensor])
    gate, rows = None, (0, count)
    if element.row is not None:
        gate, unit = gate_of_row(run, element.tensor, element.row)
        if between != "hr":
            rows = (element.row - unit, element.row - unit + run.hidden_size)
    return _Parameter(kind, between, int(layer), int(reverse is not None), gate, rows)


def _values(run: Trace, element: Element) -> Values:
    weight = run.weights[element.tensor]
    check_index(element, "row", len(weight))
    if weight.dim() == 2:
        check_index(element, "column", weight.shape[1])
    if element.row is None:
        return Values(as_numpy(weight), field="row")
    if weight.dim() == 2:
        index = None if element.column is None else (element.column,)
        return Values(as_numpy(weight[element.row]), index, field="column")
    start, stop = _read(run, element).rows
    return Values(as_numpy(weight[start:stop]), (element.row - start,), field="row", first=start)


def _facts(run: Trace, element: Element, values: Values) -> Facts:
    parameter = _read(run, element)
    weight = run.weights[element.tensor]
    row_axis, column_axis = _axis_names(run, parameter)
    names = (row_axis, column_axis)[: weight.dim()]
    return Facts(
        title=element.tensor,
        symbol=_symbol(run, parameter),
        role=parameter.gate or _ROLES[parameter.between],
        axes=_shown_axes(element, weight, names),
        legend=f"({', '.join(names)}{',' * (len(names) == 1)}) = {tuple(weight.shape)}",
        code=_lines(element, weight, parameter),
        equation_key=_equation_key(run, parameter),
        note=_note(run, parameter),
        subtitle=_subtitle(run, element, parameter),
    )


def _axis_names(run: Trace, parameter: _Parameter) -> tuple[str, str]:
    if parameter.between == "hr":
        return "proj_size", "H_cell"
    gates = len(run.cell.gates)
    rows = "H_cell" if gates == 1 else f"{gates} · H_cell"
    if parameter.between == "hh":
        return rows, "H_out"
    if parameter.layer == 0:
        return rows, "H_in"
    return rows, "D · H_out" if run.num_directions == 2 else "H_out"


def _shown_axes(element: Element, weight: Tensor, names: tuple[str, ...]) -> tuple[str, ...]:
    if element.row is None:
        return names
    return names[1:] if weight.dim() == 2 else ("H_cell",)


def _lines(element: Element, weight: Tensor, parameter: _Parameter) -> list[Line]:
    """The row, the number itself, the gate's rows and the whole, as far as they differ."""
    name, shape = f"module.{element.tensor}", tuple(weight.shape)
    start, stop = parameter.rows
    whole = Line(name, shape)
    gate = Line(f"{name}[{start}:{stop}]", (stop - start, *shape[1:]))
    if element.row is None:
        return [whole]
    block = [gate] if stop - start < shape[0] else [whole]
    if weight.dim() == 1:
        return [*block, Line(f"{name}[{element.row}]", ())]
    found = [Line(f"{name}[{element.row}]", shape[1:])]
    if element.column is not None:
        found.append(Line(f"{name}[{element.row}, {element.column}]", ()))
    return found + block


def _symbol(run: Trace, parameter: _Parameter) -> Symbol:
    letter = "W" if parameter.kind == "weight" else "b"
    gated = parameter.gate is not None and parameter.between != "hr" and run.kind != "RNN"
    sub = f"{parameter.between[0]}{parameter.gate}" if gated else parameter.between
    where = Element("", layer=parameter.layer, direction=parameter.direction)
    return words.symbol(run, letter, sub, where)


def _equation_key(run: Trace, parameter: _Parameter) -> str | None:
    """The equation in which the parameter stands: its gate's, or that of h."""
    if parameter.between == "hr" or run.kind == "RNN":
        return cell_key(run.spec, "h", parameter.direction)
    return (
        None if parameter.gate is None else cell_key(run.spec, parameter.gate, parameter.direction)
    )


def _subtitle(run: Trace, element: Element, parameter: _Parameter) -> str:
    if element.row is None:
        return _MEANINGS[f"{parameter.kind}_{parameter.between}"]
    return " · ".join(row_in_words(run, element))


def row_in_words(run: Trace, element: Element) -> list[str]:
    """The row and column of a parameter, and the gate and unit that it serves."""
    if element.row is None:
        return []
    gate, unit = gate_of_row(run, element.tensor, element.row)
    serves = words.GATE_TITLES[gate].lower() if gate in words.GATE_TITLES else ""
    if run.kind == "RNN" or element.tensor.startswith("weight_hr"):
        serves = ""
    parts = [f"row {element.row}"]
    if element.column is not None:
        parts.append(f"column {element.column}")
    return [*parts, f"{serves} unit {unit}".strip()]


def _note(run: Trace, parameter: _Parameter) -> str:
    if parameter.kind == "bias":
        if parameter.gate == "n" and parameter.between == "hh":
            return "In the new gate this bias stands inside the brackets that r multiplies."
        return "PyTorch keeps two biases, bias_ih and bias_hh, where the formula needs their sum."
    if parameter.between == "hr":
        return "It takes o ⊙ tanh(c), of hidden_size units, to h, of proj_size units."
    if parameter.between == "ih" and parameter.layer and run.num_directions == 2:
        half = run.output_size
        return (
            f"Columns 0 to {half - 1} meet the forward h of layer {parameter.layer - 1}, "
            f"columns {half} to {2 * half - 1} its reverse h."
        )
    gates = " ".join(run.cell.gates)
    if len(run.cell.gates) > 1:
        return f"The gates lie one below the other, in PyTorch's order {gates}."
    return "One row for each hidden unit."


WEIGHT = Kind(_values, _facts)
