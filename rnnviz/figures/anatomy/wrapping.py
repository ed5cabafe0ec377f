"""Sentences cut into lines."""

from __future__ import annotations

from rnnviz.scene.text import text_width


def wrapped(text: str, width: float, size: float, most: int = 99) -> list[str]:
    """Lines of at most `width` px, cut between words; the last of `most` holds all the rest."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (text_width(longer, size) <= width or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
