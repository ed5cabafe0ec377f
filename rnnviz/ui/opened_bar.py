"""The line above a figure while several documents are open together: which one is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy

from rnnviz.files.reading import one_line
from rnnviz.ui.controls import Choice, ElidedLabel, IconButton, muted
from rnnviz.ui.sunken import SunkenBar

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

HEIGHT = 34
_TITLE, _LETTERS = 220, 24


class OpenedBar(SunkenBar):
    """Chooses one of the documents of a recording or a model; hidden where there is one alone."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAccessibleName("Documents opened together")
        self.setFixedHeight(HEIGHT)
        self.title = ElidedLabel(weight=600, mode=Qt.TextElideMode.ElideMiddle)
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.title.setMaximumWidth(_TITLE)
        self.names = Choice([], "document on show")
        self.names.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.names.setMinimumContentsLength(_LETTERS)
        self.names.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.names.setMaximumWidth(460)
        self.names.chosen.connect(session.choose)
        self.before = IconButton("chevron-left", "The one before", lambda: self.go(-1), size=14)
        self.after = IconButton("chevron-right", "The next one", lambda: self.go(1), size=14)
        self.count = muted()
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 14, 0)
        row.setSpacing(8)
        row.addWidget(self.title)
        row.addWidget(self.before)
        row.addWidget(self.names, 1)
        row.addWidget(self.after)
        row.addWidget(self.count)
        row.addStretch(1)
        self.hide()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows what was opened together in a state."""
        if old is not None and old.opened is new.opened and old.document is new.document:
            return
        opened = new.opened
        self.setVisible(opened is not None)
        if opened is None:
            return
        place, names = opened.place(new.document), opened.names
        if old is None or old.opened is None or old.opened.names != names:
            self.title.setText(one_line(opened.title))
            self.names.set_options([(at, one_line(name)) for at, name in enumerate(names)])
        if place is None:
            self.names.setCurrentIndex(-1)
        else:
            self.names.show_value(place)
        at = "" if place is None else f"{place + 1} of "
        self.count.setText(f"{at}{len(names)}")
        self.before.setEnabled(bool(place))
        self.after.setEnabled(place is not None and place + 1 < len(names))

    def go(self, by: int) -> None:
        """Shows the next document, or the one before."""
        opened = self._session.state.opened
        place = None if opened is None else opened.place(self._session.state.document)
        if place is not None:
            self._session.choose(place + by)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers():
            self.go(-1 if event.key() == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)
