"""Whether words of a scene stand on one another, or beyond its edge."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.scene.marks import Clip, Mark, Rect, Scene, Text
from rnnviz.scene.text import text_box

Box = tuple[float, float, float, float]


def texts(marks: tuple[Mark, ...]) -> Iterator[tuple[str, Box, int]]:
    """Every text that is not turned: its words, its box, and its place in the painting order."""
    for place, mark in enumerate(marks):
        if isinstance(mark, Text) and not mark.rotation and mark.runs:
            yield "".join(run.text for run in mark.runs), text_box(mark), place
        elif isinstance(mark, Clip):
            yield from ((words, box, place) for words, box, _ in texts(mark.marks))


def overlapping(scene: Scene, slack: float = 1.5) -> list[tuple[str, str]]:
    """Pairs of texts that cover one another, unless something opaque lies between them."""
    found = [entry for entry in texts(scene.marks) if _meets(entry[1], _pane(scene), 0)]
    return [
        (first, second)
        for k, (first, box, place) in enumerate(found)
        for second, other, later in found[k + 1 :]
        if _meets(box, other, slack) and not _parted(scene, box, other, place, later)
    ]


def cut_off(scene: Scene, slack: float = 1.0) -> list[str]:
    """Texts that reach beyond the scene's left or right edge."""
    return [
        words
        for words, (x, _, width, _), _ in texts(scene.marks)
        if x < scene.x - slack or x + width > scene.x + scene.width + slack
    ]


def _pane(scene: Scene) -> Box:
    return scene.x, scene.y, scene.width, scene.height


def _meets(first: Box, second: Box, slack: float) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = first, second
    across = min(ax + aw, bx + bw) - max(ax, bx)
    down = min(ay + ah, by + bh) - max(ay, by)
    return across > slack and down > slack


def _parted(scene: Scene, first: Box, second: Box, start: int, stop: int) -> bool:
    """Whether a filled rectangle, painted between the two, covers where they meet."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = first, second
    x0, x1 = max(ax, bx), min(ax + aw, bx + bw)
    y0, y1 = max(ay, by), min(ay + ah, by + bh)
    return any(
        isinstance(mark, Rect)
        and mark.fill is not None
        and mark.x <= x0 + 2
        and mark.y <= y0 + 2
        and mark.x + mark.width >= x1 - 2
        and mark.y + mark.height >= y1 - 2
        for mark in scene.marks[start:stop]
    )
