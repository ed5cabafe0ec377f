"""Many boxes as a few: each of those is painted on its own.

Painting through one rectangle is cheap. Through a region of many, every span of a line is cut
against all of them, which takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterable

Patch = tuple[int, int, int, int]  # left, top, right and low, device px

_A_PASS = 96 * 96  # px whose painting costs as much as another pass over the marks


def patches(boxes: Iterable[Patch]) -> list[Patch]:
    """Boxes that hold all of some others, with little beside them."""
    found: list[Patch] = []
    for box in sorted(boxes):
        if any(_holds(patch, box) for patch in found):
            continue
        found.append(box)
        while len(found) > 1 and _joined(found):
            pass
    return found


def area(patch: Patch) -> int:
    """The px of a box."""
    return (patch[2] - patch[0]) * (patch[3] - patch[1])


def _joined(found: list[Patch]) -> bool:
    """Joins the last box to the one with which it wastes least, if that is worth it."""
    last = found[-1]
    unions = [_around(patch, last) for patch in found[:-1]]
    wastes = [area(both) - area(one) for both, one in zip(unions, found, strict=False)]
    least = min(range(len(wastes)), key=wastes.__getitem__)
    if wastes[least] > area(last) + _A_PASS:
        return False
    found.pop()
    del found[least]
    found.append(unions[least])
    return True


def _holds(patch: Patch, box: Patch) -> bool:
    return patch[0] <= box[0] and patch[1] <= box[1] and patch[2] >= box[2] and patch[3] >= box[3]


def _around(one: Patch, other: Patch) -> Patch:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )
