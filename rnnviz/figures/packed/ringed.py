"""The ink ring around what is selected, wherever the figure shows it."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.strips import ring
from rnnviz.figures.view import View
from rnnviz.scene.hit import hit_rect
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style


def draw_selection(view: View, marks: tuple[Mark, ...], style: Style) -> Iterator[Mark]:
    """Rings around the selected element in every part of the figure."""
    if view.selection is None:
        return
    for part in marks:
        box = hit_rect(Scene(0, 0, (part,)), view.selection)
        if box is not None:
            yield ring(box, style, margin=1.0, radius=3.0)
