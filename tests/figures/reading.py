"""What stands on a scene: its marks, and its words."""

from __future__ import annotations

from rnnviz.scene.marks import Clip, Mark, Scene, Text


def flat(marks: tuple[Mark, ...]) -> list[Mark]:
    """All marks, those of clips too."""
    inner = [flat(mark.marks) if isinstance(mark, Clip) else [mark] for mark in marks]
    return [mark for group in inner for mark in group]


def words(scene: Scene) -> list[str]:
    """Every text, in the order of painting."""
    texts = [mark for mark in flat(scene.marks) if isinstance(mark, Text)]
    return ["".join(run.text for run in mark.runs) for mark in texts]
