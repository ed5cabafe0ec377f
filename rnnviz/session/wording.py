"""Edits in words: what undo is called, what is clamped, which element of PyTorch changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from rnnviz.scene.axes import write_number
from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.figures.view import View
    from rnnviz.model.clamps import Clamp

_TENSORS = {
    "i": "input gate",
    "f": "forget gate",
    "g": "cell gate",
    "o": "output gate",
    "r": "reset gate",
    "z": "update gate",
    "n": "new gate",
    "h": "hidden state",
    "c": "cell state",
}


def number(value: object) -> str:
    """A value as a person writes it: "0.5", "−1e−05", "True"."""
    return write_number(value) if isinstance(value, int | float) else str(value)


def setting(**changes: object) -> str:
    """Fields and what they become: "set cell to GRU, num_layers to 2"."""
    return "set " + ", ".join(f"{name} to {number(value)}" for name, value in changes.items())


def input_place(document: Document, sequence: int, t: int, feature: int) -> str:
    """An element of the input as the module takes it: `input[0, 3, 1]`."""
    place = [t] if document.unbatched else [t, sequence]
    if document.spec.batch_first:
        place.reverse()
    if document.takes_ids:
        return f"ids[{', '.join(map(str, place))}]"
    return f"input[{', '.join(map(str, [*place, feature]))}]"


def input_text(document: Document, value: float) -> str:
    """A number of the input in words: of an id its token, where it has one."""
    known = document.vocabulary
    if not document.takes_ids or known is None or not 0 <= value < len(known):
        return number(value)
    return f"{known.tokens[int(value)]!r} ({int(value)})"


def clamp_place(clamp: Clamp, document: Document) -> str:
    """What a clamp holds: "forget gate, layer 0, all t"; t counts from 1, all else from 0."""
    layer = "all layers" if clamp.layer is None else f"layer {clamp.layer}"
    parts = [_TENSORS.get(clamp.tensor, clamp.tensor), layer]
    if document.spec.bidirectional and clamp.direction is not None:
        parts.append("reverse" if clamp.direction else "forward")
    parts.append("all t" if clamp.t is None else f"t = {clamp.t + 1}")
    if clamp.sequence is not None and document.N > 1:
        parts.append(f"sequence {clamp.sequence}")
    if clamp.unit is not None:
        parts.append(f"unit {clamp.unit}")
    return ", ".join(parts)


def clamp_text(clamp: Clamp, document: Document) -> str:
    """What a clamp holds, and at which value: "forget gate, layer 0, all t → 1"."""
    return f"{clamp_place(clamp, document)} → {number(float(clamp.value))}"


def option_name(figure: str, options: Any, field: str, value: object, view: View) -> str:
    """A change of a figure's option: "set Colour to gate (Weights)"."""
    from rnnviz.figures import get_figure

    told: Mapping[str, Any] = next(
        (known.metadata for known in fields(options) if known.name == field), {}
    )
    label = told.get("label", field)
    where = get_figure(figure).title
    if isinstance(value, bool):
        return f"turn {label} {'on' if value else 'off'} ({where})"
    labels = dict(told["choices"](view)) if "choices" in told else {}
    return f"set {label} to {labels.get(value, number(value))} ({where})"
