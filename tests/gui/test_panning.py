"""A pane that was panned, zoomed and stepped shows what painting it from scratch shows."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.render.painter import paint
from rnnviz.session import Session
from rnnviz.session.runner import ImmediateRunner
from rnnviz.ui.canvas import FigureCanvas
from tests.golden import assert_same_picture
from tests.gui.conftest import Opener, session_of

BAR = 10  # px of the scroll bars, which lie over the picture


def shown(canvas: FigureCanvas) -> QImage:
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return image.copy(0, 0, canvas.width() - BAR, canvas.height() - BAR)


def anew(canvas: FigureCanvas) -> QImage:
    """The canvas's scene, painted over nothing."""
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    scene = canvas.scene()
    assert scene is not None
    painter = QPainter(image)
    paint(scene, painter, 1.0)
    painter.end()
    return image.copy(0, 0, canvas.width() - BAR, canvas.height() - BAR)


@pytest.mark.parametrize("figure", ["unrolled", "weights", "packed"])
@pytest.mark.parametrize("zoom", [0.05, 0.3, 0.9, 2.5])
def test_any_way_leads_to_the_same_picture(qtbot: QtBot, figure: str, zoom: float) -> None:
    session = Session(ImmediateRunner())
    session.open_example("packed-rnn" if figure == "packed" else "lstm")
    canvas = FigureCanvas(session)
    qtbot.addWidget(canvas)
    session.subscribe(canvas.refresh)
    session.show_figure(figure)
    canvas.resize(500, 400)
    canvas.show_figure(figure)
    canvas.zoom_to(zoom)
    choose = random.Random(0)
    for number in range(25):
        if number % 5 == 4:
            session.seek(choose.randint(0, session.state.total))
        if number % 9 == 8:
            canvas.zoom_by(choose.choice([0.8, 1.25]), QPointF(100, 100))
        canvas.pan(choose.randint(-90, 90), choose.choice([0, 0, 7, -20]))
        assert not canvas.error
        assert_same_picture("panned", shown(canvas), anew(canvas), share=0.002)


def test_a_zoom_gesture_is_stretched_at_once_and_sharp_when_it_rests(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    assert window.bench is not None
    canvas = window.bench.figure.canvas
    middle = QPointF(canvas.width() / 2, canvas.height() / 2)
    for _ in range(5):
        canvas.zoom_along(1.1, middle)
        canvas.repaint()
    stretched = canvas.grab().toImage()
    wanted = canvas.zoom
    qtbot.waitUntil(lambda: not canvas.stretches, timeout=5000)
    sharp = canvas.grab().toImage()
    assert sharp != stretched
    assert canvas.zoom == wanted
    canvas.zoom_to(1.0, middle)
    canvas.zoom_to(wanted, middle)
    canvas.zoom_along(1.1, middle)
    session_of(window).step()
    QApplication.processEvents()
    assert not canvas.stretches  # a step is never shown stretched
