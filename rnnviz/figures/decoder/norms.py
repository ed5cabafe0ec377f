"""How large a gradient is, in a few letters."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from rnnviz.figures.decoder.layout import Stage
from rnnviz.figures.decoder.vectors import Floats
from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Anchor, Run, Text
from rnnviz.scene.text import runs_width

_DIGITS_FROM = 0.01  # smaller norms have an exponent


def norm_text(
    stage: Stage,
    values: Floats,
    tensor: str,
    place: tuple[float, float],
    anchor: Anchor = "end",
    room: float = math.inf,
) -> Text:
    """|∂h| 0.031, in the gradient's hue; the number alone where there is no room."""
    color, muted = stage.style.role("gradient").text, stage.style.ui.muted
    size = stage.size(11)
    name = Run("|∂", muted), Run(tensor, muted, italic=True), Run("|  ", muted)
    number = Run(written_norm(values))
    text = Text(*place, (*name, number), color, size, "math", anchor=anchor)
    return text if runs_width(text) <= room else replace(text, runs=(number,))


def written_norm(values: Floats) -> str:
    """The norm of a gradient, in as few signs as tell its size."""
    with np.errstate(over="ignore", invalid="ignore"):
        norm = float(np.linalg.norm(values.astype(np.float64)))
    if norm == 0 or norm >= _DIGITS_FROM or not np.isfinite(norm):
        return format_value(norm, 0 if norm == 0 else 3 if norm < 1 else 2)
    return format_exponent(norm)
