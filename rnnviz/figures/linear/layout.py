"""Where the tables of a Linear layer stand: X, W transposed, b, H, and what is made of H."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.figures.axis import Axis, even, kept_indices, shares, spread
from rnnviz.figures.linear.subject import Factor, Subject, feature_of, place_selected
from rnnviz.figures.matrix import MOST_CELL, NUMBERED, cell_size
from rnnviz.figures.stacked import PITCH, Stacked, is_one_each, row_of, stack_rows
from rnnviz.figures.stacked_names import labels_width
from rnnviz.figures.table_names import titled_width
from rnnviz.figures.view import Frame
from rnnviz.scene.text import text_width

MARGIN = 24.0
TITLE = 30.0  # baseline of the names
HEADER = 86.0  # where the tables begin
SIGN = 44.0  # px for a sign between two tables
_CLOSE = 25.0  # the same, where there is little room
MOST_ROWS = 24
_MOST_IDS = 12
_CELL = 38.0
_ONE_HOT = 24.0
_WEIGHTS = 480.0  # px of W at 100 %
_TALLEST = 36.0  # px of a row of W at any zoom
_LEAST = 56.0  # px of a table
_TRIES = 16


@dataclass(frozen=True)
class Panel:
    """One table: what it is called, where it begins, its columns, and the room it takes.

    `apart` is the room for the sign before it.
    """

    kind: str
    title: tuple[str, str, str]
    sign: str
    x: float
    columns: Axis
    width: float
    apart: float

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, eq=False)
class Layout:
    """Every place of the figure, in content px.

    Attributes:
        rows: of X, b and H; `features`: the rows of W.
        labels: width of the rows' names at the left; `gutter`: of the names of W's rows.
        row, feature: of H, whose sum is written out.
        low: the end of the tables.
    """

    rows: Stacked
    features: Axis
    panels: tuple[Panel, ...]
    labels: float
    gutter: float
    row: int
    feature: int
    low: float
    width: float

    @property
    def is_numbered(self) -> bool:
        """Whether numbers with decimals are written into all tables but one-hot rows."""
        return _numbered(self.panels)

    @property
    def right(self) -> float:
        """How wide it is, its margin included."""
        return self.panels[-1].right + MARGIN


def arrange(subject: Subject, frame: Frame) -> Layout:
    """Lay the figure out for a pane of the frame's size, at its zoom."""
    rows = _rows(subject)
    shown = rows.axis.shown
    ids = _ids(subject, rows) if subject.is_one_hot else None
    features = _features(subject, ids, frame.zoom)
    labels = labels_width(rows) + 8
    gutter = _gutter(subject)
    left = MARGIN + labels
    panels = _panels(subject, ids, left, gutter, frame, _is_close(subject, ids, left, frame))
    place, row = place_selected(subject), (rows.lit or shown)[0]
    if place is not None:
        wanted = rows.row(*place)
        row = wanted if wanted in shown else row
    low = HEADER + max(rows.axis.length, features.length)
    width = max(panels[-1].right + MARGIN, frame.width)
    return Layout(rows, features, panels, labels, gutter, row, feature_of(subject), low, width)


def _is_close(subject: Subject, ids: tuple[int, ...] | None, x: float, frame: Frame) -> bool:
    """Whether tables stand closer: all of them are seen then, or their numbers are."""
    gutter, whole = _gutter(subject), replace(frame, zoom=1.0)
    panels = _panels(subject, ids, x, gutter, whole, False)
    if panels[-1].right + MARGIN > frame.width + 0.5:
        return True
    if _numbered(panels):
        return False
    return _numbered(_panels(subject, ids, x, gutter, whole, True))


def _numbered(panels: tuple[Panel, ...]) -> bool:
    return all(panel.columns.cell >= NUMBERED[0] for panel in panels[1:])


def _rows(subject: Subject) -> Stacked:
    around = subject.view.around
    assert around is not None
    form, ids, token = around.pr.form, around.pr.ids, around.token
    one_each = is_one_each(form, subject.arrived)
    grid = None if ids is None or one_each else form.grid(ids).numpy()
    tokens = None if grid is None else lambda n, t: token(int(grid[t, n]))
    place = place_selected(subject)
    wanted = []
    if place is not None and 0 <= place[0] < form.N and 0 <= place[1] < form.L:
        wanted = [place[0] if one_each else row_of(form, *place)]
    return stack_rows(form, subject.arrived, MOST_ROWS, subject.view.sequence, wanted, tokens)


def _ids(subject: Subject, rows: Stacked) -> tuple[int, ...]:
    """The columns of one-hot rows on show: those of the ids that are looked up."""
    around = subject.view.around
    assert around is not None
    assert around.pr.ids is not None
    grid = around.pr.form.grid(around.pr.ids).numpy()
    used = [int(grid[t, n]) for n, t in (rows.place(row) for row in rows.axis.shown)]
    lit = [int(grid[t, n]) for n, t in (rows.place(row) for row in rows.lit)]
    size = subject.weight.values.shape[0]
    return kept_indices(size, lit, used, _MOST_IDS)


def _features(subject: Subject, ids: tuple[int, ...] | None, zoom: float) -> Axis:
    count = subject.weight.values.shape[0]
    if ids is not None:
        return spread(count, cell_size(PITCH, zoom, _TALLEST), ids)
    return even(count, cell_size(min(PITCH, _WEIGHTS / count), zoom, _TALLEST))


def _gutter(subject: Subject) -> float:
    """Room for the names of W's rows."""
    return text_width(str(subject.weight.values.shape[0] - 1), 11) + 10


def _panels(
    subject: Subject,
    ids: tuple[int, ...] | None,
    x: float,
    gutter: float,
    frame: Frame,
    close: bool,
) -> tuple[Panel, ...]:
    plans, apart = _plans(subject, close), _CLOSE if close else SIGN
    wished = [_wish(subject, kind, size) for kind, _, _, size in plans]
    room = frame.width - x - MARGIN - gutter - apart * (len(plans) - 1)
    found = _dealt(wished, [titled_width(*title[:2]) for _, title, _, _ in plans], room)
    panels: list[Panel] = []
    for (kind, title, sign, size), width in zip(plans, found, strict=True):
        x += (apart if panels else 0.0) + (gutter if kind == "W" else 0.0)
        if kind == "X" and ids is not None:
            columns = spread(size, cell_size(_ONE_HOT, frame.zoom, _CELL), ids, gap=14.0)
        else:
            columns = even(size, cell_size(width / size, frame.zoom, MOST_CELL))
        wide = max(columns.length, titled_width(title[0], max(title[1:], key=len)))
        panels.append(Panel(kind, title, sign, x, columns, wide, apart))
        x += wide
    return tuple(panels)


def _wish(subject: Subject, kind: str, size: int) -> float:
    if kind == "X" and subject.is_one_hot:
        return min(size, _MOST_IDS) * _ONE_HOT
    return size * _CELL


def _dealt(wished: list[float], titles: list[float], room: float) -> list[float]:
    """Widths of the tables, those that are narrower than their names counted as these."""
    free = room
    for _ in range(_TRIES):
        found = shares(wished, max(free, _LEAST * len(wished)))
        over = sum(max(width, title) for width, title in zip(found, titles, strict=True)) - room
        if over <= 0.5 or free <= _LEAST * len(wished):
            break
        free -= over
    return [max(width, min(wish, 14.0)) for width, wish in zip(found, wished, strict=True)]


Plan = tuple[str, tuple[str, str, str], str, int]


def _plans(subject: Subject, close: bool) -> list[Plan]:
    """The tables from left to right: kind, title, the sign before it, how many columns.

    Args:
        close: whether titles are as short as they can be.
    """
    inner, out = subject.weight.values.shape
    part, rows = subject.part, subject.received.axes[0]
    found = [
        ("X", _title(subject.received), "", inner),
        ("W", (f"{part}.weight.T", "(in, out)", f"= ({inner}, {out})"), "@", out),
    ]
    if subject.bias is not None:
        found.append(("b", (f"{part}.bias", "(out,)", f"= ({out},)"), "+", out))
    found.append(("H", _title(subject.given, rows), "=", out))
    if subject.activated is not None:
        found.append(("P", _activated_title(subject, rows), "→", out))
    return [_shortened(plan) for plan in found] if close else found


def _shortened(plan: Plan) -> Plan:
    """A plan whose title is no wider than it has to be."""
    kind, (name, axes, sizes), sign, size = plan
    short = name.partition("(")[0] if kind == "P" else name
    axes = axes.replace(" · ", "·").replace(" * ", "*")
    return kind, (short, axes, sizes), sign, size


def _title(factor: Factor, rows: str | None = None) -> tuple[str, str, str]:
    return factor.name, f"({rows or factor.axes[0]}, {factor.axes[1]})", f"= {factor.stacked}"


def _activated_title(subject: Subject, rows: str) -> tuple[str, str, str]:
    assert subject.activated is not None
    name = f"{subject.activation}({subject.given.name})"
    words = "in the loss" if subject.implied else f"({rows}, {subject.activated.axes[1]})"
    return name, words, f"= {subject.activated.stacked}"
