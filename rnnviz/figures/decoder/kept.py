"""Columns kept from one frame to the next: panning and stepping change few of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.decoder.layout import Stage
from rnnviz.figures.memo import Memo
from rnnviz.scene.marks import Mark

_MEMO = Memo(most=1024)


class _Same:
    """A part of a key that is known by its identity."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._value is self._value

    def __hash__(self) -> int:
        return id(self._value)


def kept_column(
    stage: Stage, half: Half, t: int, make: Callable[[Stage, Half, int], list[Mark]]
) -> list[Mark]:
    """The marks of one step of a half, made when they are first asked for."""
    own = stage.story.decoded.decoder if half.prefix else stage.story.decoded.encoder
    if own.run is None or own.run.buffers is not half.run.buffers or _is_under_way(stage, half, t):
        return make(stage, half, t)
    key = _key(stage, half, t)
    return _MEMO.get(stage.story.decoded, key, lambda: make(stage, half, t))


def _is_under_way(stage: Stage, half: Half, t: int) -> bool:
    layers, n = range(half.run.num_layers), stage.sequence
    return any(half.is_begun(k, t, n) and not half.is_done(k, t, n) for k in layers)


def _key(stage: Stage, half: Half, t: int) -> Hashable:
    """All that a column's marks depend on, but for the runs themselves."""
    story, layout, n = stage.story, stage.layout, stage.sequence
    track = layout.track(half)
    return (
        (half.prefix, t, n, stage.options),
        (track.left(t), track.width(t), layout.scale, layout.narrow, stage.top),
        (layout.card, layout.sheet),
        tuple(half.is_done(layer, t, n) for layer in range(half.run.num_layers)),
        (stage.lit(half, t), story.is_fed(t), half.came_back(t, n), story.returning),
        (_Same(stage.style), _Same(story.around.vocabulary), story.around.classes),
        story.ranges,
    )
