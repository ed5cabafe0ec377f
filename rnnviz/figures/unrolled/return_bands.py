"""The gradients that have come back where steps are columns or images."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rnnviz.element import Element
from rnnviz.figures.unrolled.bands import Band, overlap, strip_height
from rnnviz.figures.unrolled.return_strips import recurrent_of
from rnnviz.figures.unrolled.returned import gradient_limit, gradient_values
from rnnviz.figures.unrolled.rooms import MOST_CLASSES
from rnnviz.figures.unrolled.sheet import GRADIENT_HEIGHT, RETURN_SHARE
from rnnviz.figures.unrolled.slices import over_time
from rnnviz.figures.unrolled.stage import Stage


def gradient_bands(stage: Stage) -> Iterator[Band]:
    """The bands of ∂L/∂h_t of every lane, of ∂L/∂x_t and of ∂L/∂scores."""
    assert stage.around is not None
    gradients = stage.around.gradients
    assert gradients is not None
    for lane in stage.sheet.lanes:
        top = stage.y(lane.top) + strip_height(stage, lane)
        height = RETURN_SHARE * lane.height * stage.scale
        key = Element("grad_h", lane.layer, lane.direction, None, stage.sequence)
        where = (lane.layer, lane.direction)
        place = (top + 5, height - 5)
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
