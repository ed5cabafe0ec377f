"""A few words about rnnviz: version, licence, where errors are written."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from rnnviz import __version__
from rnnviz.session.settings import settings_folder
from rnnviz.ui.controls import PlainLabel, muted
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.fields import set_property

_WORDS = (
    "See every number of a real torch.nn.RNN, LSTM or GRU, one timestep at a time.\n"
    "MIT licence. Fonts: Inter, JetBrains Mono, STIX (SIL OFL), DejaVu Sans. Icons: Tabler (MIT)."
)


class AboutDialog(Dialog):
    """Says what this is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("About rnnviz", parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(PlainLabel(f"rnnviz {__version__}", size=16, weight=600))
        for text in (_WORDS, f"Settings and the error log: {settings_folder()}"):
            label = muted(text) if text is not _WORDS else PlainLabel(text)
            label.setWordWrap(True)
            column.addWidget(label)
        close = QPushButton("Close")
        set_property(close, "primary", True)
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(460)
