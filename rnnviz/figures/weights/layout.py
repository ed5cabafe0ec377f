"""Where each band of gates, each matrix and each table stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnviz.figures.view import Frame
from rnnviz.figures.weights.parameters import Parameter, Parameters
from rnnviz.scene.text import text_width

MARGIN = 20.0
HEADER = 78.0  # title, what the matrix meets, column labels
CELL = (38.0, 18.0)
NUMERALS = (34.0, 15.0)
MOST = (76.0, 36.0)
BIAS_GAP = 10.0
GROUP_GAP = 36.0
NARROW = 800.0  # panes below have smaller gaps
BAND_GAP = 8.0
SIDE = 247.0
SIDE_GAP = 36.0
FOOT = 54.0
_SCROLL = 2.0  # how far beyond the pane legible numerals may reach


@dataclass(frozen=True, eq=False)
class Block:
    """One parameter: its columns in px, the same in every band."""

    parameter: Parameter
    x: float
    cell: float
    columns: int

    @property
    def width(self) -> float:
        return self.cell * self.columns

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, eq=False)
class Group:
    """A weight and its bias under one title; `right` bounds the titles too."""

    weight: Block
    bias: Block | None
    x: float
    right: float

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (self.weight,) if self.bias is None else (self.weight, self.bias)


@dataclass(frozen=True)
class Band:
    """The rows of one gate."""

    gate: str
    first: int
    rows: int
    y: float
    height: float

    @property
    def low(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, eq=False)
class Layout:
    """Every place of the figure, in content px.

    Attributes:
        gutter: width of the gates' column at the left.
        groups: input and recurrent weights; `bands`: the gates, `cell` px per row.
        projection: weight_hr with its top, None without proj_size.
        right, low: the end of the matrices.
        side: x, y and width of the distribution; `table`: the same of the blocks' sizes.
    """

    gutter: float
    groups: tuple[Group, ...]
    bands: tuple[Band, ...]
    cell: float
    projection: tuple[Group, Band] | None
    right: float
    low: float
    side: tuple[float, float, float]
    table: tuple[float, float, float]
    width: float
    height: float


def side_height(gates: int) -> float:
    """How tall the distribution is: title, a row per gate, axis and note."""
    return 46.0 + gates * 58.0 + 62.0


def table_height(gates: int) -> float:
    """How tall the table of sizes is."""
    return 40.0 + gates * 23.0


def _gutter(parameters: Parameters, arrangement: str) -> float:
    rows = parameters.hidden * len(parameters.gates)
    span = text_width(f"[{rows - parameters.hidden}:{rows}]", 11, "mono")
    label = str(rows - 1 if arrangement == "matrix" else parameters.hidden - 1)
    return max(84.0, 14 + span + 14 + text_width(label, 11))


def _shares(wanted: Sequence[float], room: float) -> list[float]:
    """The room dealt out evenly, none getting more than it wants."""
    shares = [0.0] * len(wanted)
    left = room
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    for done, index in enumerate(order):
        shares[index] = min(wanted[index], left / (len(wanted) - done))
        left -= shares[index]
    return shares


def _cell_widths(columns: Sequence[int], room: float) -> list[float]:
    wanted = [count * CELL[0] for count in columns]
    least = sum(columns) * NUMERALS[0]
    if room < sum(wanted) and least <= room * _SCROLL:
        even = max(NUMERALS[0], room / sum(columns))
        return [even] * len(columns)
    shares = _shares(wanted, max(room, 60.0))
    return [share / count for share, count in zip(shares, columns, strict=True)]


def _cell_height(rows: int, pane: float, room: float, zoom: float) -> float:
    fit = max(room, 120.0) / rows
    if rows * NUMERALS[1] <= pane * _SCROLL:
        fit = max(fit, NUMERALS[1])
    return _zoomed(min(fit, CELL[1]), zoom, 1)


def _zoomed(base: float, zoom: float, axis: int) -> float:
    return min(base * zoom, max(MOST[axis], base))


def _groups(
    parameters: Parameters,
    at: tuple[float, float],
    widths: Sequence[float],
    zoom: float,
    subs: Sequence[float],
) -> tuple[Group, ...]:
    """The groups from x on with a gap between them, `at`, their cells `widths` px wide."""
    x, gap = at
    groups = []
    kinds = parameters.by_kind
    pairs = ((kinds["weight_ih"], kinds.get("bias_ih")), (kinds["weight_hh"], kinds.get("bias_hh")))
    for (weight, bias), cell, sub in zip(pairs, widths, subs, strict=True):
        block = Block(weight, x, cell, weight.values.shape[1])
        beside, right = None, max(block.right, x + title_width(weight), x + sub)
        if bias is not None:
            beside = Block(bias, block.right + BIAS_GAP, _zoomed(CELL[0], zoom, 0), 1)
            start, width = bias_label(block, beside)
            right = max(right, beside.right, start + width - BIAS_GAP)
        groups.append(Group(block, beside, x, right))
        x = right + gap
    return tuple(groups)


def title_width(weight: Parameter) -> float:
    """How wide a name with its shape is, in px."""
    return text_width(weight.name, 12, "mono") + 10 + text_width(weight.shape_text, 12, "mono")


def bias_label(weight: Block, bias: Block) -> tuple[float, float]:
    """Where the name above a bias begins, and how wide it is: around it, right of its matrix."""
    width = text_width(bias.parameter.name, 11, "mono")
    return max(bias.x + (bias.width - width) / 2, weight.right + 5), width


def _bands(parameters: Parameters, cell: float, gap: float, top: float) -> tuple[Band, ...]:
    hidden, bands = parameters.hidden, []
    for index, gate in enumerate(parameters.gates):
        y = top + index * (hidden * cell + gap)
        bands.append(Band(gate, index * hidden, hidden, y, hidden * cell))
    return tuple(bands)


def _projection(
    parameters: Parameters, x: float, top: float, room: float, cell: float, zoom: float
) -> tuple[Group, Band] | None:
    weight = parameters.by_kind.get("weight_hr")
    if weight is None:
        return None
    rows, columns = weight.values.shape
    block = Block(weight, x, _zoomed(_cell_widths([columns], room)[0], zoom, 0), columns)
    right = max(block.right, x + title_width(weight))
    height = _zoomed(min(CELL[1], max(160 / rows, cell)), zoom, 1)
    return Group(block, None, x, right), Band("", 0, rows, top + HEADER, rows * height)


def _fitted(
    parameters: Parameters,
    at: tuple[float, float],
    beside: float,
    width: float,
    subs: Sequence[float],
) -> tuple[Group, ...]:
    """The groups at 100 %, as wide as the pane allows with `beside` px kept free.

    Returns:
        Nothing where room was to be kept and there is none; without it they may reach further.
    """
    kinds, (x, gap) = parameters.by_kind, at
    columns = [kinds["weight_ih"].values.shape[1], kinds["weight_hh"].values.shape[1]]
    biases = sum(parameter.is_bias for parameter in parameters.owners())
    room = width - x - biases * (BIAS_GAP + CELL[0]) - gap - MARGIN - beside
    groups = _groups(parameters, at, _cell_widths(columns, room), 1.0, subs)
    beyond = groups[-1].right + MARGIN + beside - width
    room = sum(group.weight.width for group in groups) - beyond
    if beyond > 0 and room > 120:  # names may be wider than what they stand above
        groups = _groups(parameters, at, _cell_widths(columns, room), 1.0, subs)
        beyond = groups[-1].right + MARGIN + beside - width
    return groups if beyond <= 0.5 or not beside else ()


def arrange(
    parameters: Parameters, arrangement: str, frame: Frame, subs: Sequence[float]
) -> Layout:
    """Lay the figure out for a pane.

    Args:
        arrangement: "blocks" or "matrix".
        frame: its size is the pane's.
        subs: how wide the two lines below the titles are.
    """
    kinds = parameters.by_kind
    gates = len(parameters.gates)
    gutter = _gutter(parameters, arrangement)
    x = MARGIN + gutter
    at = x, GROUP_GAP if frame.width >= NARROW else GROUP_GAP / 2
    wide, groups = True, _fitted(parameters, at, SIDE + SIDE_GAP, frame.width, subs)
    columns = sum(group.weight.columns for group in groups)
    numbered = min(columns * NUMERALS[0], 360.0)
    if not groups or sum(group.weight.width for group in groups) < numbered * 0.95:
        wide, groups = False, _fitted(parameters, at, 0.0, frame.width, subs)
    zoomed = [_zoomed(group.weight.cell, frame.zoom, 0) for group in groups]
    groups = _groups(parameters, at, zoomed, frame.zoom, subs)

    gap = BAND_GAP if arrangement == "blocks" else 0.0
    below = HEADER + 8 + 160 if "weight_hr" in kinds else 0.0
    rows = gates * parameters.hidden
    tall = frame.height - HEADER - FOOT - gap * (gates - 1)
    cell = _cell_height(rows, tall, tall - below, frame.zoom)
    bands = _bands(parameters, cell, gap, HEADER)
    room = frame.width - x - MARGIN - (SIDE + SIDE_GAP if wide else 0)
    projection = _projection(parameters, x, bands[-1].low + 8, room, cell, frame.zoom)

    right = max(group.right for group in (*groups, *([projection[0]] if projection else [])))
    low = projection[1].low if projection else bands[-1].low
    return _with_sides(
        wide,
        frame,
        gates,
        Layout(gutter, groups, bands, cell, projection, right, low, (0, 0, 0), (0, 0, 0), 0, 0),
    )


def _with_sides(wide: bool, frame: Frame, gates: int, layout: Layout) -> Layout:
    if wide:
        x = max(layout.right + SIDE_GAP, frame.width - MARGIN - SIDE)
        side = (x, 0.0, SIDE)
        table = (x, side_height(gates) + 24, SIDE)
        low = max(layout.low, table[1] + table_height(gates))
        width = x + SIDE + MARGIN
    else:
        top = layout.low + FOOT
        pane = max(frame.width - 2 * MARGIN, SIDE)
        if pane >= 2 * SIDE + SIDE_GAP:
            half = (pane - SIDE_GAP) / 2
            side, table = (MARGIN, top, half), (MARGIN + half + SIDE_GAP, top + 19, half)
            low = top + max(side_height(gates), 19 + table_height(gates))
        else:
            side = (MARGIN, top, pane)
            table = (MARGIN, top + side_height(gates) + 12, pane)
            low = table[1] + table_height(gates)
        width = max(layout.right + MARGIN, frame.width if pane > SIDE else 0)
    height = low + (FOOT if wide else 16)
    return replace(layout, side=side, table=table, width=width, height=height)
