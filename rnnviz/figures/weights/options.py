"""What can be chosen about the picture of the weights."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.view import View

DIRECTIONS = ((0, "Forward"), (1, "Reverse"))


def _layers(view: View) -> list[tuple[int, str]]:
    return [(layer, f"Layer {layer}") for layer in range(view.run.num_layers)]


def _directions(view: View) -> list[tuple[int, str]]:
    return list(DIRECTIONS[: view.run.num_directions])


def _arrangements(view: View) -> list[tuple[str, str]]:
    gates = view.run.cell.gates
    blocks = f"Blocks {' '.join(gates)}" if len(gates) > 1 else "Blocks"
    return [("blocks", blocks), ("matrix", "One matrix")]


@dataclass(frozen=True)
class WeightsOptions:
    """Which matrices are shown, and how.

    Attributes:
        layer, direction: whose parameters; a choice that the run lacks counts as its last.
        arrangement: "blocks" keeps the gates apart, "matrix" joins them as PyTorch does.
        numbers: values are written into cells that are large enough.
        shared_scale: one colour range for all parameters on show, else one for each.
    """

    layer: int = field(default=0, metadata={"label": "Layer", "choices": _layers})
    direction: int = field(default=0, metadata={"label": "Direction", "choices": _directions})
    arrangement: str = field(
        default="blocks", metadata={"label": "Arrangement", "choices": _arrangements}
    )
    numbers: bool = field(default=True, metadata={"label": "Numbers"})
    shared_scale: bool = field(default=True, metadata={"label": "Shared scale"})
