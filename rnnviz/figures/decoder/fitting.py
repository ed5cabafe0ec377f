"""The zoom at which a pane shows most of both halves."""

from __future__ import annotations

from rnnviz.figures.decoder.layout import BRIDGE, CARDS_FROM, GUTTER, SLOT, layout_of
from rnnviz.figures.decoder.options import DecoderOptions
from rnnviz.figures.decoder.sheet import FOOT, HEADER
from rnnviz.figures.decoder.story import story_of
from rnnviz.figures.decoder.track import STEP
from rnnviz.figures.view import Frame, View

LEAST = 0.002
_PAGE = GUTTER + BRIDGE + SLOT + 14 * STEP  # px, the widest picture: in print it can be read
_UNBOUNDED = 1e6
_LARGEST = 1.25  # a small run is not blown up beyond this
_SCROLLED = 0.8
_PANES = 2.0  # widths of a pane that small cards are scrolled over rather than squeezed
_HALVINGS = 24


def fit_zoom(view: View, options: DecoderOptions, width: float, height: float) -> float:
    """The largest zoom at which the width fits; as cards the height too, if it can be read.

    A little more than a pane is scrolled: a card can be read, a column cannot.
    """
    return _zoom(view, options, width, height, _PANES)


def _zoom(view: View, options: DecoderOptions, width: float, height: float, panes: float) -> float:
    whole = layout_of(story_of(view), options, Frame(0, 0, width, height, 1.0))
    least, as_cards = CARDS_FROM / STEP, width / whole.width
    if as_cards * panes < least:
        return _squeezed(view, options, width, height, least)
    natural = whole.height - HEADER - FOOT
    as_high = (height - HEADER - FOOT) / natural
    if as_high < least:  # it is scrolled anyway
        return max(least, min(as_cards, _SCROLLED))
    return max(least, min(as_cards, as_high, _LARGEST))


def page_frame(view: View, options: DecoderOptions) -> Frame:
    """All of it at 100 %, or as far out as the width of a page asks for."""
    zoom = min(_zoom(view, options, _PAGE, _UNBOUNDED, 1.0), 1.0)
    layout = layout_of(story_of(view), options, Frame(0, 0, _PAGE, _UNBOUNDED, zoom))
    return Frame(0, 0, layout.width, layout.height, zoom)


def _squeezed(
    view: View, options: DecoderOptions, width: float, height: float, high: float
) -> float:
    """The largest zoom of narrow columns whose width fits, by halving."""
    story, low = story_of(view), LEAST
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        if layout_of(story, options, Frame(0, 0, width, height, middle)).width <= width:
            low = middle
        else:
            high = middle
    return low
