"""What the figure says where there is no gradient: which switches make one."""

from __future__ import annotations

from rnnviz.figures.remarks import wrapped
from rnnviz.figures.view import Frame, View
from rnnviz.scene.marks import Circle, Mark, Path, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_WIDTH = 400.0
_TITLE = "No loss, so no gradients yet"
_WHY = (
    "A gradient says how much a change of any number would change the loss. "
    "Two switches of the model panel give this model one:"
)


def empty(view: View, frame: Frame, style: Style) -> list[Mark]:
    """A card in the middle of the pane."""
    around = view.around
    if around is not None and around.pr.loss is not None:
        return _card(frame, "The gradients are being computed", "", [], "", style)
    head = around is not None and around.pr.pipeline.head is not None
    loss = around is not None and around.pr.pipeline.loss is not None
    if loss:
        after = "The loss is set. What is missing are the targets: what the scores should be."
        return _card(frame, _TITLE, "", [], after, style)
    rows = [
        ("Linear head", "scores from the hidden state", head),
        ("Loss", "cross_entropy, mse or bce of scores and targets", loss),
    ]
    after = "Then this figure shows how much of the loss reaches each step, and what carries it."
    return _card(frame, _TITLE, _WHY, rows, after, style)


def _card(
    frame: Frame,
    title: str,
    why: str,
    rows: list[tuple[str, str, bool]],
    after: str,
    style: Style,
) -> list[Mark]:
    width = min(_WIDTH, max(frame.width - 24, 120.0))
    above = wrapped(why, width - 48, 12) if why else []
    below = wrapped(after, width - 48, 12) if after else []
    height = 62 + 18 * len(above) + (18 if rows else 0) + 46 * len(rows) + 18 * len(below)
    x, y = frame.x + (frame.width - width) / 2, frame.y + max((frame.height - height) / 2, 8)
    ink = style.ui.text_secondary
    marks: list[Mark] = [
        Rect(x, y, width, height, fill=style.ui.card, stroke=style.ui.border, radius=8),
        label(title, x + 24, y + 36, style.ui.text, 14, weight=600),
    ]
    base = y + 60
    for line in above:
        marks.append(label(line, x + 24, base, ink, 12))
        base += 18
    for number, (name, words, on) in enumerate(rows):
        marks += _switch(x + 24, base + 46 * number, width - 48, (name, words), on, style)
    base += 46 * len(rows) + (18 if rows else 0)
    for line in below:
        marks.append(label(line, x + 24, base, style.ui.muted, 12))
        base += 18
    return marks


def _switch(
    x: float, y: float, width: float, words: tuple[str, str], on: bool, style: Style
) -> list[Mark]:
    """A row of the panel: what it is called, what it does, and how it stands."""
    right, middle = x + width - 12, y + 19.0
    track = style.ui.accent if on else style.ui.border_strong
    marks: list[Mark] = [
        Rect(x, y, width, 38, fill=style.ui.surface_sunken, stroke=style.ui.border, radius=6),
        label(words[0], x + 12, y + 16, style.ui.text, 12, weight=600),
        label(words[1], x + 12, y + 31, style.ui.muted, 11),
        Rect(right - 28, middle - 8, 28, 16, fill=track, radius=8),
        Circle(right - (8 if on else 20), middle, 6, fill=style.ui.card),
    ]
    if not on:
        return marks
    tick = (("M", right - 42, middle), ("L", right - 39, middle + 3), ("L", right - 34, middle - 4))
    return [*marks, Path(tick, stroke=style.ui.ok, stroke_width=1.75)]  # type: ignore[arg-type]
