"""What stands around the recurrent layers where steps are columns or images."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.ranges import round_limit
from rnnviz.figures.unrolled.bands import Band, overlap, strip_height
from rnnviz.figures.unrolled.bars import scores, scores_limit
from rnnviz.figures.unrolled.behind import score_wires
from rnnviz.figures.unrolled.blocks import block_box, scored_of
from rnnviz.figures.unrolled.front import is_used
from rnnviz.figures.unrolled.losses import loss_steps
from rnnviz.figures.unrolled.places import is_card
from rnnviz.figures.unrolled.return_strips import recurrent_of, returned_scores
from rnnviz.figures.unrolled.returned import gradient_limit, gradient_values
from rnnviz.figures.unrolled.sheet import (
    GRADIENT_HEIGHT,
    RETURN_SHARE,
    ROW_HEIGHT,
    TOKEN_HEIGHT,
    Lane,
)
from rnnviz.figures.unrolled.slices import (
    Floats,
    limit_of,
    losses,
    over_time,
    rows_of,
    sampled,
    wanted,
)
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import gradient_ink, straight
from rnnviz.model.pipeline import PipelineRun
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.marks import Mark, Path, Segment
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

MOST_CLASSES = 64  # that have cells of their own, merged or not; of more the target's has
_TOKENS_FROM = 9.0  # px per step
_MARKS_FROM = 14.0
_TOKEN = 12.0
_LOSS = 9.0  # height of the band of losses, px at scale 1
_LEAST_ARROW = 12.0
_MEMO = Memo()


def outer_bands(stage: Stage) -> Iterator[Band]:
    """The bands around the recurrent layers that are within the frame, and those of gradients."""
    for band in _bands(stage):
        if stage.sees(band.top, band.top + band.height):
            yield band


def _bands(stage: Stage) -> Iterator[Band]:
    if stage.around is None:
        return
    rooms, pr = stage.rooms, stage.around.pr
    if rooms.loss and rooms.on in ("every", ""):
        yield _losses(stage, pr)
    if rooms.on == "every":
        yield _probabilities(stage, pr) if rooms.bars else _scores(stage, pr)
    if rooms.raw and stage.sheet.given is not None:
        yield _raw(stage, pr, stage.sheet.given)
    if rooms.returning:
        yield from _gradients(stage)


def _losses(stage: Stage, pr: PipelineRun) -> Band:
    top, k = scored_of(stage).loss, stage.scale
    assert top is not None
    limit = _MEMO.get(pr, "losses", partial(_losses_limit, pr))
    return Band(
        "x",
        Element("losses", sequence=stage.sequence),
        stage.y(top) + 3 * k,
        _LOSS * k,
        1,
        stage.scored,
        stage.scored,
        lambda t0, t1: np.nan_to_num(losses(pr, stage.sequence, t0, t1))[:, None],
        lone=True,
        limit=limit,
        map=None if stage.run.is_difference else stage.style.magnitude,
        owner=pr,
    )


def _losses_limit(pr: PipelineRun) -> float:
    sizes = np.abs(sampled(pr.tensors["losses"].tensor[..., None]))
    return round_limit(float(np.nanmax(sizes, initial=0.0)))


def _probabilities(stage: Stage, pr: PipelineRun) -> Band:
    scored, lone = scored_of(stage), stage.rooms.classes > MOST_CLASSES
    fetch = partial(_of_target if lone else _rows, pr, "probabilities", stage.sequence)
    difference = stage.run.is_difference
    return Band(
        "y",
        Element("probabilities", sequence=stage.sequence),
        stage.y(scored.top),
        scored.height * stage.scale * (0.4 if lone else 1.0),
        1 if lone else stage.rooms.classes,
        stage.scored,
        stage.scored,
        fetch,
        lone=lone,
        limit=limit_of(pr, "probabilities") if difference else 1.0,
        map=None if difference else shares(stage.style),
        owner=pr,
    )


@lru_cache(maxsize=8)
def shares(style: Style) -> Colormap:
    """The colours of probabilities, from none to the full hue of the output."""
    return Colormap(
        "share", (style.ui.card, style.role("y").line), signed=False, paper=style.ui.card
    )


def _rows(pr: PipelineRun, name: str, sequence: int, t0: int, t1: int) -> Floats:
    return rows_of(pr, name, sequence, t0, t1)


def _of_target(pr: PipelineRun, name: str, sequence: int, t0: int, t1: int) -> Floats:
    """The probability of the target, or without targets the largest one, `(steps, 1)`."""
    values = rows_of(pr, name, sequence, t0, t1)
    if "flat_targets" not in pr.tensors or pr.tensors["flat_targets"].tensor.dim() > 1:
        largest: Floats = values.max(axis=1, keepdims=True)
        return largest
    classes = wanted(pr, sequence, t0, t1)
    found = np.take_along_axis(values, np.maximum(classes, 0)[:, None], axis=1)
    return np.where(classes[:, None] >= 0, found, 0.0)


def _scores(stage: Stage, pr: PipelineRun) -> Band:
    scored = scored_of(stage)
    return Band(
        "y",
        Element("scores", sequence=stage.sequence),
        stage.y(scored.top),
        (scored.low - scored.top) * stage.scale,
        stage.rooms.classes,
        stage.scored,
        stage.scored,
        partial(_rows, pr, "scores", stage.sequence),
        limit=scores_limit(pr, stage.rooms, stage.run.is_difference),
        owner=pr,
    )


def _raw(stage: Stage, pr: PipelineRun, top: float) -> Band:
    whole = (0, stage.length)
    return Band(
        "x",
        Element("input", sequence=stage.sequence),
        stage.y(top),
        ROW_HEIGHT * stage.scale,
        stage.rooms.raw,
        whole,
        stage.computed(0, 0),
        partial(_rows, pr, "input", stage.sequence),
        limit=limit_of(pr, "input"),
        owner=pr,
    )


# Gradients.


def _gradients(stage: Stage) -> Iterator[Band]:
    assert stage.around is not None
    gradients = stage.around.gradients
    assert gradients is not None
    for lane in stage.sheet.lanes:
        top = stage.y(lane.top) + strip_height(stage, lane)
        height = RETURN_SHARE * lane.height * stage.scale
        key = Element("grad_h", lane.layer, lane.direction, None, stage.sequence)
        where = (lane.layer, lane.direction)
        place = (top + 4, height - 4)
        yield _returned(stage, key, place, stage.run.output_size, stage.arrived(*where), where)
    assert stage.sheet.returned is not None
    spans = [stage.arrived(0, d) for d in range(stage.run.num_directions)]
    span = overlap(spans[0], spans[-1])
    key = Element("grad_x", 0, None, None, stage.sequence)
    place = (stage.y(stage.sheet.returned), GRADIENT_HEIGHT * stage.scale)
    yield _returned(stage, key, place, stage.run.input_size, span, (0, 0))
    yield from _returned_scores(stage)


def _returned(
    stage: Stage,
    key: Element,
    place: tuple[float, float],
    units: int,
    span: tuple[int, int],
    lane: tuple[int, int],
) -> Band:
    assert stage.around is not None
    gradients, name = stage.around.gradients, key.tensor[-1]
    assert gradients is not None
    fetch = partial(gradient_values, recurrent_of(stage), name, lane, stage.sequence)
    limit = gradient_limit(gradients)
    return Band("gradient", key, *place, units, span, span, fetch, limit=limit, owner=gradients)


def _returned_scores(stage: Stage) -> Iterator[Band]:
    assert stage.around is not None
    gradients, pr = stage.around.gradients, stage.around.pr
    assert gradients is not None
    top = None if stage.sheet.scored is None else stage.sheet.scored.gradient
    if top is None or stage.rooms.on != "every" or "scores" not in gradients.tensors:
        return
    if stage.rooms.classes > MOST_CLASSES:
        return
    yield Band(
        "gradient",
        Element("grad_scores", sequence=stage.sequence),
        stage.y(top),
        GRADIENT_HEIGHT * stage.scale,
        stage.rooms.classes,
        (0, stage.length),
        (0, stage.length),
        partial(over_time, pr, gradients.tensors["scores"], stage.sequence),
        limit=gradient_limit(gradients, "scores"),
        owner=gradients,
    )


# Beside the bands.


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
    y = stage.y(lane.top) + strip_height(stage, lane) + 1
    for stretch in stage.timeline.runs(*stage.span):
        first, stop = overlap(stage.arrived(lane.layer, lane.direction), stretch)
        left, right = stage.timeline.left(first), stage.timeline.left(stop - 1)
        right += stage.timeline.width(stop - 1)
        if stop > first and right - left >= _LEAST_ARROW:
            start, end = (left, right) if lane.direction else (right, left)
            yield straight((start, y), (end, y), gradient_ink(stage))
