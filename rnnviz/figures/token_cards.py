"""A token on a small card, as it is written wherever it stands for a place of the batch."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, text_width

_SIZE = 11.5
_PAD = 10.0
_LEAST = 24.0  # px of a card
_FAINT = 0.55


def card_width(text: str, most: float = 90.0) -> float:
    """How wide a card has to be for a token, px."""
    return min(max(_LEAST, text_width(text, _SIZE, "mono") + _PAD), most)


def token_card(
    box: tuple[float, float, float, float],
    text: str,
    style: Style,
    key: Element | None = None,
    *,
    faint: bool = False,
) -> Iterator[Mark]:
    """A token in its box, cut where it is too long for it."""
    x, y, width, height = box
    opacity = _FAINT if faint else 1.0
    ui = style.ui
    yield Rect(x, y, width, height, ui.card, ui.border_strong, radius=4, opacity=opacity, key=key)
    shown = elide(text, width - _PAD / 2, _SIZE, "mono")
    yield Text(
        x + width / 2,
        y + height / 2 + _SIZE * 0.36,
        (Run(shown),),
        ui.text,
        _SIZE,
        font="mono",
        anchor="middle",
        opacity=opacity,
    )
