"""The plan of a cell for a pane: as wide and high as that is, between two limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rnnviz.figures.anatomy.columns import add_columns
from rnnviz.figures.anatomy.draft import Draft
from rnnviz.figures.anatomy.graph import graph_of
from rnnviz.figures.anatomy.plan import Plan
from rnnviz.figures.anatomy.sizes import Sizes
from rnnviz.figures.anatomy.upper import add_exits, add_upper, finished
from rnnviz.model.cells import Cell, Operation

FOOT = 44.0  # px below the cell, at any zoom
LARGEST = 1.25


@dataclass(frozen=True)
class Layout:
    """A plan and the zoom at which it fills its pane."""

    plan: Plan
    fitting: float


@lru_cache(maxsize=256)
def plan_of(
    cell: Cell,
    operations: tuple[Operation, ...],
    wide: float,
    high: float,
    reverse: bool,
    units: tuple[int, int, int],
) -> Plan:
    """The plan of a cell's operations; `wide` and `high` are as in `Sizes`."""
    graph = graph_of(cell, operations)
    draft = Draft(graph, Sizes(graph, wide, high, units), operations)
    add_columns(draft)
    right = add_upper(draft)
    width = add_exits(draft, right)
    plan = finished(draft, right, width)
    return plan.mirrored() if reverse else plan


def layout_of(
    cell: Cell,
    operations: tuple[Operation, ...],
    reverse: bool,
    units: tuple[int, int, int],
    width: float,
    height: float,
) -> Layout:
    """The plan for a pane of a size, and how far it has to be zoomed to fit."""
    least = plan_of(cell, operations, 0.0, 0.0, reverse, units)
    most = plan_of(cell, operations, 1.0, 1.0, reverse, units)
    height = max(height - FOOT, 1.0)
    zoom = min(width / least.width, height / least.height, LARGEST)
    wide = _share(width / zoom, least.width, most.width)
    high = _share(height / zoom, least.height, most.height)
    if zoom > 1.0:  # a pane with room for all of it at 100 % spreads it out before it is magnified
        roomy = min(width / most.width, height / most.height)
        zoom = max(1.0, min(roomy, LARGEST))
        wide = _share(width / zoom, least.width, most.width)
        high = _share(height / zoom, least.height, most.height)
    return Layout(plan_of(cell, operations, wide, high, reverse, units), zoom)


def _share(room: float, least: float, most: float) -> float:
    if most <= least:
        return 1.0
    return round(min(max((room - least) / (most - least), 0.0), 1.0), 3)
