"""Events that change nothing but what is seen: steps, seeking, the camera, tabs, sizes, themes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from tests.gui.abuse.stage import Event, NotNowError, Stage

_SIZES = ((1, 1), (1180, 720), (1280, 800), (1920, 1080), (3840, 2160), (6000, 720), (1180, 4000))
_THEMES: tuple[Any, ...] = ("light", "dark", "system")
_PACES: tuple[Any, ...] = ("timestep", "layer", "operation")
_MODIFIERS = (Qt.KeyboardModifier.NoModifier,) * 3 + (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def step(stage: Stage) -> None:
    session = stage.session
    stage.burst(stage.chance.choice((session.step, session.step, session.back)))


def pace(stage: Stage) -> None:
    stage.session.set_granularity(stage.chance.choice(_PACES))


def jump(stage: Stage) -> None:
    session, far = stage.session, stage.chance.randrange(-50, 50)
    stage.chance.choice((session.first, session.last, lambda: session.go(far)))()


def seek(stage: Stage) -> None:
    session = stage.session
    stage.burst(lambda: session.seek(stage.chance.randrange(-3, session.state.total + 5)))


def play(stage: Stage) -> None:
    session = stage.session
    session.set_speed(stage.chance.choice((0.1, 1, 20, 60, 1e9)))
    stage.burst(stage.chance.choice((session.play, session.toggle_play, session.pause)))


def return_in_time(stage: Stage) -> None:
    stage.burst(stage.session.toggle_returning)


def drag_ruler(stage: Stage) -> None:
    ruler = stage.bench.transport.ruler
    left, chance = Qt.MouseButton.LeftButton, stage.chance

    def somewhere() -> QPoint:
        return QPoint(chance.randrange(-9, ruler.width() + 9), ruler.height() // 2)

    QTest.mousePress(ruler, left, pos=somewhere())
    for _ in range(chance.choice((0, 2, 30))):
        QTest.mouseMove(ruler, somewhere())
        stage.turn()
    QTest.mouseRelease(ruler, left, pos=somewhere())


def wheel(stage: Stage) -> None:
    canvas, chance = stage.bench.figure.canvas, stage.chance
    at = QPointF(chance.randrange(canvas.width() + 1), chance.randrange(canvas.height() + 1))

    def turn_it() -> None:
        event = QWheelEvent(
            at,
            canvas.mapToGlobal(at),
            QPoint(),
            QPoint(chance.choice((0, 120, -960)), chance.choice((120, -120, 960, -2400))),
            Qt.MouseButton.NoButton,
            chance.choice(_MODIFIERS),
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)

    stage.burst(turn_it)


def pan(stage: Stage) -> None:
    canvas, chance = stage.bench.figure.canvas, stage.chance
    stage.burst(lambda: canvas.pan(chance.randrange(-900, 900), chance.randrange(-90, 90)))


def zoom(stage: Stage) -> None:
    canvas, window = stage.bench.figure.canvas, stage.window
    stage.burst(
        stage.chance.choice(
            (canvas.fit, lambda: canvas.zoom_to(1.0), window.zoom_in, window.zoom_out)
        )
    )


def resize(stage: Stage) -> None:
    stage.burst(lambda: stage.window.resize(*stage.chance.choice(_SIZES)))


def change_window(stage: Stage) -> None:
    window = stage.window
    deeds = (window.showMaximized, window.showMinimized, window.showFullScreen, window.hide)
    stage.chance.choice(deeds)()
    if stage.chance.random() < 0.5:
        QApplication.processEvents()
    window.showNormal()


def divide(stage: Stage) -> None:
    bench, chance = stage.bench, stage.chance
    panes = chance.choice((bench.columns, bench.left))
    panes.setSizes([chance.choice((0, 50, 400, 9000)) for _ in range(panes.count())])
    if chance.random() < 0.3:
        bench.toggle_inspector()


def show_tab(stage: Stage) -> None:
    session = stage.session
    stage.burst(lambda: session.show_figure(stage.chance.choice(session.state.figures or ("",))))


def through_all_tabs(stage: Stage) -> None:
    for figure in stage.session.state.figures:
        stage.session.show_figure(figure)
        QApplication.processEvents()


def press_option(stage: Stage) -> None:
    bar = stage.bench.figure._toolbars.get(stage.session.state.figure)
    buttons = [] if bar is None else bar.findChildren(QAbstractButton)
    seen = [button for button in buttons if button.isVisible()]
    if not seen:
        raise NotNowError
    stage.chance.choice(seen).click()


def choose_theme(stage: Stage) -> None:
    stage.burst(lambda: stage.window.choose_theme(stage.chance.choice(_THEMES)))


def show_sequence(stage: Stage) -> None:
    row = stage.chance.choice((None, 0, 1, 2, 99))
    stage.session.show_sequence(row)


EVENTS: tuple[tuple[int, Event], ...] = (
    (14, step), (3, pace), (4, jump), (5, seek), (5, play), (3, return_in_time), (4, drag_ruler),
    (5, wheel), (3, pan), (3, zoom), (4, resize), (1, change_window), (2, divide), (8, show_tab),
    (1, through_all_tabs), (5, press_option), (1, choose_theme), (2, show_sequence),
)  # fmt: skip
