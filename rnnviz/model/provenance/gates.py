"""The gates, which torch computes and never returns."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.provenance import indexing, words
from rnnviz.model.provenance.description import Line, Values
from rnnviz.model.provenance.equations import cell_key
from rnnviz.model.provenance.kind import Facts, Kind, along, strip, time_axes
from rnnviz.model.provenance.places import status_of
from rnnviz.model.trace import Trace


def _values(run: Trace, element: Element) -> Values:
    layer, direction, n = element.layer or 0, element.direction or 0, element.sequence or 0
    if element.t is None:
        gates = run.gate_states(layer, direction)[element.tensor]
        values = along(run, gates.__getitem__, element)
    else:
        # Kept by the run while the cursor moves along them, as large ones take a while.
        values = strip(run.tensors(layer, direction, element.t)[element.tensor][n], element)
    return values.with_status(status_of(run, element))


def _facts(run: Trace, element: Element, values: Values) -> Facts:
    name = element.tensor
    where = f"{element.layer}, {element.direction}"
    if element.t is None:
        path = indexing.in_grid(run, f'run.gate_states({where})["{name}"]', element)
    else:
        gates = f'run.gates({where}, {element.t})["{name}"]'
        path = indexing.Path(gates, (element.sequence or 0,))
    code = indexing.lines([path], values.array.shape, values.index)
    return Facts(
        title=words.GATE_TITLES[name],
        symbol=words.symbol(run, name, words.time(element), element),
        role=name,
        axes=time_axes(element, "H_cell"),
        legend=f"(N, H_cell) = ({run.N}, {run.hidden_size})",
        code=code + _parameters(run, element),
        equation_key=cell_key(run.spec, name, element.direction or 0),
        note=f"The gate itself is not returned by nn.{run.kind}; it is recomputed here, and the "
        f"state that follows from it is checked against torch.{run.kind.lower()}_cell.",
    )


def _parameters(run: Trace, element: Element) -> list[Line]:
    """The rows of the parameters that make the gate."""
    suffix = f"_l{element.layer}{'_reverse' * (element.direction or 0)}"
    start = run.cell.gates.index(element.tensor) * run.hidden_size
    stop = start + run.hidden_size
    found, shapes = [], run.weight_shapes
    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        if kind + suffix in shapes:
            shape = (run.hidden_size, *shapes[kind + suffix][1:])
            found.append(Line(f"module.{kind}{suffix}[{start}:{stop}]", shape))
    return found


GATE = Kind(_values, _facts)
