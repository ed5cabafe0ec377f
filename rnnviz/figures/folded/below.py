"""Below the diagram: a rule, and the words, which on the way give place to one another."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.figures.folded.block import Block
from rnnviz.figures.folded.caption import caption
from rnnviz.figures.folded.options import FoldedOptions
from rnnviz.figures.folded.page import Page
from rnnviz.figures.folded.stage import Stage
from rnnviz.figures.folded.words import words
from rnnviz.figures.memo import Memo
from rnnviz.figures.view import View
from rnnviz.scene.compose import translate
from rnnviz.scene.marks import Clip, Mark, Polyline, Rect
from rnnviz.scene.style import Style, export_style

_RULE_AT = 8.0
_WORDS_AT = 22.0
_CAPTION_AT = 8.0  # below the words
_FOOT = 10.0
_ALONE_UNTIL = 0.3  # of the way: the caption of the folded diagram
_TOGETHER_FROM = 0.5  # of the way: the caption of both
_MEMO = Memo(most=8)  # setting the words costs more than the diagram


def page_height(page: Page, view: View, options: FoldedOptions) -> float:
    """The height of the page with its words, the same however far it is opened."""
    style = export_style()  # the height is that of any style
    key = _block(page, view, options, style)
    height = page.bottom + _WORDS_AT + key.height
    if not options.caption:
        return height + _FOOT
    lines = max(_caption(page, view, options, style, end).height for end in (0.0, 1.0))
    return height + _CAPTION_AT + lines + _FOOT


def below(stage: Stage) -> list[Mark]:
    """The rule, the equations with their symbols, and the caption."""
    page, view, options, style = stage.page, stage.view, stage.options, stage.style
    margin, top = page.spacing.margin, page.bottom + _WORDS_AT
    block = _block(page, view, options, style)
    rule = Rect(margin, page.bottom + _RULE_AT, page.width - 2 * margin, 1, style.ui.border)
    marks: list[Mark] = [rule, *translate(block.marks, margin, top)]
    if not options.caption:
        return marks
    top += block.height + _CAPTION_AT
    for end, strength in _captions(stage.openness):
        text = _caption(page, view, options, style, end)
        marks += _faded(translate(text.marks, margin, top), strength)
    return marks


def _captions(openness: float) -> list[tuple[float, float]]:
    """Which captions are seen, that of 0 or of 1, and how strongly."""
    alone = 1 - openness / _ALONE_UNTIL
    together = (openness - _TOGETHER_FROM) / (1 - _TOGETHER_FROM)
    return [(end, strength) for end, strength in ((0.0, alone), (1.0, together)) if strength > 0]


def _block(page: Page, view: View, options: FoldedOptions, style: Style) -> Block:
    width = page.width - 2 * page.spacing.margin
    key = ("words", options.layer, options.symbols, options.biases, width, style.name)
    return _MEMO.get(view.run, key, lambda: words(view, options, width, style))


def _caption(
    page: Page, view: View, options: FoldedOptions, style: Style, openness: float
) -> Block:
    width = page.width - 2 * page.spacing.margin
    chosen = replace(options, openness=openness)
    key = ("caption", chosen, width, style.name, view.sequence, view.showing)
    return _MEMO.get(view.run, key, lambda: caption(view, chosen, width, style))


def _faded(marks: tuple[Mark, ...], opacity: float) -> tuple[Mark, ...]:
    if opacity == 1.0:
        return marks
    return tuple(
        mark if isinstance(mark, Clip | Polyline) else replace(mark, opacity=mark.opacity * opacity)
        for mark in marks
    )
