"""Which timesteps of a long sequence a page keeps; the rest are an ellipsis."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise


def kept_steps(length: int, current: Collection[int], most: int) -> tuple[int, ...]:
    """The first, the current and the last steps, and their neighbours as far as there is room.

    Args:
        length: how many steps there are.
        current: those that are current, of any direction.
        most: how many to keep; the first, the last and the current ones are always kept.

    Returns:
        Steps from 0, ascending; all of them where there are no more than `most`.
    """
    if length <= most:
        return tuple(range(length))
    lit = sorted({t for t in current if 0 <= t < length})
    kept = {0, length - 1, *lit}
    for t in _wished(length, lit):
        if len(kept) >= most:
            break
        kept.add(t)
    return tuple(sorted(kept))


def _wished(length: int, current: list[int]) -> Iterator[int]:
    """The steps to add, the most telling first: early ones, and those around the current."""
    for reach in range(1, length):
        for t in (*(t + side * reach for t in current for side in (-1, 1)), reach):
            if 0 <= t < length:
                yield t


def elided(kept: tuple[int, ...]) -> tuple[bool, ...]:
    """Whether steps are left out between each kept one and the next."""
    return tuple(after > before + 1 for before, after in pairwise(kept))
