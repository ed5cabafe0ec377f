"""Below the layers: tokens, and what each is looked up as."""

from __future__ import annotations

from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.decoder.layout import Box, Stage
from rnnviz.figures.decoder.norms import norm_text
from rnnviz.figures.decoder.sheet import CARD_WIDTH, STRIP, STRIP_HEIGHT, TOKEN_HEIGHT
from rnnviz.figures.decoder.vectors import vector
from rnnviz.figures.decoder.wires import wire
from rnnviz.figures.strips import empty_strip, future_dash, padding_box
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.text import elide, label, symbol, text_width

FAINT = 0.45  # of what is known and not used yet
_CELL = (10.0, 20.0)  # px that a feature takes at least and at most
_TOKEN = 13.0
_CAPTION = 10.5


def below(stage: Stage, half: Half, t: int) -> list[Mark]:
    """The token of a step and its embedding."""
    if t >= half.length(stage.sequence):
        return _padding(stage, half, t)
    return [*_embedded(stage, half, t), *_token(stage, half, t)]


def embedded_box(stage: Stage, half: Half, t: int) -> Box:
    """The strip of x_t."""
    k, count = stage.scale, half.run.input_size
    cell = min(max(STRIP[1] / count, _CELL[0]), _CELL[1])
    width = min(cell * count, STRIP[1]) * k
    x = stage.layout.track(half).center(t) - width / 2
    return x, stage.y(stage.sheet.embedded), width, STRIP_HEIGHT * k


def token_at(stage: Stage, half: Half, t: int) -> int | None:
    """The id that a step is fed; None of vectors, and while it is not known."""
    if half.prefix:
        return int(stage.story.ids[t, stage.sequence]) if stage.story.is_fed(t) else None
    source = stage.story.source
    return None if source is None else int(source[t, stage.sequence])


def token_box(stage: Stage, half: Half, t: int) -> Box:
    """The frame around a step's token."""
    found = token_at(stage, half, t)
    size = _size(stage)
    words = "" if found is None else stage.story.around.token(found)
    wide = text_width(words, size, "mono") + 14 * stage.scale
    width = min(max(wide, TOKEN_HEIGHT * stage.scale), CARD_WIDTH * stage.scale)
    x = stage.layout.track(half).center(t) - width / 2
    return x, stage.y(stage.sheet.tokens), width, TOKEN_HEIGHT * stage.scale


def _size(stage: Stage) -> float:
    return stage.size(_TOKEN)


def _embedded(stage: Stage, half: Half, t: int) -> list[Mark]:
    box, n = embedded_box(stage, half, t), stage.sequence
    key = half.key("x", n, 0, t)
    known = not half.prefix or stage.story.is_fed(t)
    color = stage.style.role("x").text if known else stage.style.ui.disabled
    size = stage.size(13)
    runs = symbol("x", sub=str(t + 1))
    place = box[0] - 6 * stage.scale, box[1] + box[3] / 2 + 0.25 * size
    name = Text(*place, runs, color, size, "math", anchor="end")
    if not known:
        return [name, empty_strip(box, stage.style, dashed=True, key=key)]
    opacity = 1.0 if half.is_begun(0, t, n) else FAINT
    values = half.inputs(n, t, t + 1)[0]
    marks = [name, *vector(stage, box, values, "x", key, opacity=opacity)]
    if half.came_back(t, n):
        found = half.gradient("x", 0, n, t, t + 1)[0]
        x = box[0] + box[2] / 2 + 5 * stage.scale
        low = box[1] + box[3] + 12 * max(stage.scale, 0.85)
        room = stage.layout.track(half).left(t + 1) - 3 - x
        marks.append(norm_text(stage, found, "x", (x, low), "start", room))
    return marks


def _token(stage: Stage, half: Half, t: int) -> list[Mark]:
    if not half.prefix and stage.story.source is None:
        return []
    n, style = stage.sequence, stage.style
    box, found = token_box(stage, half, t), token_at(stage, half, t)
    key, radius = half.key("ids", n, None, t), 5.0 * stage.scale
    middle = box[0] + box[2] / 2
    ends = stage.y(stage.sheet.embedded + STRIP_HEIGHT)
    known = found is not None
    up = wire(stage, [(middle, box[1]), (middle, ends)], "x", known=known, arrow=False)
    if found is None:
        dash = future_dash(style)
        return [up, Rect(*box, None, style.ui.border_strong, 1.0, radius, dash, key=key)]
    used = half.is_begun(0, t, n)
    special = half.prefix and found in (stage.story.decoded.model.start, _end(stage))
    fill = style.ui.accent_soft if special else style.ui.card
    frame = style.ui.text if special and used else style.ui.border_strong
    ink = style.ui.text if used else style.ui.muted
    size = _size(stage)
    words = elide(stage.story.around.token(found), box[2] - 4, size, "mono")
    text = label(words, middle, box[1] + box[3] / 2 + 0.35 * size, ink, size, font="mono")
    return [
        up,
        Rect(*box, fill, frame, 1.5 if special else 1.25, radius, key=key),
        Text(text.x, text.y, text.runs, ink, size, "mono", anchor="middle"),
        *_caption(stage, half, t, found, (middle, box[1] + box[3])),
    ]


def _end(stage: Stage) -> int:
    return stage.story.decoded.model.end


def _caption(
    stage: Stage, half: Half, t: int, found: int, place: tuple[float, float]
) -> list[Mark]:
    """What a special token is for."""
    model = stage.story.decoded.model
    if not half.prefix or (t and found != model.end):
        return []
    words = "end" if t else "start"
    y = place[1] + 13 * max(stage.scale, 0.85)
    return [label(words, place[0], y, stage.style.ui.muted, _CAPTION, anchor="middle")]


def _padding(stage: Stage, half: Half, t: int) -> list[Mark]:
    """A place behind a sequence's end: hatched, and what stands in the batch there."""
    marks: list[Mark] = [padding_box(embedded_box(stage, half, t), stage.style)]
    found = token_at(stage, half, t)
    if found is None:
        return marks
    box, size = token_box(stage, half, t), _size(stage)
    words = elide(stage.story.around.token(found), box[2] - 4, size, "mono")
    middle, base = box[0] + box[2] / 2, box[1] + box[3] / 2 + 0.35 * size
    ink = stage.style.ui.disabled
    key = half.key("ids", stage.sequence, None, t)
    frame = Rect(*box, None, stage.style.ui.border, 1.0, 5.0 * stage.scale, key=key)
    return [*marks, frame, label(words, middle, base, ink, size, font="mono", anchor="middle")]
