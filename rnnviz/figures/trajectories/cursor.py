"""The time axis that lines and raster share, its cursor, and the padding behind its end."""

from __future__ import annotations

from rnnviz.figures.plots import Box, tab, ticks
from rnnviz.figures.trajectories.layout import Layout
from rnnviz.figures.trajectories.series import Series
from rnnviz.figures.trajectories.time_axis import TimeAxis
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

Range = tuple[float, float]


def bands(layout: Layout, x_range: Range, span: float) -> list[tuple[float, float]]:
    """Every other stretch of five, ten, … timesteps: x and width.

    Args:
        span: how many are seen together.
    """
    step = next((n * 10**k for k in range(8) for n in (1, 5) if span / (n * 10**k) <= 16), 1)
    box, found = layout.lines, []
    first = int((x_range[0] - 0.5) // (2 * step))
    for number in range(first, int(x_range[1] // (2 * step)) + 1):
        start = max(TimeAxis(box, x_range).place((2 * number + 1) * step + 0.5), box.x)
        stop = min(TimeAxis(box, x_range).place((2 * number + 2) * step + 0.5), box.right)
        if stop > start:
            found.append((start, stop - start))
    return found


def axis(layout: Layout, x_range: Range, style: Style) -> list[Mark]:
    """Ticks and numbers below the raster."""
    box, ink = layout.heatmap, style.ui.muted
    base = box.low + 24
    marks: list[Mark] = [Text(layout.left, base, (Run("t", italic=True),), ink, 13.5, font="math")]
    for t in ticks(x_range, box.width):
        x = TimeAxis(box, x_range).place(float(t))
        marks.append(Rect(x - 0.5, box.low + 4, 1, 6, fill=style.ui.border_strong))
        marks.append(label(str(t), x, base, ink, 11, anchor="middle"))
    return marks


def padding(series: Series, box: Box, x_range: Range, style: Style, radius: float) -> list[Mark]:
    """What lies behind the end of the sequence, hatched."""
    if series.length >= series.steps:
        return []
    start = max(TimeAxis(box, x_range).place(series.length + 0.5), box.x)
    if start >= box.right:
        return []
    role = style.role("padding")
    width = box.right - start
    marks: list[Mark] = [
        Rect(start, box.y, width, box.height, fill=role.fill, hatch=role.line, radius=radius)
    ]
    wide = text_width("padding", 11) + 12
    if width > wide + 12:
        x, y = start + width / 2, box.y + box.height / 2
        marks.append(Rect(x - wide / 2, y - 10, wide, 20, fill=role.fill, radius=4))
        marks.append(label("padding", x, y + 4, role.text, 11, anchor="middle"))
    return marks


def cursor(
    series: Series,
    layout: Layout,
    x_range: Range,
    blocked: tuple[Range, ...],
    style: Style,
) -> list[Mark]:
    """A line through both panels with a tab above it.

    Args:
        blocked: stretches of x between the panels that words stand on.
    """
    if series.cursor is None:
        return []
    upper, lower = layout.lines, layout.heatmap
    x = TimeAxis(upper, x_range).place(series.cursor + 1.0)
    if not upper.x - 0.5 <= x <= upper.right + 0.5:
        return []
    ink = style.current.line
    low = lower.low + 2
    if any(start - 4 <= x <= stop + 4 for start, stop in blocked):
        marks: list[Mark] = [
            Rect(x - 1, upper.y - 8, 2, upper.height + 12, fill=ink),
            Rect(x - 1, lower.y - 4, 2, low - lower.y + 4, fill=ink),
        ]
    else:
        marks = [Rect(x - 1, upper.y - 8, 2, low - upper.y + 8, fill=ink)]
    return [*marks, *tab(f"t = {series.cursor + 1}", x, upper.y - 15, style)]
