"""The line under the picture: where the view is, in a sentence."""

from __future__ import annotations

from rnnviz.figures.compared import DIFFERENCE
from rnnviz.figures.decoder.layout import Layout
from rnnviz.figures.decoder.narrow import steps_per_column
from rnnviz.figures.decoder.story import Story
from rnnviz.figures.view import Frame
from rnnviz.scene.marks import Mark
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label

_LEFT, _SIZE = 20.0, 11.0


def footline(layout: Layout, story: Story, frame: Frame, style: Style) -> list[Mark]:
    """One muted line at the bottom."""
    x = max(frame.x, 0.0) + _LEFT
    words = " ".join(part for part in (_compared(story), _place(story), _narrow(layout)) if part)
    text = elide(words, frame.x + frame.width - x - _LEFT, _SIZE)
    return [label(text, x, layout.height - 12, style.ui.muted, _SIZE)] if text else []


def _compared(story: Story) -> str:
    return f"{DIFFERENCE}." if story.is_difference else ""


def _place(story: Story) -> str:
    """What has just happened."""
    encoder, decoder = story.encoder, story.decoder
    if story.returning:
        return _way_back(story)
    if not encoder.is_finished:
        return "The encoder reads one token at a time."
    if not decoder.done:
        return "The encoder has read its source; the decoder begins at its last state."
    if story.decoded.forced:
        return "Each step is fed the target of the step before, whatever was chosen."
    return "Each step is fed what the step before chose; a choice has no gradient."


def _way_back(story: Story) -> str:
    if not story.decoder.back:
        return "The gradient begins at the loss."
    if not story.encoder.back:
        return "Dashed: the gradient flows back through the decoder."
    return "Dashed: the gradient reaches the encoder through the state alone."


def _narrow(layout: Layout) -> str:
    if not layout.narrow:
        return ""
    several = steps_per_column(layout.encoder.pitch)
    if several > 1:
        return f"{several} steps per column, the value of largest size; unit 0 on top."
    return "Each column is a step: h, unit 0 on top."
