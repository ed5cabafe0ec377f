"""One place of the batch, wherever it has come to lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnviz.element import Element
from rnnviz.figures.rows.layout import Layout, place_width
from rnnviz.figures.rows.options import RowsOptions
from rnnviz.figures.rows.subject import Subject, letter
from rnnviz.figures.strips import crosses, padding_box, signed_strip
from rnnviz.figures.tints import Tint, tint
from rnnviz.figures.token_cards import token_card
from rnnviz.scene.marks import Circle, Mark, Path, Rect, Run, Text
from rnnviz.scene.style import Style

Box = tuple[float, float, float, float]
_SIZE = 11.5


@dataclass(frozen=True, eq=False)
class Stage:
    """What every part of one drawing needs."""

    subject: Subject
    options: RowsOptions
    layout: Layout
    style: Style

    def tint(self, sequence: int) -> Tint:
        """A sequence's colours."""
        return tint(sequence, self.subject.N, self.style)

    def key(self, n: int, t: int) -> Element:
        """What stands at a place of the batch."""
        if self.subject.pr.ids is not None:
            return Element("ids", t=t, sequence=n)
        return Element("x", layer=0, t=t, sequence=n)


def draw_cell(stage: Stage, box: Box, n: int, t: int, right: bool = True) -> Iterator[Mark]:
    """Sequence n's timestep t: its letter on its tint, its number, and what it holds."""
    subject, style = stage.subject, stage.style
    x, y, width, height = box
    colors, key = stage.tint(n), stage.key(n, t)
    yield Rect(x, y, width, height, colors.fill, colors.mark, radius=5, key=key)
    yield place_text(stage, x + 6, y + height / 2 + 4, n, t)
    left = x + place_width(subject) + 2
    inner = (left, y + 4, x + width - 5 - left, height - 8)
    if t >= subject.lengths[n]:
        yield padding_box(inner, style, key=key)
    else:
        yield from _content(stage, inner, n, t, key)
    if not right:
        yield from wrong_mark(stage, box)


def _content(stage: Stage, box: Box, n: int, t: int, key: Element) -> Iterator[Mark]:
    subject, style = stage.subject, stage.style
    values = subject.vector(n, t)
    if values is None:
        yield from token_card(box, subject.token(n, t), style, key)
        return
    colors = style.signed.colors(values, subject.limit)
    yield from signed_strip(box, colors, style.role("x"), key, crossed=crosses(values))


def place_text(stage: Stage, x: float, base: float, n: int, t: int) -> Text:
    """A letter and a timestep: `A1`."""
    runs = (Run(letter(n), bold=True), Run(str(t + 1), stage.style.ui.text_secondary))
    return Text(x, base, runs, stage.style.ui.text, _SIZE)


def wrong_mark(stage: Stage, box: Box) -> Iterator[Mark]:
    """A frame and a cross: this is not what belongs here."""
    x, y, width, height = box
    yield Rect(x, y, width, height, stroke=stage.style.ui.error, stroke_width=1.75, radius=5)
    yield from badge(x + width - 1, y + 1, False, stage.style)


def badge(x: float, y: float, good: bool, style: Style, radius: float = 6.0) -> Iterator[Mark]:
    """A small tick or cross about a point."""
    k = radius / 7.5
    yield Circle(x, y, radius, fill=style.ui.ok if good else style.ui.error)
    tick = (
        ("M", x - 3.2 * k, y + 0.2 * k),
        ("L", x - 0.9 * k, y + 2.5 * k),
        ("L", x + 3.3 * k, y - 2.2 * k),
    )
    r = 2.7 * k
    cross = (
        ("M", x - r, y - r),
        ("L", x + r, y + r),
        ("M", x + r, y - r),
        ("L", x - r, y + r),
    )
    strokes = tick if good else cross
    yield Path(strokes, stroke=style.ui.on_accent, stroke_width=1.5)  # type: ignore[arg-type]


def spaced(count: int) -> str:
    """A count with thin spaces between its thousands."""
    return f"{count:,}".replace(",", "\u2009")
