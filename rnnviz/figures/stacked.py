"""The vectors of a batch, stacked as rows: which are on show, what each is called, how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.arrived import Arrived
from rnnviz.figures.axis import Axis, spread
from rnnviz.figures.elision import kept_steps
from rnnviz.figures.matrix import Look, Numbers, cells, framed
from rnnviz.figures.strips import empty_strip, padding_box
from rnnviz.figures.table_names import Place, left_out
from rnnviz.model.pipeline.form import Form
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Role

STRIP = 19.0  # px of a row's cells
_APART = 3.0  # px between rows
PITCH = STRIP + _APART
_MOST_LIT = 8  # rows that are always on show, of those that are lit


@dataclass(frozen=True, eq=False)
class Stacked:
    """Rows of a batch.

    Attributes:
        form: how the batch lies; a row is a timestep of a sequence.
        arrived: which rows are there, (L, N), or (1, N) where a sequence has one row.
        axis: where they stand, in the order in which they lie in memory.
        tokens: what was read there, by sequence and timestep; None for vectors.
    """

    form: Form
    arrived: Arrived
    axis: Axis
    tokens: Callable[[int, int], str] | None = None

    @property
    def one_each(self) -> bool:
        """Whether a sequence has a single row, whatever its length."""
        return is_one_each(self.form, self.arrived)

    @property
    def has_steps(self) -> bool:
        """Whether there are timesteps, so that rows come one after another."""
        return "L" in self.form.axes

    def place(self, row: int) -> tuple[int, int]:
        """The sequence and timestep of a row; the last timestep where a sequence has one row."""
        if self.one_each:
            return row, int(self.form.ends[row])
        return place_of(self.form, row)

    def row(self, sequence: int, t: int) -> int:
        """The row of a timestep of a sequence."""
        return sequence if self.one_each else row_of(self.form, sequence, t)

    def _at(self, row: int) -> tuple[int, int]:
        sequence, t = self.place(row)
        return (0, sequence) if self.one_each else (t, sequence)

    def is_done(self, row: int) -> bool:
        """Whether a row is there."""
        return bool(self.arrived.done[self._at(row)])

    def is_lit(self, row: int) -> bool:
        """Whether a row came with the step that came last."""
        return bool(self.arrived.lit[self._at(row)])

    def is_padding(self, row: int) -> bool:
        """Whether a row lies beyond its sequence's end."""
        sequence, t = self.place(row)
        return not self.one_each and not bool(self.form.valid[t, sequence])

    @property
    def lit(self) -> tuple[int, ...]:
        """The lit rows on show."""
        return tuple(row for row in self.axis.shown if self.is_lit(row))


def is_one_each(form: Form, arrived: Arrived) -> bool:
    """Whether a mask has a single row for each sequence, of which there are timesteps."""
    return form.L > 1 and len(arrived.done) == 1


def place_of(form: Form, row: int) -> tuple[int, int]:
    """The sequence and timestep of a row, as rows lie in memory."""
    if form.batch_first:
        return divmod(row, form.L)
    t, sequence = divmod(row, form.N)
    return sequence, t


def row_of(form: Form, sequence: int, t: int) -> int:
    """Where a timestep of a sequence lies in memory."""
    return sequence * form.L + t if form.batch_first else t * form.N + sequence


def stack_rows(
    form: Form,
    arrived: Arrived,
    most: int,
    sequence: int | None = None,
    wanted: Iterable[int] = (),
    tokens: Callable[[int, int], str] | None = None,
    nearest: int = _MOST_LIT,
) -> Stacked:
    """The rows of a batch, as many as a page keeps.

    Args:
        most: how many, as long as no more are lit or wanted.
        sequence: whose rows are kept rather than others'.
        wanted: rows that are kept whatever else is.
        tokens: what was read at a sequence and timestep.
        nearest: how many lit rows are kept, those of the sequence first.
    """
    one_each = is_one_each(form, arrived)
    count = form.N if one_each else form.L * form.N
    lit = _lit_rows(form, arrived, one_each)
    focus = min(max(sequence or 0, 0), form.N - 1)
    near = sorted(lit, key=lambda row: abs((row if one_each else place_of(form, row)[0]) - focus))
    must = {row for row in (*near[:nearest], *wanted) if 0 <= row < count}
    kept = kept_steps(count, must, most)
    group = 0 if one_each or len(form.axes) < 2 else form.L if form.batch_first else form.N
    breaks = frozenset(row for row in kept if group > 1 and row % group == 0)
    return Stacked(form, arrived, spread(count, PITCH, kept, breaks=breaks), tokens)


def _lit_rows(form: Form, arrived: Arrived, one_each: bool) -> list[int]:
    found = np.argwhere(arrived.lit)
    if one_each:
        return [int(n) for _, n in found]
    return [row_of(form, int(n), int(t)) for t, n in found]


def lit_bands(rows: Stacked, x: float, y: float, width: float, look: Look) -> list[Mark]:
    """The light behind the rows of the current step: one for neighbours."""
    current = look.style.current
    spans: list[list[int]] = []
    for row in rows.lit:
        at = rows.axis.place(row)
        before = rows.axis.place(row - 1) if spans and spans[-1][-1] == row - 1 else None
        if before is not None and at is not None and abs(before + PITCH - at) < 0.5:
            spans[-1].append(row)
        else:
            spans.append([row])
    return [
        Rect(
            x - 6,
            y + (rows.axis.place(span[0]) or 0.0) - 1,
            width + 12,
            len(span) * PITCH + 2,
            fill=current.fill,
            stroke=current.line,
            stroke_width=1.75,
            radius=5,
        )
        for span in spans
    ]


def draw_rows(
    rows: Stacked,
    numbers: Numbers,
    corner: Place,
    columns: Axis,
    key: Callable[[int, int], Element],
    role: Role,
    look: Look,
    *,
    known: bool = False,
    source: Callable[[int], int] = int,
) -> list[Mark]:
    """The vectors, each in its frame; what is to come is a dashed frame without values.

    Args:
        corner: where they begin.
        key: the vector of a sequence and timestep.
        role: whose frames they stand in.
        known: they are an input: what is to come is faint.
        source: the row of the numbers that a row of the batch is.
    """
    x, y = corner
    marks: list[Mark] = []
    for row in rows.axis.shown:
        at = (x, y + (rows.axis.place(row) or 0.0) + _APART / 2)
        element = key(*rows.place(row))
        box = (*at, columns.length, STRIP)
        if rows.is_padding(row):
            marks.append(padding_box(box, look.style, key=element))
        elif known or rows.is_done(row):
            faint = 1.0 if rows.is_done(row) else float(look.style.tokens["opacity"]["future"])
            marks += _strip(source(row), numbers, box, columns, element, role, look, faint)
        else:
            marks.append(empty_strip(box, look.style, dashed=True, key=element))
    marks += left_out(rows.axis, corner, columns.length, "row", look.style)
    return marks


def _strip(
    row: int,
    numbers: Numbers,
    box: tuple[float, float, float, float],
    columns: Axis,
    key: Element,
    role: Role,
    look: Look,
    opacity: float,
) -> list[Mark]:
    x, y, _, height = box
    marks: list[Mark] = []
    for span in columns.spans:
        at, size = (x + span.at, y), (columns.cell, height)
        marks += cells(
            numbers, at, size, (row, 1), span[:2], key, ("", "unit"), look, opacity=opacity
        )
    frame = framed(box, role.line)
    if opacity < 1.0:
        frame = framed(box, look.style.ui.border_strong)
    return [*marks, frame]
