"""The names of the rows, at the left edge of what is visible, and the line at the bottom."""

from __future__ import annotations

from rnnviz.figures.strips import units_caption, units_per_cell
from rnnviz.figures.unrolled.bands import strip_height
from rnnviz.figures.unrolled.blocks import center_of
from rnnviz.figures.unrolled.level import Level
from rnnviz.figures.unrolled.outer_headings import input_heading, outer_headings
from rnnviz.figures.unrolled.places import card_drop
from rnnviz.figures.unrolled.rows import STRIP_WIDTH
from rnnviz.figures.unrolled.sheet import FOOT, Lane
from rnnviz.figures.unrolled.stage import Layout, Stage
from rnnviz.figures.view import Frame
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

LEFT = 20.0
PINNED_LEFT = 12.0
PINNED_WIDTH = 84.0
_SIZE = 12.0
_SMALL = 11.0
_LINE = 15.0
_CLEAR = 8.0  # px between words and a wire
_CARD = 60.0  # px from which on a step has wires of its own


def is_pinned(frame: Frame) -> bool:
    """Whether the headings leave their place and stay at the frame's left edge."""
    return frame.x > LEFT - PINNED_LEFT


def headings(stage: Stage) -> list[Mark]:
    """The names of a block's rows."""
    pinned = is_pinned(stage.frame)
    x = stage.frame.x + PINNED_LEFT if pinned else LEFT
    marks: list[Mark] = []
    if stage.compact:
        marks += _title(stage, x)
    for lane in stage.sheet.lanes:
        marks += _lane_heading(stage, lane, x, pinned)
    room = PINNED_WIDTH - PINNED_LEFT if pinned else stage.timeline.start - x - 4
    return [*marks, *_edge_headings(stage, x, room), *outer_headings(stage, x, room)]


def margin(layout: Layout, frame: Frame, style: Style) -> list[Mark]:
    """The canvas behind pinned headings."""
    top, bottom = max(frame.y, 0.0), min(frame.y + frame.height, layout.height - FOOT)
    return [
        Rect(frame.x, top, PINNED_WIDTH, bottom - top, fill=style.ui.canvas),
        Rect(frame.x + PINNED_WIDTH, top, 1, bottom - top, fill=style.ui.border),
    ]


def _heading(stage: Stage, text: str, x: float, y: float) -> Text:
    return label(text, x, y, stage.style.ui.text, _SIZE, weight=600)


def _note(stage: Stage, text: str, x: float, y: float) -> Text:
    return label(text, x, y, stage.style.ui.muted, _SMALL)


def _title(stage: Stage, x: float) -> list[Mark]:
    words = f"sequence {stage.sequence} · length {stage.length}"
    y = stage.y(stage.sheet.title) - 8 * stage.scale
    return [label(words, x, y, stage.style.ui.text, _SIZE, weight=600)]


def _lane_heading(stage: Stage, lane: Lane, x: float, pinned: bool) -> list[Mark]:
    names = [f"Layer {lane.layer}"] if lane.direction == 0 else []
    notes = []
    if stage.run.num_directions == 2:
        notes.append("reverse ←" if lane.direction else "forward →")
    top = stage.y(lane.top + card_drop(stage, lane))
    if stage.compact:
        return _compact_heading(stage, names, notes, x, top)
    y = top + _LINE if pinned else top - 9 * max(stage.scale, 0.8)
    marks: list[Mark] = [_heading(stage, name, x, y) for name in names]
    if not pinned:
        shift = 50.0 if names else 0.0
        marks += [_before_wires(stage, note, x + shift, y) for note in notes]
        return marks + _merged(stage, lane, x, top)
    y += _LINE if names else 0.0
    return marks + [_note(stage, note, x, y) for note in notes]


def _before_wires(stage: Stage, note: str, x: float, y: float) -> Text:
    """A direction's name, or its arrow alone where the name would reach the first step's wires."""
    is_card = stage.length > 0 and stage.timeline.width(0) >= _CARD
    if is_card and x + text_width(note, _SMALL) > center_of(stage, 0) - _CLEAR:
        note = note[-1]
    return _note(stage, note, x, y)


def _compact_heading(
    stage: Stage, names: list[str], notes: list[str], x: float, top: float
) -> list[Mark]:
    words = names[0] if names else notes[0]
    at = top - 5 * stage.scale
    return [_note(stage, words, x, at)]


def _merged(stage: Stage, lane: Lane, x: float, top: float) -> list[Mark]:
    """How many units a cell stands for, where it is more than one."""
    cards = stage.layout.level is Level.CARDS
    units = stage.run.hidden_size if cards else stage.run.output_size
    room = STRIP_WIDTH * stage.scale if cards else strip_height(stage, lane)
    stride = units_per_cell(units, room)
    words = units_caption(units, stride)
    if words and text_width(words, _SMALL) > stage.timeline.start - x - 4:
        words = f"{stride} per cell"
    if not words or lane.direction:
        return []
    states = stage.card.states[-1]
    drop = (states.top + states.height) * stage.scale + 14 * max(stage.scale, 0.85) + _LINE
    return [_note(stage, words, x, top + drop)]


def _edge_headings(stage: Stage, x: float, room: float) -> list[Mark]:
    k, sheet = stage.scale, stage.sheet
    out = stage.y(sheet.output + sheet.row_height / 2)
    into = stage.y(sheet.input + sheet.row_height / 2)
    if stage.compact:
        return [_note(stage, "output", x, out + 4), _note(stage, "input", x, into + 4)]
    outer = bool(stage.rooms.on)
    name = _note(stage, "output", x, out + 4) if outer else _heading(stage, "Output", x, out + 4)
    if stage.rooms.front:
        marks = [name, *input_heading(stage, x, room)]
    else:
        marks = [name, _heading(stage, "Input", x, into + 4)]
    if stage.run.num_directions == 2 and stage.scale >= 0.95:
        marks.append(_note(stage, "→ and ←", x, out + 4 + _LINE))
    stride = units_per_cell(stage.run.input_size, STRIP_WIDTH * k)
    words = units_caption(stage.run.input_size, stride, "features")
    if words and stage.layout.level is Level.CARDS and not stage.rooms.front:
        marks.append(_note(stage, words, x, into + 4 + _LINE))
    return marks
