"""Formulas with each letter in its own hue and the names of functions upright."""

from __future__ import annotations

import re
from itertools import chain

from rnnviz.scene.marks import Anchor, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import math_runs

_UPRIGHT = re.compile(r"(tanh|ReLU|softmax|sigmoid|Linear|head|, their sum|,? (?:is )?fed back)")
_ROLES = {"x": "x", "h": "h", "c": "c", "o": "y", "ŷ": "y"}


def formula(
    text: str, style: Style, hued: str = "xhoŷ", muted: str | None = None
) -> tuple[Run, ...]:
    """A formula with `_` and `^`, such as `"h_{t-1}"`.

    Args:
        text: as `math_runs` takes it.
        style: the hues.
        hued: letters that have a hue; of others, a bias may be named likewise.
        muted: the ink of everything, where nothing has a hue yet.
    """
    return tuple(chain.from_iterable(_piece(text, style, hued, muted) for text in _pieces(text)))


def math_text(
    text: str,
    x: float,
    y: float,
    style: Style,
    size: float = 14.0,
    *,
    hued: str = "xhoŷ",
    muted: str | None = None,
    anchor: Anchor = "start",
) -> Text:
    """A formula as a text whose baseline is y."""
    runs = formula(text, style, hued, muted)
    return Text(x, y, runs, muted or style.ui.text, size, font="math", anchor=anchor)


def _pieces(text: str) -> list[str]:
    return [piece for piece in _UPRIGHT.split(text) if piece]


def _piece(text: str, style: Style, hued: str, muted: str | None) -> list[Run]:
    if _UPRIGHT.fullmatch(text):
        return [Run(text, color=muted, italic=False)]
    found: list[Run] = []
    color = None
    for run in math_runs(text):
        if not run.shift:
            color = muted or _hue(run.text, style, hued)
        found.append(run._replace(color=color))
    return found


def _hue(letter: str, style: Style, hued: str) -> str | None:
    return style.role(_ROLES[letter]).text if letter in hued and letter in _ROLES else None
