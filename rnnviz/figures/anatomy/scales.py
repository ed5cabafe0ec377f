"""The colours' limits of a cell: shared with every other figure, wider where a sum needs it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.figures.anatomy.graph import Graph
from rnnviz.figures.anatomy.subject import Subject
from rnnviz.figures.ranges import largest_magnitude, round_limit, value_ranges
from rnnviz.model.trace import as_numpy

DIFFERENCE = "Δ"


@dataclass(frozen=True)
class Scales:
    """Which limit a tensor's colours have.

    Attributes:
        limits: by letter: x, h, c, a (everything before an activation), g (what a tanh bounds).
        letters: the letter of each tensor.
        open: gates that are windows, not colours.
    """

    limits: dict[str, float]
    letters: dict[str, str]
    open: frozenset[str] = frozenset()

    def limit(self, name: str) -> float:
        """The limit of a tensor's colours."""
        return self.limits[self.letters[name]]

    def listed(self) -> list[tuple[float, str]]:
        """The limits with the letters they hold for, the least first."""
        found: dict[float, list[str]] = {}
        used = {letter for name, letter in self.letters.items() if name not in self.open}
        for letter, limit in self.limits.items():
            if letter in used:
                found.setdefault(limit, []).append(letter)
        return sorted((limit, "".join(letters)) for limit, letters in found.items())


def scales_of(subject: Subject, graph: Graph) -> Scales:
    """The scales of a cell."""
    letters = _letters(subject, graph)
    if subject.is_difference:
        largest = max((largest_magnitude(v) for v in subject.values.values()), default=0.0)
        return Scales({DIFFERENCE: round_limit(largest)}, dict.fromkeys(letters, DIFFERENCE))
    ranges = value_ranges(subject.run, subject.view.whole)
    before = largest_magnitude(_before_activation(subject, letters))
    cell = subject.run.cell
    plain = [gate for gate in cell.gates if gate not in cell.sigmoid_gates]
    bounded = next((gate for gate in plain if letters[gate] == "g"), "g")
    limits = {
        "h": ranges.hidden,
        bounded: ranges.state,
        "x": ranges.wide,
        "a": max(ranges.wide, round_limit(before)),
        "c": ranges.wide,
    }
    shown = {name: bounded if letter == "g" else letter for name, letter in letters.items()}
    return Scales(limits, shown, cell.sigmoid_gates)


def _letters(subject: Subject, graph: Graph) -> dict[str, str]:
    """The letter whose scale each tensor has."""
    found = {"x": "x", "h_prev": "h"} | ({"c_prev": "c"} if subject.run.cell.has_c else {})
    carry = graph.carried[:1]
    inner = {name for column in graph.columns for op in column.inner for name in op.gives}
    joined = {name for op in (*graph.highway, *graph.feeders) for name in op.gives}
    for operation in subject.operations:
        for name in operation.gives:
            if name in ("h", "c"):
                found[name] = name
            elif name in inner or name[:3] in ("ih_", "hh_") or name.startswith("a_"):
                found[name] = "a"
            else:
                found[name] = carry if name in joined else "g"
    return found


def _before_activation(subject: Subject, letters: dict[str, str]) -> np.ndarray:
    """Everything before an activation, also what the stepper has not come to yet."""
    layer, direction, t, sequence = subject.place
    whole = subject.view.whole
    values = subject.values
    if whole is not None:
        found = whole.tensors(layer, direction, t)
        values = {name: as_numpy(tensor[sequence]) for name, tensor in found.items()}
    chosen = [values[name] for name, letter in letters.items() if letter == "a"]
    return np.concatenate(chosen)
