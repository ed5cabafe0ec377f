"""One theme for all windows: put on once, changed together, and left by the last of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.ui.theme import Theme
from tests.gui.conftest import Opener
from tests.gui.dressing import wear

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class _Restyled(QObject):
    """Counts how often a widget is styled anew."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.times = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.times += event.type() == QEvent.Type.StyleChange
        return False


@pytest.fixture
def left(qtbot: QtBot, qapp: QApplication) -> Iterator[QLineEdit]:
    """A widget that wears a theme that has gone with its window."""
    Theme(qapp, "light").deleteLater()
    widget = QLineEdit()
    qtbot.addWidget(widget)
    widget.show()
    yield widget
    for theme in qapp.findChildren(Theme):
        theme.deleteLater()


def test_what_wears_a_theme_is_not_styled_anew_for_the_same(
    left: QLineEdit, qapp: QApplication
) -> None:
    restyled, sheet = _Restyled(left), qapp.styleSheet()
    Theme(qapp, "light")
    assert restyled.times == 0
    assert qapp.styleSheet() == sheet


def test_what_wears_another_theme_is_dressed_at_once(left: QLineEdit, qapp: QApplication) -> None:
    theme = Theme(qapp, "dark")
    assert left.palette().base().color().lightness() < 128
    assert left.updatesEnabled()
    assert theme.style.name == "dark"


def test_windows_change_their_theme_together(qtbot: QtBot, open_window: Opener) -> None:
    first, second = open_window(), open_window()
    assert first._theme is second._theme
    for chooser in (second, first):
        wear(qtbot, chooser, "dark")
        qtbot.waitUntil(lambda: first.updatesEnabled() and second.updatesEnabled())
        assert {w.palette().window().color().lightness() < 128 for w in (first, second)} == {True}
        wear(qtbot, chooser, "light")
    first.close_unasked()
    wear(qtbot, second, "dark")
    assert second.palette().window().color().lightness() < 128


def test_a_theme_that_leaves_while_it_changes_lets_every_window_paint(
    qtbot: QtBot, open_window: Opener
) -> None:
    window, shell = open_window(), QWidget()
    qtbot.addWidget(shell)
    shell.show()
    window.choose_theme("dark")
    assert not shell.updatesEnabled()
    window.close_unasked()
    assert shell.updatesEnabled()
    assert shell.palette().window().color().lightness() < 128
