"""The examples as cards under their headings, as many side by side as there is room for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import SectionLabel

if TYPE_CHECKING:
    from rnnviz.session.examples import Example

GAP, HEADING = 12, 34  # px
_WIDEST = 380
_MARGIN, _TOP, _BETWEEN = 14, 11, 4
_UNBROKEN = re.compile(r"(?:[\w.]+ )?\([^()]*\)|\[[][, \d]*\]")  # shapes, arguments, lists
_ROLE = QPalette.ColorRole


class Card(QAbstractButton):
    """One example: its title, what there is to be seen, and its shapes."""

    def __init__(self, example: Example, parent: QWidget) -> None:
        super().__init__(parent)
        self.example = example
        self.is_open = self._is_marked = False
        self.setAccessibleName(example.title)
        self.setAccessibleDescription(f"{example.teaches} {example.shapes}")
        self.setToolTip(f"{example.title}\n{example.shapes}")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the filter has it, and moves the mark
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def mark(self, marked: bool) -> None:
        """Shows, or no longer, that Enter opens this one."""
        if marked != self._is_marked:
            self._is_marked = marked
            self.update()

    def has(self, words: Sequence[str]) -> bool:
        """Whether each of some words is somewhere in what the card says."""
        own = self.example
        text = " ".join((own.key, own.name, own.title, own.group, own.teaches, own.shapes))
        return all(word in text.casefold() for word in words)

    def sizeHint(self) -> QSize:
        return QSize(_WIDEST, self.height_for(_WIDEST))

    def height_for(self, width: int) -> int:
        """What the texts need in a card of a width."""
        heights = [len(lines) * step for lines, step, _, _ in self._set(width)]
        return ceil(sum(heights)) + _BETWEEN * (len(heights) - 1) + 2 * _TOP

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colors = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        width, y = self.width() - 2 * _MARGIN, float(_TOP)
        for lines, step, font, role in self._set(self.width()):
            painter.setFont(font)
            painter.setPen(colors.color(role))
            for line in lines:
                painter.drawText(QRectF(_MARGIN, y, width, step), line)
                y += step
            y += _BETWEEN

    def _set(self, width: int) -> list[tuple[list[str], float, QFont, QPalette.ColorRole]]:
        """Each text in lines, with the height of a line, its font and its colour."""
        found = []
        for text, font, role, most in self._texts():
            metrics = QFontMetricsF(font)
            lines = lines_of(text, metrics, width - 2 * _MARGIN, most)
            found.append((lines, metrics.height(), font, role))
        return found

    def _texts(self) -> list[tuple[str, QFont, QPalette.ColorRole, int]]:
        own = self.example
        return [
            (own.title, qfont("ui", 13, 600), _ROLE.WindowText, 2),
            (own.teaches, qfont("ui", 11), _ROLE.LinkVisited, 2),
            (own.shapes, qfont("mono", 11), _ROLE.PlaceholderText, 3),
        ]

    def _paint_frame(self, painter: QPainter) -> None:
        colors, box = self.palette(), QRectF(self.rect()).adjusted(1, 1, -1, -1)
        lit = self._is_marked or self.underMouse()
        painter.setPen(QPen(colors.color(_ROLE.Dark if lit else _ROLE.Mid), 1))
        painter.setBrush(colors.color(_ROLE.Shadow if self.isDown() else _ROLE.Light))
        painter.drawRoundedRect(box, 8, 8)
        if self._is_marked:
            painter.setPen(QPen(colors.color(_ROLE.Accent), 2))
            painter.drawRoundedRect(box, 8, 8)
        if self.is_open:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(_ROLE.Highlight))
            painter.drawRoundedRect(QRectF(1, 16, 4, self.height() - 32), 2, 2)


class Shelves(QWidget):
    """All cards, group by group.

    Signals:
        chosen: the key of the example whose card was clicked.
        arranged: cards have other places.
    """

    chosen = Signal(str)

    def __init__(self, groups: dict[str, tuple[Example, ...]], opened: str | None) -> None:
        super().__init__()
        self._groups = {title: [Card(each, self) for each in own] for title, own in groups.items()}
        self._headings = {title: SectionLabel(title, self) for title in groups}
        for card in self.cards:
            card.is_open = card.example.key == opened
            card.clicked.connect(lambda _=False, card=card: self.chosen.emit(card.example.key))
        self._marked: Card | None = None
        self.mark(next((card for card in self.cards if card.is_open), self.cards[0]))

    @property
    def cards(self) -> list[Card]:
        """All cards, in the order of the list."""
        return [card for own in self._groups.values() for card in own]

    @property
    def shown(self) -> list[Card]:
        """Those on show."""
        return [card for card in self.cards if not card.isHidden()]

    @property
    def marked(self) -> Card | None:
        """The one that Enter opens."""
        return self._marked

    def mark(self, card: Card | None) -> None:
        """Marks a card, or none."""
        for each in (self._marked, card):
            if each is not None:
                each.mark(each is card)
        self._marked = card

    def filter(self, text: str) -> None:
        """Shows the cards that have every word of a text, and marks the first of them."""
        words = text.casefold().split()
        for title, own in self._groups.items():
            for card in own:
                card.setVisible(card.has(words))
            self._headings[title].setVisible(any(not card.isHidden() for card in own))
        if self._marked is None or self._marked.isHidden() or words:
            self.mark(next(iter(self.shown), None))
        self.arrange()

    def move_mark(self, dx: int, dy: int) -> None:
        """Marks the nearest card on that side of the marked one."""
        here = self._marked
        if here is None:
            return
        if dx:
            shown = self.shown
            place = shown.index(here) + dx
            self.mark(shown[min(max(place, 0), len(shown) - 1)])
            return
        beyond = [card for card in self.shown if (card.y() - here.y()) * dy > 0]
        if beyond:
            self.mark(min(beyond, key=lambda c: (abs(c.y() - here.y()), abs(c.x() - here.x()))))

    def arrange(self) -> None:
        """Gives headings and cards their places."""
        columns = max(1, round(self.width() / _WIDEST))
        width = (self.width() - (columns - 1) * GAP) // columns
        y = 0
        for title, own in self._groups.items():
            cards = [card for card in own if not card.isHidden()]
            if not cards:
                continue
            self._headings[title].setGeometry(QRect(2, y, self.width() - 2, HEADING))
            y += HEADING
            for first in range(0, len(cards), columns):
                row = cards[first : first + columns]
                height = max(card.height_for(width) for card in row)
                for column, card in enumerate(row):
                    card.setGeometry(column * (width + GAP), y, width, height)
                y += height + GAP
            y += 4
        self.setMinimumHeight(y)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()


def lines_of(text: str, metrics: QFontMetricsF, width: float, most: int) -> list[str]:
    """A text in lines of a width, broken at spaces; the last of them is cut with an ellipsis."""
    lines: list[str] = []
    rest = _UNBROKEN.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
    while rest and len(lines) < most - 1 and metrics.horizontalAdvance(rest) > width:
        place = len(rest)
        while place > 0 and metrics.horizontalAdvance(rest[:place]) > width:
            place = rest.rfind(" ", 0, place)
        if place <= 0:
            break
        lines.append(rest[:place])
        rest = rest[place + 1 :]
    return [*lines, metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)]
