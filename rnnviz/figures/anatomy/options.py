"""What a person may choose of the cell's anatomy."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.view import View

_FOLLOW = (None, "Follow")


def _layers(view: View) -> list[tuple[int | None, str]]:
    return [_FOLLOW, *((layer, f"Layer {layer}") for layer in range(view.run.num_layers))]


def _directions(view: View) -> list[tuple[int | None, str]]:
    if view.run.num_directions == 1:
        return [_FOLLOW]
    return [_FOLLOW, (0, "Forward"), (1, "Reverse")]


@dataclass(frozen=True)
class AnatomyOptions:
    """Options of the cell's anatomy.

    Attributes:
        layer, direction: of the cell; None follows what is under way or selected.
        shapes: the shape of every vector beside its name.
    """

    layer: int | None = field(default=None, metadata={"choices": _layers, "label": "Layer"})
    direction: int | None = field(
        default=None, metadata={"choices": _directions, "label": "Direction"}
    )
    shapes: bool = field(default=True, metadata={"label": "Shapes"})
