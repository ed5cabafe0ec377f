"""Below the units: tokens, what the loss owes to each, and the timesteps' numbers."""

from __future__ import annotations

from rnnviz.figures.gradients.layout import Layout
from rnnviz.figures.gradients.plot import place
from rnnviz.figures.gradients.subject import Subject
from rnnviz.figures.plots import ticks
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

_SIZE = 10.5


def has_tokens(shown: Subject) -> bool:
    """Whether the inputs on show are ids."""
    return shown.sequence is not None and shown.around.pr.ids is not None


def tokens(shown: Subject, layout: Layout, style: Style) -> list[Mark]:
    """Each input by its name, as many as have room; the current one always."""
    if layout.tokens is None or shown.sequence is None:
        return []
    pr, box, y = shown.around.pr, layout.plot, layout.tokens
    ids = pr.grid("ids")[: shown.length, shown.sequence]
    room = box.width / max(shown.run.L, 1)
    marks: list[Mark] = [label("token", layout.left, y, style.ui.muted, 11)]
    wanted = range(shown.length) if room >= 8 else ()
    current = shown.cursor
    taken = (0.0, 0.0)
    if current is not None:
        name = elide(shown.around.token(int(ids[current])), max(room - 1, 60), 11, "mono")
        x = place(current, box, shown.run.L)
        wide = text_width(name, 11, "mono") + 4
        taken = x - wide / 2, x + wide / 2
        marks.append(_token(name, x, y, style.ui.text, 600))
    for t in wanted:
        x = place(t, box, shown.run.L)
        name = elide(shown.around.token(int(ids[t])), room - 1, _SIZE, "mono")
        half = text_width(name, _SIZE, "mono") / 2
        if name and t != current and not (x - half < taken[1] and taken[0] < x + half):
            marks.append(_token(name, x, y, style.ui.text_secondary))
    return marks


def _token(name: str, x: float, y: float, color: str, weight: int = 400) -> Text:
    size = 11.0 if weight > 400 else _SIZE
    return label(name, x, y, color, size, font="mono", weight=weight, anchor="middle")


def numbers(shown: Subject, layout: Layout, style: Style) -> list[Mark]:
    """The timesteps, counted from 1."""
    box, y, muted = layout.plot, layout.numbers, style.ui.muted
    steps, current = shown.run.L, shown.cursor
    marks: list[Mark] = [Text(layout.left, y, (Run("t", italic=True),), muted, 13.5, font="math")]
    now = None if current is None else place(current, box, steps)
    if now is not None and current is not None:
        text = str(current + 1)
        marks.append(label(text, now, y, style.ui.text, 11, weight=600, anchor="middle"))
    for t in ticks((0.5, steps + 0.5), box.width):
        x = place(t - 1, box, steps)
        marks.append(Rect(x - 0.5, layout.saliency.low + 2, 1, 4, fill=style.ui.border_strong))
        if now is None or abs(x - now) >= text_width(str(steps), 11) + 6:
            marks.append(label(str(t), x, y, muted, 11, anchor="middle"))
    return marks
