"""Strips of this figure: states, gates and gradients in their frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.decoder.layout import Box, Stage
from rnnviz.figures.numerals import difference_digits
from rnnviz.figures.strips import (
    FRAME,
    RADIUS,
    aperture_strip,
    crosses,
    merge_units,
    numerals_fit,
    signed_numerals,
    signed_strip,
    units_per_cell,
)
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style

Floats = NDArray[np.floating]


def vector(
    stage: Stage,
    box: Box,
    values: Floats,
    tensor: str,
    key: Element | None,
    *,
    opacity: float = 1.0,
) -> list[Mark]:
    """A vector of signed values, with its numbers where they fit.

    Args:
        box: x, y, width and height, px.
        values: (H,).
        tensor: whose hue and colour range it has; "gradient" of any gradient.
    """
    back = tensor == "gradient"
    limit = stage.story.gradient_limit if back else stage.story.ranges.limit(tensor)
    stride = units_per_cell(len(values), box[2])
    merged = merge_units(values, stride)
    colors = stage.style.signed.colors(merged, limit)
    cells, frame = signed_strip(
        box,
        colors,
        stage.style.role(tensor),
        key,
        stride=stride,
        crossed=crosses(values, stride),
        opacity=opacity,
    )
    marks: list[Mark] = [cells, gradient_frame(box, stage.style) if back else frame]
    if numerals_fit(box[2], box[3], len(merged)) and opacity == 1.0:
        digits = difference_digits(limit) if stage.story.is_difference else None
        marks += signed_numerals(box, merged, colors, digits)
    return marks


def gradient_frame(box: Box, style: Style) -> Rect:
    """The dashed frame of what comes back."""
    first, second = style.tokens["stroke"]["gradient_dash"]
    dash = (float(first), float(second))
    return Rect(*box, None, style.role("gradient").line, FRAME, RADIUS, dash)


def gate(stage: Stage, box: Box, values: Floats, name: str, key: Element | None) -> list[Mark]:
    """A gate in [0, 1] as windows, filled from the bottom."""
    stride = units_per_cell(len(values), box[2])
    levels = merge_units(values, stride)
    return list(aperture_strip(box, levels, stage.style.role(name), key, stride=stride))
