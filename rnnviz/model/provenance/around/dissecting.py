"""The arithmetic of one number of the whole model."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.provenance.arithmetic import Dissection
from rnnviz.model.provenance.around import reading
from rnnviz.model.provenance.around.describing import settled, values_of
from rnnviz.model.provenance.around.forward import (
    embedded_name,
    is_last,
    made_embedded,
    made_forward,
    received,
)
from rnnviz.model.provenance.around.learning import made_weight
from rnnviz.model.provenance.around.letters import symbol
from rnnviz.model.provenance.around.losing import (
    compared_base,
    made_compared_gradient,
    made_loss,
    made_losses,
    made_score_gradient,
)
from rnnviz.model.provenance.around.pieces import Made, outer, summed, weight_column
from rnnviz.model.provenance.around.returning import made_inside
from rnnviz.model.provenance.around.spots import GRADIENT
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.expressions import (
    Applied,
    Called,
    Complement,
    Dot,
    Negated,
    Node,
    Product,
    Quantity,
    Quotient,
    Squared,
    Sum,
    Tokens,
    Total,
)


def dissect(whole: Whole, element: Element) -> Dissection | None:
    """Takes one number of a whole model apart.

    Args:
        whole: the run and its gradients.
        element: one number of any tensor in front of the recurrent layers (`x` of the lowest
            among them), behind them, or of a gradient.

    Returns:
        None where the element is no single number, was not computed from others, does not
        count, or where the numbers are differences.
    """
    if whole.is_difference:
        return None
    try:
        element = settled(whole, element)
        values = values_of(whole, element)
        made = None if values.index is None or values.status == "padding" else _made(whole, element)
    except UsageError:
        return None
    if made is None or values.index is None or values.array.dtype.kind in "iub":
        return None
    value = float(values.array[values.index])
    total = made.expression if made.summed is None else made.summed
    inner = made.expression.inner if isinstance(made.expression, Applied) else total
    known = values.status == "computed"
    return Dissection(
        element=element,
        source=element,
        is_known=known,
        is_forced=False,
        value=value,
        names=(_name(whole, element),),
        expression=made.expression,
        groups=made.groups if known else (),
        in_run=value if inner is made.expression else inner.value,
        activation=made.activation if known else None,
        dtype=str(whole.pr.pipeline.dtype).removeprefix("torch."),
        summed=made.summed,
    )


def sources(whole: Whole, element: Element) -> tuple[Element, ...]:
    """What a number, or a whole vector, was computed from, one step back.

    Vectors where the sum goes over one, single numbers else.
    """
    try:
        element = settled(whole, element)
        probe = _probe(whole, element)
        made = _made(whole, probe)
    except UsageError:
        return ()
    if made is None:
        return ()
    found = _elements(made.expression)
    if probe != element:
        found = (source.vector()._replace(column=None) for source in found)
    else:
        found = iter([*found, *_extra(whole, element)])
    return tuple(dict.fromkeys(source for source in found if source.tensor))


def _extra(whole: Whole, element: Element) -> Iterator[Element]:
    """What leads to a number without being in its equation: the token of a row, a target."""
    if element.tensor == "embedded" and "ids" in whole.pr.tensors:
        yield Element("ids", t=element.t, sequence=element.sequence)
    if element.tensor in ("losses", "grad_scores") and element.t is not None:
        yield Element("targets", t=element.t, sequence=element.sequence)


def _probe(whole: Whole, element: Element) -> Element:
    """One number of a vector, to ask where all of it comes from."""
    values = values_of(whole, element)
    if values.index is not None or values.array.ndim != 1:
        return element
    return element._replace(**{values.field: values.first})  # type: ignore[arg-type]


def _made(whole: Whole, element: Element) -> Made | None:
    name, family = element.tensor, reading.family_of(whole, element.tensor)
    if name == "x":
        at = element._replace(layer=None, direction=None, tensor=embedded_name(whole))
        return made_embedded(whole, at)
    if family == "tensor":
        if name in ("losses", "loss"):
            return made_loss(whole) if name == "loss" else made_losses(whole, element)
        return made_forward(whole, element)
    if family == "inner":
        return made_inside(whole, element)
    if family == "weight_gradient":
        return made_weight(whole, element)
    return _made_gradient(whole, element) if family == "gradient" else None


def _made_gradient(whole: Whole, element: Element) -> Made | None:
    """∂loss/∂ a tensor over timesteps or rows."""
    base = element.tensor.removeprefix(GRADIENT)
    if base.startswith("flat_"):
        return _flat(whole, element, base)
    if element.unit is None:
        return None
    at = element._replace(tensor=base)
    if base == compared_base(whole):
        return made_compared_gradient(whole, at)
    if base == "scores":
        return made_score_gradient(whole, at)
    if base == received(whole):
        return _through_head(whole, at)
    if base == embedded_name(whole) and whole.pr.run is not None:
        return made_inside(whole, element._replace(tensor=f"{GRADIENT}x", layer=0))
    if base in ("output", embedded_name(whole)) and received(whole) == "last":
        return _to_last(whole, element)
    if base in ("one_hot", "input") and base != embedded_name(whole):
        made = outer(whole, at._replace(unit=None), f"{GRADIENT}embedded")
        return summed(weight_column(whole, "embedding.weight", element.unit, made))
    return None


def _through_head(whole: Whole, at: Element) -> Made:
    scores = outer(whole, at._replace(unit=None), f"{GRADIENT}scores")
    return summed(weight_column(whole, "head.weight", at.unit or 0, scores))


def _to_last(whole: Whole, element: Element) -> Made | None:
    if not is_last(whole, element):
        return None
    return summed(outer(whole, element, f"{GRADIENT}last").quantity)


def _flat(whole: Whole, element: Element, base: str) -> Made | None:
    if element.row is None or element.column is None:
        return None
    n, t = whole.pr.flat_rows[element.row]
    name = base.removeprefix("flat_")
    name = received(whole) if name == "output" else name
    at = Element(f"{GRADIENT}{name}", t=t, sequence=n, unit=element.column)
    return made_compared_gradient(whole, at._replace(tensor=name))


def _name(whole: Whole, element: Element) -> Tokens:
    """The symbol of the number itself."""
    token = symbol(whole, element)
    places = [index for index in (element.row, element.column) if index is not None]
    if not places and element.unit is not None:
        places = [element.unit]
    behind = f"[{', '.join(map(str, places))}]" if places else ""
    return (token._replace(behind=behind),)


def _elements(node: Node) -> Iterator[Element]:
    """Every number in an expression; of a sum over a vector, the vector and the row."""
    if isinstance(node, Quantity):
        yield node.element
    elif isinstance(node, Dot):
        yield from _of_dot(node)
    elif isinstance(node, Total):
        for place in range(min(len(node.values), _MOST)):
            yield node.term_at(place)[1]
    elif isinstance(node, Sum):
        for item in node.items:
            yield from _elements(item)
    elif isinstance(node, Product | Quotient):
        yield from _elements(node.first)
        yield from _elements(node.second)
    elif isinstance(node, Complement | Negated | Squared | Applied | Called):
        yield from _elements(node.inner)


_WIDE = 4096  # numbers of a vector, and of all gates of a cell
_MOST = 12  # terms of a sum that are told one by one as sources


def _of_dot(node: Dot) -> Iterator[Element]:
    over_time = node.weight_at is not None and node.row.column is None and node.row.unit is not None
    for place in range(min(len(node.values), _MOST if over_time else _WIDE)):
        found = node.element_at(place)
        yield found if over_time else found.vector()._replace(column=None)
    if not over_time and node.row.row is not None:
        yield node.row
