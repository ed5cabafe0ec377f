"""The panels of the whole model: what stands in front, the head, the loss, tokens and targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from torch import Tensor

from rnnviz.model.spec import ModelSpec
from rnnviz.session import Document
from rnnviz.session.errands import Errand
from rnnviz.session.examples import example_keys
from rnnviz.ui.errand_bar import ErrandBar
from rnnviz.ui.parameter_list import ParameterCount
from rnnviz.ui.vocabulary_dialog import VocabularyDialog
from rnnviz.ui.vocabulary_model import PADDING, TOKEN
from rnnviz.ui.window import MainWindow
from rnnviz.ui.workbench import Workbench
from tests.gui.conftest import Opener, session_of, settle, wait_for

Key = Qt.Key
pytestmark = pytest.mark.qt_log_ignore("does not support")

PLAIN = "packed-rnn"


def bench_of(window: MainWindow) -> Workbench:
    assert window.bench is not None
    return window.bench


def hello(qtbot: QtBot, open_window: Opener, size: tuple[int, int] = (1280, 800)) -> MainWindow:
    """A window on an embedding, an RNN and a head that scores the next character."""
    window = open_window("batch-first-rnn", size)
    session = session_of(window)
    session.set_text("hello ", "characters")
    session.set_head(True)
    session.set_loss("cross_entropy")
    wait_for(qtbot, window, lambda state: not state.busy and state.gradients is not None)
    return window


def column(window: MainWindow, heading: str) -> int:
    """The place of a column of the input table."""
    model = bench_of(window).input.table.values
    across = Qt.Orientation.Horizontal
    return [model.headerData(c, across) for c in range(model.columnCount())].index(heading)


def test_what_stands_in_front_is_chosen_and_sized(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(PLAIN)
    model = bench_of(window).model
    model.front.kind.chosen.emit("nn.Embedding")
    state = settle(qtbot, window)
    assert state.document.front is not None
    assert model.rows["num_embeddings"].isVisibleTo(model)
    assert not model.rows["input_size"].field.isEnabled()
    assert model.rows["input_size"].field.toolTip().endswith("embedding_dim")
    field = model.rows["embedding_dim"].field
    field.setText("7")
    qtbot.keyClick(field, Key.Key_Return)
    assert settle(qtbot, window).document.spec.input_size == 7
    assert model.front.summary.text() == "6 → 7"
    model.front.kind.chosen.emit("one-hot × Linear")
    settle(qtbot, window)
    assert "num_embeddings" not in model.rows
    assert model.rows["num_classes"].isVisibleTo(model)
    assert not model.rows["padding_idx"].isVisibleTo(model)


def test_each_problem_is_told_at_its_own_row(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    session, model = session_of(window), bench_of(window).model
    session.set_front("one_hot")
    front, head = model.front.rows, model.head.rows
    for rows, other in ((front, head), (head, front)):
        rows["out_features"].field.setText("0")
        rows["out_features"].field.returnPressed.emit()
        assert "expected 1 to" in rows["out_features"].message
        assert not other["out_features"].message
        rows["out_features"].field.setText("5")
        rows["out_features"].field.returnPressed.emit()
        assert not rows["out_features"].message
    front["num_classes"].field.setText("3")
    front["num_classes"].field.returnPressed.emit()
    assert "as many as the vocabulary has" in front["num_classes"].message
    assert front["num_classes"].field.text() == "3"
    assert not bench_of(window).status.notice.text()


def test_padding_idx_is_a_number_or_none(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    field = bench_of(window).model.front.padding_idx
    assert field.text() == "none"
    qtbot.keyClick(field, Key.Key_Up)
    front = session_of(window).state.document.front
    assert front is not None
    assert front.padding_idx == 0
    qtbot.keyClick(field, Key.Key_Down)
    assert field.text() == "none"
    field.setText("9")
    qtbot.keyClick(field, Key.Key_Return)
    assert bench_of(window).model.rows["padding_idx"].message == "expected 0 to 4, or none, got 9"


def test_the_code_prints_the_same_numbers(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    code = bench_of(window).model.code
    code.show_lines(12)
    shown = code.text.splitlines()
    assert shown[0] == "nn.Embedding(5, 4)"
    assert shown[-2:] == ["nn.Linear(5, 5)", "nn.CrossEntropyLoss()"]
    code.copy()
    names: dict[str, object] = {}
    exec(QApplication.clipboard().text(), names)
    pr, loss = session_of(window).state.pr, names["loss"]
    assert pr is not None
    assert pr.loss is not None
    assert isinstance(loss, Tensor)
    assert float(loss.detach()) == pytest.approx(float(pr.loss.detach()), abs=1e-6)


def test_all_parameters_are_counted_and_listed(open_window: Opener) -> None:
    window = open_window(PLAIN)
    session, count = session_of(window), bench_of(window).model.count
    session.set_model(cell="RNN", input_size=100, hidden_size=10, num_layers=1, bidirectional=False)
    assert count.text() == "1\u2009120 params"
    opened = count.open_list()
    assert opened is not None
    opened.copy()
    opened.close()
    assert QApplication.clipboard().text().splitlines() == [
        "weight_ih_l0  (10, 100)",
        "weight_hh_l0  (10, 10)",
        "bias_ih_l0    (10,)",
        "bias_hh_l0    (10,)",
    ]
    session.set_head(True)
    assert count.text() == "1\u2009175 params"
    assert bench_of(window).status.count.text() == "1\u2009175 parameters"


@pytest.mark.parametrize(
    ("inputs", "hidden", "text"),
    [(4, 500, "253\u2009000 params"), (4, 1000, "1.01 M params"), (1000, 4000, "20.0 M params")],
)
def test_millions_of_parameters_have_room_too(
    qtbot: QtBot, inputs: int, hidden: int, text: str
) -> None:
    count = ParameterCount()
    qtbot.addWidget(count)
    values = np.zeros((1, 2, inputs))
    count.show_document(Document(ModelSpec("RNN", inputs, hidden), values, (2,), title="large"))
    assert count.text() == text


def test_without_recurrent_layers_their_fields_are_gone(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    model = bench_of(window).model
    none = next(button for button in model.cell._group.buttons() if button.text() == "none")
    none.click()
    state = settle(qtbot, window)
    assert not state.document.recurrent
    assert not model.rows["hidden_size"].isVisibleTo(model)
    assert model.rows["num_embeddings"].isVisibleTo(model)
    assert bench_of(window).input.initial.isHidden()
    model.cell._group.buttons()[2].click()
    state = settle(qtbot, window)
    assert state.document.spec.cell == "GRU"
    assert state.document.recurrent


def test_layers_alone_cannot_be_taken_away(open_window: Opener) -> None:
    window = open_window(PLAIN)
    session_of(window).set_recurrent(False)
    model = bench_of(window).model
    assert "a layer in front or a Linear head" in model._cell_problem.text()
    assert model.cell.value == "RNN"


def test_a_text_becomes_the_input(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(PLAIN)
    tokens = bench_of(window).input.tokens
    tokens.kind._group.buttons()[0].click()
    assert settle(qtbot, window).document.takes_ids
    tokens.text.setFocus()
    tokens.text.setPlainText("the cat sat\nthe dog")
    qtbot.keyClick(tokens.text, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    document = settle(qtbot, window).document
    assert document.lengths == (3, 2)
    assert document.packed
    assert tokens.vocabulary.text() == "Vocabulary (4)"
    tokens.by.chosen.emit("characters")
    document = settle(qtbot, window).document
    assert document.lengths == (11, 7)
    assert tokens.text.toPlainText() == "the cat sat\nthe dog"


def test_escape_takes_back_what_was_typed(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    text, before = bench_of(window).input.tokens.text, session_of(window).state.document
    text.setPlainText("other")
    qtbot.keyClick(text, Key.Key_Escape)
    assert text.toPlainText() == "hello "
    text.commit()
    assert session_of(window).state.document is before


def test_tokens_targets_and_vectors_are_one_table(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    session, table = session_of(window), bench_of(window).input.table.values
    shown = [table.data(table.index(1, c)) for c in range(2)]
    assert shown == ["e", "l"]
    assert table.data(table.index(5, column(window, "target"))) == "ignored"
    assert session.state.pr is not None
    vector = session.state.pr.grid("embedded")[1, 0]
    x = column(window, "x[0]")
    assert table.value(1, x) == pytest.approx(float(vector[0].detach()))
    assert table.data(table.index(1, x), Qt.ItemDataRole.ToolTipRole).startswith(
        "embedding.weight[1, 0]"
    )
    assert table.setData(table.index(1, x), "2.5")
    settle(qtbot, window)
    assert session.state.document.weight_edits[0].place == "embedding.weight[1, 0]"
    assert table.value(1, x) == 2.5
    table.setData(table.index(0, 0), "o")
    table.setData(table.index(0, 1), "ignored")
    document = settle(qtbot, window).document
    assert document.values[0, 0, 0] == 3
    assert document.targets is not None
    assert document.targets[0, 0] == -100


def test_what_no_token_and_no_class_is_is_told(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    panel, before = bench_of(window).input, session_of(window).state.document
    for place, text, said in (
        (0, "q", "'q'"),
        (0, "7", "0 to 4"),
        (1, "q", "a class 0 to 4, its name"),
        (1, "7", "classes 0 to 4"),
    ):
        panel.table.values.setData(panel.table.values.index(0, place), text)
        assert said in panel.message.text()
        assert session_of(window).state.document is before


def test_the_class_of_a_sequence_is_one_field(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    session, targets = session_of(window), bench_of(window).input.targets
    assert targets.isHidden()
    session.set_head_fields(on="last")
    settle(qtbot, window)
    assert not targets.isHidden()
    targets.field.setText("o")
    qtbot.keyClick(targets.field, Key.Key_Return)
    document = settle(qtbot, window).document
    assert document.targets is not None
    assert document.targets.tolist() == [3]
    targets.field.setText("zebra")
    qtbot.keyClick(targets.field, Key.Key_Return)
    assert "'zebra'" in targets.row.message
    session.set_loss("mse")
    settle(qtbot, window)
    assert targets.table.isVisibleTo(targets)
    assert targets.table.values.setData(targets.table.values.index(0, 2), "0.5")
    document = settle(qtbot, window).document
    assert document.targets is not None
    assert document.targets[0, 2] == 0.5


def test_numbers_are_targets_too(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("batch-first-rnn")
    session = session_of(window)
    session.set_head(True)
    session.set_head_fields(out_features=2)
    session.set_loss("mse")
    settle(qtbot, window)
    table = bench_of(window).input.table.values
    assert table.setData(table.index(1, column(window, "y[1]")), "4")
    assert table.setData(table.index(1, column(window, "x[0]")), "5")
    document = settle(qtbot, window).document
    assert document.targets is not None
    assert document.targets[0, 1, 1] == 4
    assert document.values[0, 1, 0] == 5


def test_targets_of_another_length_are_refused(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = hello(qtbot, open_window)
    np.save(tmp_path / "labels.npy", np.arange(4))
    session_of(window).load_targets(tmp_path / "labels.npy")
    wait_for(qtbot, window, lambda state: state.errand is None)
    assert bench_of(window).input.message.text() == "expected shape (1, 6), got shape (4,)"


def test_the_vocabulary_is_edited_as_one(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    session = session_of(window)
    session.set_table(np.arange(20.0).reshape(5, 4))
    dialog = bench_of(window).input.tokens.open_vocabulary()
    assert dialog is not None
    model = dialog.model
    model.setData(model.index(0, TOKEN), "H")
    model.setData(model.index(model.add(), TOKEN), "H")
    assert "each token once" in dialog.message.text()
    assert not dialog.ok.isEnabled()
    model.setData(model.index(5, TOKEN), "<pad>")
    dialog.table.setCurrentIndex(model.index(5, PADDING))
    qtbot.keyClick(dialog.table, Key.Key_Space)
    for _ in range(5):
        dialog.move_token(-1)
    assert not dialog.message.text()
    dialog.accept()
    document = settle(qtbot, window).document
    assert document.vocabulary is not None
    assert document.vocabulary.tokens == ("<pad>", "H", "e", "l", "o", " ")
    assert document.vocabulary.padding == "<pad>"
    assert document.values[0, :, 0].tolist() == [1, 2, 3, 3, 4, 5]
    assert document.front is not None
    assert document.front.padding_idx == 0
    assert document.weights["embedding.weight"][1].tolist() == [0, 1, 2, 3]
    assert session.state.undo_name == "edit the vocabulary"


def test_a_token_in_use_stays_in_the_vocabulary(qtbot: QtBot, open_window: Opener) -> None:
    window = hello(qtbot, open_window)
    before = session_of(window).state.document
    dialog = bench_of(window).input.tokens.open_vocabulary()
    assert isinstance(dialog, VocabularyDialog)
    dialog.table.setCurrentIndex(dialog.model.index(1, TOKEN))
    dialog.remove()
    dialog.accept()
    assert dialog.isVisible()
    assert "'e'" in dialog.message.text()
    dialog.reject()
    assert session_of(window).state.document is before
    assert not session_of(window).state.problems


def test_one_vector_starts_every_sequence(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(PLAIN)
    initial = bench_of(window).input.initial
    initial.kind.chosen.emit("vector")
    settle(qtbot, window)
    assert initial.table.values.rowCount() == 1
    assert initial.table.values.setData(initial.table.values.index(0, 1), "0.5")
    h_0 = settle(qtbot, window).document.initial.h_0
    assert h_0 is not None
    assert (h_0[..., 1] == 0.5).all()


def test_word_vectors_are_read_with_progress(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window("batch-first-rnn")
    session, bench = session_of(window), bench_of(window)
    session.set_text("cat dog cat", "words")
    lines = [f"w{n} {n} 0 1" for n in range(20_000)]
    (tmp_path / "tiny.txt").write_text("\n".join([*lines, "cat 1 2 3", "dog 4 5 6"]))
    session.load_vectors(tmp_path / "tiny.txt")
    bar = bench.status.errand
    assert "tiny.txt" in bar.name.text()
    wait_for(qtbot, window, lambda state: state.errand is None)
    assert bar.isHidden()
    assert not bar._timer.isActive()
    settle(qtbot, window)
    assert bench.model.weights.button.text() == "tiny.txt  ▾"
    (tmp_path / "ragged.txt").write_text("cat 1 2 3\ndog 4 5")
    session.load_vectors(tmp_path / "ragged.txt")
    wait_for(qtbot, window, lambda state: state.errand is None)
    assert "line 2" in bench.model.rows["table"].message
    session.draw_weights()
    assert bench.model.weights.button.text() == "drawn from seed  ▾"


def test_an_errand_is_shown_where_it_takes_a_while(qtbot: QtBot) -> None:
    bar = ErrandBar(lambda: None)
    qtbot.addWidget(bar)
    bar.follow(Errand("a long way"))
    assert bar.isHidden()
    qtbot.waitUntil(lambda: not bar.isHidden())
    bar.follow(None)
    assert bar.isHidden()
    assert not bar._timer.isActive()


def test_an_errand_is_given_up(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    window = open_window("batch-first-rnn")
    session, bench = session_of(window), bench_of(window)
    session.set_text("cat dog", "words")
    (tmp_path / "large.txt").write_text("\n".join(f"w{n} {n} 0 1" for n in range(300_000)))
    session.load_vectors(tmp_path / "large.txt")
    bench.status.errand.cancel.click()
    assert session.state.errand is None
    assert bench.status.errand.isHidden()
    assert settle(qtbot, window).document.weights == {}


@pytest.mark.parametrize("example", example_keys())
def test_the_panels_show_every_example(qtbot: QtBot, open_window: Opener, example: str) -> None:
    window = open_window(example, alive=False)
    wait_for(qtbot, window, lambda state: state.ready and not state.busy)
    bench = bench_of(window)
    for panel in (bench.model, bench.input):
        room = panel.pane.viewport()
        qtbot.waitUntil(lambda: panel.content.width() <= room.width())  # noqa: B023
        for label in panel.findChildren(QLabel):
            if label.isVisible() and not label.wordWrap() and type(label).__name__ != "ElidedLabel":
                assert label.width() >= min(label.sizeHint().width(), 200) - 1, label.text()
    assert bench.model.code.text
    assert bench.input.table.values.rowCount() > 0
