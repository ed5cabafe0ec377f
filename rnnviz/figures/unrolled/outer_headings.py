"""The names of the rows around the recurrent layers, at the left edge of what is visible."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.strips import units_caption, units_per_cell
from rnnviz.figures.unrolled.blocks import axis_of
from rnnviz.figures.unrolled.level import Level
from rnnviz.figures.unrolled.losses import baseline
from rnnviz.figures.unrolled.rooms import MOST_CLASSES
from rnnviz.figures.unrolled.rows import STRIP_WIDTH
from rnnviz.figures.unrolled.sheet import GRADIENT_HEIGHT, ROW_HEIGHT, TOKEN_HEIGHT, Scored
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.text import label, text_width

_SIZE, _SMALL, _LINE = 12.0, 11.0, 15.0
_STEP = 14.0  # px from one line of a note to the next
_DASH = (13.0, 2.5)  # the mark of the target
_KINDS = {"cross_entropy": "cross-entropy", "mse": "MSE", "bce": "BCE"}


def outer_headings(stage: Stage, x: float, room: float) -> Iterator[Mark]:
    """The names of the rows in front and behind.

    Args:
        x: where they begin.
        room: px that the names of rows have.
    """
    scored, sheet = stage.sheet.scored, stage.sheet
    if scored is not None:
        yield from _of_loss(stage, scored, x, room)
        if stage.rooms.on:
            yield from _of_scores(stage, scored, x, room)
    if sheet.given is not None:
        height = TOKEN_HEIGHT * (0.6 if stage.compact else 1.0)
        middle = sheet.given + (height if stage.rooms.tokens else ROW_HEIGHT) / 2
        name = "token" if stage.rooms.tokens else "input"
        yield _note(stage, name, x, stage.y(middle) + 4)
    if sheet.returned is not None:
        yield _partial(stage, "x", x, sheet.returned + GRADIENT_HEIGHT / 2)


def input_heading(stage: Stage, x: float, room: float) -> Iterator[Mark]:
    """The name of the row of x, and of what makes it."""
    middle = stage.y(stage.sheet.input + stage.sheet.row_height / 2) + 4
    lines = _broken(stage.rooms.front, room)
    yield label("Input", x, middle - _LINE, stage.style.ui.text, _SIZE, weight=600)
    for place, line in enumerate(lines):
        yield _note(stage, line, x, middle + place * 13)
    if stage.rooms.returning or stage.layout.level is not Level.CARDS or len(lines) > 1:
        return
    features = stage.run.input_size
    stride = units_per_cell(features, STRIP_WIDTH * stage.scale)
    words = units_caption(features, stride, "features")
    if words:
        yield _note(stage, words, x, middle + 13)


def _of_loss(stage: Stage, scored: Scored, x: float, room: float) -> Iterator[Mark]:
    if scored.loss is None:
        return
    y = baseline(stage)
    if stage.compact:
        yield _note(stage, "loss", x, y)
        return
    yield label("Loss", x, y, stage.style.ui.text, _SIZE, weight=600)
    kind = _KINDS[stage.rooms.loss]
    if 34 + text_width(kind, _SMALL) <= room:
        yield _note(stage, kind, x + 34, y)


def _of_scores(stage: Stage, scored: Scored, x: float, room: float) -> Iterator[Mark]:
    middle = stage.y(scored.top + scored.height / 2) + 4
    if stage.compact:
        yield _note(stage, _lines(stage)[-1], x, middle)
    elif not stage.rooms.bars:
        yield label(
            _lines(stage)[0].capitalize(), x, middle, stage.style.ui.text, _SIZE, weight=600
        )
    else:
        yield from _of_bars(stage, scored, x)
    if scored.target is not None:
        yield _note(stage, "target", x, stage.y(scored.target + ROW_HEIGHT / 2) + 4)
    if scored.gradient is not None and not stage.compact:
        yield _partial(stage, "scores", x, scored.gradient + GRADIENT_HEIGHT / 2)


def _of_bars(stage: Stage, scored: Scored, x: float) -> Iterator[Mark]:
    y, lines = stage.y(scored.top) + 4, _lines(stage)
    marked = _has_marks(stage)
    if scored.gradient is not None:  # whose name stands below
        most = int((stage.y(scored.gradient) - y) / _STEP)
        lines = lines[max(0, len(lines) + marked - most) :] or lines[-1:]
        marked = marked and len(lines) < most
    yield label("Output", x, y, stage.style.ui.text, _SIZE, weight=600)
    for place, line in enumerate(lines, 1):
        yield _note(stage, line, x, y + place * _STEP)
    if marked:
        yield from _target(stage, x, y + (len(lines) + 1) * _STEP)


def _has_marks(stage: Stage) -> bool:
    """Whether targets are marked among the bars."""
    if stage.rooms.classes > MOST_CLASSES and stage.layout.level is not Level.CARDS:
        return False
    return (bool(stage.rooms.target) and stage.rooms.bars) or stage.rooms.target == "class"


def _lines(stage: Stage) -> list[str]:
    """What the blocks show, and how much of it."""
    rooms, delta = stage.rooms, "Δ " if stage.run.is_difference else ""
    if not rooms.bars:
        return [f"{delta}scores"]
    lines = ["next-token"] if rooms.named and rooms.on == "every" else []
    lines.append(f"{delta}probability")
    if rooms.classes > MOST_CLASSES and stage.layout.level is not Level.CARDS:
        lines.append("of the target" if rooms.target == "class" else "of the likeliest")
    elif stage.layout.level is Level.CARDS and not axis_of(stage).all:
        more = rooms.classes - axis_of(stage).count
        lines.append(f"{more:,} more".replace(",", " "))
    return lines


def _target(stage: Stage, x: float, y: float) -> Iterator[Mark]:
    width, height = _DASH
    yield Rect(x, y - 5, width, height, stage.style.ui.text, radius=1.25)
    yield _note(stage, "target", x + width + 6, y)


def _partial(stage: Stage, of: str, x: float, middle: float) -> Text:
    """The name of a row of gradients."""
    runs = (Run("∂L/∂", italic=False), Run(of, italic=of == "x"))
    color, y = stage.style.role("gradient").text, stage.y(middle) + 4
    return Text(x, y, runs, color, _SIZE, "math")


def _broken(words: str, room: float) -> list[str]:
    """One line, or two where one is too long."""
    if text_width(words, _SMALL) <= room or " " not in words:
        return [words]
    first, _, rest = words.partition(" ")
    return [first, rest]


def _note(stage: Stage, text: str, x: float, y: float) -> Text:
    return label(text, x, y, stage.style.ui.muted, _SMALL)
