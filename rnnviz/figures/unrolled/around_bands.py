"""What stands around the recurrent layers where steps are columns or images."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.ranges import round_limit
from rnnviz.figures.unrolled.bands import Band
from rnnviz.figures.unrolled.bars import scores_limit
from rnnviz.figures.unrolled.blocks import scored_of
from rnnviz.figures.unrolled.return_bands import gradient_bands
from rnnviz.figures.unrolled.rooms import MOST_CLASSES
from rnnviz.figures.unrolled.sheet import (
    ROW_HEIGHT,
)
from rnnviz.figures.unrolled.slices import (
    Floats,
    limit_of,
    losses,
    rows_of,
    sampled,
    wanted,
)
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.model.pipeline import PipelineRun
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.style import Style

_LOSS = 9.0  # height of the band of losses, px at scale 1
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
        yield from gradient_bands(stage)


def _losses(stage: Stage, pr: PipelineRun) -> Band:
    top, k = scored_of(stage).loss, stage.scale
    assert top is not None
    limit = losses_limit(pr)
    return Band(
        "x",
        Element("losses", sequence=stage.sequence),
        stage.y(top) + 3 * k,
        _LOSS * k,
        1,
        stage.scored,
        stage.scored,
        lambda t0, t1: losses(pr, stage.sequence, t0, t1)[:, None],
        lone=True,
        limit=limit,
        map=None if stage.run.is_difference else stage.style.magnitude,
        owner=pr,
    )


def losses_limit(pr: PipelineRun) -> float:
    """The end of the colours of losses."""
    return _MEMO.get(pr, "losses", partial(_losses_limit, pr))


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
