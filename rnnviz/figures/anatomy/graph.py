"""How a cell's operations hang together, read from what the cell publishes.

Nothing here knows a cell by name: gates stand in columns, what the carried state passes on its
way through the cell is the highway, what joins it from below feeds it, and what is left leads
on to h.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.model.cells import ACTIVATIONS, Cell, Operation

LINEAR = frozenset({"linear_ih", "linear_hh"})


@dataclass(frozen=True)
class Column:
    """A gate and what it is computed from.

    Attributes:
        gate: its name.
        parts: its rows of the linear operations, `ih_q` and `hh_q`.
        inner: what is done to a part before the sum, such as GRU's r ⊙ (W_hn h + b_hn).
        total: gives `a_q`.
        activation: gives the gate.
    """

    gate: str
    parts: tuple[str, ...]
    inner: tuple[Operation, ...]
    total: Operation
    activation: Operation


@dataclass(frozen=True)
class Graph:
    """A cell's operations, sorted by where they are drawn.

    Attributes:
        columns: the gates from left to right.
        carried: the state on the highway as it enters, `c_prev` or `h_prev`; "" where the
            state that enters is only multiplied by weights.
        highway: what the carried state passes, in order.
        feeders: what gives the others that join it there.
        tail: what leads from there to h.
    """

    columns: tuple[Column, ...]
    carried: str
    highway: tuple[Operation, ...]
    feeders: tuple[Operation, ...]
    tail: tuple[Operation, ...]

    @property
    def mixed(self) -> bool:
        """Whether some gate is more than the sum of its linear parts."""
        return any(column.inner for column in self.columns)


def graph_of(cell: Cell, operations: tuple[Operation, ...]) -> Graph:
    """The graph of a cell's operations."""
    by_result = {name: operation for operation in operations for name in operation.gives}
    columns = [_column(gate, by_result) for gate in cell.gates]
    used = {op for column in columns for op in (*column.inner, column.total, column.activation)}
    rest = [op for op in operations if op.verb not in LINEAR and op not in used]
    carried = "c_prev" if cell.has_c else "h_prev"
    highway = _highway(rest, carried)
    joining = {name for operation in highway for name in operation.takes}
    feeders = [op for op in rest if op not in highway and joining & set(op.gives)]
    tail = [op for op in rest if op not in highway and op not in feeders]
    columns.sort(key=lambda column: _order(column.gate, operations, carried))
    return Graph(tuple(columns), carried if highway else "", highway, tuple(feeders), tuple(tail))


def _column(gate: str, by_result: dict[str, Operation]) -> Column:
    activation = by_result[gate]
    total = by_result[activation.takes[0]]
    parts: list[str] = []
    inner: list[Operation] = []
    for name in total.takes if len(total.gives) == 1 else _own(total, activation.takes[0]):
        source = by_result[name]
        if source.verb in LINEAR:
            parts.append(name)
        else:
            inner.append(source)
            parts += [part for part in source.takes if by_result[part].verb in LINEAR]
    return Column(gate, tuple(parts), tuple(inner), total, activation)


def _own(total: Operation, name: str) -> tuple[str, str]:
    """What of a sum of many belongs to one of its results."""
    place, count = total.gives.index(name), len(total.gives)
    return total.takes[place], total.takes[place + count]


def _highway(rest: list[Operation], carried: str) -> tuple[Operation, ...]:
    found: list[Operation] = []
    name, goal = carried, carried.removesuffix("_prev")
    while name != goal:
        following = [op for op in rest if name in op.takes and op.verb not in ACTIVATIONS]
        if not following:
            return ()
        found.append(following[0])
        name = following[0].gives[0]
    return tuple(found)


def _order(gate: str, operations: tuple[Operation, ...], carried: str) -> tuple[int, int, int]:
    """What acts on the carried state stands first, the rest in the order of its use."""
    users = [op for op in operations if gate in op.takes]
    if not users:
        return 1, len(operations), 0
    on_carried = any(carried in op.takes for op in users)
    first = users[0]
    return int(not on_carried), operations.index(first), first.takes.index(gate)
