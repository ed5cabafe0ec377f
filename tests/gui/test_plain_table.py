"""Tables of strangers' texts, and labels: what is seen of a row, what a tooltip says."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent, QRegion
from pytestqt.qtbot import QtBot

from rnnviz.ui.labels import ElidedLabel
from rnnviz.ui.plain_table import PlainModel, PlainTable


class Painted(QObject):
    """What of a widget was painted."""

    def __init__(self) -> None:
        super().__init__()
        self.region = QRegion()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QPaintEvent):
            self.region = self.region.united(event.region())
        return False


def test_a_row_that_is_chosen_is_painted_whole_and_the_one_before_too(qtbot: QtBot) -> None:
    model = PlainModel(("name", "shape"))
    table = PlainTable(model, "arrays", (100, 100), selects=True)
    qtbot.addWidget(table)
    model.show_items(["x", "lengths", "ids"], lambda name: (name, "(3,)"))
    table.choose(0)
    table.resize(220, 120)
    with qtbot.waitExposed(table):
        table.show()
    qtbot.wait(50)
    painted = Painted()
    table.viewport().installEventFilter(painted)
    table.choose(2)
    ends = [table.visualRect(model.index(row, 1)).center() for row in (0, 2)]
    qtbot.waitUntil(lambda: all(painted.region.contains(end) for end in ends))


def test_a_name_that_is_cut_is_told_as_it_stands(qtbot: QtBot) -> None:
    label = ElidedLabel("<b>a long name of a file that somebody has sent</b>.pt")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert "&lt;b&gt;a long name" in label.toolTip()
