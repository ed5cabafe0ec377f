"""What the rows of a batch are called: their sequences, timesteps and tokens."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.matrix import Look
from rnnviz.figures.stacked import PITCH, Stacked
from rnnviz.figures.table_names import Place
from rnnviz.figures.tints import sequence_mark
from rnnviz.scene.marks import Mark, Text
from rnnviz.scene.text import elide, label, math_runs, text_width

_RING = 8.5
_TOKEN = 78.0  # px at most of a token's name
_SIZE = 12.0


def labels_width(rows: Stacked) -> float:
    """How wide the names of the rows are, in px."""
    return sum(_columns(rows))


def _columns(rows: Stacked) -> tuple[float, float, float]:
    """Widths of the timesteps' names, of the sequences' rings, and of the tokens."""
    form = rows.form
    has_t = "L" in form.axes and not rows.one_each
    shown = [rows.place(row) for row in rows.axis.shown]
    last = max((t for _, t in shown), default=0) + 1
    number = max((n for n, _ in shown), default=0)
    step = text_width(f"t = {last}", 13, "math") + 8 if has_t else 0.0
    ring = max(2 * _RING, text_width(str(number), 11.5, weight=600) + 10) + 8
    token = 0.0
    if rows.tokens is not None and shown:
        token = min(max(text_width(rows.tokens(*at), _SIZE, "mono") for at in shown), _TOKEN) + 8
    return step, ring if "N" in form.axes else 0.0, token


def row_labels(rows: Stacked, corner: Place, look: Look) -> list[Mark]:
    """What each row is: its sequence, its timestep, its token; groups are named once.

    Args:
        corner: where the names begin, and the top of the rows.
    """
    x, y = corner
    step, ring, token = _columns(rows)
    form, style = rows.form, look.style
    sequence_x, step_x = (x, x + ring) if form.batch_first else (x + step, x)
    marks: list[Mark] = []
    named: int | None = None
    for row in rows.axis.shown:
        sequence, t = rows.place(row)
        middle = y + (rows.axis.place(row) or 0.0) + PITCH / 2
        lit = rows.is_lit(row)
        group = sequence if form.batch_first else t
        is_first, named = group != named, group
        if ring and (is_first or not form.batch_first or rows.one_each):
            at = sequence_x + (ring - 8) / 2
            key = Element("x", layer=0, sequence=sequence)
            marks += sequence_mark(at, middle, sequence, form.N, style, _RING, key=key)
        if step and (is_first or form.batch_first or not ring):
            marks.append(_step(t, step_x, middle, lit, look))
        if token and rows.tokens is not None:
            text = elide(rows.tokens(sequence, t), token - 8, _SIZE, "mono")
            color = style.ui.text if lit or rows.is_done(row) else style.ui.muted
            marks.append(label(text, x + step + ring, middle + 4, color, _SIZE, font="mono"))
    return marks


def _step(t: int, x: float, middle: float, lit: bool, look: Look) -> Text:
    color = look.style.ui.text if lit else look.style.ui.muted
    runs = math_runs(f"t = {t + 1}")
    return Text(x, middle + 4.5, runs, color, 13, font="math")
