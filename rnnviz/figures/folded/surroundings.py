"""What stands around the diagram: titles, spaces, the sign between both halves, time, colours."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from rnnviz.figures.colorbar import bar, end_labels
from rnnviz.figures.compared import shown_words
from rnnviz.figures.folded.page import CARD, STRIP_HEIGHT, Lane
from rnnviz.figures.folded.stage import Stage
from rnnviz.figures.folded.wires import dots
from rnnviz.scene.marks import Anchor, Mark, Path, Rect, Run, Text
from rnnviz.scene.text import label, math_runs, runs_width, text_width

_TITLE = 16.0
_LETTER = 19.0
_TITLE_AT = 30.0
_SPACE = 15.0
_BAR = (112.0, 7.0)
_NUMBER = 10.5
_TICK = 4.0
_TITLED = 250.0  # px that the second title takes


def titles(stage: Stage) -> list[Mark]:
    """a Folded, b Unrolled over T steps."""
    page, ui = stage.page, stage.style.ui
    x = page.spacing.margin
    marks: list[Mark] = []
    aside = 24.0 * stage.named
    if stage.named:
        marks.append(_letter("a", x, ui.text, stage.named**3))
    marks.append(label("Folded", x + aside, _TITLE_AT, ui.text, _TITLE, weight=500))
    if stage.settled:
        marks += _second_title(stage)
    return marks


def _second_title(stage: Stage) -> list[Mark]:
    page, ui, opacity = stage.page, stage.style.ui, stage.settled
    count = page.length
    words = f"Unrolled over T = {count} steps" if count != 1 else "Unrolled over T = 1 step"
    x = page.unrolled
    text = label(words, x + 24, _TITLE_AT, ui.text, _TITLE, weight=500)
    return [_letter("b", x, ui.text, opacity), replace(text, opacity=opacity)]


def _letter(letter: str, x: float, color: str, opacity: float) -> Text:
    text = label(letter, x, _TITLE_AT, color, _LETTER, weight=600)
    return replace(text, opacity=opacity)


def equals(stage: Stage) -> list[Mark]:
    """The sign that both diagrams are the same computation."""
    if not stage.settled:
        return []
    page, ink = stage.page, stage.style.ui.text
    x = page.unrolled - (page.spacing.equals - 5) / 2  # the loop ends in a box
    y = (page.lanes[0].top + page.lanes[-1].top + page.card) / 2
    return [Rect(x - 10, y + shift, 20, 1.8, ink, opacity=stage.settled) for shift in (-4.4, 2.6)]


def spaces(stage: Stage) -> list[Mark]:
    """Beside the folded cell, the spaces that its vectors are of."""
    page = stage.page
    marks: list[Mark] = [_space(stage, lane, tensor) for lane in page.lanes for tensor in page.rows]
    middle = page.x_top + STRIP_HEIGHT / 2
    name = input_space(stage) if page.layers[-1] else "ℝ^I"
    x = stage.folded + (CARD - 66) / 2 - 8
    return [*marks, _space_text(stage, name, x, middle, "end")]


def input_space(stage: Stage) -> str:
    """The space of what a layer above the lowest receives."""
    out = "P" if stage.run.spec.proj_size else "H"
    return f"ℝ^{{2{out}}}" if stage.page.both else f"ℝ^{out}"


def _space(stage: Stage, lane: Lane, tensor: str) -> Text:
    name = "ℝ^P" if tensor == "h" and stage.run.spec.proj_size else "ℝ^H"
    y = stage.page.wire(lane, tensor)
    if lane.direction:
        return _space_text(stage, name, stage.folded + CARD + 15, y, "start")
    aside = 15.0 if stage.page.both else 7.0
    return _space_text(stage, name, stage.folded - aside, y, "end")


def _space_text(stage: Stage, name: str, x: float, middle: float, anchor: Anchor) -> Text:
    color = stage.style.ui.muted
    runs = tuple(run._replace(italic=run.text != "ℝ" and run.italic) for run in math_runs(name))
    return Text(x, middle + 0.3 * _SPACE, runs, color, _SPACE, "math", anchor=anchor)


def time_axis(stage: Stage) -> list[Mark]:
    """The axis of time under the chain, the current steps lit."""
    page, ui, opacity = stage.page, stage.style.ui, stage.settled
    if not opacity:
        return []
    y = page.axis
    start = page.columns[0] - page.spacing.start / 2
    end = page.columns[-1] + CARD + max(page.spacing.tail, 30)
    axis = Path((("M", start, y), ("L", end, y)), ui.muted, 1.0, arrow=True, opacity=opacity)
    marks: list[Mark] = [axis]
    lit = set(stage.current.values())
    for left, t in zip(page.columns, page.shown, strict=True):
        middle = left + CARD / 2
        marks.append(Rect(middle - 0.5, y - _TICK, 1, 2 * _TICK, ui.muted, opacity=opacity))
        marks += _time(stage, middle, t, lit=t in lit)
    time = label("time", end, y + 20, ui.muted, 12.0, anchor="end")
    if page.columns[-1] + CARD / 2 + 26 > end - 28:
        time = replace(time, x=end + 6, y=y + 4, anchor="start")
    return [*marks, replace(time, opacity=opacity)]


def _time(stage: Stage, middle: float, t: int, *, lit: bool) -> list[Mark]:
    ui, y = stage.style.ui, stage.page.axis + 20
    known = any(stage.is_known("h", lane, t) or stage.is_lit(lane, t) for lane in stage.page.lanes)
    color = ui.on_accent if lit else ui.text_secondary if known else ui.disabled
    runs = math_runs(f"t = {t + 1}")
    text = Text(middle, y, runs, color, 15.0, "math", anchor="middle", opacity=stage.settled)
    if not lit:
        return [text]
    width = runs_width(text) + 14
    tab = Rect(middle - width / 2, y - 14, width, 20, ui.accent, radius=5, opacity=stage.settled)
    return [tab, text]


def left_out(stage: Stage) -> list[Mark]:
    """Dots in the rows of names and of inputs, where steps are left out."""
    page, marks = stage.page, list[Mark]()
    top = [lane for lane in page.lanes if lane.layer == page.layers[0]]
    names, inputs = page.lanes[0].top - 54, page.x_top + STRIP_HEIGHT / 2
    for place, (t, after) in enumerate(pairwise(page.shown) if stage.settled else ()):
        if after == t + 1:
            continue
        middle = (page.columns[place] + CARD + page.columns[place + 1]) / 2
        known = all(stage.is_known("h", lane, at) for lane in top for at in (t + 1, after - 1))
        marks += dots(stage, middle, names, "h", stage.settled, known=known)
        marks += dots(stage, middle, inputs, "x", stage.settled)
    return marks


def colors(stage: Stage) -> list[Mark]:
    """The bar of the signed colours with its ranges: of the states above it, of x below."""
    if not stage.settled:
        return []
    scales = _scales(stage)
    x = stage.page.width - stage.page.spacing.margin - _BAR[0] - 4
    found, left = (_listed if len(scales) > 2 else _beside)(stage, scales, x)
    marks: list[Mark] = [bar(x, 20, *_BAR, stage.style.signed, stage.settled), *found]
    words = "" if stage.options.caption else shown_words(stage.view)
    if words and left - text_width(words, 12) - 24 > stage.page.unrolled + _TITLED:
        ink = stage.style.ui.text_secondary
        said = label(words, left - 14, 28, ink, 12, anchor="end")
        marks.append(replace(said, opacity=stage.settled))
    return marks


def _beside(stage: Stage, scales: list[tuple[float, str]], x: float) -> tuple[list[Mark], float]:
    """The numbers of two ranges, above the bar and below it, and where their letters begin."""
    marks: list[Mark] = []
    ink, opacity, left = stage.style.ui.muted, stage.settled, x
    for (limit, letters), base in zip(scales, (15.0, 39.0), strict=False):
        low, high = end_labels(limit, signed=True)
        for at, text in ((x, low), (x + _BAR[0] / 2, "0"), (x + _BAR[0], high)):
            number = label(text, at, base, ink, _NUMBER, anchor="middle")
            marks.append(replace(number, opacity=opacity))
        names = _letters(letters, stage)
        place = x - text_width(low, _NUMBER) / 2 - 6
        written = Text(place, base, names, ink, 14.0, "math", anchor="end", opacity=opacity)
        marks.append(written)
        left = min(left, place - runs_width(written))
    return marks, left


def _listed(stage: Stage, scales: list[tuple[float, str]], x: float) -> tuple[list[Mark], float]:
    """Three ranges, written out before the bar, and where they begin."""
    ink = stage.style.ui.muted
    runs: list[Run] = []
    for limit, letters in scales:
        runs += [*_letters(letters, stage), Run(f" ±{end_labels(limit, signed=True)[1]}   ")]
    runs[-1] = runs[-1]._replace(text=runs[-1].text.rstrip())
    text = Text(x - 8, 28, tuple(runs), ink, 14.0, "math", anchor="end", opacity=stage.settled)
    return [text], x - 8 - runs_width(text)


def _letters(letters: str, stage: Stage) -> tuple[Run, ...]:
    runs: list[Run] = [Run("Δ ")] if stage.run.is_difference else []
    for letter in letters:
        runs += [Run(", ")] if runs and letter != letters[0] else []
        runs.append(Run(letter, stage.style.role(letter).text, italic=True))
    return tuple(runs)


def _scales(stage: Stage) -> list[tuple[float, str]]:
    """The ranges of the colours, each with the letters that it holds for."""
    found: dict[float, str] = {}
    first = [*stage.page.rows, *(["x"] if not stage.page.layers[-1] else [])]
    for letter in first:
        limit = stage.ranges.limit(letter)
        found[limit] = found.get(limit, "") + letter
    return list(found.items())
