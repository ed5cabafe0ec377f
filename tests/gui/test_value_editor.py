"""A number is changed where it is drawn."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.scene.axes import read_number
from rnnviz.scene.hit import hit_rect
from rnnviz.session.numbers import way_to_change
from rnnviz.ui.value_editor import ValueEditor
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import Opener, session_of, settle


def editor_of(window: MainWindow) -> ValueEditor:
    assert window.bench is not None
    return window.bench.figure.editor


def double_click(window: MainWindow, element: Element) -> None:
    assert window.bench is not None
    canvas = window.bench.figure.canvas
    scene = canvas.scene()
    assert scene is not None
    box = hit_rect(scene, element)
    assert box is not None
    x, y = box[0] + box[2] / 2 - scene.x, box[1] + box[3] / 2 - scene.y
    at = QPoint(round(x), round(y))
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def type_in(window: MainWindow, text: str) -> None:
    editor = editor_of(window)
    editor.setText(text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def test_a_weight_is_set_in_its_heatmap(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    session.show_figure("weights")
    weight = Element("weight_hh_l0", 0, 0, row=3, column=2)
    double_click(window, weight)
    assert editor_of(window).element == weight
    type_in(window, "−0.5")
    settle(qtbot, window)
    assert editor_of(window).element is None
    assert [str(edit.place) for edit in session.state.document.weight_edits] == [
        "weight_hh_l0[3, 2]"
    ]
    run = session.state.run
    assert run is not None
    assert float(run.weights["weight_hh_l0"][3, 2]) == -0.5
    session.undo()
    settle(qtbot, window)
    assert session.state.document.weight_edits == ()


def test_the_number_is_offered_as_it_is_written(open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    session.show_figure("weights")
    run = session.state.run
    assert run is not None
    row, column = next(map(int, at) for at in (run.weights["weight_hh_l0"] < 0).nonzero())
    double_click(window, Element("weight_hh_l0", 0, 0, row=row, column=column))
    text, value = editor_of(window).text(), float(run.weights["weight_hh_l0"][row, column])
    assert text.startswith("−")
    assert read_number(text) == pytest.approx(value, rel=1e-5)


def test_a_gate_is_forced_where_it_is_drawn(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    double_click(window, Element("f", 0, 0, 1, 0, unit=3))
    type_in(window, "1")
    settle(qtbot, window)
    run = session.state.run
    assert run is not None
    assert float(run.gates(0, 0, 1)["f"][0, 3]) == 1.0
    assert float(run.gates(0, 0, 1)["f"][0, 2]) != 1.0


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
def test_what_ends_typing_leads_nowhere(qtbot: QtBot, open_window: Opener, key: Qt.Key) -> None:
    window = open_window()
    assert window.bench is not None
    session, change = session_of(window), window.bench.inspector.change
    for figure in ("unrolled", "anatomy"):
        session.show_figure(figure)
        double_click(window, Element("f", 0, 0, 1, 0, unit=3))
        QTest.keyClick(editor_of(window), key)
        assert session.state.figure == figure
        settle(qtbot, window)
        change.field.setFocus()
        QTest.keyClick(change.field, key)
        assert session.state.figure == figure
        window.bench.input.table.setFocus()
        QTest.keyClick(window.bench.input.table, key)
        assert session.state.figure == figure


def test_escape_and_nonsense_change_nothing(open_window: Opener) -> None:
    window = open_window()
    before = session_of(window).state.document
    double_click(window, Element("x", layer=0, t=1, sequence=0, unit=1))
    editor = editor_of(window)
    assert editor.isVisible()
    editor.setText("a lot")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.isVisible()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    assert session_of(window).state.document is before


def test_cells_that_merge_units_are_not_changed(open_window: Opener) -> None:
    window = open_window(first=lambda session: session.open_example("lstm-projection"))
    assert window.bench is not None
    canvas = window.bench.figure.canvas
    scene = canvas.scene()
    assert scene is not None
    box = hit_rect(scene, Element("x", layer=0, t=0, sequence=0))
    assert box is not None
    point = QPointF(box[0] + box[2] / 2 - scene.x, box[1] + box[3] / 2 - scene.y)
    assert canvas.element_at(point) is not None
    assert not editor_of(window).open_at(point)


@pytest.mark.parametrize(
    ("element", "way"),
    [
        (Element("weight_hh_l0", row=3, column=2), "set"),
        (Element("weight_hh_l0", row=3), None),
        (Element("bias_ih_l1", row=3), "set"),
        (Element("x", layer=0, t=2, sequence=0, unit=1), "set"),
        (Element("x", layer=1, t=2, sequence=0, unit=1), None),
        (Element("h_0", layer=1, direction=0, sequence=0, unit=1), "set"),
        (Element("c", 0, 0, 2, 0, unit=1), "force"),
        (Element("f", 0, 0, 2, 0), None),
        (Element("output", t=2, sequence=0, unit=1), None),
    ],
)
def test_what_can_be_changed_and_how(
    open_window: Opener, element: Element, way: str | None
) -> None:
    run = session_of(open_window()).state.run
    assert run is not None
    assert way_to_change(run, element) == way
