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
from rnnviz.ui.window import MainWindow
from rnnviz.ui.workbench import Workbench
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
    canvas = bench_of(open_window()).figure.canvas
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
    assert_same_picture("sharp", shown(canvas), anew(canvas), share=0.002)


@pytest.mark.parametrize("turn", ["zoom in", "100 %", "fit"])
def test_one_zoom_fades_into_the_next(qtbot: QtBot, open_window: Opener, turn: str) -> None:
    canvas = bench_of(open_window()).figure.canvas
    canvas.zoom_by(2.0)
    qtbot.waitUntil(lambda: not canvas.stretches, timeout=5000)
    {"zoom in": lambda: canvas.zoom_by(1.25), "100 %": lambda: canvas.zoom_to(1.0)}.get(
        turn, canvas.fit
    )()
    assert canvas.stretches
    painted = canvas.paints
    qtbot.waitUntil(lambda: not canvas.stretches, timeout=5000)
    assert canvas.paints > painted + 2
    assert_same_picture("faded", shown(canvas), anew(canvas), share=0.002)


def test_a_fade_ends_when_the_user_acts(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    canvas, session = bench_of(window).figure.canvas, session_of(window)
    middle = QPointF(canvas.width() / 2, canvas.height() / 2)
    canvas.zoom_to(2.0)
    qtbot.waitUntil(lambda: not canvas.stretches, timeout=5000)
    for act in (session.back, lambda: canvas.resize(canvas.width() - 30, canvas.height())):
        canvas.zoom_along(1.1, middle)
        act()
        QApplication.processEvents()
        assert not canvas.stretches  # a step is never shown stretched
        assert_same_picture("at once", shown(canvas), anew(canvas), share=0.002)
    canvas.zoom_by(1.1)
    fading(qtbot, canvas)
    canvas.pan(40, 0)
    assert not canvas.stretches
    assert_same_picture("panned", shown(canvas), anew(canvas), share=0.002)


def test_a_pan_goes_on_with_what_is_still_stretched(qtbot: QtBot, open_window: Opener) -> None:
    canvas = bench_of(open_window()).figure.canvas
    canvas.zoom_to(2.0)
    qtbot.waitUntil(lambda: not canvas.stretches, timeout=5000)
    before = canvas.camera
    canvas.zoom_along(1.1, QPointF(0, 0))
    canvas.pan(40, 20)
    assert canvas.stretches
    assert canvas.camera.x == pytest.approx(before.x * 1.1 + 40, rel=0.1)
    qtbot.waitUntil(lambda: not canvas.stretches, timeout=5000)
    assert_same_picture("panned", shown(canvas), anew(canvas), share=0.002)


def test_a_hidden_pane_ends_its_fade(qtbot: QtBot, open_window: Opener) -> None:
    canvas = bench_of(open_window()).figure.canvas
    canvas.zoom_by(1.25)
    assert canvas.stretches
    canvas.hide()
    assert not canvas.stretches
    canvas.zoom_by(1.25)
    assert not canvas.stretches  # nobody sees it


def fading(qtbot: QtBot, canvas: FigureCanvas) -> None:
    """Waits until a sharp frame has begun to fade in."""
    qtbot.waitUntil(lambda: 0 < canvas.sharpness < 1, timeout=5000)


def bench_of(window: MainWindow) -> Workbench:
    assert window.bench is not None
    return window.bench
