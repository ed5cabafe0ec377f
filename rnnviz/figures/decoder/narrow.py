"""Long sequences: a narrow column for each step, units from the top, under it what comes back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.decoder.behind import shown_name
from rnnviz.figures.decoder.below import FAINT, token_at
from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.decoder.layout import Stage
from rnnviz.figures.decoder.sheet import BARS, GRADIENT_BAND, STRIP_HEIGHT, TOKEN_HEIGHT
from rnnviz.figures.decoder.vectors import Floats
from rnnviz.figures.strips import (
    crosses,
    empty_strip,
    merge_units,
    padding_box,
    units_per_cell,
)
from rnnviz.scene.marks import Cells, Mark, Polyline, Rect
from rnnviz.scene.text import label, text_width

_GAP_FROM = 8.0  # px per step; columns that are narrower stand side by side
_LETTERS_FROM = 9.0
_EACH_UP_TO = 600  # visible steps that have a bar of their own

Span = tuple[int, int]


def steps_per_column(pitch: float) -> int:
    """How many steps share a column of px, where several do."""
    return max(1, int(1 / pitch))


def narrow(stage: Stage) -> list[Mark]:
    """All columns of both halves that are no cards."""
    if not stage.layout.narrow:
        return []
    marks: list[Mark] = []
    for half in stage.halves:
        for span in stage.layout.track(half).stretches(stage.span(half)):
            for layer in range(half.run.num_layers):
                marks += _states(stage, half, layer, span)
                if stage.story.returning:
                    marks += _gradients(stage, half, layer, span)
            marks += _inputs(stage, half, span)
            marks += _tokens(stage, half, span)
            if half.prefix:
                marks += _sure(stage, span)
                marks += _costs(stage, span)
    return marks


def _box(stage: Stage, half: Half, span: Span, top: float, height: float) -> tuple[float, ...]:
    track = stage.layout.track(half)
    left, right = track.left(span[0]), track.left(span[1] - 1) + track.width(span[1] - 1)
    return left, stage.y(top), right - left, height * stage.scale


def _parts(half: Half, span: Span, known: Span, n: int) -> tuple[Span, Span, Span, Span]:
    """A range in what is to come before, what is known, what is to come, and padding."""
    a, b, length = span[0], span[1], half.length(n)
    k0, k1 = max(a, known[0]), max(a, min(b, known[1]))
    if k1 <= k0:
        return (a, a), (a, a), (a, min(b, length)), (max(a, length), b)
    return (a, min(k0, length)), (k0, k1), (k1, min(b, length)), (max(a, length), b)


def _band(
    stage: Stage,
    half: Half,
    span: Span,
    known: Span,
    place: tuple[float, float],
    values: Floats,
    tensor: str,
    key: Element,
    opacity: float = 1.0,
) -> list[Mark]:
    """One row of columns; `values` are those of what is known of the span, (steps, units)."""
    before, shown, after, padded = _parts(half, span, known, stage.sequence)
    marks: list[Mark] = []
    for part in (before, after):
        if part[1] > part[0]:
            box = _box(stage, half, part, *place)
            marks.append(empty_strip(box, stage.style, dashed=True))  # type: ignore[arg-type]
    if padded[1] > padded[0]:
        box = _box(stage, half, padded, *place)
        marks.append(padding_box(box, stage.style))  # type: ignore[arg-type]
    if shown[1] <= shown[0]:
        return marks
    x, y, width, height = _box(stage, half, shown, *place)
    stride = units_per_cell(values.shape[1], height)
    together = steps_per_column(stage.layout.track(half).pitch)
    merged = merge_units(merge_units(values, stride).T, together).T
    back = tensor == "gradient"
    limit = stage.story.gradient_limit if back else stage.story.ranges.limit(tensor)
    colors = stage.style.signed.colors(merged, limit).transpose(1, 0, 2)
    broken = _crossed(values, stride, together)
    gap = 1.0 if stage.layout.track(half).pitch >= _GAP_FROM else 0.0
    marks.append(
        Cells(
            x,
            y,
            width,
            height,
            np.ascontiguousarray(colors),
            gap=gap,
            crossed=broken,
            opacity=opacity,
            key=key,
            axes=("unit", "t"),
            origin=(0, shown[0]),
            stride=(stride, together),
        )
    )
    marks.append(Rect(x, y, width, height, stroke=stage.style.role(tensor).line, radius=1.0))
    return marks


def _crossed(values: Floats, units: int, steps: int) -> NDArray[np.bool_] | None:
    """Which cells hold NaN or infinity, (units, steps); None where none does."""
    broken = crosses(values, units)
    if broken is None:
        return None
    joined: NDArray[np.bool_] = merge_units(broken.T.astype(np.float64), steps) > 0
    return joined


def _shown(half: Half, span: Span, known: Span, n: int) -> Span:
    return _parts(half, span, known, n)[1]


def _states(stage: Stage, half: Half, layer: int, span: Span) -> list[Mark]:
    n = stage.sequence
    known = (0, half.steps_done(layer, n))
    t0, t1 = _shown(half, span, known, n)
    values = half.states("h", layer, n, t0, t1)
    height = stage.sheet.lane - (GRADIENT_BAND + 6 if stage.story.returning else 0.0)
    place = (stage.sheet.lanes[layer], height)
    return _band(stage, half, span, known, place, values, "h", half.key("h", n, layer))


def _gradients(stage: Stage, half: Half, layer: int, span: Span) -> list[Mark]:
    n, total = stage.sequence, half.run.total
    known = (total - half.back, half.length(n))
    t0, t1 = _shown(half, span, known, n)
    values = half.gradient("h", layer, n, t0, t1)
    top = stage.sheet.lanes[layer] + stage.sheet.lane - GRADIENT_BAND
    key = half.gradient_key("h", n, layer, None)
    place = (top, GRADIENT_BAND)
    return _band(stage, half, span, known, place, values, "gradient", key)


def _inputs(stage: Stage, half: Half, span: Span) -> list[Mark]:
    n, length = stage.sequence, half.length(stage.sequence)
    free = half.prefix and not stage.story.decoded.forced
    fed = min(half.done + 1, length) if free else length
    used = half.steps_done(0, n)
    marks: list[Mark] = []
    for part, opacity in (((span[0], min(span[1], used)), 1.0), ((max(span[0], used), span[1]), 0)):
        if part[1] <= part[0]:
            continue
        known = (0, fed)
        t0, t1 = _shown(half, part, known, n)
        place = (stage.sheet.embedded, STRIP_HEIGHT)
        values, key = half.inputs(n, t0, t1), half.key("x", n, 0)
        marks += _band(stage, half, part, known, place, values, "x", key, opacity or FAINT)
    return marks


def _tokens(stage: Stage, half: Half, span: Span) -> list[Mark]:
    """Letters where there is room for them; each is in the place of its step."""
    track, n = stage.layout.track(half), stage.sequence
    marks: list[Mark] = []
    y = stage.y(stage.sheet.tokens + TOKEN_HEIGHT / 2) + 4
    if track.pitch < _LETTERS_FROM:
        return []
    for t in range(*span):
        found = token_at(stage, half, t)
        if found is None:
            continue
        words = stage.story.around.token(found)
        if text_width(words, 10.5, "mono") > track.pitch - 1:
            words = "·"
        used = half.is_begun(0, t, n)
        color = stage.style.ui.text if used else stage.style.ui.muted
        text = label(words, track.center(t), y, color, 10.5, font="mono", anchor="middle")
        left, width = track.left(t), track.width(t)
        key = half.key("ids", n, None, t)
        marks += [text, Rect(left, y - 12, width, 16, key=key)]
    return marks


def _sure(stage: Stage, span: Span) -> list[Mark]:
    """How likely each choice was, as a bar; a dark line where the target's own bar ends."""
    story, n, half = stage.story, stage.sequence, stage.story.decoder
    height, bottom = BARS * stage.scale, stage.y(stage.sheet.bars + BARS)
    x, _, width, _ = _box(stage, half, span, 0, 0)
    done = (span[0], min(span[1], half.steps_done(half.run.num_layers - 1, n)))
    marks: list[Mark] = [Rect(x, bottom, width, 1, stage.style.ui.border)]
    name = shown_name(stage)
    if done[1] <= done[0] or story.is_difference:
        return marks
    limit, track, role = story.limit(name), stage.layout.decoder, stage.style.role("y")
    found = story.highest(name)[done[0] : done[1], n]
    tops = (_of_limit(found, limit) * height).tolist()
    if done[1] - done[0] > _EACH_UP_TO:
        points = [
            (track.center(t), bottom - top) for t, top in zip(range(*done), tops, strict=True)
        ]
        return [*marks, Polyline(np.asarray(points), role.line)]
    wide = max(track.pitch * 0.8, 0.5)
    for t, top in zip(range(*done), tops, strict=True):
        left = track.center(t) - wide / 2
        unit = story.chosen(t, n)
        key = half.key(name, n, None, t, unit)
        target = story.target(t, n)
        right = target is None or target == unit
        opacity = 1.0 if right else 0.42
        marks.append(Rect(left, bottom - top, wide, top, role.line, opacity=opacity, key=key))
        if target is not None:
            at = float(_of_limit(story.values(name, t, n)[target], limit)) * height
            marks.append(Rect(left, bottom - at - 1, wide, 2, stage.style.ui.text))
    return marks


def _costs(stage: Stage, span: Span) -> list[Mark]:
    """The loss of each step as a small bar in the row of losses."""
    story, n, sheet, half = stage.story, stage.sequence, stage.sheet, stage.story.decoder
    if sheet.loss is None or story.is_difference:
        return []
    done = range(span[0], min(span[1], half.steps_done(half.run.num_layers - 1, n)))
    if len(done) > _EACH_UP_TO:
        return []
    found = [story.loss_at(t, n) for t in done]
    finite = [value for value in found if value is not None and np.isfinite(value)]
    most = max(finite, default=0.0)
    if most <= 0:
        return []
    track, top = stage.layout.decoder, stage.y(sheet.loss) - 11 * stage.scale
    wide = max(track.pitch * 0.8, 0.5)
    return [
        Rect(
            track.center(t) - wide / 2,
            top,
            wide,
            max(float(_of_limit(value, most)) * 20 * stage.scale, 0.5),
            stage.style.ui.text_secondary,
            key=half.key("losses", n, None, t),
        )
        for t, value in zip(done, found, strict=True)
        if value is not None
    ]


def _of_limit(values: Floats | float, limit: float) -> Floats:
    """How high bars are, from 0 to 1; those of NaN and infinity have no height, as on cards."""
    return np.where(np.isfinite(values), np.clip(values / limit, 0.0, 1.0), 0.0)
