"""How large everything is: between what can just be read and what breathes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from rnnviz.figures.anatomy.graph import Column, Graph

MARGIN = 12.0
STRIP = 15.0  # height of a strip
ROW_STRIP = 11.0  # and of one within a linear box
_SMALLEST_CELL, _LARGEST_CELL = 10.0, 18.0
_FIRST_MIXED, _MIXED = 1.28, 1.55  # pitches before and within a gate of several boxes


@dataclass(frozen=True)
class Sizes:
    """Px at 100 %, by how much room there is: 0 is the least, 1 all that is of use.

    Attributes:
        graph: of the cell.
        wide, high: room across and down, 0 to 1.
        units: how many x, h and everything else have.
    """

    graph: Graph
    wide: float
    high: float
    units: tuple[int, int, int] = (1, 1, 1)

    def across(self, least: float, most: float) -> float:
        return least + (most - least) * self.wide

    def down(self, least: float, most: float) -> float:
        return least + (most - least) * self.high

    @cached_property
    def strip(self) -> float:
        """The width of a strip."""
        return (
            self.across(84.0, 120.0) if len(self.graph.columns) > 1 else self.across(120.0, 180.0)
        )

    def width(self, name: str) -> float:
        """The width of a tensor's strip: shorter where it has fewer units than the cell."""
        x, h, whole = self.units
        if name == "x":
            cell = min(max(self.strip / whole, _SMALLEST_CELL), _LARGEST_CELL)
            return min(cell * x, self.strip)
        share = h / whole if name in ("h", "h_prev") else 1.0
        return max(self.strip * share, _SMALLEST_CELL)

    @cached_property
    def pitch(self) -> float:
        """From one column to the next."""
        return self.strip + self.across(20.0, 28.0)

    @cached_property
    def slots(self) -> dict[str, float]:
        """The middle of each linear box, by the part of it that is named first."""
        found: dict[str, float] = {}
        x = self.left + self.inset + self.strip / 2
        for place, column in enumerate(self.graph.columns):
            for number, part in enumerate(parts_of_boxes(column)):
                if number:
                    x += self.pitch * _MIXED
                elif place:
                    x += self.pitch * (_FIRST_MIXED if column.inner else 1.0)
                found[part[0]] = x
        return found

    @cached_property
    def left(self) -> float:
        """Where the cell's frame begins."""
        return MARGIN + self.strip + self.across(14.0, 17.0)

    @cached_property
    def inset(self) -> float:
        """From the frame to the first strip."""
        return self.across(18.0, 24.0) + (
            0.0 if len(self.graph.columns) > 1 else self.across(50.0, 100.0)
        )

    @cached_property
    def right_zone(self) -> float:
        """From the frame to the end, where the states leave."""
        return self.across(92.0, 104.0)

    # Heights, from the top.

    top = 30.0

    @cached_property
    def highway(self) -> float:
        return self.top + self.down(40.0, 60.0)

    @cached_property
    def fed(self) -> float:
        """Of the strips that join the highway."""
        return self.highway + self.down(56.0, 88.0)

    @cached_property
    def product(self) -> float:
        return self.highway + self.down(90.0, 158.0)

    @cached_property
    def gate(self) -> float:
        if not self.graph.feeders and not self.graph.tail:
            return self.highway + self.down(42.0, 64.0)
        return self.product + self.down(44.0, 96.0)

    @cached_property
    def curve(self) -> float:
        return self.gate + self.down(29.0, 52.0)

    @cached_property
    def sum(self) -> float:
        """Of the preactivations."""
        return self.curve + self.down(41.0, 56.0)

    @cached_property
    def mixing(self) -> float:
        """Of what is done to a part before the sum."""
        return self.sum + self.down(38.0, 48.0)

    @cached_property
    def linear(self) -> float:
        """The top of the linear boxes."""
        if self.graph.mixed:
            return self.mixing + self.down(23.0, 32.0)
        return self.sum + STRIP / 2 + self.down(27.0, 40.0)

    @cached_property
    def row(self) -> float:
        """The height of a row of a linear box."""
        return self.down(29.0, 32.0)

    def linear_height(self, rows: int) -> float:
        return self.row * rows + 6.0

    @cached_property
    def h_bus(self) -> float:
        return self.linear + self.linear_height(2) + self.down(17.0, 34.0)

    @cached_property
    def x_bus(self) -> float:
        return self.h_bus + self.down(12.0, 22.0)

    @cached_property
    def bottom(self) -> float:
        return self.x_bus + self.down(15.0, 24.0)

    @cached_property
    def input(self) -> float:
        return self.bottom + self.down(25.0, 34.0)

    @cached_property
    def height(self) -> float:
        return self.input + self.down(18.0, 26.0)


def parts_of_boxes(column: Column) -> list[tuple[str, ...]]:
    """The linear parts of a gate by box: one box of all, or one each where they are not summed.

    What is changed before the sum stands first.
    """
    if not column.inner:
        return [column.parts]
    changed = {name for operation in column.inner for name in operation.takes}
    return [(part,) for part in sorted(column.parts, key=lambda part: part not in changed)]
