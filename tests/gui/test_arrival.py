"""What a figure had to wait for is taken up as a zoom is: in parts, behind the frame on show."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from rnnviz.figures import later
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.picture import Picture
from rnnviz.ui.viewport import Viewport
from tests.golden import assert_same_picture
from tests.gui.conftest import PATIENCE, Opener, session_of
from tests.gui.test_panning import anew, bench_of, shown


class Counted:
    """How often each of some methods was called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *methods: tuple[type, str]) -> None:
        self.calls = {name: 0 for _, name in methods}
        for owner, name in methods:
            self._watch(monkeypatch, owner, name)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        method = getattr(owner, name)

        def counted(*given: object) -> object:
            self.calls[name] += 1
            return method(*given)

        monkeypatch.setattr(owner, name, counted)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    monkeypatch.setattr(later, "LONG", 16)  # next to everything takes long
    return Counted(monkeypatch, (Viewport, "_take_up_arrival"), (Picture, "start_anew"))


def rest(qtbot: QtBot, canvas: FigureCanvas) -> None:
    qtbot.waitUntil(lambda: not canvas.waits and not canvas.stretches, timeout=PATIENCE)


def test_it_fades_in_as_a_zoom_does(qtbot: QtBot, open_window: Opener, counted: Counted) -> None:
    window = open_window("packed-rnn")
    session_of(window).show_figure("packed")
    canvas = bench_of(window).figure.canvas
    rest(qtbot, canvas)
    before = dict(counted.calls)
    session_of(window).fill("randn", 1)  # other numbers, of the same sizes
    qtbot.waitUntil(
        lambda: counted.calls["_take_up_arrival"] > before["_take_up_arrival"], timeout=PATIENCE
    )
    assert canvas.stretches
    rest(qtbot, canvas)
    assert counted.calls["start_anew"] == before["start_anew"]
    assert_same_picture("arrived", shown(canvas), anew(canvas), share=0.002)
