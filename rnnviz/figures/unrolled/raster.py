"""Heat-map images of many steps, in tiles; far out several steps share a column of px."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.strips import crosses, empty_strip, padding_box
from rnnviz.figures.unrolled.bands import FAINT, Band, bands, overlap, rest_of
from rnnviz.figures.unrolled.level import steps_per_column
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.values import Floats
from rnnviz.scene.marks import Cells, Mark, Rect

_TILE = 256  # columns of an image
_BLOCK = 32  # columns of an image's part that stays as it is while the rest is computed
_MEMO = Memo(most=768)
_BLOCKS = Memo(most=1024)

Span = tuple[int, int]
Image = tuple[NDArray[np.uint8], NDArray[np.bool_] | None]  # colours, and cells to be crossed


def rasters(stage: Stage) -> list[Mark]:
    """All bands of a block as images, with what is to come and what is padding."""
    marks: list[Mark] = []
    for band in bands(stage):
        marks += band_images(stage, band)
    return marks


def band_images(stage: Stage, band: Band, gap: float = 0.0) -> list[Mark]:
    """One band: images of what is known, dashes for what is to come, a hatch for padding."""
    marks: list[Mark] = []
    stride = steps_per_column(stage.frame.zoom)
    for stretch in stage.timeline.runs(*_whole_tiles(stage, stride)):
        marks += stretch_surroundings(stage, band, stretch)
        known = overlap(stretch, band.known)
        for part, opacity in _faded(known, band.used):
            for span, share in _columns(part, stride):
                marks += _tiles(stage, band, span, share, opacity, gap)
        marks += _frame(stage, band, known)
    return marks


def _whole_tiles(stage: Stage, stride: int) -> Span:
    """The visible steps and what shares an image with them, so that panning changes none."""
    size = _TILE * stride
    begin, end = stage.span
    return begin // size * size, min(-(-end // size) * size, stage.run.L)


def stretch_surroundings(stage: Stage, band: Band, stretch: Span) -> Iterator[Mark]:
    """What of a stretch has no values: still to come, or padding."""
    for part in rest_of(band, stage, stretch):
        yield empty_strip(_box(stage, band, part), stage.style, dashed=True)
    padded = overlap(stretch, (stage.length, stage.run.L))
    if padded[1] > padded[0]:
        yield padding_box(_box(stage, band, padded), stage.style)


def _box(stage: Stage, band: Band, span: Span) -> tuple[float, float, float, float]:
    left, right = stage.timeline.left(span[0]), _right(stage, span[1])
    return left, band.top, right - left, band.height


def _right(stage: Stage, end: int) -> float:
    return stage.timeline.left(end - 1) + stage.timeline.width(end - 1)


def _frame(stage: Stage, band: Band, span: Span) -> list[Mark]:
    if span[1] <= span[0]:
        return []
    color = stage.style.role(band.role).line
    return [Rect(*_box(stage, band, span), stroke=color, stroke_width=1.0, radius=1.0)]


def _faded(known: Span, used: Span) -> Iterator[tuple[Span, float]]:
    """A range in parts that are used and parts that are still faint."""
    middle = overlap(known, used)
    if middle[1] <= middle[0]:
        middle = (known[0], known[0])
    for part, opacity in (
        ((known[0], middle[0]), FAINT),
        (middle, 1.0),
        ((middle[1], known[1]), FAINT),
    ):
        if part[1] > part[0]:
            yield part, opacity


def _columns(span: Span, stride: int) -> Iterator[tuple[Span, int]]:
    """A range in whole columns of `stride` steps, and what is left at its ends."""
    begin, end = -(-span[0] // stride) * stride, span[1] // stride * stride
    if begin >= end:
        yield span, span[1] - span[0] if stride > 1 else 1
        return
    if span[0] < begin:
        yield (span[0], begin), begin - span[0]
    yield (begin, end), stride
    if end < span[1]:
        yield (end, span[1]), span[1] - end


def _tiles(
    stage: Stage, band: Band, span: Span, stride: int, opacity: float, gap: float
) -> Iterator[Mark]:
    """A range as images of at most 256 columns, cut at the same steps whatever is visible."""
    size = _TILE * stride
    begin = span[0]
    while begin < span[1]:
        end = min((begin // size + 1) * size, span[1])
        yield _tile(stage, band, (begin, end), stride, opacity, gap)
        begin = end


def _tile(stage: Stage, band: Band, span: Span, stride: int, opacity: float, gap: float) -> Mark:
    colors, crossed = _image(stage, band, span, stride)
    left, right = stage.timeline.left(span[0]), _right(stage, span[1])
    if stage.timeline.pitch < 8:  # edges on whole px, so that no seam shows
        left, right = float(round(left)), max(float(round(right)), float(round(left)) + 1)
    return Cells(
        left,
        band.top,
        right - left,
        band.height,
        colors,
        gap=gap,
        crossed=crossed,
        opacity=opacity,
        key=band.key,
        axes=(band.row_axis, "t"),
        origin=(band.first_unit, span[0]),
        stride=(band.stride, stride),
    )


def _image(stage: Stage, band: Band, span: Span, stride: int) -> Image:
    key = _key(stage, band, span, stride)
    return _MEMO.get(_owner(stage, band), key, lambda: _drawn(stage, band, span, stride))


def _owner(stage: Stage, band: Band) -> object:
    return stage.run.buffers if band.owner is None else band.owner


def _key(stage: Stage, band: Band, span: Span, stride: int) -> Hashable:
    look = band.end(stage), stage.style.name
    return band.key, band.first_unit, span, stride, band.stride, look


def _drawn(stage: Stage, band: Band, span: Span, stride: int) -> Image:
    """An image; where the run grows into it, only its last columns are drawn anew."""
    size = _BLOCK * stride
    grows = band.known != (0, stage.length) and span[1] - span[0] > size
    if not grows or span[0] % stride:
        return _colored(stage, band, span, stride)
    edges = [span[0], *range((span[0] // size + 1) * size, span[1], size), span[1]]
    return _joined([_block(stage, band, part, stride) for part in pairwise(edges)])


def _block(stage: Stage, band: Band, span: Span, stride: int) -> Image:
    if span[1] - span[0] != _BLOCK * stride:
        return _colored(stage, band, span, stride)
    key = _key(stage, band, span, stride)
    return _BLOCKS.get(_owner(stage, band), key, lambda: _colored(stage, band, span, stride))


def _joined(parts: list[Image]) -> Image:
    colors = np.concatenate([part for part, _ in parts], axis=1)
    if all(broken is None for _, broken in parts):
        return colors, None
    crossed = [
        np.zeros(part.shape[:2], dtype=bool) if broken is None else broken for part, broken in parts
    ]
    return colors, np.concatenate(crossed, axis=1)


def _colored(stage: Stage, band: Band, span: Span, stride: int) -> Image:
    values = band.fetch(*span)
    broken = crosses(values, band.stride)
    if broken is not None:
        broken = _any(broken, stride).T
    return band.colors(stage, pooled(values, stride)), broken


def pooled(values: Floats, stride: int) -> Floats:
    """Steps merged by largest magnitude, `stride` each: `(ceil(steps / stride), units)`."""
    if stride <= 1 or not len(values):
        return values
    starts = np.arange(0, len(values), stride, dtype=np.intp)
    high = np.fmax.reduceat(values, starts, axis=0)
    low = np.fmin.reduceat(values, starts, axis=0)
    result: Floats = np.where(np.abs(low) > np.abs(high), low, high)
    return result


def _any(broken: NDArray[np.bool_], stride: int) -> NDArray[np.bool_]:
    if stride <= 1:
        return broken
    starts = np.arange(0, len(broken), stride, dtype=np.intp)
    result: NDArray[np.bool_] = np.logical_or.reduceat(broken, starts, axis=0)
    return result
