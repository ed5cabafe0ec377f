"""The vocabulary in a dialog: its tokens by id, renamed, moved, added, removed, as one edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from rnnviz.errors import InputError
from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import IconButton
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.fields import set_property
from rnnviz.ui.labels import PlainLabel, muted
from rnnviz.ui.theme import style_of
from rnnviz.ui.vocabulary_model import PADDING, TOKEN, UNKNOWN, VocabularyModel

if TYPE_CHECKING:
    from rnnviz.session import Session

    Index = QModelIndex | QPersistentModelIndex

_WIDTH, _HEIGHT, _ROW = 380, 420, 24


class _Marks(QStyledItemDelegate):
    """A column of which one row at most is marked: a click or Space marks it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table, model = self.parent(), index.model()
        assert isinstance(table, QTableView)
        assert isinstance(model, VocabularyModel)
        ui = style_of(table).ui
        middle = QPointF(option.rect.center()) + QPointF(0.5, 0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(ui.border_strong), 1.2))
        painter.setBrush(QColor(ui.field))
        painter.drawEllipse(middle, 6.5, 6.5)
        if model.is_special(index.row(), index.column()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ui.accent))
            painter.drawEllipse(middle, 4, 4)
        if table.hasFocus() and table.currentIndex() == index:
            painter.setPen(QPen(QColor(ui.focus_ring), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(option.rect.adjusted(2, 2, -2, -2), 4, 4)
        painter.restore()


class _Tokens(QStyledItemDelegate):
    """A token, ringed where the keyboard is."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        table = self.parent()
        assert isinstance(table, QTableView)
        if table.hasFocus() and table.currentIndex() == index:
            painter.save()
            painter.setPen(QPen(QColor(style_of(table).ui.focus_ring), 2))
            painter.drawRoundedRect(option.rect.adjusted(1, 1, -1, -1), 4, 4)
            painter.restore()


class _Table(QTableView):
    """The tokens; Space marks where a mark can be."""

    def __init__(self, model: VocabularyModel) -> None:
        super().__init__()
        self._model = model
        model.setParent(self)  # so that it goes with the table
        self.setModel(model)
        self.setAccessibleName("vocabulary: id and token")
        self.setFont(qfont("mono", 12))
        self.setItemDelegateForColumn(TOKEN, _Tokens(self))
        marks = _Marks(self)
        for column in (PADDING, UNKNOWN):
            self.setItemDelegateForColumn(column, marks)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        across, down = self.horizontalHeader(), self.verticalHeader()
        for header in (across, down):
            header.setFont(qfont("ui", 11))
            header.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across.setSectionResizeMode(TOKEN, QHeaderView.ResizeMode.Stretch)
        for column in (PADDING, UNKNOWN):
            self.setColumnWidth(column, 74)
        across.setFixedHeight(_ROW)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(_ROW)
        down.setMinimumWidth(34)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.clicked.connect(self._mark)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().column() != TOKEN:
            self._mark(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _mark(self, index: QModelIndex) -> None:
        if index.isValid() and index.column() != TOKEN:
            self._model.toggle(index.row(), index.column())


class VocabularyDialog(Dialog):
    """Edits a copy; OK takes it, if it is a vocabulary and the input can follow it."""

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__("Vocabulary", parent)
        self._session = session
        self.model = VocabularyModel(session.state.document)
        self.table = _Table(self.model)
        self.count = muted()
        self.message = PlainLabel(size=11, role=QPalette.ColorRole.BrightText)
        self.message.setWordWrap(True)
        self.message.setAccessibleName("what is wrong")
        self.ok, self.cancel = QPushButton("OK"), QPushButton("Cancel")
        set_property(self.ok, "primary", True)
        self.ok.setDefault(True)
        self.ok.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self._arrange()
        for changed in (self.model.dataChanged, self.model.rowsInserted, self.model.rowsRemoved):
            changed.connect(lambda *_: self._check())
        self._check()
        self.table.setCurrentIndex(self.model.index(0, TOKEN))

    def accept(self) -> None:
        """Takes the vocabulary; what the input cannot follow is told, and the dialog stays."""
        if not self.ok.isEnabled():
            return
        document, rows = self._session.state.document, tuple(self.model.before)
        vocabulary = self.model.vocabulary()
        if vocabulary != document.vocabulary or rows != tuple(range(len(vocabulary))):
            self._session.set_vocabulary(vocabulary, rows=rows)
        problems = self._session.state.problems
        if problems:
            self._say("; ".join(problems.values()))
        else:
            super().accept()

    def reject(self) -> None:
        """Gives it up."""
        if "vocabulary" in self._session.state.problems:
            self._session.dismiss_problems()
        super().reject()

    def add(self) -> None:
        """Adds a token, to be named at once."""
        index = self.model.index(self.model.add(), TOKEN)
        self.table.setCurrentIndex(index)
        self.table.scrollTo(index)
        self.table.edit(index)

    def remove(self) -> None:
        """Removes the token that the table is at."""
        if self.table.currentIndex().isValid():
            self.model.remove(self.table.currentIndex().row())

    def move_token(self, by: int) -> None:
        """Moves the token that the table is at up or down."""
        here = self.table.currentIndex()
        if here.isValid():
            row = self.model.move(here.row(), by)
            self.table.setCurrentIndex(self.model.index(row, here.column()))

    def _arrange(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for name, text, act in (
            ("plus", "Add a token", self.add),
            ("minus", "Remove the token", self.remove),
            ("chevron-up", "Move the token up", lambda: self.move_token(-1)),
            ("chevron-down", "Move the token down", lambda: self.move_token(1)),
        ):
            tools.addWidget(IconButton(name, text, act, size=16))
        tools.addStretch(1)
        tools.addWidget(self.count)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.cancel, self.ok):
            button.setAutoDefault(button is self.ok)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addWidget(PlainLabel("Vocabulary", size=16, weight=600))
        column.addWidget(self.table, 1)
        column.addLayout(tools)
        column.addWidget(self.message)
        column.addLayout(buttons)
        self.resize(_WIDTH, _HEIGHT)

    def _check(self) -> None:
        count = len(self.model.tokens)
        self.count.setText(f"{count} token" if count == 1 else f"{count} tokens")
        try:
            self.model.vocabulary()
        except InputError as error:
            self._say(str(error))
            self.ok.setEnabled(False)
        else:
            self._say("")
            self.ok.setEnabled(True)

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))
