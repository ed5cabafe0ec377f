"""The key to the figure: roles, choice, target and gradient, and the signed colours."""

from __future__ import annotations

from rnnviz.figures.colorbar import bar, end_labels
from rnnviz.figures.compared import shown_words
from rnnviz.figures.decoder.story import Story
from rnnviz.scene.marks import Mark, Path, Rect, Run, Scene, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, runs_width, text_width

HEIGHT = 44.0
_MIDDLE, _SIDE = 22.0, 20.0
_WORD, _SYMBOL, _NUMBER = 12.0, 15.0, 10.5
_GAPS = (22.0, 16.0, 12.0)
_BAR = (120.0, 90.0, 0.0)


def legend(story: Story, width: float, style: Style) -> Scene:
    """The widest wording of the key that fits the width."""
    for names in (True, False):
        for gap, length in zip(_GAPS, _BAR, strict=True):
            left, end = _left(story, style, gap, names=names)
            right, begin = _right(story, style, length, width - _SIDE, names=names)
            if end + gap <= begin:
                break
        else:
            continue
        break
    line = Rect(0, HEIGHT - 1, width, 1, style.ui.border)
    return Scene(width, HEIGHT, (*left, *right, line), style.background, "Key to the colours")


def _left(story: Story, style: Style, gap: float, *, names: bool) -> tuple[list[Mark], float]:
    marks: list[Mark] = []
    x = _SIDE
    letters = [("x", "input"), ("h", "hidden")]
    if story.encoder.run.cell.has_c or story.decoder.run.cell.has_c:
        letters.append(("c", "cell"))
    for letter, name in letters:
        found, x = _role(letter, name if names else "", x, style)
        marks += found
        x += gap
    role = style.role("y")
    bar_mark = Rect(x, _MIDDLE - 8, 8, 16, role.line, radius=1)
    other = Rect(x + 10, _MIDDLE + 1, 8, 7, role.line, radius=1, opacity=0.42)
    found, x = _word("choice", x + 25, style)
    marks += [bar_mark, other, *found]
    x += gap
    if story.targets is not None:
        marks.append(Rect(x, _MIDDLE - 1, 12, 2.5, style.ui.text, radius=1))
        found, x = _word("target", x + 18, style)
        marks += found
        x += gap
    if story.returning:
        found, x = _gradient(x, style, names=names)
        marks += found
        x += gap
    return marks, x - gap


def _role(letter: str, name: str, x: float, style: Style) -> tuple[list[Mark], float]:
    role = style.role(letter)
    marks: list[Mark] = [Rect(x, _MIDDLE - 7, 17, 14, role.fill, role.line, 1.5, 3)]
    x += 24
    symbol = Text(x, _MIDDLE + 4.5, (Run(letter, italic=True),), role.text, _SYMBOL, "math")
    x += runs_width(symbol)
    marks.append(symbol)
    if name:
        found, x = _word(name, x + 4, style)
        marks += found
    return marks, x


def _word(text: str, x: float, style: Style) -> tuple[list[Mark], float]:
    mark = label(text, x, _MIDDLE + 4.2, style.ui.text_secondary, _WORD)
    return [mark], x + text_width(text, _WORD)


def _gradient(x: float, style: Style, *, names: bool) -> tuple[list[Mark], float]:
    role = style.role("gradient")
    first, second = style.tokens["stroke"]["gradient_dash"]
    arrow = Path(
        (("M", x + 30, _MIDDLE), ("L", x, _MIDDLE)),
        role.line,
        1.5,
        dash=(float(first), float(second)),
        arrow=True,
    )
    runs = [Run("∂"), Run("h", italic=True)]
    if names:
        runs += [Run(" = ∂"), Run("L", italic=True), Run("/∂"), Run("h", italic=True)]
    text = Text(x + 37, _MIDDLE + 4.5, tuple(runs), role.text, _SYMBOL, "math")
    return [arrow, text], x + 37 + runs_width(text)


def _right(
    story: Story, style: Style, length: float, end: float, *, names: bool
) -> tuple[list[Mark], float]:
    """The bar of the signed colours with the ranges that it stands for."""
    if not length:
        return [], end
    marks: list[Mark] = []
    x = end
    for limit, letters in reversed(_scales(story)):
        amount = f" ±{end_labels(limit, signed=True)[1]}"
        runs = tuple(_names(letters, style))
        text = Text(0, 0, runs, style.ui.text_secondary, 13, "math")
        x -= text_width(amount, _NUMBER) + runs_width(text)
        marks.append(Text(x, _MIDDLE + 4.5, runs, text.color, 13, "math"))
        at = x + runs_width(text)
        marks.append(label(amount, at, _MIDDLE + 4.2, style.ui.text_secondary, _NUMBER))
        x -= 12
    x -= length
    marks.append(bar(x, _MIDDLE - 4, length, 8, style.signed))
    title = shown_words(story.view) or ("signed value" if names and length == _BAR[0] else "")
    if title:
        x -= 8 + text_width(title, _WORD)
        marks += _word(title, x, style)[0]
    return marks, x


def _scales(story: Story) -> list[tuple[float, str]]:
    """The ranges with the letters they hold for."""
    has_c = story.encoder.run.cell.has_c or story.decoder.run.cell.has_c
    found: dict[float, str] = {}
    for letter in ("h", "x", *(["c"] if has_c else [])):
        limit = story.ranges.limit(letter)
        found[limit] = found.get(limit, "") + letter
    scales = list(found.items())
    return [*scales, (story.gradient_limit, "∂")] if story.returning else scales


def _names(letters: str, style: Style) -> list[Run]:
    runs: list[Run] = []
    for letter in letters:
        runs += [Run(",")] if runs else []
        role = style.role("gradient" if letter == "∂" else letter)
        runs.append(Run(letter, color=role.text, italic=letter != "∂"))
    return runs
