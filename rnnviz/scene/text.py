"""Measuring and building text, without a window system."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from rnnviz.resource import resource_path
from rnnviz.scene.axes import MINUS
from rnnviz.scene.marks import Anchor, Color, Font, Run, Shift, Text

SHIFT_SIZE = 0.7
SUB_DROP = 0.22
SUP_RISE = 0.38
ASCENT = 0.74  # of the size: what capital letters and figures of the bundled fonts reach
DESCENT = 0.22

_UNKNOWN = 0.6
_PIECES = re.compile(r"([_^])(?:\{([^{}]*)\}|(.))|([^_^]+)")
_LETTERS = re.compile(r"[^\W\d_]+|[\W\d_]+")


@cache
def _advances() -> dict[str, dict[str, float]]:
    """By face, how wide each character is and what each kerned pair is moved by, in sizes."""
    table = json.loads(resource_path("fonts", "advances.json").read_text(encoding="utf-8"))
    return {face: _face_advances(entry) for face, entry in table.items()}


def _face_advances(entry: dict[str, Any]) -> dict[str, float]:
    pairs = (entry["pairs"][place : place + 2] for place in range(0, len(entry["pairs"]), 2))
    widths = dict(zip(entry["characters"], entry["advances"], strict=True))
    return widths | dict(zip(pairs, entry["kerning"], strict=True))


def _face(font: Font, weight: int, italic: bool) -> str:
    if font == "math":
        return "math-italic" if italic else "math-400"
    if font == "mono":
        return "mono-400"
    return "ui-400" if weight < 450 else "ui-500" if weight < 550 else "ui-600"


@lru_cache(maxsize=8192)
def _width_in_sizes(text: str, face: str) -> float:
    advances = _advances()[face]
    width = sum(advances.get(character, _UNKNOWN) for character in text)
    return width + sum(advances.get(first + second, 0.0) for first, second in pairwise(text))


def text_width(
    text: str, size: float, font: Font = "ui", weight: int = 400, italic: bool = False
) -> float:
    """How wide a piece of text is set, in px: within 2% of what Qt makes of it."""
    return _width_in_sizes(text, _face(font, weight, italic)) * size


def run_weight(run: Run, weight: int) -> int:
    """The weight of a run within a text of another weight."""
    return weight if run.bold is None else 600 if run.bold else 400


def run_italic(run: Run, italic: bool) -> bool:
    """Whether a run is italic within a text that is or is not."""
    return italic if run.italic is None else run.italic


def run_size(run: Run, size: float) -> float:
    """The size that a run is set at: 0.7 of the text's below and above the line."""
    return size * SHIFT_SIZE if run.shift else size


def run_drop(run: Run, size: float) -> float:
    """How far below the text's baseline a run stands, in px; negative is above."""
    return size * {"": 0.0, "sub": SUB_DROP, "sup": -SUP_RISE}[run.shift]


def run_width(run: Run, text: Text) -> float:
    """How wide one run of a text is set, in px."""
    return text_width(
        run.text,
        run_size(run, text.size),
        text.font,
        run_weight(run, text.weight),
        run_italic(run, text.italic),
    )


def runs_width(text: Text) -> float:
    """How wide a text is set, all its runs together, in px."""
    return sum(run_width(run, text) for run in text.runs)


def text_left(text: Text) -> float:
    """Where a text begins, given its anchor (before any rotation)."""
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
    return text.x - share * runs_width(text) if share else text.x


def text_box(text: Text) -> tuple[float, float, float, float]:
    """x, y, width and height of the box around a text (before any rotation)."""
    top = max(
        ASCENT, *(ASCENT * SHIFT_SIZE + SUP_RISE for run in text.runs if run.shift == "sup"), 0
    )
    low = max(
        DESCENT, *(DESCENT * SHIFT_SIZE + SUB_DROP for run in text.runs if run.shift == "sub"), 0
    )
    height = (top + low) * text.size
    return text_left(text), text.y - top * text.size, runs_width(text), height


def _letter_runs(text: str, color: Color | None, shift: Shift) -> Iterator[Run]:
    for piece in _LETTERS.findall(text.replace("-", MINUS)):
        yield Run(piece, color=color, italic=piece[0].isalpha(), shift=shift)


def symbol(
    letter: str, sub: str | None = None, sup: str | None = None, color: Color | None = None
) -> tuple[Run, ...]:
    """A mathematical symbol with its indices: letters italic, figures and signs upright.

    Set it in a Text of font "math": `symbol("h", sub="t−1", sup="(1)")`.
    """
    runs = list(_letter_runs(letter, color, ""))
    if sub:
        runs += _letter_runs(sub, color, "sub")
    if sup:
        runs += _letter_runs(sup, color, "sup")
    return tuple(runs)


def math_runs(formula: str, color: Color | None = None) -> tuple[Run, ...]:
    """A short formula with `_` and `^`, as in `"h_{t-1}^{(1)}"` or `"t = 3"`.

    Indices cannot be nested; a hyphen becomes a minus sign.
    """
    runs: list[Run] = []
    for sign, braced, single, plain in _PIECES.findall(formula):
        shift: Shift = "sub" if sign == "_" else "sup" if sign == "^" else ""
        runs += _letter_runs(braced or single or plain, color, shift)
    return tuple(runs)


def elide(
    text: str,
    width: float,
    size: float,
    font: Font = "ui",
    weight: int = 400,
    italic: bool = False,
) -> str:
    """The text, cut and ended with an ellipsis where it is wider than `width` px.

    Returns:
        At least the ellipsis, or nothing where not even that fits.
    """
    if text_width(text, size, font, weight, italic) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(text[:middle].rstrip() + "…", size, font, weight, italic) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    if low == 0 and text_width("…", size, font, weight, italic) > width:
        return ""
    return text[:low].rstrip() + "…"


def label(
    text: str,
    x: float,
    y: float,
    color: Color,
    size: float = 12.0,
    *,
    font: Font = "ui",
    weight: int = 400,
    anchor: Anchor = "start",
) -> Text:
    """A plain text of a single run."""
    return Text(x, y, (Run(text),), color, size=size, font=font, weight=weight, anchor=anchor)
