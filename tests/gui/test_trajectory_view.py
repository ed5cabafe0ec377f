"""The trajectories on screen: panels over the picture, and what a mouse means there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.figures.trajectories import FIGURE, TrajectoriesOptions
from rnnviz.figures.view import View
from rnnviz.model.trace import Trace, trace
from rnnviz.render.painter import paint
from rnnviz.scene.style import load_style
from rnnviz.ui.trajectory_view import TrajectoryView
from tests.golden import assert_same_picture
from tests.gui.conftest import Opener, session_of, settle

STYLE = load_style("light")


class Window:
    """What a window does with the widget's wishes."""

    def __init__(self, qtbot: QtBot, hidden: int = 6, steps: int = 20) -> None:
        torch.manual_seed(4)
        self.run = trace(torch.nn.LSTM(3, hidden).eval(), torch.randn(steps, 1, 3))
        self._runs: dict[tuple[int, int], Trace] = {}
        self.position, self.selected = 8, None
        self.options = TrajectoriesOptions()
        self.widget = TrajectoryView(self.seek, self.select, self.set_option)
        qtbot.addWidget(self.widget)
        self.widget.resize(900, 640)
        self.widget.show()
        qtbot.waitExposed(self.widget)
        self.show()

    def show(self) -> None:
        self.widget.show_view(self.view(), self.options, load_style("light"))

    def view(self) -> View:
        """What is on show; a run at a position stays the same one, as a session's does."""
        moment = id(self.run), self.position
        if moment not in self._runs:
            self._runs[moment] = self.run.at(self.position)
        return View(self._runs[moment], self.run, selection=self.selected)

    def seek(self, position: int) -> None:
        self.position = position
        self.show()

    def select(self, element: Element) -> None:
        self.selected = element
        self.show()

    def set_option(self, name: str, value: Any) -> None:
        self.options = replace(self.options, **{name: value})
        self.show()

    def place(self, panel: str, x: float, y: float) -> QPoint:
        """A point of a panel, in shares of its width and height."""
        left, top, width, height = self.widget.panel_geometry()[panel].rect
        return QPoint(round(left + x * width), round(top + y * height))

    def shown(self) -> QImage:
        """What is to be seen."""
        return self.widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)

    def anew(self) -> QImage:
        """The same, painted from nothing."""
        scene = FIGURE.build(self.view(), self.options, self.widget.frame(), load_style("light"))
        picture = QImage(self.widget.size(), QImage.Format.Format_RGB32)
        painter = QPainter(picture)
        paint(scene, painter)
        painter.end()
        return picture

    def wheel(self, at: QPoint, up: bool = True) -> None:
        viewport = self.widget.viewport()
        event = QWheelEvent(
            QPointF(at),
            QPointF(viewport.mapToGlobal(at)),
            QPoint(),
            QPoint(0, 120 if up else -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    return Window(qtbot)


def _send(window: Window, kind: QEvent.Type, at: QPoint, held: bool) -> None:
    """A mouse event as Qt delivers it; pyqtgraph looks at moves a hundred times a second."""
    viewport = window.widget.viewport()
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    event = QMouseEvent(
        kind,
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        none if kind == QEvent.Type.MouseMove else left,
        left if held else none,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(viewport, event)


def _click(window: Window, at: QPoint) -> None:
    _send(window, QEvent.Type.MouseButtonPress, at, held=True)
    _send(window, QEvent.Type.MouseButtonRelease, at, held=False)


def test_it_paints_the_figures_own_scene(window: Window) -> None:
    assert_same_picture("trajectory-view", window.shown(), window.anew())


@pytest.mark.parametrize("steps", [20, 1500])
def test_a_step_that_was_foreseen_is_the_same_picture(qtbot: QtBot, steps: int) -> None:
    window = Window(qtbot, hidden=72, steps=steps)
    window.widget.resize(560, 420)
    window.show()
    window.shown()
    for foreseen, taken in ((9, 9), (10, 10), (11, 8), (9, 9)):
        at = View(window.run.at(foreseen), window.run)
        window.widget.foresee(at, window.options, STYLE)
        picture = window.widget._picture._repainter._foreseen
        window.position = taken
        view = at if foreseen == taken else View(window.run.at(taken), window.run)
        window.widget.show_view(view, window.options, STYLE)
        assert_same_picture(f"foreseen-{steps}-{taken}", window.shown(), window.anew())
        if steps > 20 and foreseen == taken:  # of a short run all but everything is other
            assert picture is not None
            assert window.widget._picture._repainter._picture is picture.picture


def test_stepping_the_window_foresees_the_next_step(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("lstm")
    session = session_of(window)
    session.first()
    session.show_figure("trajectories")
    settle(qtbot, window)
    assert window.bench is not None
    plots = window.bench.figure.plots
    assert plots is not None
    described: list[int] = []

    def counting(view: View, *others: Any) -> Any:
        described.append(view.run.position)
        return build(view, *others)

    build = FIGURE.build
    monkeypatch.setattr(type(FIGURE), "build", lambda _, *given: counting(*given))
    session.step()
    qtbot.waitUntil(lambda: plots._coming is not None)
    described.clear()
    session.step()
    assert session.state.position not in described
    qtbot.waitUntil(lambda: session.state.position + 1 in described)


@pytest.mark.parametrize("arrangement", ["rows", "overlaid"])
def test_a_long_run_is_the_same_picture_whatever_came_before(
    qtbot: QtBot, arrangement: str
) -> None:
    window = Window(qtbot, hidden=72, steps=1500)
    window.options = replace(window.options, arrangement=arrangement)
    for position, t_range in (
        (700, None),
        (701, None),
        (702, None),
        (699, None),
        (699, (600.0, 800.0)),
        (699, (603.0, 803.0)),
        (700, (603.0, 803.0)),
        (701, (603.0, 803.0)),
        (701, (640.0, 840.0)),
        (701, (641.0, 841.0)),
        (702, (641.0, 841.0)),
        (702, (900.0, 1100.0)),
        (702, (850.0, 1050.0)),
        (690, (590.0, 790.0)),
        (691, (560.0, 760.0)),
        (701, (690.5, 720.5)),
        (701, (691.5, 721.5)),
        (702, (690.5, 720.5)),
        (1500, (690.5, 720.5)),
        (1500, None),
        (0, None),
        (1, None),
    ):
        window.position = position
        window.set_option("t_range", t_range)
        name = f"long-{arrangement}-{position}-{t_range}"
        assert_same_picture(name, window.shown(), window.anew())


def test_panels_lie_over_their_rectangles(window: Window) -> None:
    for name, geometry in window.widget.panel_geometry().items():
        panel = window.widget._panels[name]
        box = panel.geometry()
        assert (box.x(), box.y(), box.width(), box.height()) == pytest.approx(geometry.rect)
        x, y = panel.viewRange()
        assert tuple(x) == pytest.approx(geometry.x_range)
        assert tuple(y) == pytest.approx(geometry.y_range)


def test_a_click_seeks_and_selects(window: Window) -> None:
    _click(window, window.place("heatmap", 12.5 / 20, 2.5 / 6))
    assert window.position == 13
    assert window.selected == Element("h", 0, 0, t=12, sequence=0, unit=2)


def test_a_drag_moves_the_cursor(qtbot: QtBot, window: Window) -> None:
    _send(window, QEvent.Type.MouseButtonPress, window.place("lines", 0.3, 0.5), held=True)
    for share in (0.5, 0.7, 0.93):
        qtbot.wait(20)
        _send(window, QEvent.Type.MouseMove, window.place("lines", share, 0.5), held=True)
    at = window.place("lines", 0.93, 0.5)
    _send(window, QEvent.Type.MouseButtonRelease, at, held=False)
    assert window.position == 19
    assert window.options.t_range is None


def test_the_wheel_zooms_both_time_axes(window: Window) -> None:
    window.wheel(window.place("lines", 0.5, 0.5))
    assert window.options.t_range is not None
    low, high = window.options.t_range
    assert high - low < 20
    panels = window.widget.panel_geometry()
    assert panels["lines"].x_range == panels["heatmap"].x_range == window.options.t_range
    assert tuple(window.widget._panels["heatmap"].viewRange()[0]) == pytest.approx((low, high))


def test_zooming_out_stops_at_everything(window: Window) -> None:
    window.wheel(window.place("heatmap", 0.5, 0.5))
    for _ in range(12):
        window.wheel(window.place("heatmap", 0.5, 0.5), up=False)
    assert window.options.t_range is None


def test_a_double_click_shows_all(window: Window) -> None:
    window.wheel(window.place("lines", 0.4, 0.5))
    assert window.options.t_range is not None
    at = window.place("lines", 0.4, 0.5)
    _click(window, at)
    _send(window, QEvent.Type.MouseButtonDblClick, at, held=True)
    _send(window, QEvent.Type.MouseButtonRelease, at, held=False)
    assert window.options.t_range is None


def test_the_path_zooms_in_both_axes(window: Window) -> None:
    window.wheel(window.place("path", 0.5, 0.5))
    assert window.options.path_range is not None
    assert window.options.t_range is None


def test_keys_zoom_and_reset(qtbot: QtBot, window: Window) -> None:
    qtbot.keyClick(window.widget, Qt.Key.Key_Plus)
    assert window.options.t_range is not None
    qtbot.keyClick(window.widget, Qt.Key.Key_0)
    assert window.options.t_range is None


def test_it_follows_its_size(qtbot: QtBot, window: Window) -> None:
    before = window.widget.panel_geometry()["lines"].rect
    window.widget.resize(640, 520)
    qtbot.waitUntil(lambda: window.widget.panel_geometry()["lines"].rect != before)
    assert window.widget.panel_geometry()["lines"].rect[2] < before[2]


def test_a_panel_without_a_plot_answers_nothing(qtbot: QtBot, window: Window) -> None:
    window.run = trace(torch.nn.RNN(3, 1).eval(), torch.randn(20, 1, 3))
    window.show()
    assert "path" not in window.widget.panel_geometry()
    assert not window.widget._panels["path"].isVisible()


def test_it_can_be_named_by_a_screen_reader(window: Window) -> None:
    assert window.widget.accessibleName()
    assert window.widget.accessibleDescription()
