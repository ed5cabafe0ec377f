"""What a person may choose of the folded and unrolled diagram."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.folded.names import SYMBOLS
from rnnviz.figures.view import View


def _diagrams(view: View) -> list[tuple[float, str]]:
    return [(1.0, "Unrolled"), (0.0, "Folded")]


def _layers(view: View) -> list[tuple[int | None, str]]:
    count = view.run.num_layers
    each: list[tuple[int | None, str]] = [(layer, f"Layer {layer}") for layer in range(count)]
    return [(None, "All layers"), *each] if count > 1 else [(None, "All layers")]


def _symbols(view: View) -> list[tuple[str, str]]:
    projected = view.run.spec.proj_size > 0
    return [(name, symbols.title(projected=projected)) for name, symbols in SYMBOLS.items()]


@dataclass(frozen=True)
class FoldedOptions:
    """How far the diagram is opened, and how it is written.

    Attributes:
        openness: 0 is the folded diagram alone, 1 the unrolled one beside it; between them
            the cells are on their way.
        layer: the one on show; None stacks all of them.
        symbols: names of the weights: "pytorch", "textbook" or "xh".
        biases: written into the equations, where the model has any.
        caption: the words below.
    """

    openness: float = field(
        default=1.0,
        metadata={
            "label": "Diagram",
            "choices": _diagrams,
            "range": (0.0, 1.0),
            "animated": True,
        },
    )
    layer: int | None = field(default=None, metadata={"label": "Layer", "choices": _layers})
    symbols: str = field(default="pytorch", metadata={"label": "Symbols", "choices": _symbols})
    biases: bool = field(default=False, metadata={"label": "Biases"})
    caption: bool = field(default=True, metadata={"label": "Caption"})
