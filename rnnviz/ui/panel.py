"""What the panels share: a scrolling column with a heading, as wide as its pane."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMargins, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import IconButton, PlainLabel, SectionLabel

HEADING = 38
_MOST_LINES = 12  # of code


class QuietBar(QScrollBar):
    """A scroll bar that is not seen where there is nothing to scroll."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() > self.minimum():
            super().paintEvent(event)


class ScrollPane(QScrollArea):
    """Scrolls its content up and down; arrow keys are left to the window.

    The bar has its place in the margin, needed or not: one that came and went would change the
    width, and content whose height hangs on its width might never come to rest.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

        self._margins = content.layout().contentsMargins()  # type: ignore[union-attr]
        self.setVerticalScrollBar(QuietBar(Qt.Orientation.Vertical))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 60)

    def resizeEvent(self, event: QResizeEvent) -> None:
        bar = self.verticalScrollBar().width()
        margins = self._margins - QMargins(0, 0, min(bar, self._margins.right()), 0)
        self.widget().layout().setContentsMargins(margins)  # type: ignore[union-attr]
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()


class Panel(QWidget):
    """A heading that stays, and a scrolling column below it.

    Args:
        margins: px at the left and right; the handle between two panes adds its own.

    Attributes:
        heading: the bar at the top, its title at the left.
        column: where the panel's rows go.
    """

    def __init__(self, title: str, margins: tuple[int, int] = (16, 10)) -> None:
        super().__init__()
        left, right = margins
        self.setAccessibleName(title)
        bar = QWidget()
        bar.setFixedHeight(HEADING)
        self.heading = QHBoxLayout(bar)
        self.heading.setContentsMargins(left, 0, right, 0)
        self.heading.setSpacing(4)
        self.heading.addWidget(SectionLabel(title))
        self.content = QWidget()
        self._below: QWidget | None = None
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(left, 0, right, 12)
        self.column.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        self.pane = ScrollPane(self.content)
        outer.addWidget(self.pane, 1)
        self._outer, self._sides = outer, (left, right)

    def keep_below(self, widget: QWidget) -> None:
        """Puts a widget below what scrolls, where it is always in sight."""
        left, right = self._sides
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(left, 6, right, 8)
        row.addWidget(widget)
        self._outer.addWidget(bar)
        self._below = bar

    @property
    def height_below(self) -> int:
        """Px of what stands below what scrolls."""
        return 0 if self._below is None else self._below.sizeHint().height()


class CodeBox(QFrame):
    """A few lines of code with a button that copies them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("code")
        self._code, self._most = "", _MOST_LINES
        self._copied: str | Callable[[], str] = ""
        self._label = PlainLabel(size=12, font="mono")
        self._label.setAccessibleName(name)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 4, 8)
        row.setSpacing(2)
        row.addWidget(self._label, 1)
        self.copy_button = IconButton("copy", f"Copy: {name}", self.copy, size=15)
        row.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def text(self) -> str:
        """What is on show."""
        return self._label.text()

    def show_code(self, code: str, copied: str | Callable[[], str]) -> None:
        """Shows calls, a line for each, broken to the width.

        Args:
            code: the calls.
            copied: what the button puts on the clipboard, or what makes that.
        """
        self._code, self._copied = code, copied
        self._break()

    def show_lines(self, most: int) -> None:
        """Shows at most so many lines; all of them are told by a tooltip."""
        if most != self._most:
            self._most = most
            self._break()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._break()

    def _break(self) -> None:
        columns = code_columns(self.width() - 10 - 4 - 2 - self.copy_button.width() - 4)
        calls = (wrapped_call(call, columns) for call in self._code.splitlines())
        lines = [line for call in calls for line in call]
        cut = len(lines) > self._most
        self._label.setText("\n".join([*lines[: self._most - 1], "…"] if cut else lines))
        self._label.setToolTip("\n".join(lines) if cut else "")

    def copy(self) -> None:
        """Puts the code on the clipboard."""
        copied = self._copied if isinstance(self._copied, str) else self._copied()
        QGuiApplication.clipboard().setText(copied)


def code_columns(width: int) -> int:
    """How many characters of code fit a width in px."""
    from PySide6.QtGui import QFontMetricsF

    return max(16, int(width / QFontMetricsF(qfont("mono", 12)).horizontalAdvance("0")))


def wrapped_call(code: str, columns: int) -> list[str]:
    """A call broken after its commas into lines of at most `columns` characters."""
    lines, line = [], ""
    for part in code.split(", "):
        piece = part if not line.strip() else f"{line}, {part}"
        if line.strip() and len(piece) + 1 > columns:
            lines.append(f"{line},")
            piece = f"  {part}"
        line = piece
    return [*lines, line]
