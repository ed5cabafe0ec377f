"""The inspector of the whole model: tokens, scores, losses, gradients, a decoder."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.session.scripts import script_of
from rnnviz.ui.inspector import Inspector
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import Opener, session_of, settle, wait_for

HELLO = [
    (Element("ids", t=1, sequence=0), "Token"),
    (Element("embedded", t=1, sequence=0, unit=2), "Embedded"),
    (Element("scores", t=2, sequence=0, unit=3), "Score of class 'o'"),
    (Element("probabilities", t=2, sequence=0, unit=3), "Probability of class 'o'"),
    (Element("losses", t=2, sequence=0), "Loss"),
    (Element("loss"), "Loss"),
    (Element("grad_scores", t=2, sequence=0, unit=3), "Gradient at the score 'o'"),
    (Element("grad_h", 0, 0, 1, 0, 4), "Gradient at the hidden state"),
    (Element("grad_c", 1, 0, 1, 0, 4), "Gradient at the cell state"),
    (Element("grad_a_f", 1, 0, 1, 0, 4), "Gradient at the"),
    (Element("grad_h_n", 1, 0, None, 0, 4), "Gradient at the final hidden state"),
    (Element("grad_weight_hh_l0", row=3, column=2), "Gradient of weight_hh_l0"),
    (Element("grad_head.weight", row=3, column=2), "Gradient of head.weight"),
    (Element("head.weight", row=3, column=2), ""),
]


def inspector_of(window: MainWindow) -> Inspector:
    assert window.bench is not None
    window.bench.follower.pinned = True
    return window.bench.inspector


def at_end(qtbot: QtBot, open_window: Opener, example: str) -> MainWindow:
    """A window at the end of a run, all gradients there where there is a loss."""
    window = open_window(example, alive=False)
    wait_for(qtbot, window, lambda state: state.ready and not state.busy)
    session = session_of(window)
    session.seek(session.state.total)
    settle(qtbot, window)
    return window


def shows(window: MainWindow, element: Element, title: str) -> None:
    """Checks what the inspector says of an element, and that its code works."""
    session, inspector = session_of(window), inspector_of(window)
    session.select(element)
    told = inspector.description
    assert told is not None
    assert told.element.tensor == element.tensor
    assert inspector.title.text().startswith(title)
    assert not inspector.value.isHidden()
    assert "=" in inspector.value.text()
    assert inspector.code.codes == list(told.code)
    names: dict[str, object] = {"print": lambda *_: None}
    exec(script_of(session.state), names)
    *before, last = told.code
    for line in before:
        exec(line, names)
    assert told.index is not None
    value = eval(last, names).detach().item()
    assert value == pytest.approx(float(told.values[told.index]), rel=1e-4, abs=1e-6)


def test_every_number_of_hello_is_told_of(qtbot: QtBot, open_window: Opener) -> None:
    window = at_end(qtbot, open_window, "hello")
    for element, title in HELLO:
        shows(window, element, title)


def test_a_score_is_taken_apart(qtbot: QtBot, open_window: Opener) -> None:
    window = at_end(qtbot, open_window, "hello")
    session_of(window).select(Element("scores", t=2, sequence=0, unit=3))
    inspector = inspector_of(window)
    assert len(inspector.microscope.terms.entries) >= 9  # eight products and a bias
    assert [source.name for source in inspector.sources.shown]


def test_an_embedded_number_without_recurrent_layers(qtbot: QtBot, open_window: Opener) -> None:
    window = at_end(qtbot, open_window, "embedding")
    shows(window, Element("embedded", t=1, sequence=0, unit=2), "Embedded")
    names = [source.element.tensor for source in inspector_of(window).sources.shown]
    assert names == ["embedding.weight", "ids"]


@pytest.mark.parametrize("name", ["scores", "probabilities"])
def test_a_number_of_the_decoder(qtbot: QtBot, open_window: Opener, name: str) -> None:
    window = open_window("reverse")
    state = wait_for(qtbot, window, lambda state: state.ready and not state.busy)
    session = session_of(window)
    session.seek(state.total)
    for _ in range(state.decoder_total):
        session.step()
    settle(qtbot, window)
    shows(window, Element(f"decoder.{name}", t=1, sequence=0, unit=2), "Decoder: ")
    assert inspector_of(window).microscope.dissection is not None


def test_without_recurrent_layers_what_a_step_made_is_selected(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("embedding", alive=False)
    wait_for(qtbot, window, lambda state: state.ready and not state.busy)
    session = session_of(window)
    session.seek(1)
    assert session.state.selection == Element("embedded", t=0, sequence=0)
    session.step()
    assert session.state.selection == Element("embedded", t=1, sequence=0)
    session.select(Element("ids", t=0, sequence=1))
    assert session.state.selection == Element("ids", t=0, sequence=1)
    session.back()
    assert session.state.selection is not None
    assert session.state.selection.tensor == "ids"
    assert session.state.selection.t == 0
