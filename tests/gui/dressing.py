"""A window whose theme is chosen, once it wears it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from rnnviz.ui.theme import Choice
    from rnnviz.ui.window import MainWindow


def wear(qtbot: QtBot, window: MainWindow, choice: Choice) -> None:
    """Chooses a theme and waits until all of the window is dressed."""
    window.choose_theme(choice)
    qtbot.waitUntil(window.updatesEnabled)
