"""The heads of the columns: t = 1, 2, …, the ink tab and the lit slab of the current step."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.figures.unrolled.level import LABELS_EVERY, Level, steps_per_column
from rnnviz.figures.unrolled.sheet import TAB
from rnnviz.figures.unrolled.stage import Layout, Stage
from rnnviz.figures.view import Frame
from rnnviz.scene.marks import Font, Mark, Path, Rect, Run, Segment, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, math_runs, runs_width, text_width

_SIDE = 6.0  # between a slab and its column's edges, at scale 1
_RADIUS = 8.0
_SIZE = 15.0
_LABEL_ROOM = 34.0


def slabs(stage: Stage) -> list[Mark]:
    """The lit slab behind every current step's column."""
    t0, t1 = stage.span
    marks: list[Mark] = []
    top = TAB[0] if not stage.compact else stage.y(stage.sheet.title - 4)
    bottom = stage.y(stage.sheet.height) - 2
    for t in sorted(stage.lit):
        if t0 <= t < t1:
            x, width = slab_span(stage.layout, t)
            marks += [
                Rect(
                    x,
                    top,
                    width,
                    bottom - top,
                    fill=stage.style.current.fill,
                    stroke=stage.style.ui.border,
                    radius=_RADIUS,
                )
            ]
    return marks


def slab_span(layout: Layout, t: int) -> tuple[float, float]:
    """x and width of the slab behind a step's column."""
    width = layout.timeline.width(t)
    side = min(_SIDE * layout.scale, width * 0.05)
    return layout.timeline.left(t) + side, width - 2 * side


def header(
    layout: Layout, lit: dict[int, str], span: tuple[int, int], y: float, style: Style
) -> list[Mark]:
    """The heads of the visible columns at a height.

    Args:
        lit: the current steps, each with the arrow of its direction ("" in a stack that has
            only one).
        span: the visible steps.
        y: top of the header, px.
    """
    marks = _labels(layout, lit, span, y, style)
    for t, arrow in lit.items():
        if span[0] <= t < span[1]:
            marks += _tab(layout, t, arrow, y, style)
    return marks


def _labels(
    layout: Layout, lit: dict[int, str], span: tuple[int, int], y: float, style: Style
) -> list[Mark]:
    size = min(max(_SIZE * layout.scale, 12.0), 20.0)
    taken = [slab_span(layout, t) for t in lit if span[0] <= t < span[1]]
    marks: list[Mark] = []
    for t in _labelled(layout, span):
        wide = layout.timeline.width(t) >= 48
        runs = math_runs(f"t = {t + 1}") if wide else (Run(str(t + 1)),)
        color = style.ui.text_secondary if _is_reached(layout, t) else style.ui.disabled
        x = layout.timeline.center(t)
        font: Font = "math" if wide else "ui"
        text = Text(x, y + 31, runs, color, size if wide else 11, font, anchor="middle")
        half = runs_width(text) / 2 + 4
        if t not in lit and not any(x + half > a and x - half < a + w for a, w in taken):
            marks.append(text)
    return marks


def _is_reached(layout: Layout, t: int) -> bool:
    """Whether anything of a step is computed."""
    run = layout.run
    longest = max((run.lengths[n] for n in layout.sequences), default=0)
    from_right = run.num_directions == 2 and t >= longest - run.position
    return t < longest and (t < run.position or from_right)


def _labelled(layout: Layout, span: tuple[int, int]) -> list[int]:
    """The steps that bear a label, from 0."""
    pitch = layout.timeline.pitch
    if layout.elided:
        return [t for t in layout.timeline.opened if span[0] <= t < span[1]]
    if layout.level is Level.CARDS:
        return list(range(*span))
    every = LABELS_EVERY
    if layout.level is Level.COLUMNS:
        every = next(n for n in (1, 2, 5, 10, 20, 50) if n * pitch >= _LABEL_ROOM)
    while every * pitch < _LABEL_ROOM + 14:
        every *= 2 if str(every)[0] != "2" else 5
        if layout.level is Level.COLUMNS:
            break
    opened = [t for t in layout.timeline.opened if span[0] <= t < span[1]]
    first = -(-(span[0] + 1) // every) * every
    regular = [n - 1 for n in range(first, span[1] + 1, every)]
    begin = [0] if span[0] == 0 and pitch >= 1 else []
    return sorted({*opened, *regular, *begin})


def _tab(layout: Layout, t: int, arrow: str, y: float, style: Style) -> list[Mark]:
    x, width = slab_span(layout, t)
    size = min(max(_SIZE * layout.scale, 12.0), 20.0)
    text = math_runs(f"t = {t + 1}")
    if arrow == "→":
        text = (*text, Run(" →", italic=False))
    elif arrow == "←":
        text = (Run("← ", italic=False), *text)
    color = style.current.text
    mark = Text(x + width / 2, y + 31, text, color, size, "math", anchor="middle")
    over = max(0.0, runs_width(mark) + 12 - width)
    shape = _tab_shape(x - over / 2, y + TAB[0], width + over, TAB[1])
    return [Path(shape, fill=style.current.line), mark]


def _tab_shape(x: float, y: float, width: float, height: float) -> tuple[Segment, ...]:
    r, c = _RADIUS, _RADIUS * 0.4477
    return (
        ("M", x, y + height),
        ("L", x, y + r),
        ("C", x, y + c, x + c, y, x + r, y),
        ("L", x + width - r, y),
        ("C", x + width - c, y, x + width, y + c, x + width, y + r),
        ("L", x + width, y + height),
        ("Z",),
    )


def badge(layout: Layout, frame: Frame, style: Style) -> list[Mark]:
    """How many steps share a column of px, where several do."""
    count = steps_per_column(frame.zoom)
    if layout.level is not Level.RASTER or count < 2:
        return []
    text, size = f"{count} steps per column", 11.0
    width = text_width(text, size, weight=500) + 16
    x, y = max(frame.x, 0.0) + 12, max(frame.y, 0.0) + TAB[0] + 3
    pill = Rect(x, y, width, 20, fill=style.ui.accent_soft, radius=10)
    words = label(text, x + width / 2, y + 14, style.ui.text_secondary, size, weight=500)
    return [pill, replace(words, anchor="middle")]
