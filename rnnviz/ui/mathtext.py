"""Pieces of an equation as plain text: measured, broken into lines and painted without delay."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from rnnviz.render.fonts import qfont

if TYPE_CHECKING:
    from rnnviz.model.provenance.expressions import Token, Tokens
    from rnnviz.scene.style import Style

_BREAKS = (frozenset({" + ", " − "}), frozenset({" · ", " ⊙ "}))  # rather at the first
_LONG = 0.42  # of the room: a left side that is longer has a line of its own
_INDENT = 14.0  # px


class Line(NamedTuple):
    """A line of a broken equation, and how far it is moved in."""

    x: float
    tokens: Tokens


def tokens_width(tokens: Tokens, size: int) -> float:
    """The width of a part of an equation, in px."""
    return sum(
        _width(text, size, italic, lowered)
        for token in tokens
        for text, italic, lowered in _runs(token)
    )


def paint_tokens(
    painter: QPainter, at: QPointF, tokens: Tokens, size: int, style: Style, ink: str | None = None
) -> None:
    """Paints a part of an equation with its baseline's left end at a point.

    Args:
        ink: of what has no role; None for the text's.
    """
    x = at.x()
    for token in tokens:
        role = style.role(token.role).text if token.role else None
        for text, italic, lowered in _runs(token):
            is_index = text == token.behind and not italic
            painter.setPen(QColor(role if role and not is_index else ink or style.ui.text))
            painter.setFont(_font(size, italic, lowered))
            painter.drawText(QPointF(x, at.y() + (0.22 * size if lowered else 0)), text)
            x += _width(text, size, italic, lowered)


def in_lines(sides: Sequence[Tokens], room: float, size: int) -> list[Line]:
    """An equation, side by side, in lines that fit a room in px.

    A line ends before an equals sign, or where that is not enough, before an operator.
    """
    left = tokens_width(sides[0], size)
    indent = left if left <= _LONG * room else _INDENT
    lines, line = [], Line(0.0, sides[0])
    for side in sides[1:]:
        longer = line.tokens + _operator(" = ") + side
        if line.x + tokens_width(longer, size) <= room and not _is_alone(line, left, indent):
            line = line._replace(tokens=longer)
            continue
        if line.tokens == sides[0] and indent == left:  # the sign stays with the left side
            *broken, line = _broken(Line(0.0, longer), room, size, indent + _INDENT)
            lines += broken
            continue
        lines.append(line)
        start = Line(indent, _operator("= ") + side)
        *broken, line = _broken(start, room, size, indent + _INDENT)
        lines += broken
    return [*lines, line]


def _is_alone(line: Line, left: float, indent: float) -> bool:
    return line.x == 0.0 and indent != left


def _operator(text: str) -> Tokens:
    from rnnviz.model.provenance.expressions import operator

    return operator(text)


def _broken(line: Line, room: float, size: int, indent: float) -> list[Line]:
    """A line in as many as it takes, those behind the first moved in."""
    lines = []
    while line.x + tokens_width(line.tokens, size) > room:
        place = _place(line, room, size)
        if place is None:
            break
        lines.append(line._replace(tokens=line.tokens[:place]))
        line = Line(indent, line.tokens[place:])
    return [*lines, line]


def _place(line: Line, room: float, size: int) -> int | None:
    """Where the last operator is before which the line fits; None where there is none."""
    fitting, width = 0, line.x
    for token in line.tokens:
        width += tokens_width((token,), size)
        if width > room:
            break
        fitting += 1
    for wanted in _BREAKS:
        places = [
            place
            for place, token in enumerate(line.tokens)
            if place > 1 and token.kind == "operator" and token.text in wanted
        ]
        within = [place for place in places if place <= fitting]
        if within:
            return within[-1]
    return None


def _runs(token: Token) -> list[tuple[str, bool, bool]]:
    """Texts of one font each: the text, whether in italics, whether lowered."""
    italic = token.kind == "symbol" and (len(token.text) == 1 or token.text[0] == "∂")
    runs = [(token.text, italic, False)]
    if token.sub:
        runs.append((token.sub, False, True))
    if token.behind:
        runs.append((token.behind, False, False))
    return runs


def _font(size: int, italic: bool, lowered: bool = False) -> QFont:
    return qfont("math", round(size * 0.7) if lowered else size, 400, italic)


@lru_cache(maxsize=4096)
def _width(text: str, size: int, italic: bool, lowered: bool = False) -> float:
    return QFontMetricsF(_font(size, italic, lowered)).horizontalAdvance(text)
