"""Numbers written into coloured cells, in ink or white as the colour asks for."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from rnnviz.scene.axes import MINUS, format_exponent, format_value
from rnnviz.scene.marks import Run, Text
from rnnviz.scene.text import text_width

SIZE = 10.5
INK = "#14181F"
WHITE = "#FFFFFF"
_MOST_DECIMALS = 4  # of a difference, beyond which it has an exponent
_NO_DIFFERENCE = 0.45  # opacity of the 0 of what has not changed
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


def fitted(
    value: float, width: float, size: float = SIZE, digits: int = 2, *, difference: bool = False
) -> str:
    """A number with as many decimals as fit into `width` px, "" where none fits.

    A difference has its sign, plus too; where there is none it is a bare 0.
    """
    if difference:
        return next(
            (text for text in _signed(value, digits) if text_width(text, size) <= width), ""
        )
    text = format_value(value, digits)
    if text_width(text, size) <= width:
        return text
    return next((text for text in _shorter(value, digits) if text_width(text, size) <= width), "")


def difference_digits(limit: float) -> int:
    """The decimals of differences whose colours end at a limit: small ones are looked for too."""
    return min(max(2, 2 - floor(log10(limit))), 6)


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign; where there is none a bare 0."""
    return next(_signed(value, digits))


def _signed(value: float, digits: int) -> Iterator[str]:
    """Ways to write a difference, the fullest first."""
    if value == 0 or not isfinite(value):
        yield "0" if value == 0 else format_value(value)
        return
    sign, size = "+" if value > 0 else MINUS, abs(value)
    if digits > _MOST_DECIMALS:
        yield from (f"{sign}{format_exponent(size, n)}" for n in (1, 0))
        return
    yield f"{sign}{format_value(size, digits)}"
    yield from (f"{sign}{text}" for text in _shorter(size, digits))


def _shorter(value: float, digits: int) -> Iterator[str]:
    if abs(value) < 1e4:
        yield from (format_value(value, n) for n in range(digits - 1, -1, -1))
    else:
        yield format_value(value, 0)
        yield from (format_exponent(value, n) for n in (1, 0))


def numerals(
    values: NDArray[np.floating],
    colors: NDArray[np.uint8],
    x: float,
    y: float,
    cell: tuple[float, float],
    size: float = SIZE,
    digits: int = 2,
    *,
    difference: bool = False,
) -> list[Text]:
    """A number in every finite cell of a matrix.

    Args:
        values: `(rows, columns)`.
        colors: `(rows, columns, 3)`, what the cells are filled with.
        x, y: top left corner of the matrix.
        cell: width and height of a cell.
        size: of the text.
        digits: after the point, where so many fit.
        difference: the numbers are differences and have their sign.
    """
    width, height = cell
    marks = []
    rows = zip(values.tolist(), dark_cells(colors).tolist(), strict=True)
    for row, (numbers, dark) in enumerate(rows):
        base = y + (row + 0.5) * height + size * 0.36
        for column, number in enumerate(numbers):
            text = ""
            if isfinite(number):
                text = fitted(number, width - 3, size, digits, difference=difference)
            if text:
                color = WHITE if dark[column] else INK
                left = x + (column + 0.5) * width
                opacity = _NO_DIFFERENCE if difference and number == 0 else 1.0
                marks.append(
                    Text(left, base, (Run(text),), color, size, anchor="middle", opacity=opacity)
                )
    return marks
