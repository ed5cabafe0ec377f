"""The upper half of a cell: from the gates to the states that leave."""

from __future__ import annotations

from rnnviz.figures.anatomy.draft import NODE, ON_HIGHWAY, Draft
from rnnviz.figures.anatomy.plan import Block, Dot, Node, Note, Plan
from rnnviz.figures.anatomy.sizes import MARGIN, STRIP, Sizes
from rnnviz.model.cells import ACTIVATIONS, Operation

_ONE_MINUS = 24.0  # from a product to the `1−` before it


def add_upper(draft: Draft) -> float:
    """Highway, feeders and tail; returns where the frame ends."""
    for operation in draft.graph.feeders:
        _add_feeder(draft, operation)
    end = max(draft.sizes.slots.values()) + draft.sizes.strip / 2
    if draft.graph.highway:
        end = max(end, _add_highway(draft))
    return _add_tail(draft, end) if draft.graph.tail else end + draft.sizes.inset


def _add_feeder(draft: Draft, operation: Operation) -> None:
    """Two gates that meet above their columns, and what they give."""
    sizes = draft.sizes
    gates = sorted(operation.takes, key=draft.column.__getitem__)
    x = _between(draft, gates)
    y = sizes.product
    draft.node(operation, x, y)
    draft.column[operation.gives[0]] = x
    for gate in gates:
        start, side = draft.column[gate], -1 if draft.column[gate] < x else 1
        end = x + side * NODE
        if operation.verb == "complement" and gate == operation.takes[0]:
            end = _add_one_minus(draft, operation, end, y, side)
        below = sizes.gate - STRIP / 2
        draft.wire(gate, operation, (start, below), (start, y), (end, y))
        if _acts_on_highway(draft, gate):
            draft.dots.append(Dot(start, y, gate, operation))
    strip = draft.strip(operation.gives[0], x, sizes.fed)
    draft.wire(operation.gives[0], operation, (x, y - NODE), (x, sizes.fed + STRIP / 2))
    right = strip.box[0] + strip.box[2] + 14
    draft.notes.append(Note("written", right, sizes.fed + 4))


def _between(draft: Draft, gates: list[str]) -> float:
    """Where the product of two gates stands: beside the last, on the side of the first."""
    last = draft.column[gates[-1]]
    before = [x for x in draft.sizes.slots.values() if x < last]
    return (max(before) + last) / 2 if before else last


def _add_one_minus(draft: Draft, operation: Operation, end: float, y: float, side: int) -> float:
    x = end + side * _ONE_MINUS
    gate = operation.takes[0]
    draft.nodes.append(Node(operation, x, y, "one minus", NODE, gate))
    draft.wire(gate, operation, (x - side * NODE, y), (end, y))
    return x + side * NODE


def _acts_on_highway(draft: Draft, gate: str) -> bool:
    return any(gate in operation.takes for operation in draft.graph.highway)


def _add_highway(draft: Draft) -> float:
    """The carried state from the left to where it leaves; returns its last strip's end."""
    sizes, graph = draft.sizes, draft.graph
    y, name = sizes.highway, graph.carried
    draft.strip(name, MARGIN + sizes.width(name) / 2, y)
    draft.notes.append(Note("from", MARGIN, y + STRIP / 2 + 14, "start", name))
    start = MARGIN + sizes.width(name)
    for place, operation in enumerate(graph.highway):
        other = next(taken for taken in operation.takes if taken != name)
        x = draft.column[other]
        draft.wire(name, operation, (start, y), (x - ON_HIGHWAY, y), carry=True)
        below = sizes.fed if other not in draft.gates else sizes.gate
        draft.wire(other, operation, (x, below - STRIP / 2), (x, y + ON_HIGHWAY))
        draft.node(operation, x, y, ON_HIGHWAY)
        name = operation.gives[0]
        at = _strip_after(draft, place, x)
        strip = draft.strip(name, at, y)
        draft.wire(name, operation, (x + ON_HIGHWAY, y), (strip.box[0], y), carry=True)
        start = strip.box[0] + strip.box[2]
        if place + 1 < len(graph.highway):
            draft.notes.append(Note("kept", at, y + STRIP / 2 + 16, "middle", name))
    return start


def _strip_after(draft: Draft, place: int, x: float) -> float:
    """The middle of the strip behind a node of the highway."""
    sizes, graph = draft.sizes, draft.graph
    if place + 1 < len(graph.highway):
        following = graph.highway[place + 1]
        other = next(t for t in following.takes if t != graph.highway[place].gives[0])
        return (x + draft.column[other]) / 2
    return x + sizes.strip / 2 + sizes.across(34.0, 88.0)


def _add_tail(draft: Draft, end: float) -> float:
    """What leads from the highway down to h, in a column of its own."""
    sizes = draft.sizes
    slots = max(sizes.slots.values())
    x = max(slots + sizes.pitch, end + 30.0)
    name, y = draft.graph.highway[-1].gives[0], sizes.highway
    draft.dots.append(Dot(x, y, name, draft.graph.tail[0]))
    for operation in draft.graph.tail:
        node, strip = _tail_rows(sizes, operation)
        given = operation.gives[0]
        if operation.verb in ACTIVATIONS or operation.verb == "project":
            y = _add_tail_block(draft, operation, x, y, node)
        else:
            other = next(t for t in operation.takes if t in draft.column)
            over = draft.column[other]
            draft.wire(name, operation, (x, y), (x, node - NODE))
            draft.wire(
                other, operation, (over, sizes.gate - STRIP / 2), (over, node), (x - NODE, node)
            )
            draft.node(operation, x, node)
            y = node + NODE
        draft.strip(given, x, strip)
        draft.wire(given, operation, (x, y), (x, strip - STRIP / 2), arrow=False)
        name, y = given, strip + STRIP / 2
    draft.wire(name, None, (x, y), (x, sizes.h_bus), arrow=False)
    draft.column[name] = x
    return x + sizes.strip / 2 + sizes.across(12.0, 16.0)


def _tail_rows(sizes: Sizes, operation: Operation) -> tuple[float, float]:
    """The heights of an operation of the tail and of what it gives."""
    if operation.verb in ACTIVATIONS:
        return sizes.highway + sizes.down(21.0, 46.0), sizes.fed + sizes.down(4.0, 20.0)
    if operation.verb == "project":
        return sizes.curve, sizes.sum
    return sizes.product, sizes.gate


def _add_tail_block(draft: Draft, operation: Operation, x: float, start: float, y: float) -> float:
    sizes = draft.sizes
    width, height = sizes.across(66.0, 84.0), sizes.down(20.0, 30.0)
    kind = "project" if operation.verb == "project" else "curve"
    box = (x - width / 2, y - height / 2, width, height)
    draft.blocks.append(Block(operation, box, kind))  # type: ignore[arg-type]
    draft.wire(operation.takes[0], operation, (x, start), (x, box[1]), arrow=start > sizes.gate)
    return box[1] + height


def add_exits(draft: Draft, right: float) -> float:
    """Where the states leave, to the next timestep and upwards; returns the plan's width."""
    sizes, graph = draft.sizes, draft.graph
    width = right + sizes.right_zone
    rise = right + sizes.across(22.0, 32.0)
    carry = graph.highway[-1].gives[0] if graph.highway else ""
    if carry and carry != "h":
        strip = next(s for s in draft.strips if s.name == carry)
        start = strip.box[0] + strip.box[2]
        draft.wire(carry, None, (start, sizes.highway), (width, sizes.highway), carry=True)
        draft.notes.append(Note("to", rise + 14, sizes.highway, "start", carry))
    start, y = _h_leaves(draft)
    draft.wire("h", None, (start, y), (width, y), carry=carry == "h")
    draft.wire("h", None, (rise, y), (rise, 10.0), bridged=y > sizes.highway)
    draft.dots.append(Dot(rise, y, "h", None))
    draft.notes.append(Note("to", rise + 14, y, "start", "h"))
    draft.notes.append(Note("up", rise + 11, 17.0))
    return width


def _h_leaves(draft: Draft) -> tuple[float, float]:
    """Where h's wire turns to the right, or begins."""
    sizes, graph = draft.sizes, draft.graph
    if graph.tail:
        return draft.column["h"], sizes.h_bus
    if graph.highway:
        strip = next(s for s in draft.strips if s.name == "h")
        return strip.box[0] + strip.box[2], sizes.highway
    x = draft.column["h"]
    draft.wire("h", None, (x, sizes.gate - STRIP / 2), (x, sizes.highway), arrow=False)
    return x, sizes.highway


def finished(draft: Draft, right: float, width: float) -> Plan:
    """The plan of what was drafted."""
    sizes = draft.sizes
    frame = (sizes.left, sizes.top, right - sizes.left, sizes.bottom - sizes.top)
    draft.notes.append(Note("title", sizes.left, sizes.top - 10))
    return Plan(
        width,
        sizes.height,
        frame,
        tuple(draft.strips),
        tuple(draft.nodes),
        tuple(draft.blocks),
        tuple(draft.wires),
        tuple(draft.dots),
        tuple(draft.notes),
    )
