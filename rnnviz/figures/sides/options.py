"""What a person may choose of what stands side by side."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.view import View

LETTERS = "W, U, V"
LAYERS = "wi, wh, wo"


def lesson_of(view: View) -> str:
    """What a view puts side by side; "" for nothing."""
    return "" if view.around is None else view.around.lesson


def _names(view: View) -> list[tuple[str, str]]:
    found = [(LETTERS, LETTERS), (LAYERS, LAYERS)]
    return found if lesson_of(view) in ("vanilla", "identity") else found[:1]


def _weights(view: View) -> list[tuple[str, str]]:
    found = [("drawn", "weight_hh drawn"), ("product", "weight_hh the product")]
    return found if lesson_of(view) == "projection" else found[:1]


@dataclass(frozen=True)
class SidesOptions:
    """How two models are put side by side.

    Attributes:
        names: of the cell that is written by hand: the letters of its matrices, or Linear layers
            for input to hidden, hidden to hidden and hidden to output.
        weight_hh: of the LSTM that a Linear layer follows: "drawn" as torch draws it, or the
            "product" with which it is the same as one with a projection.
    """

    names: str = field(default=LETTERS, metadata={"label": "Names", "choices": _names})
    weight_hh: str = field(default="drawn", metadata={"label": "weight_hh", "choices": _weights})
