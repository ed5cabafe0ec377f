"""The path of a very long run: its states as dots, where lines between them would hide all.

A dot has the colour of the last timestep that stood there; one that has been lies above those
that are to come. So it costs what the panel has px, however long the run is.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories.layout import FUTURE
from rnnviz.figures.trajectories.series import Series
from rnnviz.figures.trajectories.strokes import GHOST
from rnnviz.scene.colormap import hex_to_rgb
from rnnviz.scene.marks import Cells
from rnnviz.scene.style import Style

_memo = Memo(4)
_EDGE = 2.5  # px
_MOST = 20_000  # states in sight that lines are drawn between
WORDS = "Each state of the path is a dot."

Points = NDArray[np.float64]
Indices = NDArray[np.intp]
Places = tuple[Indices, Indices]  # of the states in sight: timestep, px


def is_cloud(series: Series, points: Points, box: Box) -> bool:
    """Whether more states are in sight than lines could tell apart."""
    return series.length > _MOST and len(_in_sight(points, box)[0]) > _MOST


def cloud(series: Series, points: Points, ghost: Points | None, box: Box, style: Style) -> Cells:
    """A cell for each px of the panel; without a state it has the paper's colour.

    Args:
        points: the states in px, `(T, 2)`.
        ghost: those of the run before it was edited, where there is one: below all others.
    """
    t, places = _in_sight(points, box)
    dots = _memo.get(points, (box, style), partial(_dots, series, t, places, box, style))
    colors = dots.faint.copy()
    if ghost is not None:
        beneath = _in_sight(ghost, box)[1]
        colors[beneath] = np.where(dots.free[beneath], dots.ghost, colors[beneath])
    past = slice(*np.searchsorted(t, (series.first, series.stop)))
    colors[places[past]] = dots.full[past]
    width, height = _size(box)
    shown = colors.view(np.uint8).reshape(height, width, 4)[..., :3]
    return Cells(*_inner(box).sides, np.ascontiguousarray(shown), axes=("", ""))


class _Dots(NamedTuple):
    """Colours, each in one number.

    Attributes:
        faint: of each px, as if all states were to come; free: where there is none.
        full: of each state in sight.
        ghost: of a state before the edit.
    """

    faint: NDArray[np.uint32]
    free: NDArray[np.bool_]
    full: NDArray[np.uint32]
    ghost: np.uint32


def _dots(series: Series, t: Indices, places: Indices, box: Box, style: Style) -> _Dots:
    paper, muted = (np.asarray([hex_to_rgb(ink)]) for ink in (style.ui.card, style.ui.muted))
    width, height = _size(box)
    full = style.time.colors((t + 0.5) / series.length, 1.0)
    faint = np.full(width * height, _packed(paper)[0])
    faint[places] = _packed(full * FUTURE + paper * (1 - FUTURE))
    free = np.ones(width * height, dtype=bool)
    free[places] = False
    return _Dots(faint, free, _packed(full), _packed(muted * GHOST + paper * (1 - GHOST))[0])


def _packed(colors: NDArray[np.number]) -> NDArray[np.uint32]:
    """Colours `(n, 3)` as one number each: the px are then written at a stroke."""
    joined = np.zeros((len(colors), 4), dtype=np.uint8)
    joined[:, :3] = np.rint(colors)
    return joined.view(np.uint32)[:, 0]


def _inner(box: Box) -> Box:
    """The panel but for its rounded edge."""
    return Box(box.x + _EDGE, box.y + _EDGE, box.width - 2 * _EDGE, box.height - 2 * _EDGE)


def _size(box: Box) -> tuple[int, int]:
    inner = _inner(box)
    return max(round(inner.width), 1), max(round(inner.height), 1)


def _in_sight(points: Points, box: Box) -> Places:
    """The timesteps whose states lie in the panel, and the px that each is on."""
    return _memo.get(points, box, partial(_found, points, box))


def _found(points: Points, box: Box) -> Places:
    inner, (width, height) = _inner(box), _size(box)
    with np.errstate(invalid="ignore"):
        x = np.floor((points[:, 0] - inner.x) * (width / inner.width))
        y = np.floor((points[:, 1] - inner.y) * (height / inner.height))
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    t = np.flatnonzero(inside)
    return t, y[t].astype(np.intp) * width + x[t].astype(np.intp)
