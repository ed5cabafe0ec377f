"""Equations by key: the names under which they are drawn beforehand."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

from rnnviz.model.cells import CELLS, equations
from rnnviz.model.spec import ModelSpec

_BOTH = r"[h_t^{(l-1) \rightarrow} ; h_t^{(l-1) \leftarrow}]"
_BETWEEN = {
    "input": r"x_t^{(l)} = h_t^{(l-1)}",
    "input-dropout": r"x_t^{(l)} = m_t^{(l-1)} \odot h_t^{(l-1)}",
    "input-bidirectional": rf"x_t^{{(l)}} = {_BOTH}",
    "input-bidirectional-dropout": rf"x_t^{{(l)}} = m_t^{{(l-1)}} \odot {_BOTH}",
    "output": r"\mathrm{output}_t = h_t",
    "output-bidirectional": r"\mathrm{output}_t = [h_t^{\rightarrow} ; h_t^{\leftarrow}]",
}


def equation(key: str) -> str:
    """The LaTeX of a key that `cell_key`, `input_key` or `output_key` gave."""
    return _known()[key]


def all_equations() -> dict[str, str]:
    """LaTeX by key: every equation that some module can show."""
    return dict(_known())


def cell_key(spec: ModelSpec, tensor: str, direction: int) -> str | None:
    """The key of the equation of a gate, c or h; None where the cell has no such tensor."""
    latex = equations(spec).get(tensor)
    if latex is None:
        return None
    words = [spec.cell.lower(), tensor]
    if tensor == "h" and spec.proj_size:
        words.append("proj")
    if tensor == "h" and spec.nonlinearity == "relu":
        words.append("relu")
    if not spec.bias and "W_{i" in latex:
        words.append("nobias")
    if direction == 1 and _PREVIOUS in latex:
        words.append("reverse")
    return "-".join(words)


def input_key(spec: ModelSpec, dropout: bool) -> str:
    """The key of what a layer above the lowest receives."""
    return f"input{'-bidirectional' * spec.bidirectional}{'-dropout' * dropout}"


def output_key(spec: ModelSpec) -> str:
    """The key of what `output` is made of."""
    return f"output{'-bidirectional' * spec.bidirectional}"


_PREVIOUS = "{t-1}"
_NEXT = "{t+1}"  # in the order of the sequence: what the reverse direction has just left


@cache
def _known() -> dict[str, str]:
    found = dict(_BETWEEN)
    for spec in _variants():
        for (tensor, latex), direction in product(equations(spec).items(), (0, 1)):
            key = cell_key(spec, tensor, direction)
            if key is not None and tensor != "h_proj":
                found[key] = latex.replace(_PREVIOUS, _NEXT) if direction else latex
    return found


def _variants() -> list[ModelSpec]:
    options: list[dict[str, Any]] = [{}]
    options += [{"proj_size": 1}, {"nonlinearity": "relu"}]
    specs = []
    for cell, bias, changes in product(CELLS, (True, False), options):
        suits = {"proj_size": cell == "LSTM", "nonlinearity": cell == "RNN"}
        if all(suits[name] for name in changes):
            specs.append(ModelSpec(cell, 1, 2, bias=bias, **changes))
    return specs
