"""Splitters that look like a hairline and are easy to take hold of."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

WIDTH = 6


class Panes(QSplitter):
    """Panes side by side, or above one another.

    Args:
        names: of the panes, for those who can't see where a handle is.
        lines: for each handle, whether its hairline is at its end (else at its start).
    """

    def __init__(
        self, way: Qt.Orientation, names: tuple[str, ...], lines: tuple[bool, ...]
    ) -> None:
        super().__init__(way)
        self._lines = lines
        self._names = names
        self.setHandleWidth(WIDTH)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)

    def add(self, pane: QWidget) -> None:
        """Adds the next pane, which takes the next name."""
        pane.setAccessibleName(self._names[self.count()])
        self.addWidget(pane)

    def line_at_end(self, handle: QSplitterHandle) -> bool:
        """Where a handle draws its hairline."""
        for place in range(1, self.count()):
            if self.handle(place) is handle:
                return self._lines[place - 1]
        return True


class _Handle(QSplitterHandle):
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = self.palette()
        painter.fillRect(self.rect(), colors.color(QPalette.ColorRole.Window))
        splitter = self.splitter()
        assert isinstance(splitter, Panes)
        at_end = splitter.line_at_end(self)
        if self.orientation() == Qt.Orientation.Horizontal:
            line = QRect(self.width() - 1 if at_end else 0, 0, 1, self.height())
        else:
            line = QRect(0, self.height() - 1 if at_end else 0, self.width(), 1)
        painter.fillRect(line, colors.color(QPalette.ColorRole.Mid))
