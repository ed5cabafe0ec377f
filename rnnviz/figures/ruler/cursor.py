"""The ring around the current timestep, and its ink tab."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.ruler.band import Band
from rnnviz.figures.ruler.norms import Place, Row
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_LEAST_RING = 6.0
_TAB_HEIGHT = 16.0
_TAB_LEAST = 46.0

Span = tuple[float, float]


def tabs(place: Place, band: Band) -> list[tuple[Span, str, bool]]:
    """The tabs below the band: from where to where, their text, and whether they are inked.

    The reverse direction's tab joins the forward one's where they would meet.
    """
    if place.t is None:
        return [(_span(band, band.x, "t = 0"), "t = 0", True)]
    forward = f"t = {place.t + 1}" + (f" · {place.token}" if place.token else "")
    span = _span(band, band.middle(place.t), forward)
    if place.reverse is None:
        return [(span, forward, True)]
    backward = f"← {place.reverse + 1}"
    other = _span(band, band.middle(place.reverse), backward)
    if other[0] > span[1] + 4 or other[1] < span[0] - 4:
        return [(span, forward, True), (other, backward, False)]
    both = f"{forward} · {backward}"
    return [(_span(band, band.middle(place.t), both), both, True)]


def _span(band: Band, middle: float, text: str) -> Span:
    half = max(_TAB_LEAST, text_width(text, 11, weight=600) + 20) / 2
    middle = min(max(middle, band.x - 8 + half), band.right + 12 - half)
    return middle - half, middle + half


def draw_cursor(place: Place, rows: list[Row], band: Band, style: Style) -> Iterator[Mark]:
    """Ring and tab; before the first step a line at the start of the band."""
    if place.t is None:
        height = band.bottom - band.y - band.gap + 4
        yield Rect(band.x - 3, band.y - 2, 2, height, fill=style.current.line)
    else:
        yield _ring(band, place.t, _rows_of(place, rows), False, style)
        yield from _reverse_rings(band, place, rows, style)
    for (left, right), text, inked in tabs(place, band):
        top = band.bottom + 4
        yield Rect(
            left,
            top,
            right - left,
            _TAB_HEIGHT,
            fill=style.current.line if inked else style.current.fill,
            stroke=style.current.line,
            radius=_TAB_HEIGHT / 2,
        )
        ink = style.current.text if inked else style.ui.text
        yield label(text, (left + right) / 2, top + 12, ink, 11, weight=600, anchor="middle")


def _reverse_rings(band: Band, place: Place, rows: list[Row], style: Style) -> Iterator[Mark]:
    if place.reverse is None:
        return
    if not place.reverse_by_row or not _rows_of(place, rows):
        yield _ring(band, place.reverse, _rows_of(place, rows), True, style)
        return
    for number, t in enumerate(place.reverse_by_row):
        if t >= 0:
            yield _ring(band, t, range(number, number + 1), True, style)


def _rows_of(place: Place, rows: list[Row]) -> range:
    """The rows that the last step computed: one layer's where only one was at work."""
    numbers = [number for number, row in enumerate(rows) if row.layer == place.layer]
    return range(numbers[0], numbers[-1] + 1) if numbers else range(len(rows))


def _ring(band: Band, t: int, rows: range, is_reverse: bool, style: Style) -> Rect:
    width = max(band.step, _LEAST_RING) + 3
    edge = 2.0 if len(rows) > 1 or band.pitch > 12 else 0.5
    top, bottom = band.row_y(rows.start), band.row_y(rows.stop) - band.gap
    return Rect(
        band.middle(t) - width / 2,
        top - edge,
        width,
        bottom - top + 2 * edge,
        stroke=style.current.line,
        stroke_width=1.5 if is_reverse else 2.0,
        radius=4,
        dash=(3, 3) if is_reverse else (),
    )
