"""The zoom at which a pane shows most of a run."""

from __future__ import annotations

from rnnviz.figures.unrolled.level import STEP, smallest_cards
from rnnviz.figures.unrolled.options import UnrolledOptions
from rnnviz.figures.unrolled.sheet import FOOT, HEADER
from rnnviz.figures.unrolled.stage import GUTTER, SLOT, layout_of
from rnnviz.figures.view import Frame, View

LEAST = 0.0005
_LARGEST = 1.25  # a small run is not blown up beyond this
_SCROLLED = 0.8
_HALVINGS = 24


def fit_zoom(view: View, options: UnrolledOptions, width: float, height: float) -> float:
    """The largest zoom at which the width fits; as cards the height too, if it can be read."""
    least = smallest_cards(view.run.L)
    as_cards = width / (GUTTER + SLOT + STEP * view.run.L)
    if as_cards < least:
        return _squeezed(view, options, width, height, least)
    natural = layout_of(view, options, Frame(0, 0, width, height, 1.0)).height - HEADER - FOOT
    as_high = (height - HEADER - FOOT) / natural if natural > 0 else _LARGEST
    if as_high < least:  # it is scrolled anyway
        return max(least, min(as_cards, _SCROLLED))
    return min(as_cards, as_high, _LARGEST)


def _squeezed(
    view: View, options: UnrolledOptions, width: float, height: float, high: float
) -> float:
    """The largest zoom of columns or images whose width fits, by halving."""
    low = LEAST
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        if layout_of(view, options, Frame(0, 0, width, height, middle)).width <= width:
            low = middle
        else:
            high = middle
    return low
