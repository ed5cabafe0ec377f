"""The names of the rows: at the left edge, and of what stands above the decoder before it."""

from __future__ import annotations

from rnnviz.figures.decoder.behind import is_signed, shown_name
from rnnviz.figures.decoder.layout import BRIDGE, Stage
from rnnviz.figures.decoder.sheet import BARS, STRIP, STRIP_HEIGHT, TOKEN_HEIGHT
from rnnviz.figures.strips import units_caption, units_per_cell
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.text import elide, label, text_width

_LEFT, _PINNED = 20.0, 12.0
_PINNED_WIDTH = 84.0
_SIZE, _SMALL = 12.0, 11.0


def is_pinned(stage: Stage) -> bool:
    """Whether the headings leave their place and stay at the frame's left edge."""
    return stage.frame.x > _LEFT - _PINNED


def headings(stage: Stage) -> list[Mark]:
    """The names of a block's rows."""
    x = stage.frame.x + _PINNED if is_pinned(stage) else _LEFT
    marks: list[Mark] = []
    if is_pinned(stage):
        height = stage.layout.block_height
        marks.append(Rect(stage.frame.x, stage.top, _PINNED_WIDTH, height, stage.style.ui.canvas))
    if stage.sheet.title:
        length = stage.story.encoder.length(stage.sequence)
        words = f"sequence {stage.sequence} · length {length}"
        marks.append(_heading(stage, words, x, stage.y(16)))
    for layer, top in enumerate(stage.sheet.lanes):
        marks += _layer(stage, layer, x, stage.y(top))
    embedded = stage.y(stage.sheet.embedded + STRIP_HEIGHT / 2) + 4
    token = stage.y(stage.sheet.tokens + TOKEN_HEIGHT / 2) + 4
    name = "embedding" if stage.story.source is not None else "input"
    marks.append(_note(stage, name, x, embedded))
    if stage.story.source is not None:
        marks.append(_note(stage, "token", x, token))
    return [*marks, *_before_decoder(stage)]


def _heading(stage: Stage, text: str, x: float, y: float) -> Mark:
    return label(text, x, y, stage.style.ui.text, _SIZE, weight=600)


def _note(stage: Stage, text: str, x: float, y: float) -> Mark:
    return label(text, x, y, stage.style.ui.muted, _SMALL)


def _layer(stage: Stage, layer: int, x: float, top: float) -> list[Mark]:
    y = top + 15 if is_pinned(stage) else top - 9 * max(stage.scale, 0.8)
    marks = [_heading(stage, f"Layer {layer}", x, y)]
    units = stage.story.encoder.run.hidden_size
    room = stage.sheet.lane if stage.layout.narrow else STRIP[1]
    words = units_caption(units, units_per_cell(units, room * stage.scale))
    if words and not is_pinned(stage):
        aside = text_width(f"Layer {layer}", _SIZE, weight=600) + 10
        marks.append(_note(stage, words, x + aside, y))
    return marks


def _before_decoder(stage: Stage) -> list[Mark]:
    """What the rows of the decoder are, written in the room before it."""
    k, sheet, story = stage.scale, stage.sheet, stage.story
    x = stage.layout.encoder.end + 26 * k
    room = (BRIDGE - 32) * k
    marks: list[Mark] = []
    if sheet.loss is not None:
        marks += [_heading(stage, "Loss", x, stage.y(sheet.loss) - 2)]
        marks += [_note(stage, "of each step", x, stage.y(sheet.loss) + 12)]
    y = stage.y(sheet.bars + BARS / 2) - 10
    name = shown_name(stage)
    title = f"Δ {name}" if story.is_difference else name.capitalize()
    marks.append(_heading(stage, title, x, y))
    for line in _notes(stage):
        y += 15
        marks.append(_note(stage, elide(line, room, _SMALL), x, y))
    token = stage.y(sheet.tokens + TOKEN_HEIGHT / 2) + 4
    marks.append(_note(stage, _fed(stage, room), x, token))
    return marks


def _fed(stage: Stage, room: float) -> str:
    """What the decoder is fed, in as many words as fit."""
    what = "targets" if stage.story.decoded.forced else "choices"
    whole = f"fed: start, then {what}"
    return whole if text_width(whole, _SMALL) <= room else f"fed: {what}"


def _notes(stage: Stage) -> list[str]:
    story = stage.story
    lines = ["of the next token"]
    if story.classes > 14:
        lines.append(f"likeliest of {story.classes:,}".replace(",", "\u2009"))
    if is_signed(stage):
        lines.append(f"bars to ±{story.limit(shown_name(stage)):g}")
    if stage.layout.narrow:
        lines = ["of each choice"]
    return lines
