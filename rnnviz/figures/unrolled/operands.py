"""What a value was computed from: the strips that are ringed beside the selected one."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.figures.unrolled.rooms import NONE, Rooms
from rnnviz.figures.unrolled.rows import GRADIENT
from rnnviz.model.provenance import sources
from rnnviz.model.trace import Trace


def operands(
    run: Trace, selected: Element | None, sequence: int, rooms: Rooms = NONE
) -> frozenset[Element]:
    """The selected vector and those that it was computed from; empty if none is selected."""
    if selected is None:
        return frozenset()
    if rooms is not NONE and (outer := _outer(run, selected, sequence, rooms)):
        return outer
    chosen = selected.vector()._replace(sequence=sequence)
    # Of the rows of a weight, and of a row of data, the sources are where they are at work.
    found = sources(run, selected._replace(sequence=sequence) if _lies(run, selected) else chosen)
    strips = (part.vector() for part in (chosen, *found) if part.tensor not in run.weights)
    return frozenset(strip for strip in strips if strip.sequence in (None, sequence))


def _lies(run: Trace, element: Element) -> bool:
    return element.tensor in run.weights or element.tensor == "data"


_SCORES = ("scores", "probabilities", "losses", "grad_scores")


def _outer(run: Trace, selected: Element, sequence: int, rooms: Rooms) -> frozenset[Element]:
    """The same of what stands around the recurrent layers, and of gradients; empty of others."""
    chosen = selected.vector()._replace(sequence=sequence)
    tensor, t = chosen.tensor, chosen.t
    if t is None:
        return frozenset()
    at = Element("", t=t, sequence=sequence)
    if tensor == "x" and not chosen.layer and rooms.below:
        given = at._replace(tensor="ids" if rooms.tokens else "input")
        return frozenset({Element("x", layer=0, t=t, sequence=sequence), given})
    if tensor in _SCORES and rooms.on:
        shown = "probabilities" if rooms.bars else "scores"
        if tensor in ("losses", "grad_scores"):
            return frozenset({chosen, at._replace(tensor=shown)})
        return frozenset({chosen._replace(tensor=shown), *_read(run, at, rooms)})
    if tensor.startswith(GRADIENT):
        return frozenset({chosen, *_arriving(run, chosen, rooms)})
    return frozenset()


def _read(run: Trace, at: Element, rooms: Rooms) -> list[Element]:
    """What the head reads for the scores at t."""
    if rooms.on != "h_n":
        return [at._replace(tensor="output")]
    top = run.num_layers - 1
    return [Element("h_n", top, d, None, at.sequence) for d in range(run.num_directions)]


def _arriving(run: Trace, chosen: Element, rooms: Rooms) -> Iterator[Element]:
    """The gradients that make the gradient of a state, or of x."""
    layer, direction, t = chosen.layer or 0, chosen.direction or 0, chosen.t
    assert t is not None
    if chosen.tensor == "grad_x":
        for other in range(run.num_directions):
            yield chosen._replace(tensor="grad_h", layer=0, direction=other)
        return
    after = t + (-1 if direction else 1)
    yield chosen._replace(t=after)
    if chosen.tensor == "grad_c":
        yield chosen._replace(tensor="grad_h")
    elif layer + 1 < run.num_layers:
        for other in range(run.num_directions):
            yield chosen._replace(layer=layer + 1, direction=other)
    elif rooms.on in ("every", "last"):
        yield Element("grad_scores", t=t, sequence=chosen.sequence)
