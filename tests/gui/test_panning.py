"""A pane that was panned, zoomed and stepped shows what painting it from scratch shows."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from rnnviz.render.painter import paint
from rnnviz.session import Session
from rnnviz.session.runner import ImmediateRunner
from rnnviz.ui.canvas import FigureCanvas
from tests.golden import assert_same_picture

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
