"""The curve of a training as a scene: the loss in ink, the size of its gradients behind it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.learning.curve import Curve
from rnnviz.figures.learning.scale import Scale, scale_of
from rnnviz.figures.plots import Box, ticks
from rnnviz.figures.reduce import reduced
from rnnviz.scene.axes import write_number
from rnnviz.scene.compose import padded
from rnnviz.scene.marks import Circle, Clip, Mark, Path, Polyline, Rect, Scene
from rnnviz.scene.style import Style, export_style
from rnnviz.scene.text import label, text_width

_LEFT, _RIGHT, _TOP, _LOW = 40.0, 40.0, 17.0, 15.0  # px around the plot
_SIZE = 10  # of its letters
_KEY = 14.0  # px, the piece of a line in the key
_PAGE = (640.0, 320.0)
_CLIP_DASH = (3.0, 3.0)
_DENSE = 300  # points, from which a line is thin

Points = NDArray[np.float64]


def plot_box(width: float, height: float) -> Box:
    """Where in a picture the lines lie."""
    room = max(width - _LEFT - _RIGHT, 1.0)
    return Box(_LEFT, _TOP, room, max(height - _TOP - _LOW, 1.0))


def step_at(curve: Curve, x: float, width: float) -> int | None:
    """The step done, counted from 1, that a place stands for; None beside the plot."""
    box, done = plot_box(width, 0.0), len(curve.losses)
    if not (done and box.x - 4 <= x <= box.right + 4):
        return None
    return min(max(round((x - box.x) / box.width * curve.steps), 1), done)


def scene(
    curve: Curve, width: float, height: float, style: Style, pointed: int | None = None
) -> Scene:
    """The curve in a box of so many px.

    Args:
        pointed: the step that is pointed at, counted from 1.
    """
    box = plot_box(width, height)
    losses = scale_of(curve.losses, curve.logarithmic, box)
    norms = scale_of(_norms(curve), curve.logarithmic, box)
    marks: list[Mark] = [Rect(box.x, box.y, box.width, box.height, fill=style.ui.card)]
    marks += _grid(losses, style)
    marks += _beside(norms, style)
    marks += _below(curve, box, style)
    lines = [
        *_clip(curve, norms, style),
        *_line(curve, curve.norms, norms, style.role("gradient").line, 1.0, 0.5),
        *_line(curve, curve.losses, losses, style.ui.text, 1.75, 1.0),
        *_shown(curve, box, style),
    ]
    marks.append(Clip(box.x, box.y - 4, box.width + 4, box.height + 8, tuple(lines)))
    if pointed is not None and 1 <= pointed <= len(curve.losses):
        marks += _pointed(curve, pointed, losses, norms, style)
    marks.append(Rect(box.x, box.y, box.width, box.height, stroke=style.ui.border))
    marks += _key(curve, box, style, pointed)
    title = f"Loss of {len(curve.losses)} training steps"
    return Scene(width, height, tuple(marks), style.background, title)


def picture(curve: Curve, style: Style | None = None) -> Scene:
    """The curve as a picture of its own, on white."""
    style = style or export_style()
    return padded(scene(curve, *_PAGE, style), 16.0)


def _norms(curve: Curve) -> NDArray[np.float64]:
    clip = [] if curve.clip is None else [curve.clip]
    return np.concatenate([curve.norms, clip])


def _x(curve: Curve, steps: NDArray[np.floating] | float, box: Box) -> NDArray[np.float64]:
    placed: NDArray[np.float64] = box.x + np.asarray(steps) / max(curve.steps, 1) * box.width
    return placed


def _line(
    curve: Curve,
    values: NDArray[np.float64],
    scale: Scale,
    color: str,
    width: float,
    opacity: float,
) -> list[Mark]:
    if not len(values):
        return []
    share = len(values) / max(curve.steps, 1)
    columns = max(8, int(scale.box.width * share))
    at, heights = reduced(values[:, None], 0, len(values), columns)
    points = np.column_stack([_x(curve, at + 1, scale.box), scale.y(heights[:, 0])])
    if len(points) == 1:
        x, y = points[0]
        return [Circle(float(x), float(y), 2, fill=color)] if np.isfinite(y) else []
    thin = min(width, 1.25) if len(points) > _DENSE else width
    return [Polyline(points, color, thin, opacity=opacity)]


def _clip(curve: Curve, norms: Scale, style: Style) -> list[Mark]:
    if curve.clip is None or not len(curve.norms):
        return []
    y, box = float(norms.y(np.asarray(curve.clip))), norms.box
    color = style.role("gradient").line
    segments: tuple[tuple[str, float, float], ...] = (("M", box.x, y), ("L", box.right, y))
    return [Path(segments, color, 1.0, dash=_CLIP_DASH, opacity=0.6)]  # type: ignore[arg-type]


def _shown(curve: Curve, box: Box, style: Style) -> list[Mark]:
    """Where the weights on show stand."""
    if curve.shown is None or not len(curve.losses):
        return []
    x = float(_x(curve, curve.shown, box))
    return [Rect(x - 1, box.y, 2, box.height, fill=style.current.line, opacity=0.35)]


def _grid(scale: Scale, style: Style) -> list[Mark]:
    """Lines across the plot, and at the left what of the loss they stand for."""
    marks: list[Mark] = []
    for value, text in scale.ticks():
        y = float(scale.y(np.asarray(value)))
        marks.append(Rect(scale.box.x, y - 0.5, scale.box.width, 1, fill=style.ui.grid))
        marks.append(label(text, scale.box.x - 6, y + 3.5, style.ui.muted, _SIZE, anchor="end"))
    return marks


def _beside(scale: Scale, style: Style) -> list[Mark]:
    """At the right, the sizes of gradients."""
    color, box = style.role("gradient").text, scale.box
    places = [(text, float(scale.y(np.asarray(value)))) for value, text in scale.ticks()]
    return [
        label(text, box.right + 6, y + 3.5, color, _SIZE)
        for text, y in places
        if y < box.low - 3  # below it the last step has its number
    ]


def _below(curve: Curve, box: Box, style: Style) -> list[Mark]:
    marks: list[Mark] = []
    for step in ticks((0, curve.steps), box.width):
        x = float(_x(curve, step, box))
        marks.append(label(str(step), x, box.low + 12, style.ui.muted, _SIZE, anchor="middle"))
    return marks


def _pointed(curve: Curve, step: int, losses: Scale, norms: Scale, style: Style) -> list[Mark]:
    """A line through the step under the mouse, and its places on both curves."""
    box, x = losses.box, float(_x(curve, step, losses.box))
    marks: list[Mark] = [Rect(x - 0.5, box.y, 1, box.height, fill=style.ui.border_strong)]
    both = (
        (curve.norms, norms, style.role("gradient").line),
        (curve.losses, losses, style.ui.text),
    )
    for values, scale, color in both:
        y = float(scale.y(values[step - 1 : step])[0])
        if np.isfinite(y):
            marks.append(Circle(x, y, 3, fill=style.ui.card, stroke=color, stroke_width=1.75))
    return marks


def _key(curve: Curve, box: Box, style: Style, pointed: int | None) -> list[Mark]:
    """What the lines are, and what they are at a step, above the plot."""
    step = pointed if pointed is not None else len(curve.losses)
    known = 1 <= step <= len(curve.losses)
    loss = f" {write_number(float(curve.losses[step - 1]), 4)}" if known else ""
    norm = f" {write_number(float(curve.norms[step - 1]), 3)}" if known else ""
    hue = style.role("gradient")
    entries = [
        ("loss" + loss, style.ui.text, style.ui.text),
        ("gradient norm" + norm, hue.line, hue.text),
    ]
    x, y = box.x, box.y - 6
    marks: list[Mark] = []
    for text, line, ink in entries:
        marks.append(Rect(x, y - 4.5, _KEY, 2, fill=line))
        marks.append(label(text, x + _KEY + 5, y, ink, _SIZE))
        x += _KEY + 5 + text_width(text, _SIZE) + 14
    told = [f"step {step}"] if known else []
    if curve.clip is not None:
        told.append(f"clipped to {write_number(curve.clip, 3)}")
    while told and x + text_width("   ".join(told), _SIZE) > box.right:
        told.pop()
    return [*marks, label("   ".join(told), box.right, y, style.ui.muted, _SIZE, anchor="end")]
