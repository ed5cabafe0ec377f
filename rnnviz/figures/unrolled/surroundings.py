"""A block's surroundings at the steps that are cards, and the gradients among the cards."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial

from rnnviz.figures.unrolled.bars import scores
from rnnviz.figures.unrolled.behind import final_wires, score_wires
from rnnviz.figures.unrolled.front import given
from rnnviz.figures.unrolled.losses import loss_of_all, loss_steps
from rnnviz.figures.unrolled.page import Page
from rnnviz.figures.unrolled.return_strips import returned_inputs, returned_rows, returned_scores
from rnnviz.figures.unrolled.return_wires import (
    falls,
    final_falls,
    from_final,
    from_loss,
    lane_returns,
    score_falls,
)
from rnnviz.figures.unrolled.sheet import TOKEN_HEIGHT
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.marks import Mark

Make = Callable[[Stage, Sequence[int]], dict[int, list[Mark]]]


def surroundings(stage: Stage, page: Page, steps: list[int]) -> Iterator[Mark]:
    """What stands in front and behind at some steps, and the gradients that have come back."""
    if steps:
        yield from _front(stage, page, steps)
        yield from _behind(stage, page, steps)
    yield from _at_the_end(stage, page)


def returns(stage: Stage, page: Page, steps: list[int], around: list[int]) -> Iterator[Mark]:
    """The return flow among the cards of some steps.

    Args:
        around: those steps and their neighbours.
    """
    if not stage.rooms.returning:
        return
    for lane in stage.sheet.lanes:
        if _sees(stage, lane.top, lane.bottom):
            state = partial(_come, stage, (lane.layer,))
            yield from page.pieces(
                ("back", lane), around, partial(lane_returns, stage, lane), state
            )
            rows = partial(returned_rows, stage, lane)
            yield from page.pieces(("grad", lane), steps, rows, state)
            yield from page.kept(("final", lane), partial(from_final, stage, lane))
    for layer in range(-1, stage.run.num_layers):
        state = partial(_come, stage, (layer + 1,) if layer + 1 < stage.run.num_layers else ())
        yield from page.pieces(("fall", layer), steps, partial(falls, stage, layer), state)
    state = partial(_come, stage, (0,))
    yield from page.pieces("grad_x", steps, partial(returned_inputs, stage), state)


def _front(stage: Stage, page: Page, steps: list[int]) -> Iterator[Mark]:
    top = stage.sheet.given
    if top is not None and _sees(stage, stage.sheet.input, top + TOKEN_HEIGHT):
        state = partial(_used, stage)
        yield from page.pieces("given", steps, partial(given, stage), state)


def _behind(stage: Stage, page: Page, steps: list[int]) -> Iterator[Mark]:
    scored = stage.sheet.scored
    if scored is None or not _sees(stage, 0.0, stage.sheet.output):
        return
    state = partial(_scored, stage)
    pieces: list[tuple[str, Make]] = []
    if stage.rooms.on and stage.rooms.on != "h_n":
        pieces += [("score", score_wires), ("scores", scores)]
        if stage.rooms.returning:
            pieces += [("grad_scores", returned_scores), ("score_fall", score_falls)]
    if scored.loss is not None and stage.rooms.on != "h_n":
        pieces.append(("losses", loss_steps))
    for name, make in pieces:
        yield from page.pieces(name, steps, partial(make, stage), state)


def _at_the_end(stage: Stage, page: Page) -> Iterator[Mark]:
    """What stands behind the last column: the loss of all, and what is made of h_n."""
    scored, rooms = stage.sheet.scored, stage.rooms
    if scored is None or not stage.length:
        return
    if rooms.on == "h_n":
        last = [stage.length - 1]
        for name, make in (("scores", scores), ("losses", loss_steps)):
            if name == "scores" or rooms.loss:
                yield from page.kept(name, partial(_of, make, stage, last))
        yield from page.kept("final", partial(final_wires, stage))
        if rooms.returning:
            yield from page.kept("grad_scores", partial(_of, returned_scores, stage, last))
            yield from page.kept("final_falls", partial(final_falls, stage))
    if rooms.loss and stage.sequence == stage.layout.sequences.start:
        yield from page.kept("loss", partial(loss_of_all, stage))
    if rooms.loss and rooms.returning:
        yield from page.kept("from_loss", partial(from_loss, stage))


def _of(make: Make, stage: Stage, steps: list[int]) -> list[Mark]:
    return [mark for marks in make(stage, steps).values() for mark in marks]


def _used(stage: Stage, t: int) -> Hashable:
    return any(stage.is_begun(0, d, t) for d in range(stage.run.num_directions))


def _scored(stage: Stage, t: int) -> Hashable:
    first, last = stage.scored
    return first <= t < last, t in stage.lit


def _come(stage: Stage, layers: tuple[int, ...], t: int) -> Hashable:
    """What of some layers has come back at a step, and whether it is the last that did."""
    directions = range(stage.run.num_directions)
    there = tuple(stage.has_arrived(layer, d, t) for layer in layers for d in directions)
    return (t in stage.lit, *there)


def _sees(stage: Stage, top: float, bottom: float) -> bool:
    return stage.sees(stage.y(top - 20), stage.y(bottom + 20))
