"""The trajectories of a long run while a hand moves them: first without care, then sharp."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.golden import assert_same_picture
from tests.gui.test_trajectory_view import Window

_SPAN = (100.0, 500.0)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    """A long run, some of whose timesteps are on show, ready to be moved."""
    window = Window(qtbot, hidden=70, steps=1000)
    window.position = 300
    window.set_option("t_range", _SPAN)
    _make_ready(qtbot, window)
    return window


def _make_ready(qtbot: QtBot, window: Window) -> None:
    _rest(qtbot, window)
    window.shown()
    qtbot.waitUntil(lambda: window.widget.is_ready_to_move, timeout=20_000)


def _rest(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: not window.widget.stretches, timeout=20_000)


def _within(window: Window, picture: QImage, panel: str) -> QImage:
    """A panel within its edge and the bends of its corners."""
    left, top, width, height = map(round, window.widget.panel_geometry()[panel].rect)
    return picture.copy(QRect(left + 4, top + 4, width - 8, height - 8))


def test_after_a_zoom_it_is_the_picture_painted_from_nothing(qtbot: QtBot, window: Window) -> None:
    before = window.shown()
    for _ in range(3):
        window.wheel(window.place("lines", 0.3, 0.5))
        assert window.widget.stretches
        assert window.shown() != before
    _rest(qtbot, window)
    assert_same_picture("zoomed", window.shown(), window.anew())


def test_panned_the_plots_are_moved_px_by_px(window: Window) -> None:
    width = window.widget.panel_geometry()["lines"].rect[2]
    moved = 37 * (_SPAN[1] - _SPAN[0]) / width
    window.set_option("t_range", (_SPAN[0] + moved, _SPAN[1] + moved))
    assert window.widget.stretches
    for panel in ("lines", "heatmap"):
        pictures = (_within(window, picture, panel) for picture in (window.shown(), window.anew()))
        assert_same_picture(f"panned {panel}", *pictures)


def test_what_stands_around_is_that_of_the_new_timesteps(window: Window) -> None:
    window.set_option("t_range", (150.0, 390.0))
    assert window.widget.stretches
    shown, sharp = window.shown(), window.anew()
    _, top, _, height = window.widget.panel_geometry()["heatmap"].rect
    low = QRect(0, round(top + height) + 2, shown.width(), 40)
    assert_same_picture("axis", shown.copy(low), sharp.copy(low))
    above = QRect(0, 0, shown.width(), 56)
    assert_same_picture("titles and tab", shown.copy(above), sharp.copy(above))


def test_in_mid_zoom_a_hover_tells_what_lies_there(window: Window) -> None:
    window.set_option("t_range", (150.0, 390.0))
    assert window.widget.stretches
    at = window.place("heatmap", 0.5, 0.5)
    found = window.widget._pointed(at.toPointF())
    assert found is not None
    assert found.element.t == pytest.approx(269, abs=1)


def test_a_step_in_mid_zoom_is_sharp_at_once(window: Window) -> None:
    window.wheel(window.place("lines", 0.3, 0.5))
    assert window.widget.stretches
    window.seek(window.position + 1)
    assert not window.widget.stretches
    assert_same_picture("stepped", window.shown(), window.anew())


def test_another_tensor_in_mid_zoom_leaves_nothing_of_the_last(
    qtbot: QtBot, window: Window
) -> None:
    window.wheel(window.place("lines", 0.3, 0.5))
    window.set_option("tensor", "c")
    assert not window.widget.stretches
    window.wheel(window.place("lines", 0.3, 0.5))  # what could be moved was of another tensor
    assert not window.widget.stretches
    assert_same_picture("another tensor", window.shown(), window.anew())


def test_hidden_or_resized_in_mid_zoom_it_is_sharp_when_seen_again(
    qtbot: QtBot, window: Window
) -> None:
    window.wheel(window.place("lines", 0.3, 0.5))
    window.widget.hide()
    assert not window.widget.stretches
    window.widget.show()
    QApplication.processEvents()
    assert_same_picture("hidden", window.shown(), window.anew())
    _make_ready(qtbot, window)
    window.wheel(window.place("lines", 0.3, 0.5))
    assert window.widget.stretches
    window.widget.resize(1000, 660)
    QApplication.processEvents()
    assert_same_picture("resized", window.shown(), window.anew())


def test_a_place_far_away_is_sharp_at_once(window: Window) -> None:
    window.set_option("t_range", (600.0, 1000.0))
    assert not window.widget.stretches
    assert_same_picture("far", window.shown(), window.anew())


def test_closed_in_mid_zoom_nothing_goes_on(qtbot: QtBot, window: Window) -> None:
    window.wheel(window.place("lines", 0.3, 0.5))
    window.widget.close()
    qtbot.wait(200)
    assert not window.widget.stretches
