"""Where the parts of a lookup stand: what is looked up, the table, and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rnnviz.figures.axis import Axis, even, kept_indices, spread
from rnnviz.figures.elision import kept_steps
from rnnviz.figures.lookup.grid import CARD, LANE, MARGIN, MOST_WIRES, Grid, grid_of
from rnnviz.figures.lookup.subject import Subject
from rnnviz.figures.matrix import MOST_CELL, NUMBERED, cell_size
from rnnviz.figures.stacked import PITCH, Stacked, row_of, stack_rows
from rnnviz.figures.stacked_names import labels_width
from rnnviz.figures.table_names import titled_width
from rnnviz.figures.view import Frame
from rnnviz.scene.text import text_width

TITLE = 30.0  # baseline of the names
HEADER = 86.0  # from a part's top to where its tables begin
_WIRES = 84.0  # px between two parts
_CLOSE = 40.0  # the same, where there is little room
_SMALL_CARD = 34.0
_CELL = 38.0
_ONE_HOT = 24.0
_TALLEST = 36.0
_MOST_ROWS, _MOST_IDS, _MOST_SEQUENCES, _MOST_STEPS = 24, 16, 8, 7
_MOST_COLUMNS = 10  # ids across
_FEW_ROWS, _FEW_IDS, _FEW_SEQUENCES, _FEW_STEPS = 4, 6, 3, 4
_LEAST = 48.0  # px of a table
_SCROLL = 1.35  # how far beyond the pane numbers may reach
_WEIGHT = 320.0  # px of a weight whose columns are picked, at 100 %
_TOKEN = 78.0


@dataclass(frozen=True, eq=False)
class Part:
    """One way to look up, from left to right.

    Attributes:
        way: "table", "one_hot" or "column".
        top: where it begins.
        rows: of the batch, those on show.
        grid: the ids; None where `codes` (one-hot rows) stand in its place, from `codes_x` on.
        down, across: the table's axes; `table_x`: where it begins, `names` px of labels before.
        result_x: where the results begin, `labels` px of labels before; `result`: their columns.
        low, right: the end of it all.
    """

    way: str
    top: float
    rows: Stacked
    grid: Grid | None
    codes: Axis | None
    codes_x: float
    down: Axis
    across: Axis
    names: float
    table_x: float
    labels: float
    result_x: float
    result: Axis
    low: float
    right: float

    @property
    def y(self) -> float:
        """Where its tables begin."""
        return self.top + HEADER + self.drop

    @property
    def drop(self) -> float:
        """Room for the wires above a table whose columns are picked."""
        return 18 + LANE * min(len(self.rows.lit), MOST_WIRES) if self.way == "column" else 0.0


def arrange(subject: Subject, way: str, frame: Frame, top: float, *, few: bool = False) -> Part:
    """Lay one way out for a pane of the frame's size, at its zoom.

    Args:
        few: only the rows of the current step, as one of several ways on a page.
    """
    whole, apart = replace(frame, zoom=1.0), _WIRES
    found = _arranged(subject, way, whole, top, few, _WIRES)
    if way != "column" and found.right + MARGIN > frame.width + 0.5:
        apart = _CLOSE
    if apart == _WIRES and frame.zoom == 1.0:
        return found
    return _arranged(subject, way, frame, top, few, apart)


def _arranged(
    subject: Subject, way: str, frame: Frame, top: float, few: bool, apart: float
) -> Part:
    """Lay one way out with `apart` px between its parts, for the wires."""
    lines = _kept(subject, few)
    rows = _rows(subject, lines, few)
    kept = _ids(subject, way, rows, few)
    least = _SMALL_CARD if apart == _CLOSE else CARD
    grid = None if way == "one_hot" else grid_of(subject, lines, len(rows.lit), least)
    labels, names = labels_width(rows) + 8, _names_width(subject, way, kept)
    start = MARGIN + labels
    if grid is not None:
        start = max(grid.right, MARGIN + titled_width(*subject.ids_title) - apart / 2)
    codes = None
    if grid is None:
        codes = _codes(subject, kept, frame.zoom)
        start += max(codes.length, titled_width(*subject.codes_title) - labels)
    result_labels = 0.0 if grid is None else labels
    table_x = start + apart + names
    titles = titled_width(*subject.titles(way)) - names, titled_width(*subject.result_title)
    fixed = table_x + apart + result_labels + MARGIN
    if way == "column":
        down, across = _weight(subject, kept, frame.zoom)
        wide = max(across.length, titles[0])
        vectors = _vectors(subject, kept, frame.width - fixed - wide, frame.zoom)
    else:
        room = frame.width - fixed
        widest = max(titles[0], titles[1] - result_labels)
        share = min(room / 2, room - widest) if apart == _CLOSE else room / 2
        vectors = _vectors(subject, kept, share, frame.zoom, 1.0 if apart == _CLOSE else _SCROLL)
        wide = max(vectors.length, titles[0])
        down, across = spread(subject.V, cell_size(PITCH, frame.zoom, _TALLEST), kept), vectors
    result_x = table_x + wide + apart + result_labels
    part = Part(
        way,
        top,
        rows,
        grid,
        codes,
        MARGIN + labels,
        down,
        across,
        names,
        table_x,
        result_labels,
        result_x,
        vectors,
        0.0,
        0.0,
    )
    right = result_x + max(vectors.length, titles[1] - result_labels)
    return _ended(subject, part, right)


def _ended(subject: Subject, part: Part, right: float) -> Part:
    lengths = [part.rows.axis.length, part.down.length + _below(subject, part)]
    if part.grid is not None:
        lengths.append(part.grid.lines.length)
    return replace(part, low=part.y + max(lengths), right=right)


def _below(subject: Subject, part: Part) -> float:
    """Room for what stands below a table: wires, or the words for a row of it."""
    if part.way == "column":
        return 14 + LANE * min(len(part.rows.lit), MOST_WIRES)
    return 0.0 if subject.padding_idx is None else 38.0


def _kept(subject: Subject, few: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sequences and timesteps on show."""
    form, view = subject.form, subject.view
    focus = min(max(view.sequence or 0, 0), form.N - 1)
    if view.selection is not None and view.selection.sequence is not None:
        focus = min(view.selection.sequence, form.N - 1)
    sequences = kept_steps(form.N, {focus}, _FEW_SEQUENCES if few else _MOST_SEQUENCES)
    lit = {int(t) for n in sequences for t in subject.arrived.lit[:, n].nonzero()[0]}
    return sequences, kept_steps(form.L, lit or {0}, _FEW_STEPS if few else _MOST_STEPS)


def _rows(subject: Subject, lines: tuple[tuple[int, ...], tuple[int, ...]], few: bool) -> Stacked:
    form, lit = subject.form, subject.arrived.lit
    wanted = [row_of(form, n, t) for n in lines[0] for t in lines[1] if lit[t, n]]
    tokens = _token_at(subject)
    if few:
        count = form.L * form.N
        kept = sorted(wanted)[:_FEW_ROWS] or range(min(2, count))
        return Stacked(form, subject.arrived, spread(count, PITCH, kept), tokens)
    chosen = subject.view.selection
    if chosen is not None and chosen.t is not None and chosen.t < form.L:
        wanted.append(row_of(form, min(chosen.sequence or 0, form.N - 1), chosen.t))
    focus = subject.view.sequence
    return stack_rows(form, subject.arrived, _MOST_ROWS, focus, wanted, tokens, nearest=0)


def _token_at(subject: Subject) -> Callable[[int, int], str]:
    def name(sequence: int, t: int) -> str:
        id_ = int(subject.ids[t, sequence])
        return f"{id_} {subject.token(id_)}".strip()

    return name


def _ids(subject: Subject, way: str, rows: Stacked, few: bool) -> tuple[int, ...]:
    """The ids whose rows of the table are on show."""
    places = [rows.place(row) for row in rows.axis.shown]
    used = [int(subject.ids[t, n]) for n, t in places]
    must = {int(subject.ids[t, n]) for n, t in (rows.place(row) for row in rows.lit)}
    if subject.padding_idx is not None:
        must.add(subject.padding_idx)
    chosen = subject.view.selection
    if chosen is not None and chosen.tensor == "embedding.weight":
        picked = chosen.row if subject.by_rows else chosen.column
        must |= set() if picked is None else {picked}
    most = _FEW_IDS if few else _MOST_IDS if way == "table" else _MOST_COLUMNS
    return kept_indices(subject.V, must, used, most)


def _names_width(subject: Subject, way: str, kept: tuple[int, ...]) -> float:
    """Room for the names of the table's rows."""
    if way == "column":
        return text_width(str(subject.E - 1), 11) + 12
    number = max((text_width(str(i), 12, "mono") for i in kept), default=0.0)
    token = max((text_width(subject.token(i), 12, "mono") for i in kept), default=0.0)
    return number + (min(token, _TOKEN) + 10 if token else 0.0) + 14


def _codes(subject: Subject, kept: tuple[int, ...], zoom: float) -> Axis:
    """The columns of one-hot rows, wide enough for their ids."""
    named = max(text_width(str(i), 11) for i in kept) + 6
    return spread(subject.V, cell_size(max(_ONE_HOT, named), zoom, _CELL), kept, gap=14.0)


def _vectors(
    subject: Subject, kept: tuple[int, ...], room: float, zoom: float, beyond: float = _SCROLL
) -> Axis:
    """The columns of a vector, at 100 % within some room, or beyond it for the numbers' sake."""
    if subject.is_identity:
        return _codes(subject, kept, zoom)
    share = max(room, _LEAST)
    cell = min(_CELL, share / subject.E)
    if subject.E * NUMBERED[0] <= share * beyond:
        cell = max(cell, NUMBERED[0])
    return even(subject.E, cell_size(cell, zoom, MOST_CELL))


def _weight(subject: Subject, kept: tuple[int, ...], zoom: float) -> tuple[Axis, Axis]:
    """The rows and columns of the weight whose columns are picked."""
    height = cell_size(min(PITCH, _WEIGHT / subject.E), zoom, _TALLEST)
    named = max(text_width(str(i), 11) for i in kept) + 6
    width = cell_size(max(named, min(_CELL, _WEIGHT / len(kept))), zoom, MOST_CELL)
    return even(subject.E, height), spread(subject.V, width, kept)
