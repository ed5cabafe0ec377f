"""How the pane is divided: the plot, below it the units, at the right what is said of both."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.plots import Box
from rnnviz.figures.view import Frame

LEAST = (600.0, 450.0)
_LABELS = 48.0  # px left of the plot
_GAP = 22.0
_TOP = 64.0


@dataclass(frozen=True)
class Layout:
    """Places in content px.

    Attributes:
        left: where titles begin.
        heats: the boxes of the units, the run's own first.
        saliency: the strip of what the loss owes to each input.
        tokens: baseline of the tokens; None where there are none.
        numbers: baseline of the timesteps.
        side: x and width of what stands at the right.
    """

    width: float
    height: float
    left: float
    plot: Box
    heats: tuple[Box, ...]
    saliency: Box
    tokens: float | None
    numbers: float
    side: tuple[float, float]


def arrange(frame: Frame, heats: int, has_tokens: bool) -> Layout:
    """Divide a pane.

    Args:
        heats: how many pictures of units there are, 1 or 2.
        has_tokens: whether the inputs have names.
    """
    width, height = max(frame.width, LEAST[0]), max(frame.height, LEAST[1])
    margin = 20.0 if width >= 800 else 16.0
    side = 164.0 if width >= 900 else 148.0
    x = margin + _LABELS
    across = width - margin - side - _GAP - x
    foot = height - 12 - 24  # the sentence at the foot stands there
    tokens = 18.0 if has_tokens else 0.0
    low = foot - 18 - 22 - tokens  # where the units end
    titles = 36.0 + (heats - 1) * 27.0
    room = low - _TOP - titles
    share = 0.62 if heats == 2 else 0.68
    plot = Box(x, _TOP, across, room * share)
    each = room * (1 - share) / heats
    boxes = [Box(x, plot.low + 36, across, each)]
    if heats == 2:
        boxes.append(Box(x, boxes[0].low + 27, across, each))
    strip = Box(x, low + tokens + 7, across, 11)
    return Layout(
        width,
        height,
        margin,
        plot,
        tuple(boxes),
        strip,
        low + 15 if has_tokens else None,
        strip.low + 17,
        (x + across + _GAP, side),
    )
