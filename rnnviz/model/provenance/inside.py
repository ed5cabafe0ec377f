"""What lies between a cell's gates and its states: sums before activation, and products."""

from __future__ import annotations

from typing import NamedTuple

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.provenance import indexing, words
from rnnviz.model.provenance.description import Line, Symbol, Values
from rnnviz.model.provenance.equations import cell_key
from rnnviz.model.provenance.kind import Facts, Kind, strip
from rnnviz.model.provenance.places import is_padding
from rnnviz.model.trace import Trace


class _Product(NamedTuple):
    """A product inside a cell.

    Attributes:
        of: the tensor in whose equation it stands.
        role: whose colour it has.
        symbol: as a label writes it.
    """

    of: str
    role: str
    symbol: str
    note: str


_PRODUCTS = {
    "f*c": _Product("c", "c", "f⊙c", "What the forget gate lets through of the previous c."),
    "i*g": _Product("c", "c", "i⊙g", "What the input gate lets in of the cell gate g."),
    "tanh_c": _Product("h", "c", "tanh c", "The cell state between −1 and 1, for the output gate."),
    "o*tanh_c": _Product(
        "h", "h", "o⊙tanh c", "What h would be without a projection; weight_hr makes h of it."
    ),
    "r*hh_n": _Product(
        "n",
        "n",
        "r⊙Wh",
        "PyTorch resets after the product, W_hn h + b_hn; textbooks often reset h before it.",
    ),
    "(1-z)*n": _Product("h", "h", "(1−z)⊙n", "What is new in h, as far as z lets it in."),
    "z*h": _Product("h", "h", "z⊙h", "What z keeps of the previous h."),
}
_SUMS = {
    "ih": "The gate's rows of weight_ih times what the layer receives.",
    "hh": "The gate's rows of weight_hh times the previous h.",
    "a": "What goes into the activation.",
}


def symbol_of(name: str) -> tuple[str, str]:
    """The letters and the role of a gate, a state, or a product."""
    product = _PRODUCTS.get(name)
    return (name[0], name[0]) if product is None else (product.symbol, product.role)


def _values(run: Trace, element: Element) -> Values:
    layer, direction, n = element.layer or 0, element.direction or 0, element.sequence or 0
    if element.t is None:
        raise UsageError(f"{element.tensor} lies inside one cell: expected a t")
    values = strip(run.tensors(layer, direction, element.t)[element.tensor][n], element)
    if is_padding(run, element):
        return values.with_status("padding")
    computed = run.is_computed(element.tensor, layer, direction, element.t, n)
    return values.with_status("computed" if computed else "pending")


def _facts(run: Trace, element: Element, values: Values) -> Facts:
    name, direction = element.tensor, element.direction or 0
    product = _PRODUCTS.get(name)
    gate = name.partition("_")[2] if product is None else product.of
    where = f"{element.layer}, {direction}, {element.t}"
    path = indexing.Path(f'run.tensors({where})["{name}"]', (element.sequence or 0,))
    code = indexing.lines([path], values.array.shape, values.index)
    return Facts(
        title=words.title(run, name),
        symbol=_symbol(run, element, product),
        role=gate if product is None else product.role,
        axes=("H_cell",),
        legend=f"(N, H_cell) = ({run.N}, {run.hidden_size})",
        code=code + _from_module(run, element),
        equation_key=cell_key(run.spec, gate, direction),
        note=_SUMS[name.partition("_")[0]] if product is None else product.note,
    )


def _symbol(run: Trace, element: Element, product: _Product | None) -> Symbol:
    if product is not None:
        return Symbol(product.symbol)
    kind, _, gate = element.tensor.partition("_")
    base = {"ih": "Wx", "hh": "Wh", "a": "a"}[kind]
    return words.symbol(run, base, "" if run.kind == "RNN" else gate, element)


def _from_module(run: Trace, element: Element) -> list[Line]:
    """The same from the module's own parameters, where it is one product."""
    kind, _, gate = element.tensor.partition("_")
    if kind not in ("ih", "hh"):
        return []
    where = f"{element.layer}, {element.direction}, {element.t}"
    suffix = f"_l{element.layer}{'_reverse' * (element.direction or 0)}"
    start = run.cell.gates.index(gate) * run.hidden_size
    rows = f"[{start}:{start + run.hidden_size}]"
    vector = f'run.tensors({where})["h_prev"][{element.sequence or 0}]'
    if kind == "ih":
        vector = _received(run, element)
    code = f"{vector} @ module.weight_{kind}{suffix}{rows}.T"
    if run.spec.bias:
        code += f" + module.bias_{kind}{suffix}{rows}"
    return [Line(code, (run.hidden_size,))]


def _received(run: Trace, element: Element) -> str:
    if element.layer:
        return indexing.in_grid(run, f"run.inputs({element.layer})", element).code
    return indexing.in_input(run, element)[0].code


INSIDE = Kind(_values, _facts)
