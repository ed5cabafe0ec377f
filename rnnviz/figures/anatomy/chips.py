"""The operations as a row of chips above the cell: done, the last one, and what is to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnviz.element import Element
from rnnviz.figures.anatomy.names import Names, Runs
from rnnviz.figures.anatomy.subject import Subject
from rnnviz.figures.strips import future_dash
from rnnviz.model.cells import Operation
from rnnviz.model.schedule import Progress
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Mark, Path, Rect, Scene, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, runs_width, symbol, text_width

SIDE = 20.0
_HEIGHT, _ROW = 26.0, 32.0
_TOP = 9.0
_GAP = 7.0
_PAD, _LEAST_PAD = 8.0, 5.0
_NUMBER, _NAME = 11.0, 14.0
_LEAST = 32.0
_MOST_EXTRA = 34.0


@dataclass(frozen=True)
class Chip:
    """An operation's chip.

    Attributes:
        runs: its name in its own hue.
        natural: the width it asks for, with `pad` at both sides.
    """

    operation: Operation
    number: int
    runs: Runs
    natural: float
    pad: float


def draw_chips(subject: Subject, width: float, style: Style) -> Scene:
    """As many rows as the width asks for, one where it can."""
    chips = _chips(subject, style, _PAD)
    if _width(chips) > width - 2 * SIDE:
        chips = _chips(subject, style, _LEAST_PAD)
    rows = _rows(chips, width - 2 * SIDE)
    height = 2 * _TOP + _ROW * (len(rows) - 1) + _HEIGHT
    marks: list[Mark] = []
    for number, row in enumerate(rows):
        marks += _row(subject, row, _TOP + _ROW * number, width, style)
    marks.append(Rect(0, height - 1, width, 1, fill=style.ui.border))
    return Scene(width, height, tuple(marks), style.background, "The operations of the cell")


def _chips(subject: Subject, style: Style, pad: float) -> list[Chip]:
    found = []
    for place, operation in enumerate(subject.operations):
        pending, last = place >= subject.done, place == subject.done - 1
        ink = style.ui.disabled if pending else style.ui.on_accent if last else None
        runs = _name(Names(subject, style, short=True, muted=ink), operation)
        name = Text(0, 0, runs, style.ui.text, _NAME, "math")
        number = text_width(str(place + 1), _NUMBER, weight=600)
        wide = max(runs_width(name) + number + 5 + 2 * pad, _LEAST)
        found.append(Chip(operation, place + 1, runs, wide, pad))
    return found


def _name(names: Names, operation: Operation) -> Runs:
    """The shortest name that tells an operation from the others of its cell."""
    first = operation.gives[0]
    if operation.verb in ("linear_ih", "linear_hh"):
        way = operation.verb[-2:]
        entering = names.letter(operation.takes[0])
        return (
            *symbol("W", sub=way, color=entering[0].color if names.is_muted else None),
            *entering,
        )
    if len(operation.gives) > 1:
        return symbol("a", color=names.of(first)[0].color)
    return names.of(first)


def _rows(chips: list[Chip], room: float) -> list[list[Chip]]:
    """As few rows as hold them all, about as many chips in each."""
    for count in range(1, len(chips) + 1):
        most = -(-len(chips) // count)
        rows = [chips[start : start + most] for start in range(0, len(chips), most)]
        if max(map(_width, rows)) <= room:
            return rows
    return [[chip] for chip in chips]


def _width(row: list[Chip]) -> float:
    return sum(chip.natural for chip in row) + _GAP * (len(row) - 1)


def _row(
    subject: Subject, chips: list[Chip], y: float, width: float, style: Style
) -> Iterator[Mark]:
    room = width - 2 * SIDE - _GAP * (len(chips) - 1)
    spare = (room - sum(chip.natural for chip in chips)) / max(len(chips), 1)
    extra = min(max(spare, 0.0), _MOST_EXTRA)
    x = SIDE
    for place, chip in enumerate(chips):
        if place:
            line = (("M", x - _GAP, y + _HEIGHT / 2), ("L", x, y + _HEIGHT / 2))
            yield Path(line, style.ui.border_strong, 1.0)  # type: ignore[arg-type]
        yield from _chip(subject, chip, (x, y, chip.natural + extra, _HEIGHT), style)
        x += chip.natural + extra + _GAP


def _chip(
    subject: Subject, chip: Chip, box: tuple[float, float, float, float], style: Style
) -> Iterator[Mark]:
    ui, (x, y, width, height) = style.ui, box
    key = subject.key(chip.operation.gives[0])
    if chip.number == subject.done:
        yield Rect(*box, fill=ui.accent, radius=6, key=key)
        ink = ui.on_accent
    elif chip.number < subject.done:
        yield Rect(*box, fill=ui.card, stroke=ui.border, radius=6, key=key)
        ink = ui.muted
    else:
        dash = future_dash(style)
        yield Rect(*box, ui.surface_sunken, ui.border_strong, 1.0, 6, dash, key=key)
        ink = ui.disabled
    weight = 600 if chip.number == subject.done else 500
    base = y + height / 2 + 4.5
    yield label(str(chip.number), x + chip.pad, base - 0.5, ink, _NUMBER, weight=weight)
    number = text_width(str(chip.number), _NUMBER, weight=600)
    middle = (x + chip.pad + number + x + width) / 2
    yield Text(middle, base, chip.runs, ui.text, _NAME, "math", anchor="middle")


def progress_at(run: Trace, element: Element) -> Progress | None:
    """How far a run has to be computed for a tensor inside a cell, and no further."""
    layer, direction, t, sequence = element[1:5]
    if layer is None or direction is None or t is None:
        return None
    step = run.schedule.step_of(layer, direction, t, sequence or 0)
    giving = [place for place, op in enumerate(run.operations) if element.tensor in op.gives]
    if step < 0 or not giving:
        return None
    lanes = [(advance.layer, advance.direction) for advance in run.schedule.advances(step)]
    cell, operation = lanes.index((layer, direction)), giving[0] + 1
    if operation < len(run.operations):
        return Progress(step, cell, operation)
    return Progress(step + 1) if cell + 1 == len(lanes) else Progress(step, cell + 1)
