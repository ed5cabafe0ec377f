"""The rows below the grids, where a pane is too narrow for both side by side."""

from __future__ import annotations

from rnnviz.figures.scores.columns import Column, cells_width, columns_of
from rnnviz.figures.scores.kept import Kept, kept_of
from rnnviz.figures.scores.layout import (
    GAP,
    HEADER,
    MARGIN,
    PITCH,
    ROW,
    TITLED,
    UNDER_TITLE,
    Grid,
    Layout,
    beside,
    ended,
    gutter,
    strip_width,
    target_width,
)
from rnnviz.figures.scores.options import ScoresOptions
from rnnviz.figures.scores.subject import FEW, Subject

LANES = 46.0  # left of rows below the grids, for the wires that lead there
_BESIDE_NAMES = 14.0  # more of it where they pass the names of timesteps
_LINE = 32.0  # of a grid that stands above the rows
_LINES = 4
_APART = 34.0  # between two grids side by side
_NARROW = 48.0  # px of a place's scores at least
_FEWEST = 5  # places that are worth having two grids side by side
_LOOSE, _TIGHT = 26.0, 14.0  # px between columns


def layout_of(subject: Subject, options: ScoresOptions, pane: float) -> Layout:
    """Lays out a subject for a pane of a width: the rows go below the grids where it is narrow."""
    wide = beside(subject, options)
    return wide if wide.width <= pane else _below(subject, options, pane)


def _below(subject: Subject, options: ScoresOptions, pane: float) -> Layout:
    """The grids side by side in few lines, and the rows below them."""
    passing = _BESIDE_NAMES if subject.axes[:1] == ("L",) else 0.0
    left = MARGIN + gutter(subject) + passing
    cell, width, aside = _shares(subject, pane - left - MARGIN)
    room = pane - left - MARGIN - (_APART if aside and width else 0.0)
    fitting = int((room + GAP) / (cell + width * aside) + 1e-9)
    fitting -= fitting < subject.grid[1]  # an ellipsis before and one behind take half a place each
    kept = kept_of(subject, options, max(3, fitting), _LINES)
    scores = Grid(left, HEADER, (cell, _LINE), kept.lines, kept.places)
    targets, low = None, scores.bottom
    if width:
        x = max(scores.right, scores.x + TITLED - GAP) + _APART if aside else scores.x
        y = scores.y if aside else scores.bottom + HEADER
        title = x if aside else MARGIN
        targets = Grid(x, y, (width, _LINE), kept.lines, kept.places, title, not aside)
        low = targets.bottom
    columns = _fitted(subject, options, MARGIN + LANES + passing, kept, pane)
    under = max(len(column.under) for column in columns)
    head = low + 12 + HEADER + UNDER_TITLE * under
    lanes = Layout(kept, scores, targets, columns, head, ROW + PITCH * under, below=True)
    return ended(subject, lanes)


def _shares(subject: Subject, room: float) -> tuple[float, float, bool]:
    """Px of a place's scores and of its targets, and whether both grids stand side by side."""
    cell, places = strip_width(subject) + GAP, subject.grid[1]
    if subject.compared is None:
        return cell, 0.0, False
    width = target_width(subject) + GAP if subject.takes_classes else cell
    share = (room - _APART) / min(places, _FEWEST) - width
    if share < _NARROW:
        return cell, width, False
    tight = max((room - _APART) / places - width, _NARROW)
    return min(cell, tight), width, True


def _fitted(
    subject: Subject, options: ScoresOptions, x: float, kept: Kept, pane: float
) -> tuple[Column, ...]:
    """The columns side by side if they fit a pane, else what is made of the scores below them."""
    natural, tight = cells_width(subject), _tight(subject)
    ways = ((False, natural, _LOOSE), (False, natural, _TIGHT), (False, tight, _TIGHT))
    for stacked, cells, gap in (*ways, (True, natural, _LOOSE), (True, natural, _TIGHT)):
        found = columns_of(subject, options, x, kept, cells=cells, gap=gap, stacked=stacked)
        if found[-1].right + MARGIN <= pane:
            return found
    return columns_of(subject, options, x, kept, cells=tight, gap=_TIGHT, stacked=True)


def _tight(subject: Subject) -> float:
    """Px of C numbers that can just be read."""
    return max(34.0 * subject.C, 52.0) if subject.C <= FEW else 170.0
