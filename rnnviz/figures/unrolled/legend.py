"""The key to the colours: a strip above the pane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rnnviz.figures.colorbar import bar, end_labels
from rnnviz.figures.compared import shown_words
from rnnviz.figures.unrolled.rooms import Rooms, rooms_of
from rnnviz.figures.unrolled.scales import Scales, scale_names, scales_of
from rnnviz.figures.unrolled.wires import gradient_dash
from rnnviz.figures.view import View
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Apertures, Cells, Mark, Path, Rect, Run, Scene, Segment, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, runs_width, text_width

HEIGHT = 44.0
_MIDDLE = 22.0
_SIDE = 20.0
_GAP = 22.0
_SWATCH = (17.0, 14.0)
_GATE = (25.0, 15.0)
_WORD, _SYMBOL, _NUMBER = 12.0, 15.0, 10.5


@dataclass(frozen=True, slots=True)
class _Wording:
    """How many words the legend affords, and how long its bar is."""

    names: bool
    gates: str
    title: str
    bar: float
    gap: float = _GAP


_WORDINGS = (
    _Wording(True, "gate, open from 0 to 1", "signed value", 150),
    _Wording(True, "gate, 0 to 1", "signed value", 120, 18),
    _Wording(True, "gate, 0 to 1", "", 110, 16),
    _Wording(True, "gate", "", 96, 14),
    _Wording(True, "", "", 80, 12),
    _Wording(False, "", "", 80, 12),
    _Wording(False, "", "", 0, 10),
)


def legend(view: View, width: float, style: Style) -> Scene:
    """The widest wording of the key that fits the width."""
    run, rooms, scales = view.run, rooms_of(view.around), scales_of(view)
    for words in _WORDINGS:
        left, end = _left(run, rooms, words, style)
        right, begin = _right(scales, _of_two_runs(words, view), style, width - _SIDE)
        if end + _GAP <= begin:
            break
    line = Rect(0, HEIGHT - 1, width, 1, fill=style.ui.border)
    return Scene(width, HEIGHT, (*left, *right, line), style.background, "Key to the colours")


def _of_two_runs(words: _Wording, view: View) -> _Wording:
    """The same wording, its bar named by what is shown of two runs."""
    shown = shown_words(view)
    if not shown:
        return words
    if view.run.is_difference:
        return replace(words, title=shown)
    return replace(words, title=f"{shown}, {words.title}" if words.title else shown)


def _left(run: Trace, rooms: Rooms, words: _Wording, style: Style) -> tuple[list[Mark], float]:
    marks: list[Mark] = []
    x = _SIDE
    for letter, name in _items(run, rooms):
        found, x = _item(letter, name if words.names else "", x, style)
        marks += found
        x += words.gap
    gates = [gate for gate in run.cell.gates if gate in run.cell.sigmoid_gates]
    if gates:
        found, x = _gates(gates, words.gates, x, style, run.is_difference)
        marks += found
        x += words.gap
    for found, end in _outer(rooms, words, x, style):
        marks += found
        x = end + words.gap
    return marks, x - words.gap


def _outer(
    rooms: Rooms, words: _Wording, x: float, style: Style
) -> Iterator[tuple[list[Mark], float]]:
    """The mark of targets and the arrows of gradients, where they occur."""
    color = style.ui.text_secondary
    if rooms.target and rooms.on and words.names:
        dash = Rect(x, _MIDDLE - 1.25, 15, 2.5, style.ui.text, radius=1.25)
        yield (
            [dash, label("target", x + 21, _MIDDLE + 4.2, color, _WORD)],
            (x + 21 + text_width("target", _WORD)),
        )
        x += 21 + text_width("target", _WORD) + words.gap
    if rooms.returning:
        segments: tuple[Segment, ...] = (("M", x + 27, _MIDDLE), ("L", x, _MIDDLE))
        line, dashes = style.role("gradient").line, gradient_dash(style)
        arrow = Path(segments, line, 1.75, None, dashes, arrow=True)
        name = "gradient" if words.names else "∂"
        end = x + 33 + text_width(name, _WORD)
        yield [arrow, label(name, x + 33, _MIDDLE + 4.2, color, _WORD)], end


def _items(run: Trace, rooms: Rooms) -> Iterator[tuple[str, str]]:
    yield "x", "input"
    yield "h", "hidden"
    if run.cell.has_c:
        yield "c", "cell"
    yield "y" if rooms.on else "", "output"


def _item(letter: str, name: str, x: float, style: Style) -> tuple[list[Mark], float]:
    role = style.role(letter or "y")
    width, height = _SWATCH
    marks: list[Mark] = [
        Rect(
            x,
            _MIDDLE - height / 2,
            width,
            height,
            fill=role.fill,
            stroke=role.line,
            stroke_width=1.5,
            radius=3,
        )
    ]
    x += width + 7
    if letter:
        symbol = Text(x, _MIDDLE + 4.5, (Run(letter, italic=True),), role.text, _SYMBOL, "math")
        marks.append(symbol)
        x += runs_width(symbol)
    if name or not letter:
        x += 4 if letter else 0
        color = style.ui.text_secondary
        marks.append(label(name or "output", x, _MIDDLE + 4.2, color, _WORD))
        x += text_width(name or "output", _WORD)
    return marks, x


def _gates(
    gates: list[str], words: str, x: float, style: Style, difference: bool
) -> tuple[list[Mark], float]:
    """Gates as windows; their differences are signed values like any other."""
    role = style.role(gates[0])
    width, height = _GATE
    box = (x, _MIDDLE - height / 2, width, height)
    marks: list[Mark] = [
        Cells(*box, style.signed.colors([[-0.6, 0.0, 0.6]], 1.0), gap=1.0, axes=("", ""))
        if difference
        else Apertures(*box, np.array([0.25, 0.65, 1.0]), role.line, role.fill),
        Rect(*box, stroke=role.line, stroke_width=1.25, radius=2),
    ]
    words = "gate" if words and difference else words
    x += width + 7
    runs: list[Run] = []
    for gate in gates:
        runs += [Run(",")] if runs else []
        runs.append(Run(gate, color=style.role(gate).text, italic=True))
    names = Text(x, _MIDDLE + 4.5, tuple(runs), style.ui.text_secondary, _SYMBOL, "math")
    x += runs_width(names)
    marks.append(names)
    if words:
        marks.append(label(words, x + 6, _MIDDLE + 4.2, style.ui.text_secondary, _WORD))
        x += 6 + text_width(words, _WORD)
    return marks, x


def _right(scales: Scales, words: _Wording, style: Style, end: float) -> tuple[list[Mark], float]:
    """The bar with its ranges, its right end at `end`; where it begins is returned too."""
    if not words.bar:
        return [], end
    if len(scales) > 2:
        return _listed(scales, words, style, end)
    names = [scale_names(letters, style) for _, letters in scales]
    names_width = max(runs_width(text) for text in names)
    half = max(text_width(end_labels(limit, signed=True)[0], _NUMBER) / 2 for limit, _ in scales)
    beside = max(14.0, half + 4)
    start = end - names_width - beside - words.bar
    top = _MIDDLE - 4
    marks: list[Mark] = [bar(start, top, words.bar, 8, style.signed)]
    for index, ((limit, _), text) in enumerate(zip(scales, names, strict=True)):
        above = index == 0
        base = top - 4 if above else top + 8 + 11
        marks += _numbers(limit, start, words.bar, base, style)
        x = start + words.bar + beside
        marks.append(Text(x, base + 1, text.runs, text.color, text.size, "math"))
    low = start - half
    if words.title:
        color = style.ui.text_secondary
        marks.append(label(words.title, low - 8, _MIDDLE + 4.2, color, _WORD, anchor="end"))
        low -= 8 + text_width(words.title, _WORD)
    return marks, low


def _listed(scales: Scales, words: _Wording, style: Style, end: float) -> tuple[list[Mark], float]:
    """A bar whose ranges are written out beside it, where there are more than two."""
    marks: list[Mark] = []
    x = end
    for limit, letters in reversed(scales):
        names = scale_names(letters, style)
        amount = f" ±{end_labels(limit, signed=True)[1]}"
        x -= text_width(amount, _NUMBER) + runs_width(names)
        marks.append(replace(names, x=x, y=_MIDDLE + 4.5))
        at = x + runs_width(names)
        marks.append(label(amount, at, _MIDDLE + 4.2, style.ui.text_secondary, _NUMBER))
        x -= 12
    start = x - words.bar / 2
    marks.append(bar(start, _MIDDLE - 4, words.bar / 2, 8, style.signed))
    if words.title:
        marks.append(
            label(
                words.title, start - 8, _MIDDLE + 4.2, style.ui.text_secondary, _WORD, anchor="end"
            )
        )
        start -= 8 + text_width(words.title, _WORD)
    return marks, start


def _numbers(limit: float, x: float, width: float, base: float, style: Style) -> list[Mark]:
    low, high = end_labels(limit, signed=True)
    places = ((x, low), (x + width / 2, "0"), (x + width, high))
    color = style.ui.text_secondary
    return [label(text, at, base, color, _NUMBER, anchor="middle") for at, text in places]
