"""The probabilities of one timestep; of many classes a list of the likeliest ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.numerals import difference_digits, signed
from rnnviz.figures.strips import future_dash
from rnnviz.figures.unrolled.blocks import Axis, bars_box
from rnnviz.figures.unrolled.slices import Floats, limit_of
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.text import elide, label, text_width

BESIDE = 0.5  # opacity of the bars that are not the likeliest
_NAME_SHARE = 0.6  # of a list's width
_LEAST = 0.005  # a smaller probability has an exponent


@dataclass(frozen=True, eq=False)
class Block:
    """The bars of one timestep.

    Attributes:
        classes: of each bar, −1 for one that is not known yet.
        target: the class that is wanted, −1 for none.
        done: whether the probabilities are there.
    """

    stage: Stage
    t: int
    axis: Axis
    values: Floats
    classes: Sequence[int]
    target: int
    done: bool

    @property
    def key(self) -> Element:
        return Element("probabilities", t=self.t, sequence=self.stage.sequence)

    @property
    def likeliest(self) -> int:
        """The class whose bar stands out; −1 where no value is a number."""
        sizes = np.abs(self.values) if self.stage.run.is_difference else self.values
        return int(np.nanargmax(sizes)) if np.isfinite(sizes).any() else -1


def shares_limit(stage: Stage) -> float:
    """The largest difference of probabilities."""
    assert stage.around is not None
    return limit_of(stage.around.pr, "probabilities")


def written_share(stage: Stage, value: float) -> str:
    """A probability, or how it changed."""
    if stage.run.is_difference:
        return signed(value, difference_digits(shares_limit(stage)))
    return format_exponent(value, 0) if 0 < abs(value) < _LEAST else format_value(value)


def broken(block: Block, index: int, x: float, y: float) -> Text:
    """A cross where a probability is no number."""
    ink, size = block.stage.style.ui.error, block.axis.size
    cross = label("×", x, y, ink, size, weight=600, anchor="middle")
    return replace(cross, key=block.key._replace(unit=index))


def listed(block: Block) -> Iterator[Mark]:
    """The likeliest classes and the target, one below the other: name, bar and number."""
    x, y, width, _ = bars_box(block.stage, block.t)
    for place, index in enumerate(block.classes):
        yield from _line(block, index, (x, y + place * block.axis.pitch, width))


def _line(block: Block, index: int, place: tuple[float, float, float]) -> Iterator[Mark]:
    stage, axis, ui = block.stage, block.axis, block.stage.style.ui
    assert stage.around is not None
    x, y, width = place
    split, base = x + width * _NAME_SHARE, y + axis.pitch / 2 + axis.size * 0.3
    aimed, key = index >= 0 and index == block.target, block.key
    if index >= 0:
        key = block.key._replace(unit=index)
        name = elide(stage.around.class_name(index), split - x - 7, axis.size, "mono")
        color = (ui.text if aimed else ui.text_secondary) if block.done else ui.disabled
        text = label(name, split - 6, base, color, axis.size, font="mono", anchor="end")
        yield replace(text, key=key)
        if aimed:
            wide, ink = text_width(name, axis.size, "mono"), ui.text if block.done else None
            mark = key._replace(tensor="targets", unit=None)
            ink = ink or ui.border_strong
            yield Rect(split - 6 - wide, base + 2.5, wide, 2, ink, radius=1, key=mark)
    height = min(axis.pitch * 0.62, 11.0 * stage.scale)
    top, room = y + (axis.pitch - height) / 2, x + width - split
    if block.done:
        yield from _bar(block, index, (split, top, room, height), base)
    else:
        dash = future_dash(stage.style)
        yield Rect(split, top, room * 0.7, height, stroke=ui.border_strong, dash=dash, key=key)


def _bar(
    block: Block, index: int, box: tuple[float, float, float, float], base: float
) -> Iterator[Mark]:
    stage, role, (x, y, room, height) = block.stage, block.stage.style.role("y"), box
    value = float(block.values[index])
    if not np.isfinite(value):
        yield broken(block, index, x + 5, base)
        return
    size = abs(value) / (shares_limit(stage) if stage.run.is_difference else 1.0)
    length, likeliest = max(room * min(size, 1.0), 1.0), index == block.likeliest
    key = block.key._replace(unit=index)
    opacity = 1.0 if likeliest else BESIDE
    yield Rect(x, y, length, height, role.line, radius=1.5, opacity=opacity, key=key)
    text = written_share(stage, value)
    if likeliest and length + 4 + text_width(text, block.axis.size - 1, weight=600) <= room + 12:
        yield label(text, x + length + 3, base, role.text, block.axis.size - 1, weight=600)
