"""What each step of the decoder costs, and the loss that becomes of it."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.element import Element
from rnnviz.figures.decoder.layout import SLOT, Stage
from rnnviz.figures.decoder.wires import wire
from rnnviz.figures.numerals import signed
from rnnviz.scene.axes import format_value
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.text import label, text_width

_ABOVE = 13.0  # from the row of losses up to the line that gathers them
_WIDTH = 84.0


def losses(stage: Stage) -> list[Mark]:
    """The row of losses and the reduced one at its end."""
    story, sheet = stage.story, stage.sheet
    if sheet.loss is None or story.loss is None:
        return []
    marks: list[Mark] = []
    for t in stage.cards(story.decoder):
        marks += _each(stage, t)
    return [*marks, *_line(stage), *_reduced(stage)]


def _each(stage: Stage, t: int) -> list[Mark]:
    story, n, sheet = stage.story, stage.sequence, stage.sheet
    assert sheet.loss is not None
    value = story.loss_at(t, n)
    if value is None:
        return []
    x, y = stage.layout.decoder.center(t), stage.y(sheet.loss)
    done = story.decoder.is_done(story.decoder.run.num_layers - 1, t, n)
    key = story.decoder.key("losses", n, None, t)
    line = y - _ABOVE * stage.scale
    size, base = stage.size(11), y + max(7 * stage.scale, 5.5)
    low = max(base - 0.8 * size - 1.5, line + 2)
    tick = wire(stage, [(x, low), (x, line)], "x", known=done, arrow=False)
    marks: list[Mark] = [tick]
    if story.returning and story.decoder.came_back(t, n):
        aside = x + 34 * stage.scale
        marks.append(wire(stage, [(aside, line + 3), (aside, line + 20)], "gradient"))
    if done:
        color = stage.style.ui.text
        text = signed(value, 3) if story.is_difference else format_value(value, 3)
        marks.append(label(text, x, base, color, size, anchor="middle"))
    half = 26 * stage.scale
    return [*marks, Rect(x - half, y - half / 4, 2 * half, half * 0.75, key=key)]


def _line(stage: Stage) -> list[Mark]:
    """What gathers the losses of the steps."""
    story, sheet, track = stage.story, stage.sheet, stage.layout.decoder
    assert sheet.loss is not None
    counted = story.counted(stage.sequence)
    if counted is None:
        return []
    y, end = stage.y(sheet.loss) - _ABOVE * stage.scale, track.end + 18 * stage.scale
    done = story.decoder.is_finished
    start = track.center(counted[0])
    marks: list[Mark] = [wire(stage, [(start, y), (end, y)], "x", known=done)]
    back = story.decoder.back
    if story.returning and back:
        reached = max(counted[0], story.decoder.run.total - back)
        x = track.center(min(reached, counted[-1])) + 34 * stage.scale
        low = y + 4 * stage.scale
        marks.append(wire(stage, [(end - 1, low), (x, low)], "gradient"))
    return marks


def _reduced(stage: Stage) -> list[Mark]:
    story, sheet, ui, k = stage.story, stage.sheet, stage.style.ui, stage.scale
    assert sheet.loss is not None
    loss = story.loss
    assert loss is not None
    x = stage.layout.decoder.end + 18 * k
    middle = stage.y(sheet.loss) - _ABOVE * k + 4 * k
    known = story.decoder.is_finished
    high, wide = max(34 * k, 31.0), _WIDTH * k
    key = Element("decoder.loss")
    fill = ui.card if known else None
    frame = Rect(x, middle - high / 2, wide, high, fill, ui.border_strong, 1.25, 6 * k, key=key)
    marks: list[Mark] = [frame]
    color = ui.text_secondary if known else ui.disabled
    size = stage.size(10.5)
    marks.append(
        label("loss", x + wide / 2, middle - max(3 * k, 2.5), color, size, anchor="middle")
    )
    if known:
        text = signed(loss, 3) if story.is_difference else format_value(loss, 3)
        base = middle + max(12 * k, 10.5)
        number = label(text, x + wide / 2, base, ui.text, stage.size(13), weight=600)
        marks.append(replace(number, anchor="middle"))
    low = middle + high / 2 + 13 * max(k, 0.85)
    room = 2 * min(wide / 2 + 18 * k, SLOT * k - 18 * k - wide / 2)
    for words in (_reduction(stage), _reduction(stage).partition(" ")[0]):
        if text_width(words, size) <= room - 4:
            marks.append(label(words, x + wide / 2, low, ui.muted, size, anchor="middle"))
            break
    return marks


def _reduction(stage: Stage) -> str:
    """How the losses of the steps become one."""
    loss = stage.story.decoder.pr.pipeline.loss
    how = "mean" if loss is None else loss.reduction
    return f"{how} of all steps" if stage.story.encoder.run.N == 1 else f"{how} of the batch"
