"""A figure as a picture of its own: legend, figure and margin, on white or on nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnviz.figures import get_figure
from rnnviz.scene.compose import padded, stack, translate
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import Style, export_style

if TYPE_CHECKING:
    from rnnviz.figures.view import Figure, View

MARGIN = 16.0  # px around a picture
_GAP = 8.0  # px between the legend and the figure
_INSETS = dict.fromkeys(("weights", "trajectories", "gradients"), 20.0)  # px a legend lacks


def picture(
    view: View,
    name: str,
    options: Any = None,
    style: Style | None = None,
    transparent: bool = False,
) -> Scene:
    """The scene of a picture of a figure.

    Args:
        view: the run and what is selected of it.
        name: of the figure, one of `figure_names()`.
        options: of the figure; None for its own defaults.
        style: None for light colours on white.
        transparent: leave the background out.

    Raises:
        UsageError: where there is no such figure.
    """
    figure, view = get_figure(name), replace(view, on_page=True)
    if options is None:
        options = figure.options_type()
    if style is None:
        style = export_style(transparent)
    frame = figure.export_frame(view, options)
    built = figure.build(view, options, frame, style)
    legend = _legend(figure, view, options, built.width, style)
    parts = (legend, built) if legend.height else (built,)
    scene = padded(replace(stack(*parts, gap=_GAP), title=built.title), MARGIN)
    return replace(scene, background=None if transparent else style.background)


def _legend(figure: Figure, view: View, options: Any, width: float, style: Style) -> Scene:
    """The key to a figure, its text in line with the figure's own."""
    inset = _INSETS.get(figure.name, 0.0)
    legend = figure.legend(view, options, width - 2 * inset, style)
    return replace(legend, width=width, marks=tuple(translate(legend.marks, inset, 0.0)))
