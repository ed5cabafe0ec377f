"""Matrices and apertures as SVG."""

from __future__ import annotations

import base64
import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rnnviz.scene.colormap import contrasting_colors, rgb_to_hex
from rnnviz.scene.geometry import CROSS_FROM, cell_pitch, cell_span, effective_gap, enlarged
from rnnviz.scene.marks import Apertures, Cells
from rnnviz.writers.svg_syntax import attributes, box, data, number, translucent

_MOST_RECTANGLES = 4096
_MOST_THIN = 256
_LEAST_RECTANGLE = 2.0  # px; crisp edges would make some of these twice as wide as others


def cells(mark: Cells) -> Iterator[str]:
    """A matrix: one path for each colour, or a picture where the cells are many."""
    if not mark.colors.size:
        return
    rows, columns, _ = mark.colors.shape
    gap = effective_gap(mark)
    width = cell_pitch(mark.width, columns, gap) - gap
    height = cell_pitch(mark.height, rows, gap) - gap
    tiny = min(width, height) < CROSS_FROM
    colors, crossed = mark.colors, mark.crossed
    if crossed is not None and tiny:
        colors = np.where(crossed[..., None], contrasting_colors(colors), colors)
    most = _MOST_THIN if min(width, height) < _LEAST_RECTANGLE else _MOST_RECTANGLES
    if rows * columns > most:
        yield _picture(mark, colors, width, height)
    else:
        yield from _rectangles(mark, colors, gap)
    if crossed is not None and not tiny:
        yield from _crosses(mark, colors, crossed, gap)


def _picture(mark: Cells, colors: NDArray[np.uint8], width: float, height: float) -> str:
    from rnnviz.writers.raster import png_bytes

    encoded = base64.b64encode(png_bytes(enlarged(colors, width, height))).decode("ascii")
    given = attributes(
        **box(mark.x, mark.y, mark.width, mark.height),
        preserveAspectRatio="none",
        image_rendering="optimizeSpeed",
        style="image-rendering:pixelated",
        opacity=translucent(mark.opacity),
        **data(mark.key),
    )
    return f'<image{given} href="data:image/png;base64,{encoded}"/>'


def _rectangles(mark: Cells, colors: NDArray[np.uint8], gap: float) -> Iterator[str]:
    rows, columns, _ = colors.shape
    ys = [cell_span(mark.height, rows, gap, row) for row in range(rows)]
    xs = [cell_span(mark.width, columns, gap, column) for column in range(columns)]
    outlines: dict[str, list[str]] = defaultdict(list)
    for (top, height), row in zip(ys, colors, strict=True):
        for (left, width), rgb in zip(xs, row, strict=True):
            x, y, w, h = (number(v) for v in (mark.x + left, mark.y + top, width, height))
            outlines[rgb_to_hex(rgb)].append(f"M{x} {y}h{w}v{h}h-{w}z")
    given = attributes(
        shape_rendering="crispEdges", opacity=translucent(mark.opacity), **data(mark.key)
    )
    yield f"<g{given}>"
    for color, pieces in outlines.items():
        yield f'<path fill="{color}" d="{"".join(pieces)}"/>'
    yield "</g>"


def _crosses(
    mark: Cells, colors: NDArray[np.uint8], crossed: NDArray[np.bool_], gap: float
) -> Iterator[str]:
    rows, columns, _ = colors.shape
    inks = contrasting_colors(colors)
    for row, column in np.argwhere(crossed).tolist():
        left, width = cell_span(mark.width, columns, gap, column)
        top, height = cell_span(mark.height, rows, gap, row)
        ink = rgb_to_hex(inks[row, column])
        yield _cross(mark.x + left, mark.y + top, width, height, ink, mark.opacity)


def _cross(x: float, y: float, width: float, height: float, ink: str, opacity: float) -> str:
    inset = min(width, height) * 0.2
    left, top, right, low = (
        number(v) for v in (x + inset, y + inset, x + width - inset, y + height - inset)
    )
    path = f"M{left} {top}L{right} {low}M{left} {low}L{right} {top}"
    return f'<path{attributes(stroke=ink, opacity=translucent(opacity))} d="{path}"/>'


def apertures(mark: Apertures) -> Iterator[str]:
    """A gate's windows, filled from the bottom."""
    opacity = translucent(mark.opacity)
    yield f"<g{attributes(**data(mark.key))}>"
    ground = attributes(
        **box(mark.x, mark.y, mark.width, mark.height), fill=mark.background, fill_opacity=opacity
    )
    yield f"<rect{ground}/>"
    gap, count = effective_gap(mark), len(mark.levels)
    low, outline = mark.y + mark.height, []
    for unit, level in enumerate(mark.levels.tolist()):
        left, width = cell_span(mark.width, count, gap, unit)
        if not math.isfinite(level):
            yield _cross(mark.x + left, mark.y, width, mark.height, mark.color, mark.opacity)
        elif level > 0:
            height = number(min(level, 1.0) * mark.height)
            across = number(width)
            outline.append(f"M{number(mark.x + left)} {number(low)}h{across}v-{height}h-{across}z")
    if outline:
        given = attributes(fill=mark.color, fill_opacity=opacity)
        yield f'<path{given} d="{"".join(outline)}"/>'
    yield "</g>"
