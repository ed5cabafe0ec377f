"""What stands beside the bands: letters of tokens, marks of targets, arrows of gradients."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.unrolled.bands import overlap, strip_height
from rnnviz.figures.unrolled.bars import scores
from rnnviz.figures.unrolled.behind import score_wires
from rnnviz.figures.unrolled.blocks import block_box, scored_of
from rnnviz.figures.unrolled.front import is_used
from rnnviz.figures.unrolled.losses import loss_steps
from rnnviz.figures.unrolled.places import is_card
from rnnviz.figures.unrolled.return_strips import returned_scores
from rnnviz.figures.unrolled.sheet import TOKEN_HEIGHT, Lane
from rnnviz.figures.unrolled.slices import rows_of, wanted
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import gradient_ink, straight
from rnnviz.scene.marks import Mark, Path, Segment
from rnnviz.scene.text import label, text_width

_TOKENS_FROM = 9.0  # px per step
_MARKS_FROM = 14.0
_TOKEN = 12.0
_LEAST_ARROW = 12.0


def besides(stage: Stage) -> list[Mark]:
    """Letters of tokens, marks of targets, the block of a head that reads one step, arrows."""
    if stage.around is None:
        return []
    marks = [*_letters(stage), *_targets(stage)]
    last = stage.length - 1
    if stage.rooms.on == "last" and not is_card(stage, last) and _near(stage, last):
        for make in (score_wires, scores, loss_steps):
            if make is not loss_steps or stage.rooms.loss:
                marks += make(stage, [last])[last]
        if stage.rooms.returning:
            marks += returned_scores(stage, [last])[last]
    if stage.rooms.returning:
        marks += [mark for lane in stage.sheet.lanes for mark in _flow(stage, lane)]
    return marks


def _near(stage: Stage, t: int) -> bool:
    x, _, width, _ = block_box(stage, t)
    return x + width >= stage.frame.x and x <= stage.frame.x + stage.frame.width


def _letters(stage: Stage) -> Iterator[Mark]:
    """The tokens where a column has room for them."""
    pitch, top = stage.timeline.pitch, stage.sheet.given
    if not stage.rooms.tokens or top is None or pitch < _TOKENS_FROM:
        return
    assert stage.around is not None
    first, stop = overlap(stage.span, (0, stage.length))
    if stop <= first:
        return
    ids = rows_of(stage.around.pr, "ids", stage.sequence, first, stop)
    size = min(stage.size(_TOKEN), max(pitch * 1.25, 10.0))
    base, ui = stage.y(top + TOKEN_HEIGHT / 2) + size * 0.36, stage.style.ui
    for t, id_ in zip(range(first, stop), ids.tolist(), strict=True):
        name = stage.around.token(int(id_))
        if is_card(stage, t) or text_width(name, size, "mono") > pitch + 1:
            continue
        color = ui.text if is_used(stage, t) else ui.disabled
        x = stage.timeline.center(t)
        yield label(name, x, base, color, size, font="mono", anchor="middle")


def _targets(stage: Stage) -> Iterator[Mark]:
    """A line below the cell of every target, where cells and columns are large enough."""
    rooms, pitch = stage.rooms, stage.timeline.pitch
    if rooms.target != "class" or rooms.on != "every" or not rooms.bars or pitch < _MARKS_FROM:
        return
    assert stage.around is not None
    _, y, _, height = block_box(stage, 0)
    height = scored_of(stage).height * stage.scale
    first, stop = overlap(stage.span, stage.scored)
    if stop <= first or height / rooms.classes < 4:
        return
    segments: list[Segment] = []
    for t, target in zip(
        range(first, stop), wanted(stage.around.pr, stage.sequence, first, stop), strict=True
    ):
        if target >= 0 and not is_card(stage, t):
            x, half = stage.timeline.center(t), min(pitch * 0.31, 12.0)
            low = y + (int(target) + 1) * height / rooms.classes - 0.75
            segments += [("M", x - half, low), ("L", x + half, low)]
    if segments:
        yield Path(tuple(segments), stage.style.ui.text, 1.75)


def _flow(stage: Stage, lane: Lane) -> Iterator[Mark]:
    """Arrows along the gradients that have come back, past the columns between two cards."""
    y = stage.y(lane.top) + strip_height(stage, lane) + 2.25
    for stretch in stage.timeline.runs(*stage.span):
        first, stop = overlap(stage.arrived(lane.layer, lane.direction), stretch)
        left, right = stage.timeline.left(first), stage.timeline.left(stop - 1)
        right += stage.timeline.width(stop - 1)
        if stop > first and right - left >= _LEAST_ARROW:
            start, end = (left, right) if lane.direction else (right, left)
            yield straight((start, y), (end, y), gradient_ink(stage))
