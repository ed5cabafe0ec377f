"""What is said in words below a part of a figure: captions in lines, and verdicts."""

from __future__ import annotations

from typing import Literal

from rnnviz.scene.marks import Circle, Mark, Path, Segment, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width


def verdict(
    x: float, y: float, kind: Literal["good", "bad", "none"], text: str, style: Style
) -> tuple[Mark, ...]:
    """A sentence with a tick or a cross before it; `y` is its baseline."""
    said = label(text, x + (20 if kind != "none" else 0), y, style.ui.text)
    if kind == "none":
        return (label(text, x, y, style.ui.text_secondary),)
    color = style.ui.ok if kind == "good" else style.ui.error
    cx, cy, r = x + 7, y - 4, 2.7
    tick: tuple[Segment, ...] = (
        ("M", cx - 3.2, cy + 0.2),
        ("L", cx - 0.9, cy + 2.5),
        ("L", cx + 3.3, cy - 2.2),
    )
    cross: tuple[Segment, ...] = (
        ("M", cx - r, cy - r),
        ("L", cx + r, cy + r),
        ("M", cx + r, cy - r),
        ("L", cx - r, cy + r),
    )
    strokes = tick if kind == "good" else cross
    return (
        Circle(cx, cy, 7.5, fill=color),
        Path(strokes, stroke=style.ui.on_accent, stroke_width=1.6),
        said,
    )


def wrapped(text: str, width: float, size: float = 11.0, most: int = 99) -> list[str]:
    """Lines of at most `width` px, cut between words; the last of `most` holds all the rest."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (text_width(longer, size) <= width or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def caption(
    text: str, x: float, y: float, width: float, style: Style, size: float = 11.0
) -> list[Text]:
    """A muted caption in lines of 15 px; `y` is the first baseline."""
    return [
        label(line, x, y + 15 * number, style.ui.muted, size)
        for number, line in enumerate(wrapped(text, width, size))
    ]
