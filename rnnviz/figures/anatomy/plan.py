"""The plan of a cell: where everything is, in px at 100 %, before anything is coloured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from rnnviz.model.cells import Operation
from rnnviz.scene.marks import Anchor

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Side = Literal["above", "row", "beside"]


@dataclass(frozen=True)
class Strip:
    """A vector's place, and where its name is: `row` is one within a linear box."""

    name: str
    box: Box
    side: Side = "above"

    @property
    def middle(self) -> Point:
        x, y, width, height = self.box
        return x + width / 2, y + height / 2


@dataclass(frozen=True)
class Node:
    """A sum or product, or the `1−` before one."""

    operation: Operation
    x: float
    y: float
    sign: Literal["times", "plus", "one minus"]
    radius: float
    gate: str = ""


@dataclass(frozen=True)
class Block:
    """The box of a linear operation, an activation or a projection."""

    operation: Operation
    box: Box
    kind: Literal["linear", "curve", "project"]
    gate: str = ""


@dataclass(frozen=True)
class Wire:
    """The way of a vector to the operation that takes it.

    Attributes:
        points: of its corners.
        name: the tensor that passes.
        operation: takes it; None where it leaves the cell.
        carry: it is the state on the highway.
        bridged: it passes over others, which leave a gap.
    """

    points: tuple[Point, ...]
    name: str
    operation: Operation | None
    arrow: bool = True
    carry: bool = False
    bridged: bool = False


@dataclass(frozen=True)
class Dot:
    """Where a wire branches."""

    x: float
    y: float
    name: str
    operation: Operation | None


@dataclass(frozen=True)
class Note:
    """Words, by what they are about; said when the plan is drawn."""

    kind: Literal["from", "to", "up", "kept", "written", "title", "input", "aside"]
    x: float
    y: float
    anchor: Anchor = "start"
    name: str = ""
    width: float = 0.0  # that its lines may have; 0 for one line of any length


@dataclass(frozen=True)
class Plan:
    """Everything in its place.

    Attributes:
        frame: the cell itself.
    """

    width: float
    height: float
    frame: Box
    strips: tuple[Strip, ...]
    nodes: tuple[Node, ...]
    blocks: tuple[Block, ...]
    wires: tuple[Wire, ...]
    dots: tuple[Dot, ...]
    notes: tuple[Note, ...]

    def mirrored(self) -> Plan:
        """The same from right to left, as time flows in the reverse direction."""
        width = self.width

        def box(given: Box) -> Box:
            return (width - given[0] - given[2], *given[1:])

        return replace(
            self,
            frame=box(self.frame),
            strips=tuple(replace(s, box=box(s.box)) for s in self.strips),
            nodes=tuple(replace(n, x=width - n.x) for n in self.nodes),
            blocks=tuple(replace(b, box=box(b.box)) for b in self.blocks),
            wires=tuple(
                replace(w, points=tuple((width - x, y) for x, y in w.points)) for w in self.wires
            ),
            dots=tuple(replace(d, x=width - d.x) for d in self.dots),
            notes=tuple(_mirrored_note(note, width) for note in self.notes),
        )


_ANCHORS: dict[Anchor, Anchor] = {"start": "end", "end": "start", "middle": "middle"}


def _mirrored_note(note: Note, width: float) -> Note:
    if note.kind in ("title", "input"):
        return note
    return replace(note, x=width - note.x, anchor=_ANCHORS[note.anchor])
