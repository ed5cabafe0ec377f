"""What every part of the picture is drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from rnnviz.figures.anatomy.graph import Graph
from rnnviz.figures.anatomy.names import Names
from rnnviz.figures.anatomy.options import AnatomyOptions
from rnnviz.figures.anatomy.plan import Plan
from rnnviz.figures.anatomy.scales import Scales
from rnnviz.figures.anatomy.subject import Subject
from rnnviz.figures.strips import future_dash
from rnnviz.model.cells import Operation
from rnnviz.scene.style import Role, Style


@dataclass(frozen=True, eq=False)
class Stage:
    """A cell, its plan and its look.

    Attributes:
        zoom: px of the screen per px of the plan.
    """

    subject: Subject
    graph: Graph
    plan: Plan
    scales: Scales
    options: AnatomyOptions
    style: Style
    zoom: float

    @cached_property
    def names(self) -> Names:
        return Names(self.subject, self.style)

    @cached_property
    def pending_names(self) -> Names:
        return Names(self.subject, self.style, muted=self.style.ui.disabled)

    @cached_property
    def dash(self) -> tuple[float, ...]:
        return future_dash(self.style)

    @cached_property
    def neutral(self) -> Role:
        """The hue of what has none of its own: grey frames, ink."""
        ui = self.style.ui
        return Role(ui.text, ui.border_strong, ui.accent_soft)

    def is_apertures(self, name: str) -> bool:
        """Whether a tensor is a gate that lies between 0 and 1."""
        gates = self.subject.run.cell.sigmoid_gates
        return name in gates and not self.subject.is_difference

    def role(self, name: str) -> Role:
        """The hue of a tensor's frame and wires."""
        letter = name.removesuffix("_prev")
        if letter in ("x", "h", "c") or letter in self.subject.run.cell.gates:
            return self.style.role(letter)
        on_highway = any(name in op.gives for op in self.graph.highway)
        return self.style.role(self.graph.carried[0]) if on_highway else self.neutral

    def is_known(self, name: str) -> bool:
        return name in self.subject.known

    def is_done(self, operation: Operation | None) -> bool:
        """Whether an operation is computed; for what leaves the cell, all of them."""
        if operation is None:
            return self.subject.done == len(self.subject.operations)
        return self.subject.is_done(operation)

    def is_last(self, operation: Operation) -> bool:
        return operation == self.subject.last

    @cached_property
    def results(self) -> frozenset[str]:
        """What the last operation gave."""
        last = self.subject.last
        return frozenset(last.gives if last else ())

    @cached_property
    def selected(self) -> str:
        """The tensor of this cell that is selected, wholly or by a unit; "" for none."""
        chosen = self.subject.chosen
        names = (name for name in self.subject.values if self.is_known(name))
        if chosen is None:
            return ""
        vector = chosen.vector()
        return next((name for name in names if self.subject.key(name) == vector), "")

    @cached_property
    def operands(self) -> frozenset[str]:
        """What the selected tensor was computed from; else what the last operation took."""
        for operation in self.subject.operations:
            if self.selected in operation.gives and self.selected not in self.results:
                return _taken_for(self.selected, operation)
        last = self.subject.last
        return frozenset(last.takes if last else ())


def _taken_for(name: str, operation: Operation) -> frozenset[str]:
    """What an operation took for one of its results: of the sums of several gates, its own."""
    if not name.startswith("a_"):
        return frozenset(operation.takes)
    gate = name.rpartition("_")[2]
    return frozenset(taken for taken in operation.takes if taken.rpartition("_")[2] == gate)
