"""The table of the input."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.model.spec import ModelSpec
from rnnviz.session import Document, Session
from rnnviz.session.runner import ImmediateRunner
from rnnviz.ui.sequence_table import RowNames, SequenceTable


def test_rows_are_named_by_timestep_and_of_several_sequences_by_both() -> None:
    assert list(RowNames(range(1), 3)) == ["1", "2", "3"]
    assert list(RowNames(range(2), 2)) == ["0, 1", "0, 2", "1, 1", "1, 2"]
    assert list(RowNames(range(1, 2), 2)) == ["1", "2"]
    assert RowNames(range(4), 9)[-1] == "3, 9"
    assert RowNames(range(1), 100_000)[2:4] == ["3", "4"]
    assert RowNames(range(1), 3) == RowNames(range(1), 3) != RowNames(range(2), 3)
    with pytest.raises(IndexError):
        RowNames(range(2), 2)[4]


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_of_two_directions_the_row_that_is_selected_stays_in_sight(qtbot: QtBot) -> None:
    steps = 400
    values = np.random.default_rng(0).normal(size=(1, steps, 3))
    document = Document(ModelSpec("GRU", 3, 4, bidirectional=True), values, (steps,), title="long")
    session = Session(ImmediateRunner())
    session._open(document, 0, None, "unrolled")
    panel = SequenceTable(session)
    qtbot.addWidget(panel)
    panel.resize(300, 260)
    panel.show()
    panel.refresh(None, session.state)
    session.subscribe(panel.refresh)

    def is_seen(row: int) -> bool:
        table = panel.table
        top, low = table.rowAt(0), table.indexAt(QPoint(5, table.viewport().height() - 1)).row()
        return top <= row <= low

    for position in (300, 301, 20, 390):
        session.seek(position)
        session.select(Element("h", layer=0, direction=0, t=position - 1, sequence=0))
        assert is_seen(position - 1)
        assert not is_seen(steps - position)
    session.select(Element("h", layer=0, direction=1, t=steps - 390, sequence=0))
    assert is_seen(steps - 390)
