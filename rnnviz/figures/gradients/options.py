"""What can be chosen about the picture of the gradients."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.view import View

DIRECTIONS = ((0, "Forward"), (1, "Reverse"))
RIVALS = {"RNN": "nn.RNN, tanh", "LSTM": "nn.LSTM", "GRU": "nn.GRU"}


def _quantities(view: View) -> list[tuple[str, str]]:
    if not view.run.cell.has_c:
        return [("states", "h"), ("x", "x"), ("weights", "Weights")]
    both = [("states", "h and c"), ("h", "h"), ("c", "c")]
    return [*both, ("x", "x"), ("weights", "Weights")]


def _scales(view: View) -> list[tuple[str, str]]:
    return [("log", "Log"), ("linear", "Linear")]


def _rivals(view: View) -> list[tuple[str, str]]:
    own = view.run.cell.name
    return [("", f"{own} alone"), *((name, words) for name, words in RIVALS.items() if name != own)]


def _layers(view: View) -> list[tuple[int, str]]:
    return [(layer, f"Layer {layer}") for layer in range(view.run.num_layers)]


def _directions(view: View) -> list[tuple[int, str]]:
    return list(DIRECTIONS[: view.run.num_directions])


def _clips(view: View) -> list[tuple[float, str]]:
    return [(0.0, "off"), *((value, f"{value:g}") for value in (0.1, 0.25, 0.5, 1.0, 5.0))]


@dataclass(frozen=True)
class GradientsOptions:
    """Whose gradients are drawn, and how.

    Attributes:
        quantity: "states" is h and, where the cell has one, c; or one of them; "x" is what each
            layer receives, "weights" what each timestep adds to the gradient of each weight.
        scale: "log" or "linear".
        compare: another cell, "RNN", "LSTM" or "GRU"; "" for none.
        layer, direction: whose units are shown; a choice that the run lacks counts as its last.
        paths: the gradient of a state is split by the path it came along.
        clip: max_norm of all weights' gradients together; 0.0 for none.
        jacobian: ∂h_T/∂h_t is drawn too.
    """

    quantity: str = field(default="states", metadata={"label": "Quantity", "choices": _quantities})
    scale: str = field(default="log", metadata={"label": "Scale", "choices": _scales})
    compare: str = field(default="", metadata={"label": "Compare with", "choices": _rivals})
    layer: int = field(default=0, metadata={"label": "Layer", "choices": _layers})
    direction: int = field(default=0, metadata={"label": "Direction", "choices": _directions})
    paths: bool = field(default=False, metadata={"label": "Paths"})
    clip: float = field(default=0.0, metadata={"label": "max_norm", "choices": _clips})
    jacobian: bool = field(default=False, metadata={"label": "Jacobian"})
