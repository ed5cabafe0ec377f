"""What the stacks of a row, and what they put out, are called in a script."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from rnnviz.session.stacks import stacks_of

if TYPE_CHECKING:
    from rnnviz.session.state import Document

_TAKEN = frozenset({"torch", "nn", "np", "input", "output", "lengths", "packed", "h_0", "c_0"})
_LONGEST = 40


def variables(document: Document) -> tuple[str, ...]:
    """The variable of each stack's module: "encoder_lstm" of "encoder.lstm", each once."""
    found: list[str] = []
    for place, stack in enumerate(stacks_of(document)):
        name = re.sub(r"\W+|^(?=\d)", "_", stack.name[:_LONGEST], flags=re.ASCII).strip("_")
        usable = name.isidentifier() and not keyword.iskeyword(name) and name not in _TAKEN
        name = name if usable else f"stack_{name}".rstrip("_") if name else f"stack_{place}"
        found.append(name if name not in found else f"{name}_{place}")
    return tuple(found)


def output_variable(document: Document, place: int) -> str:
    """What a stack puts out: "output" of the one on show, "encoder_lstm_output" of another."""
    if place == len(document.before):
        return "output"
    return f"{variables(document)[place]}_output"


def received_variable(document: Document, place: int) -> str:
    """What a stack is given: the input, or the output of the one before."""
    return output_variable(document, place - 1) if place else "input"


def packed_variable(received: str) -> str:
    """The PackedSequence of what a stack is given."""
    return f"{received}_packed"
