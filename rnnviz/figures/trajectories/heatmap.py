"""All units over time, one cell for each, or for as many as a pixel can hold."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import numerals
from rnnviz.figures.strips import merge_units
from rnnviz.figures.trajectories.layout import Layout
from rnnviz.figures.trajectories.pages import Page
from rnnviz.figures.trajectories.progress import cells_over_time
from rnnviz.figures.trajectories.series import Series
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.marks import Cells, Mark, Rect
from rnnviz.scene.pooling import Pyramid
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_LEAST = 3.0  # px of a row
_memo = Memo()


def units_per_row(series: Series, layout: Layout) -> int:
    """How many neighbouring units share a row."""
    room = max(1, int(layout.heatmap.height / _LEAST))
    return max(1, -(-series.units // room))


def colormap(series: Series, style: Style) -> Colormap:
    """Signed, or for what lies between 0 and 1 the map of magnitudes."""
    return style.signed if series.signed else style.magnitude


def caption(series: Series, layout: Layout) -> str:
    """The size of the raster, and what a row stands for."""
    stride = units_per_row(series, layout)
    merged = f" · {stride} units per row, the largest" if stride > 1 else ""
    return f"H × T = {series.units} × {series.length}{merged}"


def _pyramid(series: Series, stride: int) -> Pyramid:
    make = partial(_build, series, stride)
    if not series.stable:
        return make()
    return _memo.get(series.source, (*series.identity, stride), make, series.values.size)


def _build(series: Series, stride: int) -> Pyramid:
    return Pyramid(np.ascontiguousarray(merge_units(series.values, stride).T))


def raster(
    series: Series, layout: Layout, x_range: tuple[float, float], style: Style
) -> list[Mark]:
    """The visible cells: up to now in full, what is to come faint."""
    make = partial(_cells, series, layout, style)
    return cells_over_time(series, layout.heatmap, x_range, ("raster", layout, style), make)


def _cells(
    series: Series,
    layout: Layout,
    style: Style,
    page: Page,
    start: int,
    stop: int,
) -> Cells:
    """The cells of some timesteps, all in full."""
    box, stride = page.axis.box, units_per_row(series, layout)
    values, first, step = _pyramid(series, stride).window(start, stop, page.columns(start, stop))
    return Cells(
        page.axis.place(first + 0.5),
        box.y,
        values.shape[1] * step * page.axis.per_step,
        box.height,
        colormap(series, style).colors(values, series.limit),
        crossed=_crossed(series, values, (first, step, stride)),
        key=series.key,
        axes=("unit", "t"),
        origin=(0, first),
        stride=(stride, step),
    )


def _crossed(
    series: Series, values: NDArray[np.floating], where: tuple[int, int, int]
) -> NDArray[np.bool_] | None:
    """Cells of known timesteps that hold NaN or infinity."""
    strange = ~np.isfinite(values)
    if not strange.any():
        return None
    if not series.complete:
        first, step, _ = where
        t = first + np.arange(values.shape[1]) * step
        strange &= (t >= series.first) & (t < series.stop)
    return strange if strange.any() else None


def frame(series: Series, layout: Layout, style: Style) -> Rect:
    """The raster's edge."""
    ink = style.role(series.tensor).line
    return Rect(*layout.heatmap.sides, stroke=ink, stroke_width=1.5, radius=3)


def ring(series: Series, layout: Layout, style: Style) -> list[Mark]:
    """Around the selected unit."""
    box, chosen = layout.heatmap, series.selected
    if chosen is None:
        return []
    height = box.height / max(series.units, 1)
    tall = max(height, 4.0)
    place = box.x - 1, box.y + chosen * height + height / 2 - tall / 2, box.width + 2, tall
    return [Rect(*place, stroke=style.ui.text, stroke_width=1.75, radius=min(4.0, tall / 3))]


def row_labels(series: Series, layout: Layout, style: Style) -> list[Mark]:
    """The units at the left, as many as have room; the selected one is among them."""
    box, chosen = layout.heatmap, series.selected
    height = box.height / max(series.units, 1)
    step = max(1, int(np.ceil(14 / height)))
    step = next((n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500) if n >= step), 1000)
    units = [
        unit
        for unit in range(0, series.units, step)
        if chosen is None or unit == chosen or abs(unit - chosen) * height >= 13
    ]
    if chosen is not None and chosen % step:
        units.append(chosen)
    return [
        _row_label(unit, box.y + (unit + 0.5) * height, layout, chosen, style) for unit in units
    ]


def _row_label(unit: int, y: float, layout: Layout, chosen: int | None, style: Style) -> Mark:
    heavy = unit == chosen
    return label(
        str(unit),
        layout.heatmap.x - 12,
        y + 4,
        style.ui.text if heavy else style.ui.text_secondary,
        11.5,
        weight=600 if heavy else 400,
        anchor="end",
    )


def column(series: Series, layout: Layout, style: Style) -> list[Mark]:
    """The state at the cursor, every unit beside its row."""
    values = series.at_cursor()
    if values is None:
        return []
    box = layout.heatmap
    stride = units_per_row(series, layout)
    merged = merge_units(values, stride)[:, None]
    x, width = box.right + 6, layout.values - box.right - 6
    height = box.height / len(merged)
    colors = colormap(series, style).colors(merged, series.limit)
    strange = ~np.isfinite(merged)
    marks: list[Mark] = [
        Cells(
            x,
            box.y,
            width,
            box.height,
            colors,
            gap=1.0 if height >= 6 else 0.0,
            crossed=strange if strange.any() else None,
            key=series.key._replace(t=series.cursor),
            axes=("unit", ""),
            stride=(stride, 1),
        )
    ]
    if height >= 14:
        cell, place = (width, height), (x, box.y)
        if series.digits is None:
            marks += numerals(merged, colors, *place, cell, 11.0)
        else:
            marks += numerals(merged, colors, *place, cell, 11.0, series.digits, difference=True)
    return marks
