"""The cell's anatomy in the window: chips lead to their operations."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from rnnviz.model.schedule import Progress
from rnnviz.scene.marks import Rect
from rnnviz.ui.figure_view import LegendStrip
from tests.gui.conftest import Opener, session_of, settle

_NO_KEY = Qt.KeyboardModifier.NoModifier


def chip(strip: LegendStrip, number: int) -> QPoint:
    """The middle of an operation's chip, from 1."""
    scene = strip._scene
    assert scene is not None
    boxes = [mark for mark in scene.marks if isinstance(mark, Rect) and mark.key is not None]
    box = boxes[number - 1]
    return QPointF(box.x + box.width / 2, box.y + box.height / 2).toPoint()


@pytest.mark.parametrize("example", ["lstm", "gru-unsorted"])
def test_a_click_on_a_chip_goes_to_its_operation(
    qtbot: QtBot, open_window: Opener, example: str
) -> None:
    window = open_window(example)
    session, bench = session_of(window), window.bench
    assert bench is not None
    session.show_figure("anatomy")
    session.seek_progress(Progress(1, 0, 4))
    settle(qtbot, window)
    strip = bench.figure.legend
    for number in (2, 7, 3, 9):
        place = chip(strip, number)
        QTest.mouseMove(strip, place)
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, _NO_KEY, place)
        state = settle(qtbot, window)
        assert state.run is not None
        assert state.run.progress == Progress(1, 0, number)
        assert not bench.figure.canvas.error


def test_beside_the_chips_a_click_does_nothing(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    session, bench = session_of(window), window.bench
    assert bench is not None
    for figure in ("anatomy", "unrolled", "weights"):
        session.show_figure(figure)
        before = settle(qtbot, window)
        strip = bench.figure.legend
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, _NO_KEY, QPoint(2, 2))
        assert settle(qtbot, window).run is before.run
