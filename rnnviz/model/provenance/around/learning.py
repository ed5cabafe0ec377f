"""How the gradient of a parameter is made: what each timestep contributes."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from rnnviz.element import Element
from rnnviz.model.gradients import contributions
from rnnviz.model.provenance.around.forward import embedded_name, received
from rnnviz.model.provenance.around.letters import symbols
from rnnviz.model.provenance.around.pieces import Made, floats, summed
from rnnviz.model.provenance.around.reading import trace_of
from rnnviz.model.provenance.around.spots import GRADIENT
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.expressions import Dot, Node, Token, Tokens, Total, Values
from rnnviz.model.provenance.sources import previous_state

_Places = list[tuple[int, int]]  # (sequence, timestep)


def made_weight(whole: Whole, element: Element) -> Made | None:
    """The gradient of one number of a parameter, as a sum over timesteps.

    Args:
        element: `grad_` and the parameter's name, with row and, but of a bias, column.
    """
    name = element.tensor.removeprefix(GRADIENT)
    if element.row is None or (element.column is None) != name.partition("_l")[0].endswith(
        ("bias", "bias_ih", "bias_hh")
    ):
        return None
    if name in whole.pr.weights:
        node = _outer(whole, name, element.row, element.column)
    else:
        node = _recurrent(whole, name, element.row, element.column)
    return summed(node)


def _outer(whole: Whole, name: str, row: int, column: int | None) -> Node:
    """Of embedding or head."""
    assert whole.gradients is not None
    part = name.partition(".")[0]
    embedding = whole.pr.pipeline.embedding
    made = "scores" if part == "head" else embedded_name(whole)
    taken = received(whole) if part == "head" else "one_hot"
    if part == "embedding" and "one_hot" not in whole.pr.tensors:
        taken = "input"
    places = _places_of(whole, made)
    looks_up = part == "embedding" and isinstance(embedding, nn.Embedding)
    unit = (column or 0) if looks_up else row
    lefts = _rows(whole.gradients.tensors[made].tensor)[:, unit]
    left = Element(GRADIENT + made, unit=unit)
    if looks_up:
        assert isinstance(embedding, nn.Embedding)
        ids = whole.pr.tensors["ids"].tensor.flatten()
        chosen = (ids == row) & (row != embedding.padding_idx)
        if embedding.scale_grad_by_freq:
            lefts = lefts / max(int((ids == row).sum()), 1)
        kept = chosen.nonzero()[:, 0].tolist()
        return _total(whole, left, floats(lefts)[kept], [places[at] for at in kept])
    if column is None:
        return _total(whole, left, floats(lefts), places)
    rights = _rows(whole.pr.tensors[taken].tensor)[:, column]
    right = Element(taken, unit=column)
    return _pairs(whole, (left, floats(lefts)), (right, floats(rights)), places)


def _rows(values: Tensor) -> Tensor:
    return values.reshape(-1, values.shape[-1])


def _places_of(whole: Whole, name: str) -> _Places:
    form, named = whole.pr.form, whole.pr.tensors[name]
    every = named.axes[:-1] == form.axes
    return list(form.rows if every else form.last_rows)


def _recurrent(whole: Whole, name: str, row: int, column: int | None) -> Node:
    """Of the recurrent layers, as far as the way back has come."""
    run, found = trace_of(whole), whole.arrived
    assert found is not None
    kind, lane = contributions.parsed_name(run.buffers.binding, name)
    (t, n), left, right = found.factors(name, row, column)
    places = list(zip(n.tolist(), t.tolist(), strict=True))
    values = floats(left)
    source = _made_by(whole, kind, lane, row)
    if column is None or right is None:
        return _total(whole, source, values, places)
    other = floats(right)
    return _pairs(whole, (source, values), (_taken(kind, lane, column), other), places)


def _made_by(whole: Whole, kind: str, lane: tuple[int, int], row: int) -> Element:
    """The gradient of what a row of a parameter makes, without its place."""
    run = trace_of(whole)
    if kind == "weight_hr":
        return Element(f"{GRADIENT}h", *lane, unit=row)
    gate, unit = divmod(row, run.hidden_size)
    letter = run.cell.gates[gate]
    apart = kind.endswith("hh") and letter == "n"
    return Element(f"{GRADIENT}hh_n" if apart else f"{GRADIENT}a_{letter}", *lane, unit=unit)


def _taken(kind: str, lane: tuple[int, int], column: int) -> Element:
    """What a column of a weight meets, without its place."""
    layer, direction = lane
    if kind == "weight_ih":
        return Element("x", layer, None, unit=column)
    return Element("h_prev" if kind == "weight_hh" else "o*tanh_c", layer, direction, unit=column)


def _placed(whole: Whole, element: Element, place: tuple[int, int]) -> Element:
    n, t = place
    found = element._replace(t=t, sequence=n)
    if element.tensor != "h_prev":
        return found
    return previous_state(trace_of(whole), found, "h")


def _label(whole: Whole, element: Element) -> Tokens:
    """The symbol with its sequence, where there are several, and its unit."""
    (token,) = symbols(whole, element)
    several = whole.pr.form.N > 1
    index = f"[{element.sequence}, {element.unit}]" if several else f"[{element.unit}]"
    return (token._replace(behind=index),)


def _all(whole: Whole, element: Element) -> Tokens:
    """The symbol at any timestep."""
    plain = element._replace(tensor="h" if element.tensor == "h_prev" else element.tensor)
    (token,) = symbols(whole, plain._replace(t=None))
    sub = token.sub.replace("t", "t−1") if element.tensor == "h_prev" else token.sub
    return (token._replace(sub=sub, behind=f"[{element.unit}]"),)


def _total(whole: Whole, element: Element, values: Values, places: _Places) -> Total:
    def term_at(place: int) -> tuple[Tokens, Element]:
        at = _placed(whole, element, places[place])
        return _label(whole, at), at

    return Total((Token("operator", "Σ "), *_all(whole, element)), values, term_at)


def _pairs(
    whole: Whole, left: tuple[Element, Values], right: tuple[Element, Values], places: _Places
) -> Dot:
    """Products of two numbers each, one pair a timestep."""

    def at(element: Element) -> Callable[[int], Element]:
        return lambda place: _placed(whole, element, places[place])

    weight, value = at(left[0]), at(right[0])
    return Dot(
        weight=_all(whole, left[0]),
        vector=_all(whole, right[0]),
        row_index="",
        weights=left[1],
        values=right[1],
        row=left[0],
        element_at=value,
        whole=(
            Token("operator", "Σ "),
            *_all(whole, left[0]),
            Token("operator", " · "),
            *_all(whole, right[0]),
        ),
        weight_at=lambda place: (_label(whole, weight(place)), weight(place)),
        value_at=lambda place: _label(whole, value(place)),
    )
