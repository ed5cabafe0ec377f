"""The zoom at which a pane shows most of a run."""

from __future__ import annotations

from rnnviz.figures.unrolled.level import STEP, smallest_cards
from rnnviz.figures.unrolled.options import UnrolledOptions
from rnnviz.figures.unrolled.sheet import FOOT, HEADER
from rnnviz.figures.unrolled.stage import GUTTER, SLOT, layout_of
from rnnviz.figures.view import Frame, View

LEAST = 0.0005
_FURTHEST = 1e-7
_PAGE = GUTTER + SLOT + 12 * STEP  # px, the widest picture: on a slide its text can be read
_UNBOUNDED = 1e6
_LARGEST = 1.25  # a small run is not blown up beyond this
_SCROLLED = 0.8
_HALVINGS = 24


def fit_zoom(view: View, options: UnrolledOptions, width: float, height: float) -> float:
    """The largest zoom at which the width fits; as cards the height too, if it can be read."""
    whole = layout_of(view, options, Frame(0, 0, width, height, 1.0))
    least = smallest_cards(len(whole.timeline.opened) if whole.elided else view.run.L)
    as_cards = width / whole.width
    if whole.elided:
        as_cards = max(as_cards, least)
    if as_cards < least:
        return _squeezed(view, options, width, height, least)
    natural = whole.height - HEADER - FOOT
    as_high = (height - HEADER - FOOT) / natural if natural > 0 else _LARGEST
    if as_high < least:  # it is scrolled anyway
        return max(least, min(as_cards, _SCROLLED))
    return min(as_cards, as_high, _LARGEST)


def page_frame(view: View, options: UnrolledOptions) -> Frame:
    """All of a run at 100 %, or as far out as the width of a page asks for."""
    zoom = min(fit_zoom(view, options, _PAGE, _UNBOUNDED), 1.0)
    if zoom <= LEAST:  # a page is as wide as it is, whatever can still be panned on a screen
        zoom = _squeezed(view, options, _PAGE, _UNBOUNDED, zoom, low=_FURTHEST)
    layout = layout_of(view, options, Frame(0, 0, _PAGE, _UNBOUNDED, zoom))
    return Frame(0, 0, layout.width, layout.height, zoom)


def _squeezed(
    view: View,
    options: UnrolledOptions,
    width: float,
    height: float,
    high: float,
    low: float = LEAST,
) -> float:
    """The largest zoom of columns or images whose width fits, by halving."""
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        if layout_of(view, options, Frame(0, 0, width, height, middle)).width <= width:
            low = middle
        else:
            high = middle
    return low
