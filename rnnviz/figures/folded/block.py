"""A piece of a page that knows its size."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.scene.marks import Mark


@dataclass(frozen=True)
class Block:
    """Marks from (0, 0), and the room that they take."""

    marks: tuple[Mark, ...]
    width: float
    height: float
