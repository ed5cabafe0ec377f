"""The arithmetic microscope in the window: what it shows, what a click on it does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.model.clamps import Clamp
from rnnviz.model.provenance import dissect, sources
from rnnviz.ui.inspector import Inspector
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import Opener, session_of, settle

GATE = Element("f", 0, 0, 2, 0, 3)


def inspector_of(window: MainWindow) -> Inspector:
    assert window.bench is not None
    window.bench.follower.pinned = True
    return window.bench.inspector


def text(entry_label: object) -> str:
    if isinstance(entry_label, str):
        return entry_label
    assert isinstance(entry_label, tuple)
    return "".join(f"{token.text}{token.sub}{token.behind}" for token in entry_label)


def test_numbers_are_there_at_once_and_then_typeset(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    microscope = inspector_of(window).microscope
    session_of(window).select(GATE)
    assert not microscope.numbers.isHidden()
    assert microscope.numbers.accessibleName().startswith("f3[3] = σ(")
    assert [text(entry.label) for entry in microscope.terms.entries[:5]] == [
        "x3[0]",
        "x3[1]",
        "x3[2]",
        "x3[3]",
        "bif[3]",
    ]
    assert microscope.terms.entries[-1].label == "sum before σ"
    assert not microscope.curve.isHidden()
    assert "not saturated" in microscope.curve.words
    qtbot.waitUntil(lambda: microscope.numbers.is_typeset, timeout=20_000)


def test_a_click_on_a_term_selects_its_value_or_its_weight(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("lstm")
    terms = inspector_of(window).microscope.terms
    session = session_of(window)
    session.select(GATE)
    columns, y = terms._columns(), 18 + 19 * 6 + 8  # the seventh row: h2[1]
    qtbot.mouseClick(terms, Qt.MouseButton.LeftButton, pos=QPoint(int(columns.value) + 5, y))
    assert session.state.selection == Element("h", 0, 0, 1, 0, 1)
    session.select(GATE)
    qtbot.mouseClick(terms, Qt.MouseButton.LeftButton, pos=QPoint(int(columns.weight) + 5, y))
    assert session.state.selection == Element("weight_hh_l0", row=11, column=1)
    session.select(GATE)
    terms.setFocus()
    qtbot.keyClick(terms, Qt.Key.Key_Down)
    qtbot.keyClick(terms, Qt.Key.Key_Return)
    assert session.state.selection == Element("x", 0, None, 2, 0, 0)


def test_the_largest_terms_first_on_request(open_window: Opener) -> None:
    window = open_window("lstm")
    microscope = inspector_of(window).microscope
    session_of(window).select(GATE)
    microscope.order.chosen.emit("size")
    sizes = [abs(entry.product or 0.0) for entry in microscope.terms.entries[:-1]]
    assert sizes == sorted(sizes, reverse=True)


def test_latex_is_copied(open_window: Opener) -> None:
    window = open_window("lstm")
    microscope = inspector_of(window).microscope
    session_of(window).select(GATE)
    microscope.copy_latex(False)
    assert QApplication.clipboard().text().startswith(r"f_{3}[3] = \sigma(W_{if}[3] \cdot x_{3}")
    microscope.copy_latex(True)
    assert QApplication.clipboard().text().startswith(r"\begin{aligned} f_{3}[3] &= \sigma(")


def test_of_a_state_all_units_are_shown(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    microscope = inspector_of(window).microscope
    session = session_of(window)
    session.select(Element("c", 0, 0, 2, 0, 3))
    assert not microscope.table.isHidden()
    assert not microscope.bars.isHidden()
    assert microscope.terms.isHidden()
    qtbot.mouseClick(microscope.table, Qt.MouseButton.LeftButton, pos=QPoint(60, 22 + 19 * 5 + 9))
    assert session.state.selection == Element("c", 0, 0, 2, 0, 5)
    session.select(GATE)
    assert microscope.table.isHidden()
    assert not microscope.terms.isHidden()


def test_what_is_not_computed_has_no_numbers(open_window: Opener) -> None:
    window = open_window("lstm")
    microscope = inspector_of(window).microscope
    session = session_of(window)
    session.seek(1)
    session.select(Element("f", 0, 0, 4, 0, 3))
    assert microscope.dissection is not None
    assert not microscope.dissection.is_known
    assert not any(character.isdecimal() for character in _numbers(microscope.numbers))
    assert microscope.terms.isHidden()
    assert microscope.curve.isHidden()


def _numbers(view: object) -> str:
    sides = view._sides  # type: ignore[attr-defined]
    return "".join(token.text for side in sides for token in side if token.kind == "number")


@pytest.mark.parametrize("example", ["lstm", "gru-unsorted", "lstm-projection", "rnn-100"])
def test_nothing_is_wider_than_the_panel(qtbot: QtBot, open_window: Opener, example: str) -> None:
    window = open_window(example)
    inspector, session = inspector_of(window), session_of(window)
    run = session.state.whole
    assert run is not None
    session.last()
    settle(qtbot, window)
    room = inspector.pane.viewport()
    for name in [name for operation in run.operations for name in operation.gives]:
        session.select(Element(name, run.num_layers - 1, 0, 1, 0, 0))
        assert dissect(run, Element(name, run.num_layers - 1, 0, 1, 0, 0)) is not None
        qtbot.waitUntil(lambda: inspector.content.width() <= room.width())
        numbers = inspector.microscope.numbers
        from rnnviz.ui.mathtext import tokens_width

        for line in numbers._lines:
            assert line.x + tokens_width(line.tokens, 16) <= numbers.width() * 1.25


def test_the_sources_are_listed_and_a_click_away(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("gru-unsorted")
    inspector, session = inspector_of(window), session_of(window)
    session.last()
    settle(qtbot, window)
    run = session.state.run
    assert run is not None
    for sequence, length in enumerate(run.lengths):
        final = Element("h_n", 0, 0, None, sequence, 1)
        session.select(final)
        (source,) = inspector.sources.shown
        assert source.element == Element("h", 0, 0, length - 1, sequence, 1)
        assert source.name == f"Hidden state, t = {length}"
    line = inspector.sources._lines[0]
    line.click()
    assert session.state.selection == source.element
    assert [shown.element for shown in inspector.sources.shown] == list(
        sources(run, source.element)
    )
    session.select(Element("data", row=11, column=1))
    assert inspector.sources.shown[0].name == "Input, t = 3, sequence 1, unit 1"
    session.select(Element("weight_hh_l0", row=2, column=0))
    assert inspector.sources.title.text() == "Serves"
    assert inspector.sources.shown[0].name.startswith("Reset gate")


def test_a_gate_is_forced_and_let_go(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    inspector, session = inspector_of(window), session_of(window)
    session.last()
    settle(qtbot, window)
    session.select(GATE)
    change = inspector.change
    change.times.chosen.emit(True)
    change.field.committed.emit(1.0)
    settle(qtbot, window)
    (clamp,) = session.state.document.clamps
    assert (clamp.tensor, clamp.value, clamp.t, clamp.unit) == ("f", 1.0, None, 3)
    qtbot.waitUntil(lambda: not inspector.microscope.forced.isHidden(), timeout=20_000)
    assert inspector.microscope.forced.text().startswith("Forced to 1")
    change.release.click()
    settle(qtbot, window)
    assert session.state.document.clamps == ()
    qtbot.waitUntil(lambda: inspector.microscope.forced.isHidden(), timeout=20_000)


def test_beside_a_difference_the_edited_number_is_changed(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("lstm")
    inspector, session = inspector_of(window), session_of(window)
    session.last()
    settle(qtbot, window)
    session.select(GATE)
    session.clamp(Clamp("f", 1.0, t=None))
    settle(qtbot, window)
    qtbot.waitUntil(lambda: session.state.original is not None, timeout=20_000)
    session.show_comparison("difference")
    settle(qtbot, window)
    assert inspector.description is not None
    assert inspector.description.values[3] < 1
    assert inspector.change.field.text() == "1"


def test_a_weight_is_set(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    inspector, session = inspector_of(window), session_of(window)
    session.select(Element("weight_hh_l0", row=11, column=2))
    assert inspector.microscope.isHidden()
    inspector.change.field.committed.emit(0.5)
    settle(qtbot, window)
    (edit,) = session.state.document.weight_edits
    assert (edit.place, edit.value) == ("weight_hh_l0[11, 2]", 0.5)
    session.select(Element("sorted_indices"))
    assert inspector.change.isHidden()
