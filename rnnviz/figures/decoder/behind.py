"""Behind the decoder: what it thinks comes next as bars, its choice, and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.decoder.layout import Stage
from rnnviz.figures.decoder.sheet import BARS
from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import signed
from rnnviz.figures.strips import future_dash
from rnnviz.scene.axes import format_value
from rnnviz.scene.marks import Anchor, Mark, Rect
from rnnviz.scene.text import elide, label, text_width

_WIDEST = 116.0  # of all bars of a step, at scale 1
_BAR = 16.0  # px at most from one bar to the next, at scale 1
_MOST = 14  # bars of a step; of more classes the likeliest are shown
_KEPT = 8
_NAME = 11.0
_MEMO = Memo(most=2048)
_OTHERS = 0.42  # opacity of the bars that are not chosen


@dataclass(frozen=True)
class Bars:
    """The bars of one step.

    Attributes:
        classes: those on show, ascending.
        left: of the first bar, px; `pitch` from one to the next.
        chosen, target: ids; None where there is none.
    """

    classes: tuple[int, ...]
    left: float
    pitch: float
    chosen: int | None
    target: int | None

    def middle(self, index: int) -> float:
        """The middle of a class's bar; the class is one of those on show."""
        return self.left + (self.classes.index(index) + 0.5) * self.pitch


def shown_name(stage: Stage) -> str:
    """What the bars are of: "probabilities", or "scores" where there are no others."""
    wished = stage.options.bars
    return wished if wished in stage.story.decoder.pr.tensors else "scores"


def is_signed(stage: Stage) -> bool:
    """Whether bars go up and down from the middle."""
    return stage.story.is_difference or shown_name(stage) == "scores"


def bars_of(stage: Stage, t: int) -> Bars:
    """Which bars a step has, and where they stand."""
    story, n, k = stage.story, stage.sequence, stage.scale
    done = story.decoder.is_done(story.decoder.run.num_layers - 1, t, n)
    chosen = story.chosen(t, n) if done else None
    target = story.target(t, n)
    named = {each for each in (chosen, target) if each is not None}
    classes = tuple(range(story.classes))
    if story.classes > _MOST:
        likely = _likeliest(stage, t) if done else range(_KEPT)
        classes = tuple(sorted({*likely, *named}))
    pitch = min(_WIDEST / len(classes), _BAR) * k
    left = stage.layout.decoder.center(t) - pitch * len(classes) / 2
    return Bars(classes, left, pitch, chosen, target)


def _likeliest(stage: Stage, t: int) -> tuple[int, ...]:
    """The classes of the highest bars; of differences those that changed most."""
    story, name = stage.story, shown_name(stage)

    def find() -> tuple[int, ...]:
        values = story.values(name, t, stage.sequence)
        wanted = np.abs(values) if story.is_difference else values
        return tuple(np.argpartition(-wanted, _KEPT)[:_KEPT].tolist())

    return _MEMO.get(story.decoder.pr, (name, t, stage.sequence), find)


def behind(stage: Stage, t: int) -> list[Mark]:
    """The bars of a step with their names, its choice and its target."""
    story, decoder = stage.story, stage.story.decoder
    bars = bars_of(stage, t)
    done = decoder.is_done(decoder.run.num_layers - 1, t, stage.sequence)
    marks = _bars(stage, t, bars) if done else _to_come(stage, t, bars)
    marks += _names(stage, bars, known=done)
    if bars.target is not None:
        x, y = bars.middle(bars.target), stage.y(stage.sheet.names) + 4.5
        wide = max(bars.pitch * 0.8, 10.0)
        key = decoder.key("targets", stage.sequence, None, t)
        ink = stage.style.ui.text if done else stage.style.ui.disabled
        marks.append(Rect(x - wide / 2, y, wide, 2.5, ink, radius=1.0, key=key))
    elif story.targets is not None:
        x, y = stage.layout.decoder.center(t), stage.y(stage.sheet.names) + 9
        color = stage.style.ui.muted
        marks.append(label("no target", x, y + 4, color, 10.5, anchor="middle"))
    return marks


def _key(stage: Stage, t: int, index: int) -> Element:
    return stage.story.decoder.key(shown_name(stage), stage.sequence, None, t, index)


def _bars(stage: Stage, t: int, bars: Bars) -> list[Mark]:
    values = stage.story.values(shown_name(stage), t, stage.sequence)
    role, limit = stage.style.role("y"), stage.story.limit(shown_name(stage))
    top, height = stage.y(stage.sheet.bars), BARS * stage.scale
    share = 0.5 if is_signed(stage) else 1.0
    zero = top + height * share
    marks: list[Mark] = []
    for place, index in enumerate(bars.classes):
        x, value = bars.left + place * bars.pitch, float(values[index])
        size = min(abs(value) / limit, 1.0) * height * share if np.isfinite(value) else 0.0
        y = zero - size if value >= 0 else zero
        wide = max(bars.pitch - max(1.0, bars.pitch * 0.14), 1.0)
        opacity = 1.0 if index == bars.chosen else _OTHERS
        marks.append(Rect(x, y, wide, max(size, 0.75), role.line, radius=1.0, opacity=opacity))
        marks.append(Rect(x, top, bars.pitch, height, key=_key(stage, t, index)))
        if index == bars.chosen:
            marks.append(_number(stage, t, value, (x + wide / 2, min(y, zero) - 4)))
    line = Rect(bars.left - 3, zero, bars.pitch * len(bars.classes) + 6, 1, stage.style.ui.border)
    return [line, *marks]


def _number(stage: Stage, t: int, value: float, place: tuple[float, float]) -> Mark:
    """The value of the choice, above its bar and within its column."""
    text = signed(value) if stage.story.is_difference else format_value(value)
    color, size = stage.style.role("y").text, stage.size(11)
    reach, track = text_width(text, size, weight=600) / 2 + 1.5, stage.layout.decoder
    x = min(max(place[0], track.left(t) + reach), track.left(t) + track.width(t) - reach)
    return label(text, x, place[1], color, size, weight=600, anchor="middle")


def _to_come(stage: Stage, t: int, bars: Bars) -> list[Mark]:
    top, height = stage.y(stage.sheet.bars), BARS * stage.scale
    dash, color = future_dash(stage.style), stage.style.ui.border_strong
    low, high = 0.45, 0.55
    marks: list[Mark] = []
    for place, index in enumerate(bars.classes):
        x = bars.left + place * bars.pitch
        wide = max(bars.pitch - max(1.0, bars.pitch * 0.14), 1.0)
        box = x, top + height * high, wide, height * low
        marks.append(Rect(*box, None, color, 0.75, 1.0, dash, key=_key(stage, t, index)))
    return marks


def _names(stage: Stage, bars: Bars, *, known: bool) -> list[Mark]:
    """The names of the bars: of the choice and the target first, of others where there is room."""
    ui, y = stage.style.ui, stage.y(stage.sheet.names)
    size = min(stage.size(_NAME), 13.0)
    marks: list[Mark] = []
    taken: list[tuple[float, float]] = []
    for index, x, anchor in _placed(stage, bars, size):
        words = _name(stage, index, size)
        wide = text_width(words, size, "mono")
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
        named = index in (bars.chosen, bars.target)
        if not named and wide > bars.pitch + 1:
            continue
        if any(left < b + 3 and left + wide > a - 3 for a, b in taken):
            continue
        taken.append((left, left + wide))
        color = ui.disabled if not known else ui.text if named else ui.muted
        if index == bars.chosen:
            color = stage.style.role("y").text
        marks.append(label(words, x, y, color, size, font="mono", anchor=anchor))
    return marks


def _placed(stage: Stage, bars: Bars, size: float) -> list[tuple[int, float, Anchor]]:
    """Every class with where its name is to stand, the most telling first."""
    first, second = bars.chosen, bars.target
    others = [index for index in bars.classes if index not in (first, second)]
    middle: Anchor = "middle"
    if first is None or second is None or first == second:
        named = [index for index in (first, second) if index is not None][:1]
        return [(index, bars.middle(index), middle) for index in (*named, *others)]
    left, right = sorted((first, second))
    a, b = bars.middle(left), bars.middle(right)
    wide = sum(text_width(_name(stage, index, size), size, "mono") for index in (left, right))
    both: list[tuple[int, float, Anchor]] = [(left, a, middle), (right, b, middle)]
    if b - a < wide / 2 + 5:
        between = (a + b) / 2
        both = [(left, between - 3, "end"), (right, between + 3, "start")]
    return [*both, *((index, bars.middle(index), middle) for index in others)]


def _name(stage: Stage, index: int, size: float) -> str:
    around = stage.story.around
    name = around.class_name(index) if around.classes else around.token(index)
    return elide(name, 56 * max(stage.scale, 0.7), size, "mono")
