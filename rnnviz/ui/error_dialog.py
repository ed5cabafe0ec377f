"""The dialog for what should not have happened: what, the details to copy, where the log lies."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import PlainLabel, muted
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.fields import set_property


class ErrorDialog(Dialog):
    """Says that something went wrong; the window goes on behind it."""

    def __init__(self, summary: str, details: str, log_path: Path, parent: QWidget | None) -> None:
        super().__init__("Something went wrong", parent)
        self.resize(620, 380)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(10)
        column.addWidget(PlainLabel("Something went wrong", size=16, weight=600))
        what = PlainLabel(summary[:600])
        what.setWordWrap(True)
        column.addWidget(what)
        column.addWidget(muted("What was open stays as it is. The last action had no effect."))
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setFont(qfont("mono", 11))
        self.details.setAccessibleName("Details of the error")
        column.addWidget(self.details, 1)
        where = muted(f"Also written to {log_path}", size=11)
        where.setWordWrap(True)
        column.addWidget(where)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        copy = QPushButton("Copy details")
        copy.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.details.toPlainText())
        )
        close = QPushButton("Go on")
        set_property(close, "primary", True)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        return row


class ErrorReporter:
    """Shows one error at a time; what comes while a dialog is open is in the log."""

    def __init__(self, parent: QWidget, log_path: Path) -> None:
        self._parent, self._log_path = parent, log_path
        self.dialog: ErrorDialog | None = None

    def show(self, summary: str, details: str) -> None:
        """Opens the dialog, unless one is open."""
        if self.dialog is not None:
            return
        self.dialog = ErrorDialog(summary, details, self._log_path, self._parent)
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def _forget(self) -> None:
        self.dialog = None
