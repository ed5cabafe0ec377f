"""The scene of a frame: blocks from the back to the front, then what stays at its edges."""

from __future__ import annotations

from rnnviz.figures.compared import shown_title
from rnnviz.figures.decoder import header
from rnnviz.figures.decoder.behind import behind
from rnnviz.figures.decoder.below import below
from rnnviz.figures.decoder.bridge import bridge
from rnnviz.figures.decoder.cards import card
from rnnviz.figures.decoder.feeding import ending, feeding
from rnnviz.figures.decoder.foot import footline
from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.decoder.headings import headings
from rnnviz.figures.decoder.kept import kept_column
from rnnviz.figures.decoder.lanes import entering, lanes, rises
from rnnviz.figures.decoder.layout import Stage, layout_of, stages
from rnnviz.figures.decoder.losses import losses
from rnnviz.figures.decoder.narrow import narrow
from rnnviz.figures.decoder.options import DecoderOptions
from rnnviz.figures.decoder.sheet import HEADER
from rnnviz.figures.decoder.story import story_of
from rnnviz.figures.strips import ring
from rnnviz.figures.view import Frame, View
from rnnviz.scene.hit import hit_rect
from rnnviz.scene.marks import Clip, Mark, Scene
from rnnviz.scene.style import Style


def picture(view: View, options: DecoderOptions, frame: Frame, style: Style) -> Scene:
    """What a frame shows of an encoder and a decoder."""
    story = story_of(view)
    layout = layout_of(story, options, frame)
    blocks = list(stages(layout, story, options, frame, style))
    marks: list[Mark] = []
    for stage in blocks:
        marks += _block(stage)
    marks += _ring(tuple(marks), view, frame, style)
    if frame.y > 0:
        low = frame.y + HEADER
        marks = [Clip(frame.x, low, frame.width, frame.height, tuple(marks))]
    for stage in blocks:
        marks += headings(stage)
    if blocks:
        if frame.y > 0:
            marks += header.behind_header(blocks[0])
        marks += header.header(blocks[0], max(frame.y, 0.0))
    marks += footline(layout, story, frame, style)
    title = f"Encoder nn.{story.encoder.run.kind} and decoder nn.{story.decoder.run.kind}"
    return Scene(
        frame.width,
        frame.height,
        tuple(marks),
        background=style.background,
        title=shown_title(title, view),
        x=frame.x,
        y=frame.y,
    )


def _block(stage: Stage) -> list[Mark]:
    """One sequence."""
    marks = [*header.slab(stage), *narrow(stage)]
    for half in stage.halves:
        for layer in range(half.run.num_layers):
            marks += lanes(stage, half, layer)
        for t in stage.cards(half):
            marks += kept_column(stage, half, t, _column)
    for layer in range(stage.story.encoder.run.num_layers):
        marks += [*entering(stage, layer), *bridge(stage, layer)]
    steps = stage.cards(stage.story.decoder)
    for t in [*steps, *(t + 1 for t in steps[-1:] if t + 1 < stage.story.decoder.run.L)]:
        marks += feeding(stage, t)
    return [*marks, *losses(stage), *ending(stage)]


def _column(stage: Stage, half: Half, t: int) -> list[Mark]:
    marks = [*rises(stage, half, t), *below(stage, half, t)]
    for layer in range(half.run.num_layers):
        marks += card(stage, half, layer, t)
    return [*marks, *behind(stage, t)] if half.prefix else marks


def _ring(marks: tuple[Mark, ...], view: View, frame: Frame, style: Style) -> list[Mark]:
    """The ring around what is selected, wherever it is in the frame."""
    if view.selection is None:
        return []
    scene = Scene(frame.width, frame.height, marks, x=frame.x, y=frame.y)
    boxes = (hit_rect(scene, view.selection), hit_rect(scene, view.selection.vector()))
    box = next((found for found in boxes if found is not None), None)
    return [] if box is None else [ring(box, style)]
