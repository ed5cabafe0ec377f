"""Which rows, lines and columns are drawn of a run that has too many of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.elision import kept_steps
from rnnviz.figures.scores.options import ScoresOptions
from rnnviz.figures.scores.subject import Subject

LINES = 8  # of the grid


@dataclass(frozen=True)
class Kept:
    """What is drawn.

    Attributes:
        rows: of the flat tensors, in the order in which they stand.
        left_out: rows left out before each of `rows`, and after the last one.
        lines, places: of the grid.
    """

    rows: tuple[int, ...]
    left_out: tuple[int, ...]
    lines: tuple[int, ...]
    places: tuple[int, ...]


def kept_of(subject: Subject, options: ScoresOptions, places: int, most_lines: int = LINES) -> Kept:
    """The first rows, those of the current timestep, the selected one and the last.

    Args:
        places: how many in a line of the grid have room.
        most_lines: how many lines of the grid have room.
    """
    order = _order(subject, options.order)
    place_of = np.empty_like(order)
    place_of[order] = np.arange(len(order))
    now = np.flatnonzero(subject.now)
    wanted = [*now[: options.rows // 2].tolist(), *_selected(subject)]
    chosen = kept_steps(subject.R, {int(place_of[row]) for row in wanted}, options.rows)
    ends = (-1, *chosen, subject.R)
    left_out = tuple(after - before - 1 for before, after in pairwise(ends))
    lines, inner = subject.grid
    rows = [*now[:1].tolist(), *_selected(subject)]
    return Kept(
        rows=tuple(int(order[place]) for place in chosen),
        left_out=left_out,
        lines=kept_steps(lines, {row // inner for row in rows}, most_lines),
        places=kept_steps(inner, {row % inner for row in rows}, places),
    )


def _order(subject: Subject, order: str) -> NDArray[np.int64]:
    """The row that stands at each place."""
    rows = subject.rows
    if order == "sequence":
        return np.lexsort((rows.timesteps, rows.sequences))
    if order == "loss" and rows.compared is not None:
        losses = np.abs(rows.compared.losses.reshape(subject.R, -1)).sum(axis=1)
        known = subject.reached & rows.compared.counts
        return np.argsort(np.where(known, -losses, np.inf), kind="stable")
    return np.arange(subject.R)


def _selected(subject: Subject) -> list[int]:
    """The row that the selected element belongs to."""
    element = subject.view.selection
    row = None if element is None else row_of(subject, element)
    return [] if row is None else [row]


def row_of(subject: Subject, element: Element) -> int | None:
    """The row of the flat tensors that an element belongs to."""
    if element.tensor.startswith("flat_"):
        row = element.row
        return row if row is not None and 0 <= row < subject.R else None
    if element.t is None:
        return None
    rows = subject.rows
    here = (rows.timesteps == element.t) & (rows.sequences == (element.sequence or 0))
    found = np.flatnonzero(here)
    return int(found[0]) if len(found) else None
