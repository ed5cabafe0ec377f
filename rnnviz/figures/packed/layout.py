"""Where everything of a packed batch stands, from the pane's width and the zoom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.options import PackedOptions
from rnnviz.figures.view import Frame
from rnnviz.scene.text import text_width

MARGIN = 24.0
GUTTER = 34.0  # for the numbers in circles, left of a grid
LENGTH = 46.0  # for the lengths, right of it
ARROWS = 104.0  # between two grids side by side
SIDE_ARROWS = 92.0  # right of two grids one above the other

CARD_FROM = (30.0, 24.0)  # a cell of this size is a card, a smaller one a coloured block
_CELL_MOST = (80.0, 56.0)
_CELL_LARGEST = (170.0, 110.0)  # at any zoom
_CELL_LEAST = 0.05
_GRID_HEIGHT = 330.0
_BESIDE_FROM = 820.0  # px of a pane that two rasters share
_BESIDE_CELL = 44.0

COLUMN_CARD_FROM = 30.0
_COLUMN_MOST = 62.0
_COLUMN_LARGEST = 110.0
_SLAB_GAP = 0.32  # of a row's pitch
_RIBBONS = 80.0
STRIP_HEIGHT = 72.0

WITHOUT_WIDTH = 430.0
_WITHOUT_ROWS = 12
WITHOUT_ROW = 24.0
LIST_WIDTH = 192.0
WORK_WIDTH = 280.0
BOX_LINE = 50.0
_MOST_LINES = 3  # of boxes; a longer list shows a window of two lines
_SECTION_GAP = 24.0
_REVERSE_NOTE = 18.0  # the line that explains the dashed cells


@dataclass(frozen=True)
class Grid:
    """One padded grid: its first cell's corner, the size of a cell, and how many there are."""

    x: float
    y: float
    cell: tuple[float, float]
    columns: int
    rows: int

    @property
    def right(self) -> float:
        """Where its last column ends."""
        return self.x + self.columns * self.cell[0]

    @property
    def bottom(self) -> float:
        """Where its last row ends."""
        return self.y + self.rows * self.cell[1]

    @property
    def has_cards(self) -> bool:
        """Whether its cells have room for a strip of their own."""
        return self.cell[0] >= CARD_FROM[0] and self.cell[1] >= CARD_FROM[1]

    def column_x(self, t: int) -> float:
        """Where a column begins."""
        return self.x + t * self.cell[0]

    def row_middle(self, row: int) -> float:
        """The height of a row's middle."""
        return self.y + (row + 0.5) * self.cell[1]


@dataclass(frozen=True, eq=False)
class Data:
    """The rows of `PackedSequence.data` in slabs, left to right.

    Attributes:
        pitch: px from one row to the next.
        gap: px between two slabs.
        offsets: the first row of every slab, and behind the last the number of rows.
    """

    x: float
    y: float
    pitch: float
    gap: float
    offsets: NDArray[np.int64]

    @property
    def has_cards(self) -> bool:
        """Whether every row has room for its number."""
        return self.pitch >= COLUMN_CARD_FROM

    @property
    def height(self) -> float:
        """From the slabs' top to below their row numbers."""
        return STRIP_HEIGHT + (60.0 if self.has_cards else 30.0)

    @property
    def right(self) -> float:
        """Where the last slab ends."""
        return self.slab(len(self.offsets) - 2)[1]

    def rows(self, t: int) -> tuple[int, int]:
        """The first row of a timestep, and the first of the next."""
        return int(self.offsets[t]), int(self.offsets[t + 1])

    def slab(self, t: int) -> tuple[float, float]:
        """Where a timestep's slab begins and ends."""
        first, end = self.rows(t)
        left = self.x + first * self.pitch + t * self.gap
        return left, left + (end - first) * self.pitch

    def row_x(self, row: int, t: int) -> float:
        """Where a row, which is of timestep t, begins."""
        return self.x + row * self.pitch + t * self.gap


@dataclass(frozen=True)
class Layout:
    """All places of the figure, in px.

    Attributes:
        side_by_side: the sorted grid stands right of the given one, else below it.
        given_note, sorted_note: baselines of what is said below each grid.
        ribbons: from where to where the ribbons fall.
        lists: left edge and top of `batch_sizes`, both permutations, and the work.
        without: left edge and top of what goes wrong without packing; None where it isn't shown.
    """

    width: float
    height: float
    side_by_side: bool
    given: Grid
    sorted: Grid
    given_note: float
    sorted_note: float
    data_title: float
    ribbons: tuple[float, float]
    data: Data
    rule: float
    lists: tuple[tuple[float, float], ...]
    without: tuple[float, float] | None


def arrange(batch: Batch, options: PackedOptions, frame: Frame, is_measured: bool = True) -> Layout:
    """The layout of a batch in a pane as wide as the frame.

    Args:
        is_measured: there is a table of what goes wrong without packing, not only a line.
    """
    pane = max(frame.width, 420.0)
    cell, beside = _cell(batch, pane, frame.zoom)
    top = 68.0 + (_REVERSE_NOTE if batch.bidirectional else 0.0)
    given = Grid(MARGIN + GUTTER, top, cell, batch.L, batch.N)
    given_note = given.bottom + 50
    if beside:
        left = max(given.right + LENGTH + ARROWS, pane / 2 + 10) + GUTTER
        sorted_grid = Grid(left, given.y, cell, batch.L, batch.N)
        sorted_note, grids_right = given_note, sorted_grid.right + LENGTH
    else:
        sorted_grid = Grid(given.x, given_note + 78, cell, batch.L, batch.N)
        sorted_note = sorted_grid.bottom + 50
        grids_right = sorted_grid.right + LENGTH + SIDE_ARROWS
    data_title = sorted_note + 36
    ribbons_top = sorted_note + (22 if beside else 50)
    data = _data(batch, pane, frame.zoom, ribbons_top + _RIBBONS)
    rule = data.y + data.height + 14
    width = max(pane, grids_right + MARGIN, data.right + MARGIN)
    shown = wants_table(batch, options)
    table = without_height(batch) if is_measured else 40.0
    if shown and pane - data.right - 2 * MARGIN >= WITHOUT_WIDTH:
        without: tuple[float, float] | None = (pane - MARGIN - WITHOUT_WIDTH, data.y + 6)
        rule = max(rule, data.y + 6 + table)
        lists, bottom = _lists(batch, pane, rule + 28)
    else:
        lists, bottom = _lists(batch, pane, rule + 28)
        without = (MARGIN, bottom + _SECTION_GAP) if shown else None
        bottom += _SECTION_GAP + table if shown else 0.0
    return Layout(
        width=width,
        height=bottom + 10,
        side_by_side=beside,
        given=given,
        sorted=sorted_grid,
        given_note=given_note,
        sorted_note=sorted_note,
        data_title=data_title,
        ribbons=(ribbons_top, data.y - 8),
        data=data,
        rule=rule,
        lists=lists,
        without=without,
    )


def wants_table(batch: Batch, options: PackedOptions) -> bool:
    """Whether there is a table of what goes wrong without packing: in a run, not a difference."""
    return options.without_packing and batch.skipped > 0 and not batch.run.is_difference


def length_middle(batch: Batch) -> float:
    """How far right of a grid its column of lengths has its middle, px."""
    return max(20.0, 9 + _length_width(batch) / 2)


def length_end(batch: Batch) -> float:
    """How far right of a grid what is beside its lengths may begin, px."""
    return max(38.0, length_middle(batch) + _length_width(batch) / 2 + 6)


def _length_width(batch: Batch) -> float:
    return text_width(str(int(batch.lengths.max(initial=0))), 11.5)


def without_rows(batch: Batch) -> int:
    """How many sequences the table of differences lists."""
    return min(batch.N, _WITHOUT_ROWS)


def without_height(batch: Batch) -> float:
    """How tall the table of differences is, its conclusion included."""
    return 84.0 + WITHOUT_ROW * without_rows(batch) + (18.0 if batch.N > _WITHOUT_ROWS else 0.0)


def _cell(batch: Batch, pane: float, zoom: float) -> tuple[tuple[float, float], bool]:
    """The size of a grid's cell, and whether two grids stand side by side."""
    frames = GUTTER + LENGTH
    beside = (pane - 2 * MARGIN - ARROWS) / 2 - frames
    above = pane - 2 * MARGIN - frames - SIDE_ARROWS
    is_raster = above / batch.L < CARD_FROM[0]
    fits = beside / batch.L >= _BESIDE_CELL
    side_by_side = fits or (is_raster and pane >= _BESIDE_FROM)
    width = min((beside if side_by_side else above) / batch.L, _CELL_MOST[0])
    height = min(_GRID_HEIGHT / batch.N, _CELL_MOST[1])
    return (
        (
            min(max(width * zoom, _CELL_LEAST), max(_CELL_LARGEST[0], width)),
            min(max(height * zoom, _CELL_LEAST), max(_CELL_LARGEST[1], height)),
        ),
        side_by_side,
    )


def _data(batch: Batch, pane: float, zoom: float, y: float) -> Data:
    room = pane - 2 * MARGIN - GUTTER
    pitch = min(room / (batch.rows + _SLAB_GAP * (batch.slabs - 1)), _COLUMN_MOST)
    pitch = min(pitch * zoom, _COLUMN_LARGEST)
    gap = min(_SLAB_GAP * pitch, _SLAB_GAP * _COLUMN_MOST)
    return Data(MARGIN + GUTTER, y, pitch, gap, batch.plan.first_rows)


def boxes_per_line(largest: int) -> int:
    """How many numbers stand side by side, given the largest of them and of their indices."""
    return 7 if largest < 100 else 6 if largest < 1000 else 4


def list_lines(count: int, largest: int) -> int:
    """How many lines of boxes a list takes."""
    lines = -(-count // boxes_per_line(largest))
    return lines if lines <= _MOST_LINES else 2


def list_window(count: int, largest: int, current: int | None) -> range:
    """The entries of a list that are shown, the current one among them."""
    room = list_lines(count, largest) * boxes_per_line(largest)
    if count <= room:
        return range(count)
    first = min(max((current or 0) - room // 2, 0), count - room)
    return range(first, first + room)


def _lists(batch: Batch, pane: float, top: float) -> tuple[tuple[tuple[float, float], ...], float]:
    """The corners of the three lists and the work bar, in as many lines as they need."""
    permutation = list_lines(batch.N, batch.N) if batch.plan.sorted_indices else 1
    sizes = list_lines(batch.slabs, max(batch.N, batch.slabs - 1))
    lines = (sizes, permutation, permutation, 1)
    corners: list[tuple[float, float]] = []
    x, y, bottom = MARGIN, top, top
    for count, width in zip(lines, (LIST_WIDTH, LIST_WIDTH, LIST_WIDTH, WORK_WIDTH), strict=True):
        if x > MARGIN and x + width > pane - MARGIN + 8:
            x, y = MARGIN, bottom + 16
        corners.append((x, y))
        x += width + 8
        bottom = max(bottom, y + 54.0 + count * BOX_LINE)
    return tuple(corners), bottom
