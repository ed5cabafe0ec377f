"""A seeded person in a hurry: bursts of steps, edits, resizes, changes of view."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.model.clamps import Clamp
from rnnviz.session.examples import example_keys
from rnnviz.ui.window import MainWindow
from rnnviz.ui.workbench import FIGURES
from tests.gui.conftest import Opener, press, session_of, settle

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
Key = Qt.Key
_KEYS = (
    Key.Key_Right, Key.Key_Left, Key.Key_Home, Key.Key_End, Key.Key_Space, Key.Key_J, Key.Key_K,
    Key.Key_Up, Key.Key_Down, Key.Key_P, Key.Key_Plus, Key.Key_Minus, Key.Key_0, Key.Key_F,
    Key.Key_Tab, Key.Key_BracketLeft, Key.Key_BracketRight, Key.Key_T, Key.Key_L, Key.Key_O,
)  # fmt: skip
_EDITS = (
    {"hidden_size": 1}, {"hidden_size": 12}, {"hidden_size": 0}, {"cell": "GRU"}, {"cell": "RNN"},
    {"cell": "LSTM"}, {"bidirectional": True}, {"bidirectional": False}, {"num_layers": 1},
    {"num_layers": 3}, {"proj_size": 2}, {"proj_size": 0}, {"dropout": 0.5}, {"dtype": "bfloat16"},
    {"dtype": "float64"}, {"batch_first": True}, {"bias": False}, {"input_size": 1},
)  # fmt: skip
_FILLS = ("rand", "randn", "ones", "one-hot", "sine", "impulse")


class Driver:
    """Does one thing after another to a window.

    Args:
        seed: of all that it does.
    """

    def __init__(self, qtbot: QtBot, window: MainWindow, seed: int) -> None:
        self._qtbot, self._window = qtbot, window
        self._session = session_of(window)
        self._random = random.Random(seed)
        self._deeds: tuple[Callable[[], None], ...] = (
            self.burst, self.edit, self.resize, self.show, self.seek, self.input, self.pack,
            self.wheel, self.click, self.theme, self.open, self.option, self.train,
            self.undo, self.what_if, self.compare,
        )  # fmt: skip

    def act(self) -> None:
        """Does something, and sometimes waits for what it did."""
        self._random.choice(self._deeds)()
        if self._random.random() < 0.3:
            QApplication.processEvents()

    def burst(self) -> None:
        for _ in range(self._random.choice((1, 5, 20))):
            press(self._qtbot, self._window, self._random.choice(_KEYS))

    def edit(self) -> None:
        self._session.set_model(**self._random.choice(_EDITS))

    def resize(self) -> None:
        size = self._random.choice(((1180, 720), (1500, 900), (1920, 1080)))
        self._window.resize(*size)

    def show(self) -> None:
        self._session.show_figure(self._random.choice(FIGURES)[0])

    def seek(self) -> None:
        self._session.seek(self._random.randrange(-3, 30))

    def input(self) -> None:
        deeds = (
            lambda: self._session.fill(self._random.choice(_FILLS), self._random.randrange(9)),
            lambda: self._session.set_steps(self._random.choice((1, 3, 9, 40))),
            lambda: self._session.set_sequence_count(self._random.choice((0, 1, 2, 5))),
            lambda: self._session.set_length(0, self._random.randrange(0, 5)),
            lambda: self._session.set_value(0, 0, 0, float("nan")),
            lambda: self._session.set_initial(self._random.choice(("zeros", "random", "typed"))),
        )
        self._random.choice(deeds)()

    def pack(self) -> None:
        self._session.set_packed(self._random.random() < 0.5)
        self._session.set_enforce_sorted(self._random.random() < 0.5)

    def train(self) -> None:
        self._session.set_training(self._random.random() < 0.5)

    def undo(self) -> None:
        for _ in range(self._random.choice((1, 2, 9))):
            self._random.choice((self._session.undo, self._session.undo, self._session.redo))()

    def what_if(self) -> None:
        unit, t = self._random.choice((None, 0, 7)), self._random.choice((None, 0, 4))
        deeds = (
            lambda: self._session.set_weight("weight_hh_l0", 1, unit or 0, 2.0),
            lambda: self._session.set_weight("bias_ih_l0", unit or 0, None, float("inf")),
            lambda: self._session.set_value(0, t or 0, 0, self._random.random()),
            lambda: self._session.set_initial_value("h_0", 0, 0, unit or 0, 1.0),
            lambda: self._session.clamp(Clamp("f", 1.0, t=t, unit=unit)),
            lambda: self._session.clamp(Clamp("h", 0.0, layer=None, t=t, unit=unit)),
        )
        self._random.choice(deeds)()

    def compare(self) -> None:
        deeds = (
            lambda: self._session.show_comparison(self._random.choice(("new", "old"))),
            lambda: self._session.show_comparison("difference"),
            self._session.keep_edits,
            self._session.discard_edits,
            lambda: [self._session.revert(change) for change in self._session.changes()[:1]],
        )
        self._random.choice(deeds)()

    def wheel(self) -> None:
        assert self._window.bench is not None
        canvas = self._window.bench.figure.canvas
        at = QPointF(self._random.randrange(canvas.width()), 50)
        canvas.zoom_by(self._random.choice((0.2, 0.8, 1.3, 8)), at)
        canvas.pan(self._random.randrange(-500, 500), self._random.randrange(-90, 90))

    def click(self) -> None:
        assert self._window.bench is not None
        canvas = self._window.bench.figure.canvas
        at = QPoint(self._random.randrange(canvas.width()), self._random.randrange(canvas.height()))
        self._qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)

    def theme(self) -> None:
        self._window.choose_theme(self._random.choice(("light", "dark", "system")))

    def open(self) -> None:
        self._session.open_example(self._random.choice(example_keys()))

    def option(self) -> None:
        assert self._window.bench is not None
        bars = self._window.bench.figure._toolbars
        bar = bars.get(self._session.state.figure)
        buttons = bar.findChildren(object) if bar is not None else []
        clickable = [b for b in buttons if hasattr(b, "click") and b.isVisible()]
        if clickable:
            self._random.choice(clickable).click()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_breaks(
    qtbot: QtBot, open_window: Opener, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    window = open_window()
    driver = Driver(qtbot, window, seed)
    with caplog.at_level(logging.WARNING, "rnnviz"):
        for _ in range(120):
            driver.act()
        state = settle(qtbot, window)
        window.grab()
    assert state.ready
    assert window.bench is not None
    assert not window.bench.figure.canvas.error
    assert not caplog.records, caplog.text
    window.close_unasked()
