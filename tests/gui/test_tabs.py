"""The bar of views: every tab whole, the others in a menu."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.ui.tabs import TabBar
from rnnviz.ui.workbench import FIGURES

NAMES = tuple(name for name, _ in FIGURES)


def bar_of(qtbot: QtBot, width: int) -> tuple[QWidget, TabBar]:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(width, 60)
    bar = TabBar(FIGURES)
    bar.setParent(host)
    bar.setGeometry(0, 0, width, bar.height())
    host.show()
    return host, bar  # nobody else holds the host


@pytest.mark.parametrize("width", [420, 560, 680, 760, 900, 1330, 2000])
@pytest.mark.parametrize("current", NAMES)
def test_no_tab_is_cut(qtbot: QtBot, width: int, current: str) -> None:
    _host, bar = bar_of(qtbot, width)
    bar.show_zoomable(False)  # as the trajectories do
    bar.show_figures(NAMES, current)
    bar.show_zoomable(True)
    qtbot.waitUntil(lambda: bar.zoom.isVisible())
    bar.layout().activate()  # type: ignore[union-attr]
    parts = [part for part in bar.findChildren(QAbstractButton) if part.isVisibleTo(bar)]
    boxes = sorted((part.geometry() for part in parts), key=lambda box: box.left())
    assert all(box.right() < width for box in boxes)
    assert all(a.right() < b.left() for a, b in itertools.pairwise(boxes))
    for part in parts:
        assert part.width() >= min(part.sizeHint().width(), part.minimumSizeHint().width())
    shown = [part.text() for part in parts if part.isCheckable()]
    assert dict(FIGURES)[current] in shown
    assert bar.more.isVisibleTo(bar) == (len(shown) < len(NAMES))


def test_the_menu_has_what_has_no_room(qtbot: QtBot) -> None:
    _host, bar = bar_of(qtbot, 680)
    bar.show_figures(NAMES, "unrolled")
    menu = bar.more.menu()
    assert menu is not None
    menu.aboutToShow.emit()
    titles = [action.text() for action in menu.actions()]
    assert "Gradients" in titles
    assert "Unrolled graph" not in titles
    with qtbot.waitSignal(bar.chosen) as chosen:
        menu.actions()[-1].trigger()
    assert chosen.args == ["gradients"]
