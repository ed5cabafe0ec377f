"""How many parameters there are; a click lists them, each with its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.session.parameters import parameter_count, parameter_listing
from rnnviz.ui.controls import IconButton, SectionLabel
from rnnviz.ui.fields import set_property

if TYPE_CHECKING:
    from rnnviz.session.state import Document

_MOST_LINES, _LINE = 16, 17


class ParameterCount(QPushButton):
    """The number of parameters; a click opens their list."""

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for name in ("flat", "compact", "quiet"):
            set_property(self, name, True)
        self.clicked.connect(lambda: self.open_list())

    def show_document(self, document: Document) -> None:
        """Counts the parameters of a document."""
        self._document = document
        number = parameter_count(document)
        count = f"{number:,}".replace(",", "\u2009")
        self.setText(f"{_short(number) or count} params")
        self.setAccessibleName(f"{count} parameters, list them")
        self.setToolTip(f"{count} parameters: a click lists them")

    def open_list(self) -> ParameterList | None:
        """Opens the list under the number."""
        if self._document is None:
            return None
        opened = ParameterList(self._document, self)
        opened.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        opened.show()
        return opened


def _short(number: int) -> str:
    """Millions and more in three digits: the button has no room for all of them."""
    for factor, unit in ((10**9, "G"), (10**6, "M")):
        if number >= factor:
            return f"{number / factor:.{max(3 - len(str(number // factor)), 0)}f} {unit}"
    return ""


class ParameterList(QFrame):
    """Name and shape of every parameter, as text that can be copied; Esc closes it."""

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("popover")
        listing = parameter_listing(document)
        self.text = QPlainTextEdit(listing)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(qfont("mono", 12))
        self.text.setAccessibleName("parameters: name and shape")
        self.text.setTabChangesFocus(True)
        self._fit(listing)
        heading = QHBoxLayout()
        heading.addWidget(SectionLabel("Parameters"))
        heading.addStretch(1)
        heading.addWidget(IconButton("copy", "Copy: the list of parameters", self.copy, size=15))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        column.addLayout(heading)
        column.addWidget(self.text)
        self.text.setFocus()

    def copy(self) -> None:
        """Puts the list on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _fit(self, listing: str) -> None:
        """As large as the list, as far as that is not too much."""
        lines = listing.split("\n")
        letter = QFontMetricsF(qfont("mono", 12)).horizontalAdvance("0")
        self.text.setFixedWidth(round(letter * max(map(len, lines))) + 40)
        self.text.setFixedHeight(min(len(lines), _MOST_LINES) * _LINE + 18)
