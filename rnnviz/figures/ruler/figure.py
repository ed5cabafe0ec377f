"""The ruler: the minimap of |h_t| that the transport is dragged along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.colorbar import colorbar, plain
from rnnviz.figures.compared import shown_title, shown_words
from rnnviz.figures.memo import Memo
from rnnviz.figures.ruler.band import Band, lay_out
from rnnviz.figures.ruler.cursor import draw_cursor, tabs
from rnnviz.figures.ruler.norms import Row, length_of, read_place, read_rows, steps_back
from rnnviz.figures.ruler.options import RulerOptions
from rnnviz.figures.ruler.shades import Shades, shades_of
from rnnviz.figures.ruler.tokens import token_at
from rnnviz.figures.strips import merge_units
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.axes import format_value, nice_integer_ticks
from rnnviz.scene.marks import Cells, Mark, Rect, Run, Scene, Text
from rnnviz.scene.pooling import pool_any
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, symbol, text_width

_GAP_FROM = 6.0
_LABEL_ROOM = 10.5
_memo = Memo(4)
_NAMED_FROM = 240.0  # px of a band beside whose colour bar its layer's name has room
_EXPORT = Frame(0.0, 0.0, 1000.0, 96.0)


class RulerFigure:
    """|h_t| of every layer, or of every sequence of the top layer, along t."""

    name = "ruler"
    title = "Ruler"
    options_type = RulerOptions
    zoom_range = (1.0, 1.0)

    def extent(self, view: View, options: RulerOptions, frame: Frame) -> Extent:
        """The pane itself: the ruler always shows the whole run."""
        return Extent(frame.width, frame.height)

    def build(self, view: View, options: RulerOptions, frame: Frame, style: Style) -> Scene:
        """The whole ruler."""
        rows = read_rows(view, options)
        band = lay_out(frame, len(rows), length_of(view))
        marks = tuple(_marks(view, options, rows, band, frame, style)) if rows and band.L else ()
        of = "hidden state" if steps_back(view) is None else "gradient of the hidden state"
        title = shown_title(f"Size of the {of} along the run", view)
        return Scene(frame.width, frame.height, marks, title=title, x=frame.x, y=frame.y)

    def legend(self, view: View, options: RulerOptions, width: float, style: Style) -> Scene:
        """Nothing: the ruler carries its colour bar itself."""
        return Scene(width, 0.0, ())

    def export_frame(self, view: View, options: RulerOptions) -> Frame:
        """The ruler as wide as a page."""
        return _EXPORT


FIGURE = RulerFigure()


def position_at(view: View, frame: Frame, x: float) -> int:
    """The position of the run under a point of the ruler.

    There the top layer's forward state of that timestep is computed; 0 left of the first one.
    """
    t = lay_out(frame, 1, length_of(view)).t_at(x)
    if view.trace is None or t < 0:
        return t + 1
    run = view.run
    if not run.N:
        return 0
    longest = max(range(run.N), key=lambda sequence: run.lengths[sequence])
    return run.schedule.step_of(run.num_layers - 1, 0, t, longest) + 1


def describe_at(view: View, options: RulerOptions, frame: Frame, x: float, y: float) -> str:
    """What a cell of the ruler stands for, in words; "" where there is none."""
    rows = read_rows(view, options)
    band = lay_out(frame, len(rows), length_of(view))
    line = int((y - band.y) // band.pitch)
    if not 0 <= line < len(rows) or not band.x <= x < band.right:
        return ""
    row, t = rows[line], band.t_at(x)
    if t >= row.length:
        return f"{row.label}, t = {t + 1}: padding"
    token, size = token_at(view, options, t), float(row.norms[t])
    where = f"{row.label}, t = {t + 1}" + (f" {token}" if token else "")
    if steps_back(view) is not None:
        state = "" if row.computed[t] else ", not come back yet"
        return f"{where}: |∂L/∂h| = {plain(size)}{state}"
    state = "" if row.computed[t] else ", not computed yet"
    if view.trace is None:
        return f"{where}: |{row.label}| = {format_value(size, 3)}{state}"
    name = "|Δh|" if view.is_difference else "|h|"
    return f"{where}: {name} = {format_value(size, 3)}{state}"


def _marks(
    view: View,
    options: RulerOptions,
    rows: list[Row],
    band: Band,
    frame: Frame,
    style: Style,
) -> Iterator[Mark]:
    shades = shades_of(rows, by_power=steps_back(view) is not None)
    place = read_place(view, options)
    yield from _head(view, options, rows, band, shades, style)
    every = max(1, int(np.ceil(_LABEL_ROOM / band.pitch)))
    for number, row in enumerate(rows):
        yield from _row(row, band, band.row_y(number), shades, style)
        if number % every == 0:
            size = 11 if band.pitch >= 12 else 10.5
            y = band.row_y(number) + (band.pitch - band.gap) / 2 + 4
            yield label(row.label, band.x - 8, y, style.ui.muted, size, anchor="end")
    taken = [tab[0] for tab in tabs(place, band)]
    yield from _ticks(band, frame.x + frame.width, taken, partial(token_at, view, options), style)
    yield from draw_cursor(place, rows, band, style)


def _head(
    view: View, options: RulerOptions, rows: list[Row], band: Band, shades: Shades, style: Style
) -> Iterator[Mark]:
    ink = style.ui.muted
    before = "|Δ" if view.is_difference else "|∂L/∂" if steps_back(view) is not None else "|"
    letter = "h" if view.trace is not None else "x" if rows[0].label == "input" else "y"
    bars = (Run(before), *symbol(letter, "t"), Run("|"))
    named = 0.0
    yield Text(band.x - 8, 15, bars, ink, size=13, font="math", anchor="end")
    if options.rows == "sequences" and band.right - band.x >= _NAMED_FROM:
        yield label(f"layer {rows[0].layer}", band.x, 15, ink, 11)
        named = text_width(f"layer {rows[0].layer}", 11) + 14
    words = shown_words(view)
    if words and band.right - band.x - named >= _NAMED_FROM:
        yield label(words, band.x + named, 15, ink, 11)
    ends = shades.ends
    left = band.right - 90 - text_width(ends[1], 11) - 7
    yield from colorbar(left, 7, 90, style.magnitude, ends, style)


def _row(row: Row, band: Band, y: float, shades: Shades, style: Style) -> Iterator[Mark]:
    """What is known faintly, what is computed over it, padding hatched."""
    height = band.pitch - band.gap
    length = row.length
    known = np.isfinite(row.norms[:length]).any() if length else False
    width = band.step * length
    if not known:
        yield Rect(band.x, y, width, height, fill=style.ui.field, stroke=style.ui.border)
    elif not row.computed[:length].all():
        faint = float(style.tokens["opacity"]["future"])
        yield _cells(row, (0, length), band, y, shades, style, faint)
    for start, stop in _stretches(row.computed[:length]):
        yield _cells(row, (start, stop), band, y, shades, style, 1.0)
    if length < band.L:
        role = style.role("padding")
        left = band.left_of(length)
        yield Rect(left, y, band.right - left, height, fill=role.fill, hatch=role.line)


def _stretches(computed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where runs of True begin and end."""
    if not len(computed):
        return []
    edges = [0, *(np.flatnonzero(computed[1:] != computed[:-1]) + 1).tolist(), len(computed)]
    return [span for span in pairwise(edges) if computed[span[0]]]


def _cells(
    row: Row,
    span: tuple[int, int],
    band: Band,
    y: float,
    shades: Shades,
    style: Style,
    opacity: float,
) -> Cells:
    start, stop = span
    stride = max(1, int(np.ceil(1 / band.step)))
    colors = _colors(row, span, stride, shades, style)
    broken = ~np.isfinite(row.norms[start:stop])
    crossed = pool_any(broken[None], 1, colors.shape[1]) if broken.any() else None
    return Cells(
        band.left_of(start),
        y,
        (stop - start) * band.step,
        band.pitch - band.gap,
        colors,
        gap=_gap(band.step),
        crossed=crossed if opacity == 1.0 else None,
        opacity=opacity,
        key=row.key,
        axes=("", "t"),
        origin=(0, start),
        stride=(1, stride),
    )


def _colors(
    row: Row, span: tuple[int, int], stride: int, shades: Shades, style: Style
) -> NDArray[np.uint8]:
    """The colours of a stretch, `(1, blocks, 3)`; of all but its last block they are kept."""
    (start, stop), norms = span, row.norms

    def colored(start: int, stop: int) -> NDArray[np.uint8]:
        return shades.colors(merge_units(norms[start:stop], stride)[None], style)

    if start % stride:
        return colored(start, stop)
    key = (row.length, stride, shades, style)
    whole = _memo.get(norms, key, lambda: colored(0, row.length))
    blocks = slice(start // stride, -(-stop // stride))
    if stop == row.length or stop % stride == 0:
        return whole[:, blocks]
    last = colored(stop // stride * stride, stop)
    return np.concatenate([whole[:, start // stride : stop // stride], last], axis=1)


def _gap(step: float) -> float:
    return 1.0 if step >= _GAP_FROM else 0.0


def _ticks(
    band: Band,
    edge: float,
    taken: list[tuple[float, float]],
    token: Callable[[int], str],
    style: Style,
) -> Iterator[Mark]:
    """The numbers below the rows, none of them beyond the right edge of the pane."""
    y = band.bottom + 1
    every = 1 if band.step >= 26 else 0
    numbers: Iterable[int] = range(1, band.L + 1)
    if not every:
        count = max(2, int((band.right - band.x) / 75))
        inner = nice_integer_ticks(1, band.L, count)
        numbers = sorted({1, *inner})
        for number in numbers:
            yield Rect(band.middle(number - 1) - 0.5, y, 1, 3, fill=style.ui.border_strong)
    last = -100.0
    for number in numbers:
        x, text = band.middle(number - 1), str(number)
        if every:
            text = _with_token(text, token(number - 1), band.step)
        half = text_width(text, 11) / 2
        x = min(x, edge - half - 2)
        free = all(x + half < left - 4 or x - half > right + 4 for left, right in taken)
        if free and x - half > last + 8:
            yield label(text, x, band.bottom + 15, style.ui.muted, 11, anchor="middle")
            last = x + half


def _with_token(number: str, token: str, room: float) -> str:
    """A tick's number and what is read there, where there is room for both."""
    both = f"{number} {token}" if token else number
    return both if text_width(both, 11) <= room - 8 else number
