"""A sum term by term: value, weight, product as a bar and a number, and the running sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import format_value
from rnnviz.ui.mathtext import paint_tokens, tokens_width
from rnnviz.ui.theme import style_of
from rnnviz.ui.tint import tint

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.model.provenance import Dissection
    from rnnviz.model.provenance.expressions import Tokens
    from rnnviz.model.provenance.terms import Factor, Group, Order
    from rnnviz.scene.style import Style

ROW = 19  # px
_HEAD, _CELL, _NUMBER, _GAP = 18, 40, 46, 3
_LABELS = (26, 76)  # narrowest and widest
_BARS = 22  # narrower than that there is no running sum

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTER = Qt.AlignmentFlag.AlignCenter


class Entry(NamedTuple):
    """A line of the table.

    Attributes:
        kind: a term, those that are folded, the opening or the end of a bracket, the sum of all.
        label: the symbol, or words.
        running: the sum up to here; None where it says nothing.
    """

    kind: Literal["term", "folded", "open", "close", "sum"]
    label: Tokens | str
    value: Factor | None
    weight: Factor | None
    product: float | None
    running: float | None = None

    @property
    def elements(self) -> tuple[Element, ...]:
        """What a click selects: of the value, then of the weight."""
        return tuple(factor.element for factor in (self.value, self.weight) if factor is not None)


class _Columns(NamedTuple):
    """Where the columns begin, in px; `running` is None where it has no room."""

    value: float
    weight: float
    bars: float
    product: float
    running: float | None


class TermsView(QWidget):
    """The table; a click on a value or a weight, or Enter, selects that element.

    Signals:
        chosen: the element.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self._limits = (1.0, 1.0)
        self._current = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)

    def show_terms(self, dissection: Dissection | None, order: Order) -> None:
        """Shows the terms of a sum; nothing where there is none."""
        self.entries = [] if dissection is None else _entries(dissection, order)
        self._limits = _limit(self.entries, "value"), _limit(self.entries, "weight")
        self._current = -1
        self.setVisible(bool(self.entries))
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleName(f"terms of the sum, {len(self.entries)} rows")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, _HEAD + ROW * len(self.entries) + 2)

    # -- the mouse and the keyboard

    def element_at(self, point: QPoint) -> Element | None:
        """What a click at a point selects."""
        row = (point.y() - _HEAD) // ROW
        if point.y() < _HEAD or not 0 <= row < len(self.entries):
            return None
        entry = self.entries[row]
        columns = self._columns()
        on_weight = columns.weight <= point.x() < columns.weight + _CELL and self._has_pairs
        if on_weight and entry.weight is not None:
            return entry.weight.element
        return entry.elements[0] if entry.elements else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = (event.position().toPoint().y() - _HEAD) // ROW
        can = self.element_at(event.position().toPoint()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor)
        self._go(row if can else -1)

    def leaveEvent(self, event: QEvent) -> None:
        self._go(-1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._go(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        element = self.element_at(event.position().toPoint())
        if element is not None:
            self.chosen.emit(element)

    def event(self, event: QEvent) -> bool:
        # The keys that move within the table must not step through time meanwhile.
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() in _KEYS:
                event.accept()
                return True
        if event.type() == QEvent.Type.ToolTip:
            assert isinstance(event, QHelpEvent)
            self._tell(event)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and self.entries:
            self._go(min(max(self._current + step, 0), len(self.entries) - 1))
        elif event.key() in _KEYS and 0 <= self._current < len(self.entries):
            elements = self.entries[self._current].elements
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if elements:
                self.chosen.emit(elements[-1 if shifted else 0])
        else:
            super().keyPressEvent(event)

    def _go(self, row: int) -> None:
        if row != self._current:
            self._current = row
            if 0 <= row < len(self.entries):
                self.setAccessibleDescription(_spoken(self.entries[row]))
            self.update()

    def _tell(self, event: QHelpEvent) -> None:
        row = (event.pos().y() - _HEAD) // ROW
        if event.pos().y() >= _HEAD and 0 <= row < len(self.entries):
            QToolTip.showText(event.globalPos(), _spoken(self.entries[row]), self)

    # -- painting

    @property
    def _has_pairs(self) -> bool:
        """Whether any term is a product, so that there are values and weights to be seen."""
        return any(entry.weight is not None for entry in self.entries)

    def _columns(self) -> _Columns:
        labels = [entry.label for entry in self.entries if entry.elements]
        widest = max((_label_width(label) for label in labels), default=0.0)
        value = min(max(widest + 5, _LABELS[0]), _LABELS[1])
        weight = value + _CELL + _GAP
        bars = weight + _CELL + 6 if self._has_pairs else value + 6
        right = float(self.width())
        running = right - _NUMBER
        product = running - _NUMBER
        if product - bars < _BARS:
            return _Columns(value, weight, bars, running, None)
        return _Columns(value, weight, bars, product, running)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        style, columns = style_of(self), self._columns()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_head(painter, style, columns)
        low, high = self._range()
        bars = QRectF(columns.bars, 0, columns.product - columns.bars - 8, 0)
        zero = bars.left() + bars.width() * (-low / (high - low))
        painter.fillRect(
            QRectF(zero, _HEAD, 1, ROW * len(self.entries)), QColor(style.ui.border_strong)
        )
        for number, entry in enumerate(self.entries):
            top = _HEAD + ROW * number
            if not event.rect().intersects(QRectF(0, top, self.width(), ROW).toAlignedRect()):
                continue
            if number == self._current:
                painter.fillRect(QRectF(0, top, self.width(), ROW), QColor(style.ui.accent_soft))
            self._paint_entry(painter, style, columns, entry, top)
            if entry.product is not None and entry.product == entry.product:
                end = zero + bars.width() * min(max(entry.product, low), high) / (high - low)
                color = style.ui.text if entry.kind == "sum" else style.ui.text_secondary
                box = QRectF(min(zero, end), top + 5, max(abs(end - zero), 1), ROW - 10)
                painter.fillRect(box, QColor(color))
        if self.hasFocus():
            painter.setPen(QPen(QColor(style.ui.focus_ring), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)

    def _range(self) -> tuple[float, float]:
        """Between which products the bars reach; never empty."""
        numbers = [e.product for e in self.entries if e.product is not None]
        finite = [number for number in numbers if abs(number) < float("inf")]
        low, high = min(0.0, *finite, 0.0), max(0.0, *finite, 0.0)
        return (low, high) if high > low else (-1.0, 1.0)

    def _paint_head(self, painter: QPainter, style: Style, columns: _Columns) -> None:
        painter.setFont(qfont("ui", 11))
        painter.setPen(QColor(style.ui.muted))
        pairs = (("value", columns.value), ("weight", columns.weight)) if self._has_pairs else ()
        for text, x in pairs:
            painter.drawText(QRectF(x - 4, 0, _CELL + 8, _HEAD - 2), _CENTER, text)
        box = QRectF(columns.product - 10, 0, _NUMBER + 10, _HEAD - 2)
        painter.drawText(box, _RIGHT, "product" if self._has_pairs else "term")
        if columns.running is not None:
            box = QRectF(columns.running, 0, _NUMBER, _HEAD - 2)
            painter.drawText(box, _RIGHT, "sum")

    def _paint_entry(
        self, painter: QPainter, style: Style, columns: _Columns, entry: Entry, top: float
    ) -> None:
        bold = entry.kind in ("sum", "close")
        if entry.kind in ("sum", "open"):
            painter.fillRect(QRectF(0, top, self.width(), 1), QColor(style.ui.border))
        if isinstance(entry.label, str):
            painter.setFont(qfont("ui", 11, 500 if bold else 400))
            painter.setPen(QColor(style.ui.text if bold else style.ui.muted))
            room = columns.bars - 2 if entry.weight is None else columns.value
            painter.drawText(QRectF(0, top, room, ROW), _LEFT, entry.label)
        else:
            painter.save()
            room = columns.value if entry.elements else columns.product
            painter.setClipRect(QRectF(0, top, room, ROW))
            paint_tokens(painter, QPointF(0, top + 13), entry.label, 13, style)
            painter.restore()
        pairs = (entry.value, columns.value), (entry.weight, columns.weight)
        for (factor, x), limit in zip(pairs, self._limits, strict=True):
            if factor is not None and (entry.weight is not None or factor is entry.weight):
                self._paint_cell(painter, style, QRectF(x, top + 1, _CELL, ROW - 2), factor, limit)
        painter.setFont(qfont("ui", 11, 600 if bold else 400))
        painter.setPen(QColor(style.ui.text))
        if entry.product is not None:
            box = QRectF(columns.product - 8, top, _NUMBER + 8, ROW)
            painter.drawText(box, _RIGHT, signed(entry.product))
        if columns.running is not None and entry.running is not None:
            painter.setPen(QColor(style.ui.muted))
            box = QRectF(columns.running - 4, top, _NUMBER + 4, ROW)
            painter.drawText(box, _RIGHT, short(entry.running))

    def _paint_cell(
        self, painter: QPainter, style: Style, box: QRectF, factor: Factor, limit: float
    ) -> None:
        if abs(factor.value) < float("inf"):
            fill, ink = tint(style, factor.value, limit)
        else:
            fill, ink = QColor(style.ui.field), QColor(style.ui.error)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 2, 2)
        painter.setPen(ink)
        painter.setFont(qfont("ui", 11))
        painter.drawText(box, _CENTER, _in_cell(factor.value))


_KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter})


def short(value: float, digits: int = 3) -> str:
    """A number for a narrow column."""
    if 0 < abs(value) < 0.5 * 10**-digits:
        return f"{value:.0e}".replace("e-0", "e-").replace("-", "−")
    wide = abs(value) >= 1000
    return format_value(value, 0 if wide else digits - 1 if abs(value) >= 100 else digits)


def _label_width(label: Tokens | str) -> float:
    if isinstance(label, str):
        return QFontMetricsF(qfont("ui", 11)).horizontalAdvance(label)
    return tokens_width(label, 13)


def _in_cell(value: float) -> str:
    return format_value(value, 2) if abs(value) < 100 else short(value, 2)


def signed(value: float) -> str:
    """A contribution with its sign."""
    text = short(value)
    return f"+{text}" if value > 0 else text


def _entries(dissection: Dissection, order: Order) -> list[Entry]:
    """Every group's rows, and the sum of all."""
    entries: list[Entry] = []
    for group in dissection.groups:
        entries += _group(group, order)
    if entries:
        function = dissection.activation
        label = "sum" if function is None else f"sum before {function.symbol}"
        entries.append(Entry("sum", label, None, None, dissection.total, None))
    return entries


def _group(group: Group, order: Order) -> list[Entry]:
    entries = [
        Entry("folded", f"{row.terms} smaller", None, None, row.product, row.running)
        if row.term is None
        else Entry(
            "term",
            _label(row.term.value),
            row.term.value,
            row.term.weight,
            row.product,
            row.running,
        )
        for row in group.rows(order)
    ]
    factor = group.factor
    if factor is None:
        return entries
    head = Entry("open", (*factor.tokens, *_text(" · (…)")), None, None, None)
    foot = Entry("close", "in brackets", None, factor, group.contribution, group.total)
    return [head, *entries, foot]


def _label(factor: Factor) -> Tokens | str:
    """Its symbol; of a vector that has none of its own, the unit."""
    is_product = factor.element.unit is not None and "*" in factor.element.tensor
    return f"unit {factor.element.unit}" if is_product else factor.tokens


def _text(text: str) -> Tokens:
    from rnnviz.model.provenance.expressions import operator

    return operator(text)


def _limit(entries: list[Entry], which: str) -> float:
    factors = (getattr(entry, which) for entry in entries if entry.kind == "term")
    sizes = [abs(factor.value) for factor in factors if factor is not None]
    finite = [size for size in sizes if 0 < size < float("inf")]
    return max(finite, default=1.0)


def _spoken(entry: Entry) -> str:
    label = entry.label
    if not isinstance(label, str):
        label = "".join(f"{token.text}{token.sub}{token.behind}" for token in label)
    parts = [label]
    if entry.weight is not None and entry.value is not None:
        parts.append(f"{entry.value.value:.7g} × {entry.weight.value:.7g}")
    elif entry.weight is not None and entry.running is not None:
        parts.append(f"{entry.running:.7g} × {entry.weight.value:.7g}")
    if entry.product is not None:
        parts.append(f"{entry.product:.7g}")
    return " = ".join(parts).replace("-", "−")
