"""PyTorch's names of the weights and biases; told without torch, which a window has later."""

from __future__ import annotations

from rnnviz.model.spec import ModelSpec


def weight_names(spec: ModelSpec) -> list[str]:
    """PyTorch's names of all weights and biases, in PyTorch's order."""
    kinds = ["weight_ih", "weight_hh"]
    kinds += ["bias_ih", "bias_hh"] if spec.bias else []
    kinds += ["weight_hr"] if spec.proj_size else []
    return [
        kind + suffix(layer, direction)
        for layer in range(spec.num_layers)
        for direction in range(spec.num_directions)
        for kind in kinds
    ]


def suffix(layer: int, direction: int) -> str:
    """What stands behind the name of every weight of a layer and direction."""
    return f"_l{layer}{'_reverse' if direction else ''}"
