"""The key to a figure of tables: a colour bar for each range, and what is shown of two runs."""

from __future__ import annotations

from typing import NamedTuple

from rnnviz.figures.colorbar import colorbar, end_labels
from rnnviz.figures.compared import DIFFERENCE, ORIGINAL
from rnnviz.figures.view import View
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

HEIGHT = 36.0
MARGIN = 24.0
_BASE = 22.0
_SIZE = 11.0


class Scale(NamedTuple):
    """A colour range: what it is of, where it ends, and its map."""

    name: str
    limit: float
    colormap: Colormap


def is_difference(view: View) -> bool:
    """Whether every number on show is new − original."""
    return view.showing == "difference"


def of_two_runs(view: View) -> str:
    """What a key says of the run on show; "" of the one that is nothing but itself."""
    return {"difference": DIFFERENCE, "old": ORIGINAL}.get(view.showing, "")


def titled_of(title: str, view: View) -> str:
    """A picture's title, with what is shown of two runs."""
    words = {"difference": "new − original", "old": ORIGINAL}.get(view.showing, "")
    return f"{title}, {words}" if words else title


def scale_key(
    wordings: tuple[str, ...], scales: tuple[Scale, ...], width: float, style: Style
) -> Scene:
    """Words at the left, and bars at the right, shorter and fewer where there is little room.

    Args:
        wordings: ways to say it, the longest first.
    """
    shortest = text_width(wordings[-1], _SIZE)
    for length in (90.0, 56.0, 32.0):
        needed = sum(_width(scale, length) for scale in scales)
        if needed <= width - 2 * MARGIN - shortest:
            break
    else:
        scales = scales[-1:] if len(scales) > 1 else scales
        needed = sum(_width(scale, length) for scale in scales)
    x = max(width - MARGIN - needed, MARGIN)
    marks: list[Mark] = []
    room = x - MARGIN - 12
    if room > 40:
        fitting = (words for words in wordings if text_width(words, _SIZE) <= room)
        text = next(fitting, elide(wordings[-1], room, _SIZE))
        marks.append(label(text, MARGIN, _BASE, style.ui.text_secondary, _SIZE))
    for scale in scales:
        marks += _bar(scale, x, length, style)
        x += _width(scale, length)
    return Scene(width, HEIGHT, tuple(marks), style.background, "Key to the colours")


def _width(scale: Scale, length: float) -> float:
    low, high = end_labels(scale.limit, scale.colormap.signed)
    ends = text_width(low, _SIZE) + text_width(high, _SIZE)
    return 18 + text_width(scale.name, _SIZE, "mono") + 8 + ends + 14 + length


def _bar(scale: Scale, x: float, length: float, style: Style) -> list[Mark]:
    ends = end_labels(scale.limit, scale.colormap.signed)
    name = text_width(scale.name, _SIZE, "mono")
    at = x + 18 + name + 8 + text_width(ends[0], _SIZE) + 7
    named = label(scale.name, x + 18, _BASE, style.ui.text_secondary, _SIZE, font="mono")
    return [named, *colorbar(at, _BASE - 8, length, scale.colormap, ends, style, _SIZE)]
