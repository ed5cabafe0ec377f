"""Numbers written into coloured cells, in ink or white as the colour asks for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Run, Text
from rnnviz.scene.text import text_width

SIZE = 10.5
INK = "#14181F"
WHITE = "#FFFFFF"
_LINEAR = np.where(
    np.arange(256) <= 10,
    np.arange(256) / 255 / 12.92,
    ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4,
)
_MIDDLE = float(np.sqrt(1.05 * 0.0585) - 0.05)  # where ink and white contrast alike


def dark_cells(colors: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which colours `(..., 3)` want white text rather than ink."""
    result: NDArray[np.bool_] = _LINEAR[colors] @ (0.2126, 0.7152, 0.0722) < _MIDDLE
    return result


def fitted(value: float, width: float, size: float = SIZE, digits: int = 2) -> str:
    """A number with as many decimals as fit into `width` px, "" where none fits."""
    forms: list[Callable[[float], str]] = [
        lambda v, n=n: format_value(v, n)  # type: ignore[misc]
        for n in range(digits, -1, -1)
    ]
    if value and abs(value) < 0.5 * 10**-digits:
        forms = forms[:1]
    elif abs(value) >= 1e4:
        forms = [*forms[-1:], lambda v: format_exponent(v, 1), lambda v: format_exponent(v, 0)]
    texts = (form(value) for form in forms)
    return next((text for text in texts if text_width(text, size) <= width), "")


def numerals(
    values: NDArray[np.floating],
    colors: NDArray[np.uint8],
    x: float,
    y: float,
    cell: tuple[float, float],
    size: float = SIZE,
) -> list[Text]:
    """A number in every finite cell of a matrix.

    Args:
        values: `(rows, columns)`.
        colors: `(rows, columns, 3)`, what the cells are filled with.
        x, y: top left corner of the matrix.
        cell: width and height of a cell.
        size: of the text.
    """
    width, height = cell
    dark = dark_cells(colors)
    marks = []
    for row, column in np.argwhere(np.isfinite(values)).tolist():
        text = fitted(float(values[row, column]), width - 3, size)
        if text:
            color = WHITE if dark[row, column] else INK
            left, base = x + (column + 0.5) * width, y + (row + 0.5) * height + size * 0.36
            marks.append(Text(left, base, (Run(text),), color, size, anchor="middle"))
    return marks
