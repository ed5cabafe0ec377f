"""Labels flattened one way against scores flattened the other: which label meets which score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rnnviz.element import Element
from rnnviz.figures.remarks import verdict
from rnnviz.figures.rows.cells import Stage, badge, place_text, spaced
from rnnviz.figures.rows.layout import MARGIN, PAIR, PAIR_HEAD, shifted
from rnnviz.model.pipeline.arrangements import Pairing
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.text import elide, label, text_width

_LEFT = 96.0
_TITLE_GAP = "    "
_CHIP = 24.0
_BELOW = 46.0  # from the scores to their labels
_OTHER = {"time": "batch", "batch": "time"}
_BY = {"time": "time by time", "batch": "batch by batch"}


def draw_pairs(stage: Stage) -> Iterator[Mark]:
    """Both orders of the labels, the wrong one first."""
    top, subject = stage.layout.labels, stage.subject
    if top is None:
        return
    ui = stage.style.ui
    order, other = subject.order, _OTHER[subject.order]
    yield label("Scores against labels, row by row", MARGIN, top, ui.text, weight=600)
    flat = "scores.reshape(-1, C)"
    text = f"{flat} lies {_BY[order]}, as the scores are ({', '.join(subject.axes)}, C)."
    yield label(text, MARGIN, top + 18, ui.muted, 11)
    ways = (
        (other, f"labels.reshape(-1)  # ({', '.join(subject.given)}): {_BY[other]}"),
        (order, f"labels.transpose(0, 1).reshape(-1)  # {_BY[order]}"),
    )
    for number, (labels, title) in enumerate(ways):
        y = top + PAIR_HEAD - 14 + number * PAIR
        yield from _strip(stage, y, subject.pairing(labels), title)


def _strip(stage: Stage, y: float, pairing: Pairing, title: str) -> Iterator[Mark]:
    layout, ui = stage.layout, stage.style.ui
    kind, said = pairing_said(pairing)
    after, shown = MARGIN + _LEFT, said + _TITLE_GAP
    yield from verdict(MARGIN, y - 2, kind, said, stage.style)
    beside = MARGIN + 20 + text_width(shown, 12)
    yield label(title, beside, y - 2, ui.muted, 11, font="mono")
    yield label("scores", MARGIN, y + _CHIP / 2 + 14, ui.text, 11.5, font="mono")
    yield label("labels", MARGIN, y + _BELOW + _CHIP / 2 + 4, ui.text, 11.5, font="mono")
    for place, row in enumerate(layout.rows):
        x = after + shifted(layout.rows, place) * layout.pair_cell
        if place and row > layout.rows[place - 1] + 1:
            gap = x - layout.pair_cell / 4 - 3
            yield label("…", gap, y + 30, ui.muted, anchor="middle")
        yield from _pair(stage, (x, y + 10), row, pairing)


def pairing_said(pairing: Pairing) -> tuple[Literal["good", "bad"], str]:
    """How many rows are compared with their own label."""
    right, rows = pairing.right_count, len(pairing.scores)
    if right == rows:
        return "good", f"{spaced(rows)} of {spaced(rows)} rows meet their own label."
    return "bad", f"{spaced(rows - right)} of {spaced(rows)} rows meet another's label."


def _pair(stage: Stage, at: tuple[float, float], row: int, pairing: Pairing) -> Iterator[Mark]:
    x, y = at
    width = stage.layout.pair_cell - 6
    score, wanted = pairing.scores[row], pairing.labels[row]
    good = score == wanted
    lit = score[1] == stage.subject.now
    yield from _chip(stage, (x, y, width, _CHIP), score, Element("flat_scores", row=row), lit)
    n, t = wanted
    key = Element("targets", t=t, sequence=n)
    box = (x, y + _BELOW - 6, width, _CHIP)
    yield from _chip(stage, box, wanted, key, False, stage.subject.label(n, t))
    middle = x + width / 2
    line = stage.style.ui.border_strong if good else stage.style.ui.error
    yield Rect(middle - 0.75, y + _CHIP, 1.5, _BELOW - 6 - _CHIP, fill=line)
    yield from badge(middle, y + (_BELOW - 6 + _CHIP) / 2, good, stage.style, 5.5)


def _chip(
    stage: Stage,
    box: tuple[float, float, float, float],
    place: tuple[int, int],
    key: Element,
    lit: bool,
    text: str = "",
) -> Iterator[Mark]:
    x, y, width, height = box
    colors, style = stage.tint(place[0]), stage.style
    line, wide = (style.current.line, 2.0) if lit else (colors.mark, 1.0)
    yield Rect(x, y, width, height, colors.fill, line, wide, 5, key=key)
    said = place_text(stage, x + 6, y + height / 2 + 4, *place)
    if not text:
        middle = Text(x + width / 2, said.y, said.runs, said.color, said.size, anchor="middle")
        yield middle
        return
    yield said
    room = width - 34
    shown = elide(text, room, 11, "mono")
    yield Text(x + width - 6, said.y, (Run(shown),), style.ui.text, 11, font="mono", anchor="end")
