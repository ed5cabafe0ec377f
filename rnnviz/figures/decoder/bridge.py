"""Between both halves: the encoder's last states become the decoder's first ones."""

from __future__ import annotations

from rnnviz.figures.decoder.layout import BRIDGE, Box, Stage
from rnnviz.figures.decoder.norms import norm_text
from rnnviz.figures.decoder.vectors import vector
from rnnviz.figures.decoder.wires import wire
from rnnviz.figures.strips import empty_strip
from rnnviz.model.trace import as_numpy
from rnnviz.scene.geometry import Point
from rnnviz.scene.marks import Anchor, Mark, Rect, Text
from rnnviz.scene.text import label, symbol, text_width

_HEIGHT = 14.0
_WIDTH = 72.0


def bridge(stage: Stage, layer: int) -> list[Mark]:
    """The wires of one layer from the encoder to the decoder, and the gradients back."""
    marks: list[Mark] = []
    for tensor in stage.states:
        halves = stage.halves
        both = [half for half in halves if tensor == "h" or half.run.cell.has_c]
        if len(both) == 2:
            marks += _handed(stage, layer, tensor)
        elif both[0] is halves[0]:
            marks += _left_behind(stage, layer)
        else:
            marks += _begins_at_zero(stage, layer)
    return marks


def _ends(stage: Stage) -> tuple[float, float]:
    """Where the encoder's last step ends and the decoder's first one begins, px."""
    encoder, decoder = stage.halves
    last = encoder.length(stage.sequence) - 1
    return stage.edges(encoder, last)[1], stage.edges(decoder, 0)[0]


def _box(stage: Stage, layer: int, tensor: str, *, gradient: bool = False) -> Box:
    k, half = stage.scale, stage.story.decoder
    middle = (stage.layout.encoder.end + stage.layout.decoder.start) / 2
    units = half.run.output_size if tensor == "h" else half.run.hidden_size
    width = _WIDTH * k * min(units / half.run.hidden_size, 1.0)
    height = (_HEIGHT - (2 if gradient else 0)) * k
    y = stage.wire(layer, tensor, gradient=gradient)
    return middle - width / 2, y - height / 2, width, height


def _handed(stage: Stage, layer: int, tensor: str) -> list[Mark]:
    encoder, decoder = stage.halves
    n = stage.sequence
    known = encoder.is_done(layer, encoder.length(n) - 1, n)
    x0, x1 = _ends(stage)
    box = _box(stage, layer, tensor)
    y, key = box[1] + box[3] / 2, encoder.key(f"{tensor}_n", n, layer)
    first, second = key, decoder.key(f"{tensor}_0", n, layer)
    marks: list[Mark] = [
        wire(stage, [(x0, y), (box[0], y)], tensor, known=known, key=first),
        wire(stage, [(box[0] + box[2], y), (x1, y)], tensor, known=known, key=second),
    ]
    if known:
        marks += vector(stage, box, decoder.initial(tensor, layer, n), tensor, key)
    else:
        marks.append(empty_strip(box, stage.style, dashed=True, key=key))
    marks += _names(stage, box, tensor, known=known)
    if stage.story.returning:
        marks += _back(stage, layer, tensor, (x0, x1))
    return marks


def _names(stage: Stage, box: Box, tensor: str, *, known: bool) -> list[Mark]:
    """h_n where it leaves, h_0 where it enters."""
    k, size = stage.scale, stage.size(13)
    color = stage.style.role(tensor).text if known else stage.style.ui.disabled
    y = box[1] + box[3] / 2
    base = y - max(6 * k, 5.5) if tensor == "h" else y + max(14 * k, size)
    return [
        Text(x, base, symbol(tensor, sub=sub), color, size, "math", anchor="middle")
        for x, sub in ((box[0] - 17 * k, "n"), (box[0] + box[2] + 17 * k, "0"))
    ]


def _back(stage: Stage, layer: int, tensor: str, ends: tuple[float, float]) -> list[Mark]:
    """∂L/∂h_0 of the decoder, which is ∂L/∂h_n of the encoder."""
    encoder, decoder = stage.halves
    n = stage.sequence
    box = _box(stage, layer, tensor, gradient=True)
    y, key = box[1] + box[3] / 2, decoder.gradient_key(f"{tensor}_0", n, layer, None)
    if decoder.back < decoder.run.total:
        return [empty_strip(box, stage.style, key=key)]
    assert decoder.gradients is not None
    found = decoder.gradients.h_0 if tensor == "h" else decoder.gradients.c_0
    assert found is not None
    values = as_numpy(found[layer, n])
    low = box[1] + box[3] + 11.5 * max(stage.scale, 0.85)
    last = encoder.key(f"grad_{tensor}_n", n, layer)
    return [
        wire(stage, [(ends[1], y), (box[0] + box[2], y)], "gradient", key=key),
        wire(stage, [(box[0], y), (ends[0], y)], "gradient", key=last),
        *vector(stage, box, values, "gradient", key),
        norm_text(stage, values, tensor, (box[0] + box[2] / 2, low), "middle"),
    ]


def _left_behind(stage: Stage, layer: int) -> list[Mark]:
    """c_n of an encoder whose decoder has none."""
    encoder, n, k = stage.story.encoder, stage.sequence, stage.scale
    known = encoder.is_done(layer, encoder.length(n) - 1, n)
    x, y = _ends(stage)[0], stage.wire(layer, "c")
    box = _box(stage, layer, "c")
    role = stage.style.role("c")
    stop = box[0] - 4 * k
    key = encoder.key("c_n", n, layer)
    marks: list[Mark] = [
        wire(stage, [(x, y), (stop, y)], "c", known=known, arrow=False, key=key),
        Rect(stop, y - 7 * k, 2.5, 14 * k, role.line if known else stage.style.ui.border_strong),
    ]
    place = stop + 9, y + 4
    room = stage.layout.decoder.start - place[0]
    return [*marks, *_said(stage, "c is not handed over", place, room)]


def _begins_at_zero(stage: Stage, layer: int) -> list[Mark]:
    """c_0 of a decoder whose encoder has none."""
    decoder, n = stage.story.decoder, stage.sequence
    box = _box(stage, layer, "c")
    y, end = box[1] + box[3] / 2, _ends(stage)[1]
    marks = vector(stage, box, decoder.initial("c", layer, n), "c", decoder.key("c_0", n, layer))
    marks.append(wire(stage, [(box[0] + box[2], y), (end, y)], "c"))
    low, middle = box[1] + box[3] + 12, box[0] + box[2] / 2
    room = BRIDGE * stage.scale
    return [*marks, *_said(stage, "c is not handed over: zeros", (middle, low), room, "middle")]


def _said(
    stage: Stage, words: str, place: Point, room: float, anchor: Anchor = "start"
) -> list[Mark]:
    """A remark, in full or in as many words as fit."""
    size = stage.size(10.5)
    last = words.partition(": ")[2] or "stays"
    text = next((each for each in (words, last) if text_width(each, size) <= room), "")
    return [label(text, *place, stage.style.ui.muted, size, anchor=anchor)] if text else []
