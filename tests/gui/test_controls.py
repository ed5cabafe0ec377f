"""The small controls: what a key does, what is told and what is not."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.ui.code_lines import broken
from rnnviz.ui.controls import Choice, FieldRow, NumberField, Segmented, Toggle
from rnnviz.ui.flow import FlowLayout
from rnnviz.ui.input_table import ValuesTable
from rnnviz.ui.panel import wrapped_call
from rnnviz.ui.theme import Theme

Key = Qt.Key


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """Controls in the theme they are made for."""
    theme = Theme(qapp, "light")
    yield
    theme.deleteLater()


@pytest.fixture
def field(qtbot: QtBot) -> NumberField:
    made = NumberField("hidden_size")
    qtbot.addWidget(made)
    made.show_value(8)
    return made


def test_a_number_is_committed_once(qtbot: QtBot, field: NumberField) -> None:
    told: list[object] = []
    field.committed.connect(told.append)
    field.setText("12")
    qtbot.keyClick(field, Key.Key_Return)
    field.clearFocus()
    assert told == [12]
    qtbot.keyClick(field, Key.Key_Up)
    assert told == [12, 13]


def test_escape_takes_back(qtbot: QtBot, field: NumberField) -> None:
    told: list[object] = []
    field.committed.connect(told.append)
    field.setText("99")
    qtbot.keyClick(field, Key.Key_Escape)
    assert field.text() == "8"
    assert not told


def test_what_is_no_number_is_told_as_it_is(qtbot: QtBot, field: NumberField) -> None:
    field.setText("many")
    assert field.number() == "many"
    field.setText("−3")
    assert field.number() == -3


def test_what_a_field_writes_it_reads(qtbot: QtBot) -> None:
    field = NumberField("value", whole=False, step=0.1)
    qtbot.addWidget(field)
    for value, text in ((-0.25, "−0.25"), (-1e-5, "−1e−05"), (-math.inf, "−∞")):
        field.show_value(value)
        assert field.text() == text
        assert field.number() == value
    field.show_value(0.05)
    qtbot.keyClick(field, Key.Key_Down)
    assert field.text() == "−0.05"


def test_a_cell_is_edited_as_it_is_written(qtbot: QtBot) -> None:
    table = ValuesTable("values")
    qtbot.addWidget(table)
    model = table.values
    model.show_values(np.array([[-0.125]]), np.zeros(1, dtype=bool), ["1"], "x[{}]")
    text = model.data(model.index(0, 0), Qt.ItemDataRole.EditRole)
    assert text == "−0.125"
    with qtbot.waitSignal(model.edited) as told:
        assert model.setData(model.index(0, 0), text)
    assert told.args == [0, 0, -0.125]


def test_the_wheel_is_left_to_the_panel(qtbot: QtBot, field: NumberField) -> None:
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    field.wheelEvent(event)
    assert not event.isAccepted()
    assert field.text() == "8"


def test_what_is_shown_tells_nobody(qtbot: QtBot) -> None:
    options = [("a", "A"), ("b", "B")]
    for control in (Segmented(options, "letters"), Choice(options, "letters")):
        qtbot.addWidget(control)
        told: list[object] = []
        control.chosen.connect(told.append)
        control.show_value("b")
        assert control.value == "b"
        assert not told


def test_a_segment_is_chosen_by_click(qtbot: QtBot) -> None:
    control = Segmented([(1, "one"), (None, "none")], "numbers")
    qtbot.addWidget(control)
    with qtbot.waitSignal(control.chosen) as told:
        control._group.button(1).click()
    assert told.args == [None]


def test_a_row_shows_its_problem_and_its_reason(qtbot: QtBot) -> None:
    row = FieldRow("bias", Toggle("bias"))
    qtbot.addWidget(row)
    row.show_problem("expected True or False")
    assert row.message == "expected True or False"
    row.show_reason("not here", "RNN only")
    assert not row.field.isEnabled()
    assert row.field.toolTip() == "not here"
    row.show_reason("")
    assert row.field.isEnabled()


@pytest.mark.parametrize("columns", [16, 24, 33, 60])
@pytest.mark.parametrize(
    "code",
    [
        "output[0, 2]",
        "h_n.view(num_layers, num_directions, N, H_out)[1, 0]",
        "pad_packed_sequence(output)[0].view(L, N, num_directions, H_out)[2, 0, 0]",
        'run.tensors(0, 0, 3)["h_prev"][0] @ module.weight_hh_l0[0:8].T + module.bias_hh_l0[0:8]',
        "x" * 90,
    ],
)
def test_broken_code_loses_nothing(code: str, columns: int) -> None:
    lines = broken(code, columns)
    assert all(len(line) <= columns for line in lines)
    assert "".join(line.strip() for line in lines).replace(" ", "") == code.replace(" ", "")


def test_names_in_code_stay_in_one_piece() -> None:
    sums = 'run.tensors(0, 0, 3)["h_prev"][0] @ module.weight_hh_l0[0:8].T + module.bias_hh_l0[0:8]'
    assert broken(sums, 26)[2:] == [
        "  @ module",
        "  .weight_hh_l0[0:8].T",
        "  + module.bias_hh_l0[0:8]",
    ]
    assert broken("torch.zeros(8, dtype=module.weight_ih_l0.dtype)", 31)[1:] == [
        "  dtype=module.weight_ih_l0",
        "  .dtype)",
    ]


def test_a_call_is_wrapped_after_commas() -> None:
    assert wrapped_call("nn.LSTM(4, 8, num_layers=2, batch_first=True)", 28) == [
        "nn.LSTM(4, 8, num_layers=2,",
        "  batch_first=True)",
    ]


def test_a_flow_goes_on_in_the_next_line(qtbot: QtBot) -> None:
    pane = QWidget()
    qtbot.addWidget(pane)
    flow = FlowLayout(pane, 30, 5)
    for _ in range(4):
        box = QWidget()
        box.setFixedSize(40, 20)
        QVBoxLayout(box)
        flow.addWidget(box)
    assert flow.heightForWidth(400) < flow.heightForWidth(100)


def test_a_table_survives_any_change_of_shape(qtbot: QtBot) -> None:
    table = ValuesTable("values")
    qtbot.addWidget(table)
    table.resize(250, 300)
    random = np.random.default_rng(0)
    for rows, columns in ((6, 4), (0, 4), (160, 768), (1, 1), (0, 0), (40, 3)):
        values = random.normal(size=(rows, columns))
        padding = np.zeros(rows, dtype=bool)
        table.values.show_values(values, padding, [str(t) for t in range(rows)], "x[{}]")
        table.fit_rows(14)
        table.fit_columns()
        if values.size:
            table.setCurrentIndex(table.values.index(rows - 1, columns - 1))
        table.grab()
