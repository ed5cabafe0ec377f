"""Tokens or vectors: the switch between them, and the text that tokens are typed as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from rnnviz.model.texts import UNITS
from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import Choice, Segmented
from rnnviz.ui.fields import set_property
from rnnviz.ui.labels import muted
from rnnviz.ui.vocabulary_dialog import VocabularyDialog

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

_MOST_LINES = 4
_MOST_TOKENS = 20_000  # that are put into a field as text


class TextField(QPlainTextEdit):
    """A text of a few lines, committed by Ctrl Enter or by leaving it; Esc takes it back.

    Signals:
        committed: the text.
    """

    committed = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._shown = ""
        self.setAccessibleName(name)
        self.setFont(qfont("mono", 12))
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.document().setDocumentMargin(4)
        self.textChanged.connect(self.fit)
        self.fit()

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that is not committed."""
        return self.toPlainText() != self._shown

    def show_text(self, text: str) -> None:
        """Shows a text without telling anyone; what is being typed stays."""
        untouched = not self.is_changed
        self._shown = text
        if (untouched or not self.hasFocus()) and self.toPlainText() != text:
            self.setPlainText(text)

    def fit(self) -> None:
        """As high as its lines, up to a few."""
        lines = min(max(1, round(self.document().size().height())), _MOST_LINES)
        height = QFontMetrics(self.font()).lineSpacing()
        self.setFixedHeight(lines * height + 14)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def commit(self) -> None:
        """Says what was typed."""
        if self.is_changed:
            self._shown = self.toPlainText()
            self.committed.emit(self._shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
        elif event.key() == Qt.Key.Key_Escape:
            self.setPlainText(self._shown)
        else:
            super().keyPressEvent(event)
            event.accept()  # what scrolls no further must not step through time

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()


class TokensInput(QWidget):
    """Chooses what goes in; tokens are typed as text, each line a sequence."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._wanted = UNITS[0]  # what a text is parted into where there is no vocabulary yet
        self.kind = Segmented([("tokens", "Tokens"), ("vectors", "Vectors")], "kind of the input")
        self.kind.chosen.connect(self._choose_kind)
        self.text = TextField("text: each line is a sequence")
        self.text.setPlaceholderText("type a text")
        self.text.setToolTip("Each line is a sequence. Ctrl Enter takes it.")
        self.text.committed.connect(self._take)
        self.text.textChanged.connect(self._hint)
        self.by = Choice([(unit, unit) for unit in UNITS], "what the text is parted into")
        self.by.chosen.connect(self._choose_unit)
        self.hint = muted("Ctrl Enter, or leaving the field, takes it", size=11)
        self.hint.hide()
        self.vocabulary = QPushButton()
        self.vocabulary.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_property(self.vocabulary, "compact", True)
        self.vocabulary.clicked.connect(lambda: self.open_vocabulary())
        self._arrange()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the tokens of a state."""
        if old is not None and old.document is new.document and old.problems is new.problems:
            return
        document = new.document
        self.kind.show_value("tokens" if document.takes_ids else "vectors")
        self._tokens.setVisible(document.takes_ids)
        known = document.vocabulary
        self.by.show_value(self._wanted if known is None else known.by)
        self.vocabulary.setText(f"Vocabulary ({len(known)})" if known else "Vocabulary…")
        self.vocabulary.setAccessibleName(self.vocabulary.text())
        set_property(self.text, "wrong", bool(new.problems.get("text")))
        if not new.problems.get("text"):
            large = document.N * document.L > _MOST_TOKENS
            self.text.setReadOnly(large)
            self.text.show_text("" if large else text_of(document))

    def open_vocabulary(self) -> VocabularyDialog | None:
        """Opens the vocabulary."""
        document = self._session.state.document
        if not document.takes_ids:
            return None
        self.text.commit()
        dialog = VocabularyDialog(self._session, self.window())
        dialog.open()
        return dialog

    def _arrange(self) -> None:
        self._tokens = QWidget()
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.by)
        below.addStretch(1)
        below.addWidget(self.vocabulary)
        inner = QVBoxLayout(self._tokens)
        inner.setContentsMargins(0, 6, 0, 0)
        inner.setSpacing(4)
        inner.addWidget(self.text)
        inner.addWidget(self.hint)
        inner.addLayout(below)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(0)
        column.addWidget(self.kind)
        column.addWidget(self._tokens)

    def _hint(self) -> None:
        self.hint.setVisible(self.text.is_changed and self.text.hasFocus())

    def _choose_kind(self, kind: object) -> None:
        takes = self._session.state.document.takes_ids
        if kind == "tokens" and not takes:
            self._session.set_front("embedding")
        elif kind == "vectors" and takes:
            self._session.set_front(None)

    def _choose_unit(self, by: object) -> None:
        self._wanted, text = str(by), self.text.toPlainText()
        if text.strip():
            self._session.set_text(text, self._wanted)

    def _take(self, text: str) -> None:
        self.hint.hide()
        self._session.set_text(text, str(self.by.value))


def text_of(document: Document) -> str:
    """The input as it would be typed; "" where ids have no names."""
    known = document.vocabulary
    if known is None:
        return ""
    glue = " " if known.by == "words" else ""
    rows = zip(document.values[:, :, 0], document.lengths, strict=True)
    ids = (row[:length].astype(int) for row, length in rows)  # beyond it anything may stand
    tokens = ([_token(known.tokens, id_) for id_ in row] for row in ids)
    return "\n".join(glue.join(line) for line in tokens)


def _token(tokens: tuple[str, ...], id_: int) -> str:
    return tokens[id_] if 0 <= id_ < len(tokens) else str(id_)
