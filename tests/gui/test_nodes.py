"""Tab goes from node to node of what is on show, at any zoom, and on past the last one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.scene.marks import Clip, Rect, Scene
from rnnviz.session import Session
from rnnviz.session.runner import ImmediateRunner
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.nodes import nodes_on_show


def test_only_what_is_seen_is_a_node() -> None:
    seen, cut, beyond, twice = (Element("h", 0, 0, t, 0) for t in range(4))
    within = (Rect(0, 0, 30, 10, key=cut), Rect(60, 0, 10, 10, key=seen._replace(unit=3)))
    marks = (
        Clip(50, 0, 50, 50, within),
        Rect(200, 0, 10, 10, key=beyond),
        Rect(10, 30, 10, 10, key=twice),
        Rect(30, 30, 10, 10, key=twice),
        Rect(40, 30, 10, 10),
    )
    assert nodes_on_show(Scene(100, 100, marks)) == [seen, twice]


@pytest.mark.parametrize("zoom", [0.01, 0.3, 0.7, 1.0, 1.8])
@pytest.mark.parametrize("across", [0, 70])
def test_tab_walks_over_every_node_and_back(qtbot: QtBot, zoom: float, across: int) -> None:
    session = Session(ImmediateRunner())
    session.open_example("lstm")
    canvas = FigureCanvas(session)
    qtbot.addWidget(canvas)
    session.subscribe(canvas.refresh)
    canvas.resize(500, 400)
    canvas.show_figure("unrolled")
    canvas.zoom_to(zoom)
    canvas.pan(across, 30)  # the headings and the time axis are pinned then
    session.select(None)
    there = _walked(canvas, session, Qt.Key.Key_Tab)
    assert there
    assert len(set(there)) == len(there)
    session.select(None)
    assert _walked(canvas, session, Qt.Key.Key_Backtab) == there[::-1]


def _walked(canvas: FigureCanvas, session: Session, key: Qt.Key) -> list[Element]:
    """The nodes that a key selects, until it leaves the canvas."""
    found: list[Element] = []
    for _ in range(500):
        if not canvas.select_next(key == Qt.Key.Key_Tab):
            return found
        assert session.state.selection is not None
        found.append(session.state.selection)
    raise AssertionError("Tab never leaves the canvas")
