"""The words of a table: its name and shape, its columns, and how much of it is left out."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.figures.axis import Axis, Gap, visible
from rnnviz.figures.view import Frame
from rnnviz.scene.marks import Mark
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

Place = tuple[float, float]


def left_out(axis: Axis, corner: Place, width: float, noun: str, style: Style) -> list[Mark]:
    """The words for rows that are left out, in the middle of `width`: `… 4 997 rows more`."""
    x, y = corner
    return [
        label(
            _more(gap, noun, width),
            x + width / 2,
            y + gap.at + gap.length / 2 + 4,
            style.ui.muted,
            11,
            anchor="middle",
        )
        for gap in axis.gaps
    ]


def _more(gap: Gap, noun: str, width: float) -> str:
    number = grouped(gap.many)
    full = f"… {number} {noun}{'s' if gap.many > 1 else ''} more"
    return next((text for text in (full, f"… {number}") if text_width(text, 11) <= width), "…")


def left_out_across(axis: Axis, corner: Place, rows: Axis, style: Style) -> list[Mark]:
    """An ellipsis for columns that are left out, beside every part of the rows."""
    x, y = corner
    return [
        label(
            "…",
            x + gap.at + gap.length / 2,
            y + span.at + span.many * rows.cell / 2 + 3,
            style.ui.muted,
            12,
            anchor="middle",
        )
        for gap in axis.gaps
        for span in rows.spans
    ]


def column_labels(
    axis: Axis,
    corner: Place,
    style: Style,
    frame: Frame,
    name: Callable[[int], str] = str,
    size: float = 11.0,
) -> list[Mark]:
    """Above every column what it is called where there is room, else the index of some.

    Args:
        corner: where the columns begin, and the baseline.
    """
    x, y = corner
    marks: list[Mark] = []
    for span in axis.spans:
        at_sight = visible(x + span.at, axis.cell, span.many, (frame.x, frame.x + frame.width))
        indices = range(span.first + at_sight[0], span.first + at_sight[1])
        room = max((text_width(name(i), size) for i in indices[:64]), default=0.0) + 5
        named = room <= axis.cell
        wide = text_width(str(axis.size - 1), size) + 8
        step = 1 if named else label_step(axis.size - 1, axis.cell, wide)
        start = -(-indices.start // step) * step
        for index in range(start, indices.stop, step):
            at = x + span.at + (index - span.first + 0.5) * axis.cell
            text = name(index) if named else str(index)
            marks.append(label(text, at, y, style.ui.muted, size, anchor="middle"))
    return marks


def label_step(last: int, cell: float, room: float) -> int:
    """Every how many indices one can be labelled, if a label takes `room` px."""
    if cell >= room:
        return 1
    wanted = 1.3 * room / cell
    return next((n * 10**k for k in range(9) for n in (1, 2, 5) if n * 10**k >= wanted), last + 1)


def titled(name: str, shape: str, corner: Place, style: Style) -> list[Mark]:
    """The name of a tensor, and below it what its axes are."""
    x, y = corner
    return [
        label(name, x, y, style.ui.text, 12, font="mono", weight=600),
        label(shape, x, y + 17, style.ui.muted, 11, font="mono"),
    ]


def titled_width(name: str, shape: str) -> float:
    """How wide a title is, in px."""
    return max(text_width(name, 12, "mono", 600), text_width(shape, 11, "mono"))


def index_text(name: str, shape: tuple[int, ...], row: int, unit: int) -> str:
    """One number of a tensor as Python writes it, by the row that it has once stacked."""
    place: list[int] = []
    for length in reversed(shape):
        row, index = divmod(row, length)
        place.append(index)
    return f"{name}[{', '.join(str(i) for i in (*reversed(place), unit))}]"


def grouped(number: int) -> str:
    """A whole number, its thousands set apart: `49 977`."""
    return f"{number:,}".replace(",", "\u2009")
