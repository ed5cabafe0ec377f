"""The top bar: name, menus, what is open, and at the right export and theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QPushButton, QSizePolicy, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.render.icons import icon, icon_pixmap
from rnnviz.ui.controls import IconButton, PlainLabel
from rnnviz.ui.plain_text import plain
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.session.state import State

HEIGHT = 44


class TopBar(QWidget):
    """What stands above everything.

    Signals:
        undo_wanted, redo_wanted, export_wanted, theme_toggled: the buttons at the right.
    """

    undo_wanted = Signal()
    redo_wanted = Signal()
    export_wanted = Signal()
    theme_toggled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 10, 0)
        row.setSpacing(6)
        row.addWidget(_Logo())
        name = PlainLabel("rnnviz", size=14, weight=600)
        row.addWidget(name)
        row.addSpacing(12)
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setFont(qfont("ui", 13))
        self.menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(self.menus, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self.undo = IconButton("arrow-back-up", "Undo", self.undo_wanted.emit)
        self.redo = IconButton("arrow-forward-up", "Redo", self.redo_wanted.emit)
        for button in (self.undo, self.redo):
            row.addWidget(button)
        row.addSpacing(10)
        self.export = QPushButton("Export figure")
        self.export.setFont(qfont("ui", 12, 500))
        self.export.setToolTip("Export the figure (Ctrl E)")
        self.export.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.export.clicked.connect(lambda: self.export_wanted.emit())
        self.theme = IconButton("moon", "Dark theme", self.theme_toggled.emit)
        row.addWidget(self.export)
        row.addWidget(self.theme)
        self.title = _Title(self)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows what is open."""
        title = f"{new.title} •" if new.unsaved else new.title
        if old is None or old.document is not new.document or title != self.title.name:
            self.title.show_texts(title, new.subtitle)
            self._place_title()
        _show_deed(self.undo, "Undo", new.undo_name, "Ctrl Z")
        _show_deed(self.redo, "Redo", new.redo_name, "Ctrl Shift Z")

    def show_theme(self) -> None:
        """Tints the icons anew and offers the other theme."""
        style = style_of(self)
        dark = style.name == "dark"
        self.theme.show_icon("sun" if dark else "moon", "Light theme" if dark else "Dark theme")
        self.export.setIcon(QIcon(icon("upload", style.ui.text, 16)))
        self.export.setIconSize(QSize(16, 16))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_title()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place_title()
        return done

    def _place_title(self) -> None:
        """In the middle of the window, or as near as the menus let it."""
        left = self.menus.geometry().right() + 16
        right = self.undo.geometry().left() - 16
        width = min(self.title.sizeHint().width(), max(0, right - left))
        x = min(max((self.width() - width) // 2, left), max(left, right - width))
        self.title.setGeometry(x, 0, width, HEIGHT - 1)


def _show_deed(button: IconButton, verb: str, name: str, key: str) -> None:
    """What a button takes back or does again; barred where that is nothing."""
    text = f"{verb} {name}" if name else f"Nothing to {verb.lower()}"
    if text != button.accessibleName():
        button.setAccessibleName(text)
        button.setToolTip(plain(f"{text} ({key})"))
    button.setEnabled(bool(name))


class _Logo(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(22, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self.palette().color(QPalette.ColorRole.WindowText).name()
        mark = icon_pixmap("rnnviz", ink, 22, self.devicePixelRatioF())
        QPainter(self).drawPixmap(0, 0, mark)


class _Title(QWidget):
    """The document's name, and what it is in a few words."""

    _GAP = 8

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._what = "", ""

    @property
    def name(self) -> str:
        """What the document is called here."""
        return self._name

    def show_texts(self, name: str, what: str) -> None:
        """Shows other texts."""
        self._name, self._what = name, what
        self.setAccessibleName(f"{name}, {what}")
        self.update()

    def sizeHint(self) -> QSize:
        from PySide6.QtGui import QFontMetrics

        name = QFontMetrics(qfont("ui", 13, 600)).horizontalAdvance(self._name)
        what = QFontMetrics(qfont("ui", 13)).horizontalAdvance(self._what)
        return QSize(name + self._GAP + what + 4, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        elide = Qt.TextElideMode.ElideRight
        painter.setFont(qfont("ui", 13, 600))
        name = painter.fontMetrics().elidedText(self._name, elide, self.width())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(self.rect(), flags, name)
        x = painter.fontMetrics().horizontalAdvance(name) + self._GAP
        painter.setFont(qfont("ui", 13))
        rest = self.rect().adjusted(x, 0, 0, 0)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        what = painter.fontMetrics().elidedText(self._what, elide, rest.width())
        painter.drawText(rest, flags, what)
