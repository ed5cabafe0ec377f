"""Below the cell: what was computed last, in words, and the scale of the colours."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.anatomy.scales import Scales
from rnnviz.figures.colorbar import bar, end_labels
from rnnviz.figures.remarks import wrapped
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, runs_width, text_width

SIDE = 20.0
_SIZE, _LINE = 11.0, 15.0
_BAR, _NUMBER, _LETTER = 110.0, 10.5, 13.0
_MOST_LINES = 2


def draw_foot(
    text: str, scales: Scales, x: float, y: float, width: float, style: Style
) -> Iterator[Mark]:
    """Words from the left, the colour bar at the right; `y` is the top of both."""
    right = x + width - SIDE
    begin = yield from _scale(scales, right, y, style)
    room = begin - 24 - x - SIDE
    lines = wrapped(text, room, _SIZE, _MOST_LINES)
    top = y + 26 - _LINE * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        yield label(
            elide(line, max(room, 40.0), _SIZE),
            x + SIDE,
            top + _LINE * number,
            style.ui.muted,
            _SIZE,
        )


def _scale(scales: Scales, right: float, y: float, style: Style):  # type: ignore[no-untyped-def]
    """The bar with its limits; returns where it begins."""
    listed = scales.listed()
    rows = [(limit, letters) for limit, letters in listed]
    ends = max(text_width(end_labels(limit, signed=True)[1], _NUMBER) for limit, _ in rows)
    if len(rows) > 2:
        return (yield from _many(rows, right, y, style))
    start = right - ends / 2 - _BAR
    yield bar(start, y + 18, _BAR, 8, style.signed)
    yield Rect(
        start, y + 18, _BAR, 8, stroke=style.ui.border_strong, stroke_width=0.75, opacity=0.6
    )
    left = start
    for (limit, letters), base in zip(rows, (y + 14, y + 37), strict=False):
        low, high = end_labels(limit, signed=True)
        for text, share in ((low, 0.0), ("0", 0.5), (high, 1.0)):
            at = start + share * _BAR
            yield label(text, at, base, style.ui.text_secondary, _NUMBER, anchor="middle")
        beside = start - text_width(low, _NUMBER) / 2 - 6
        names = _letters(letters, style, beside, base + 0.5)
        yield names
        left = min(left, beside - runs_width(names))
    return left


def _many(rows: list[tuple[float, str]], right: float, y: float, style: Style):  # type: ignore[no-untyped-def]
    """A bar whose limits are written out beside it, where there are more than two."""
    x = right
    for limit, letters in reversed(rows):
        amount = f" ±{end_labels(limit, signed=True)[1]}"
        x -= text_width(amount, _NUMBER)
        yield label(amount, x, y + 26, style.ui.text_secondary, _NUMBER)
        names = _letters(letters, style, x, y + 26.5)
        yield names
        x -= runs_width(names) + 12
    start = x - _BAR / 2
    yield bar(start, y + 18, _BAR / 2, 8, style.signed)
    return start


def _letters(letters: str, style: Style, x: float, y: float) -> Text:
    """Letters in their hues, ended at x."""
    runs: list[Run] = []
    for letter in letters:
        runs += [Run(",")] if runs else []
        color = style.ui.text if letter in "aΔ" else style.role(letter).text
        runs.append(Run(letter, color=color, italic=letter != "Δ"))
    return Text(x, y, tuple(runs), style.ui.text_secondary, _LETTER, "math", anchor="end")
