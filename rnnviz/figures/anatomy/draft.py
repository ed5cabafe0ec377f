"""What a plan is put together in."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.anatomy.graph import Graph
from rnnviz.figures.anatomy.plan import Block, Dot, Node, Note, Point, Side, Strip, Wire
from rnnviz.figures.anatomy.sizes import STRIP, Sizes
from rnnviz.model.cells import Operation

NODE = 9.5
ON_HIGHWAY = 11.0


@dataclass
class Draft:
    """The parts of a plan as they are found, and where each gate and feeder stands.

    Attributes:
        column: the middle of each gate's strip.
        joins: the middle of each feeder's strip, by the operation that it joins.
    """

    graph: Graph
    sizes: Sizes
    operations: tuple[Operation, ...]
    strips: list[Strip] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    column: dict[str, float] = field(default_factory=dict)

    @property
    def gates(self) -> frozenset[str]:
        """The gates' names."""
        return frozenset(column.gate for column in self.graph.columns)

    def strip(self, name: str, x: float, y: float) -> Strip:
        """A strip around a point."""
        width = self.sizes.width(name)
        side: Side = "beside" if name == "x" else "above"
        made = Strip(name, (x - width / 2, y - STRIP / 2, width, STRIP), side)
        self.strips.append(made)
        return made

    def wire(
        self,
        name: str,
        operation: Operation | None,
        *points: Point,
        arrow: bool = True,
        carry: bool = False,
        bridged: bool = False,
    ) -> None:
        """A wire through points."""
        self.wires.append(Wire(points, name, operation, arrow, carry, bridged))

    def node(self, operation: Operation, x: float, y: float, radius: float = NODE) -> None:
        """A sum or product."""
        sign = "plus" if operation.verb == "add" else "times"
        self.nodes.append(Node(operation, x, y, sign, radius))  # type: ignore[arg-type]

    def giving(self, name: str) -> Operation:
        """The operation that gives a tensor."""
        return next(op for op in self.operations if name in op.gives)

    def of_verb(self, verb: str) -> Operation | None:
        """The linear operation of a kind."""
        return next((op for op in self.operations if op.verb == verb), None)
