"""What can be chosen about the trajectories."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from rnnviz.figures.view import View

Range = tuple[float, float]
DIRECTIONS = ((0, "Forward"), (1, "Reverse"))


def tensor_names(view: View) -> tuple[str, ...]:
    """h, c where the cell has one, and the gates; the RNN's one gate is its h."""
    cell = view.run.cell
    states = ("h", "c") if cell.has_c else ("h",)
    return (*states, *(gate for gate in cell.gates if gate not in states))


def _layers(view: View) -> list[tuple[int, str]]:
    return [(layer, f"Layer {layer}") for layer in range(view.run.num_layers)]


def _directions(view: View) -> list[tuple[int, str]]:
    return list(DIRECTIONS[: view.run.num_directions])


def _tensors(view: View) -> list[tuple[str, str]]:
    return [(name, name) for name in tensor_names(view)]


def _arrangements(view: View) -> list[tuple[str, str]]:
    return [("rows", "One row per unit"), ("overlaid", "Overlaid")]


def _paths(view: View) -> list[tuple[str, str]]:
    return [("pca", "PCA"), ("units", "Two units")]


def _units(view: View) -> tuple[tuple[int, str], ...]:
    return _named(view.run.hidden_size)


@lru_cache(maxsize=8)
def _named(units: int) -> tuple[tuple[int, str], ...]:
    return tuple((unit, f"Unit {unit}") for unit in range(units))


@dataclass(frozen=True)
class TrajectoriesOptions:
    """Which tensor is followed through time, and how.

    Attributes:
        layer, direction: whose; a choice that the run lacks counts as its last.
        tensor: `h`, `c` or a gate; one that the cell lacks counts as `h`.
        arrangement: "rows" gives every unit a row, "overlaid" one axis to all.
        path: "pca" or "units", the plane of the path.
        unit_x, unit_y: the units that span it where path is "units".
        t_range: visible timesteps, counted from 1; None is all.
        value_range: visible values of the lines; None is the tensor's range.
        path_range: visible plane, (from, to) of x and of y; None is all.
    """

    layer: int = field(default=0, metadata={"label": "Layer", "choices": _layers})
    direction: int = field(default=0, metadata={"label": "Direction", "choices": _directions})
    tensor: str = field(default="h", metadata={"label": "Tensor", "choices": _tensors})
    arrangement: str = field(
        default="rows", metadata={"label": "Arrangement", "choices": _arrangements}
    )
    path: str = field(default="pca", metadata={"label": "Path", "choices": _paths})
    unit_x: int = field(
        default=0,
        metadata={"label": "Unit on x", "choices": _units, "only_if": ("path", "units")},
    )
    unit_y: int = field(
        default=1,
        metadata={"label": "Unit on y", "choices": _units, "only_if": ("path", "units")},
    )
    t_range: Range | None = field(default=None, metadata={"form": False})
    value_range: Range | None = field(default=None, metadata={"form": False})
    path_range: tuple[Range, Range] | None = field(default=None, metadata={"form": False})
