"""From one step of the decoder to the next: what is fed back, and where it ends."""

from __future__ import annotations

from rnnviz.figures.decoder.behind import bars_of
from rnnviz.figures.decoder.below import token_box
from rnnviz.figures.decoder.layout import Stage
from rnnviz.figures.decoder.sheet import TOKEN_HEIGHT
from rnnviz.figures.decoder.wires import wire
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.text import label, text_width

_VEIL = 0.62  # how much of what lies behind the end is hidden


def feeding(stage: Stage, t: int) -> list[Mark]:
    """The wire from what step t − 1 chose, or was asked for, to the token of step t."""
    story, decoder = stage.story, stage.story.decoder
    if not t or not (stage.is_card(decoder, t) and stage.is_card(decoder, t - 1)):
        return []
    bars = bars_of(stage, t - 1)
    index = bars.target if story.decoded.forced else bars.chosen
    fed = int(story.ids[t, stage.sequence])
    if index != fed and (story.decoded.forced or index is not None):
        return []
    track = stage.layout.decoder
    known = index is not None and story.is_fed(t)
    x = track.center(t - 1) if index is None else bars.middle(index)
    high, turn = stage.y(stage.sheet.names) + 8, track.left(t)
    across = stage.y(stage.sheet.feed)
    left, low, _, height = token_box(stage, decoder, t)
    points = [(x, high), (x, across), (turn, across), (turn, low + height / 2)]
    points.append((left, low + height / 2))
    role = "x" if story.decoded.forced else "y"
    return [wire(stage, points, role, known=known)]


def ending(stage: Stage) -> list[Mark]:
    """The line behind the step that ends a sequence, and a veil on all that follows."""
    story, track = stage.story, stage.layout.decoder
    end = story.end(stage.sequence)
    if end is None:
        return []
    x, ui, sheet = track.left(end + 1), stage.style.ui, stage.sheet
    top, low = stage.y(sheet.bars) - 22 * stage.scale, stage.y(sheet.tokens + TOKEN_HEIGHT) + 16
    marks: list[Mark] = []
    paper = stage.style.background
    if end + 1 < track.count and paper is not None:
        box = x + 1, top - 6, track.end - x, low - top + 6
        marks.append(Rect(*box, paper, opacity=_VEIL))
    marks.append(Rect(x - 0.75, top, 1.5, low - top, ui.text_secondary))
    if end + 1 == track.count:
        marks.append(label("end", x + 7, low - 2, ui.text_secondary, stage.size(10.5)))
    else:
        size, room = stage.size(10.5), track.end - x - 10
        wordings = ["behind the end", "behind"]
        if story.targets is not None:
            wordings.insert(0, "behind the end: not counted")
        words = next((each for each in wordings if text_width(each, size) <= room), "")
        if words:
            marks.append(label(words, x + 7, top + 4, ui.text_secondary, size))
    return marks
