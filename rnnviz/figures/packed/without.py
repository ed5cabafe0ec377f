"""What goes wrong without packing, measured: a table of differences by sequence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.layout import WITHOUT_ROW, WITHOUT_WIDTH, Layout, without_rows
from rnnviz.figures.remarks import caption
from rnnviz.figures.tints import sequence_mark
from rnnviz.figures.view import View
from rnnviz.model.padding import (
    WithoutPacking,
    is_quick,
    known_without_packing,
    without_packing,
)
from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_NAMES = 88.0  # for the sequences' numbers and lengths
_BAR = 34.0
_FORWARD = "{} sequences ran on through padding: their forward h_n is not their last state."
_REVERSE = "{} began their reverse run in padding: what it computed is wrong."
_tables = Memo(4)


@dataclass(frozen=True, eq=False)
class _Column:
    """One column of the table: what differs, by sequence `(N,)`."""

    title: str
    differences: NDArray[np.float64]


def draw_without(view: View, batch: Batch, layout: Layout, style: Style) -> Iterator[Mark]:
    """The table, or what keeps it from being there."""
    if layout.without is None:
        return
    x, y = layout.without
    value = format_value(view.padding_value, 1)
    about = f"padded tensor (padding_value {value}), same weights: max |Δ|"
    runs = (Run("Without packing   ", bold=True), Run(about, color=style.ui.muted))
    yield Text(x, y, runs, style.ui.text, size=11.5)
    answer = measured(view)
    if answer is None:
        text = "Measured as soon as the whole run is known."
        yield label(text, x, y + 28, style.ui.text_secondary)
        return
    yield from _tables.get(answer, (x, y, style), partial(_told, batch, answer, (x, y), style))


def _told(
    batch: Batch, answer: WithoutPacking, corner: tuple[float, float], style: Style
) -> list[Mark]:
    """The table, and what it shows."""
    x, y = corner
    marks = list(_table(batch, answer, (x, y + 24), style))
    below = y + 44 + WITHOUT_ROW * without_rows(batch)
    if without_rows(batch) < batch.N:
        rest = f"the {without_rows(batch)} that differ most of {batch.N} sequences"
        marks.append(label(rest, x, below, style.ui.muted, 11))
        below += 18
    marks += caption(conclusion(batch, answer), x, below + 4, WITHOUT_WIDTH, style)
    return marks


def measured(view: View) -> WithoutPacking | None:
    """The comparison, where it is known or takes no time worth mentioning."""
    for run in (view.run, view.whole):
        known = known_without_packing(run, view.padding_value) if run is not None else None
        if known is not None:
            return known
    return without_packing(view.run, view.padding_value) if is_quick(view.run) else None


def _columns(batch: Batch, answer: WithoutPacking) -> list[_Column]:
    if not batch.bidirectional:
        return [
            _Column("h_n", answer.final_states(0)),
            _Column("output", answer.output[0]),
        ]
    return [
        _Column("h_n →", answer.final_states(0)),
        _Column("h_n ←", answer.final_states(1)),
        _Column("output →", answer.output[0]),
        _Column("output ←", answer.output[1]),
    ]


def _table(
    batch: Batch, answer: WithoutPacking, corner: tuple[float, float], style: Style
) -> Iterator[Mark]:
    x, y = corner
    columns = _columns(batch, answer)
    width = (WITHOUT_WIDTH - _NAMES) / max(len(columns), 3)
    worst = max(float(column.differences.max(initial=0.0)) for column in columns)
    yield label("length", x + 54, y, style.ui.muted, 11, anchor="middle")
    for place, column in enumerate(columns):
        left = x + _NAMES + place * width
        yield label(column.title, left, y, style.ui.text_secondary, 11, font="mono")
    for line, sequence in enumerate(_listed(batch, columns)):
        middle = y + 20 + line * WITHOUT_ROW
        yield Rect(x, middle - WITHOUT_ROW / 2, WITHOUT_WIDTH, 1, fill=style.ui.border)
        yield from sequence_mark(x + 14, middle, sequence, batch.N, style, 9)
        length = str(int(batch.lengths[sequence]))
        yield label(length, x + 54, middle + 4, style.ui.text_secondary, 11.5, anchor="middle")
        for place, column in enumerate(columns):
            left = x + _NAMES + place * width
            difference = float(column.differences[sequence])
            yield from _difference(answer, difference, worst, (left, middle), style)


def _listed(batch: Batch, columns: list[_Column]) -> list[int]:
    """All sequences, or those that differ most, in the caller's order."""
    if without_rows(batch) >= batch.N:
        return list(range(batch.N))
    largest = np.max([column.differences for column in columns], axis=0)
    return sorted(np.argsort(-largest, kind="stable")[: without_rows(batch)].tolist())


def _difference(
    answer: WithoutPacking,
    difference: float,
    worst: float,
    place: tuple[float, float],
    style: Style,
) -> Iterator[Mark]:
    x, middle = place
    if not answer.is_wrong(difference):
        yield label("same", x, middle + 4, style.ui.muted, 11.5)
        return
    share = difference / worst if np.isfinite(difference) and np.isfinite(worst) else 1.0
    bar = max(2.0, _BAR * share)
    yield Rect(x, middle - 4, bar, 8, fill=style.ui.error, radius=1.5, opacity=0.85)
    small = difference < 0.005
    text = format_exponent(difference) if small else format_value(difference)
    yield label(text, x + bar + 5, middle + 4, style.ui.text, 11.5, weight=500)


def conclusion(batch: Batch, answer: WithoutPacking) -> str:
    """What the table shows, in a sentence or two."""
    parts = [
        _sentence(batch, answer, direction, text)
        for direction, text in enumerate((_FORWARD, _REVERSE))
        if direction < batch.run.num_directions
    ]
    said = " ".join(part for part in parts if part)
    return said or "Here the padding happens to change nothing beyond rounding."


def _sentence(batch: Batch, answer: WithoutPacking, direction: int, text: str) -> str:
    worst = np.maximum(answer.final_states(direction), answer.output[direction])
    wrong = sum(answer.is_wrong(value) for value in worst.tolist())
    return text.format(f"{wrong} of {batch.N}") if wrong else ""
