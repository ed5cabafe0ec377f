"""Small things that a person notices: choices that mean something, frames that fit, edges."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QElapsedTimer
from PySide6.QtGui import QGuiApplication, QPalette
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.session.state import Badge
from rnnviz.ui.controls import Choice
from rnnviz.ui.shortcuts import ShortcutSheet
from rnnviz.ui.strip import StripView
from tests.gui.conftest import Opener, session_of, settle, wait_for
from tests.gui.dressing import wear

# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_trajectories_offer_single_sequences_only(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("gru-unsorted")
    session = session_of(window)
    session.show_sequence(None)
    session.show_figure("trajectories")
    settle(qtbot, window)
    assert window.bench is not None
    shown = {}
    for name in ("trajectories", "unrolled"):
        chooser = window.bench.figure._toolbars[name].controls["sequence"]
        assert isinstance(chooser, Choice)
        shown[name] = chooser.value
    assert shown == {"trajectories": 0, "unrolled": None}


def test_the_frame_of_an_equation_is_as_high_as_the_equation(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("lstm")
    assert window.bench is not None
    equation = window.bench.inspector.equation
    session = session_of(window)
    one_line = equation.height()
    session.select(Element("f", layer=0, direction=0, t=0, sequence=0))
    qtbot.waitUntil(lambda: equation.height() > one_line)
    session.select(Element("h", layer=0, direction=0, t=0, sequence=0))
    qtbot.waitUntil(lambda: equation.height() == one_line)


def test_words_rest_while_a_key_is_held_and_then_tell_of_the_last_step(
    qtbot: QtBot, open_window: Opener
) -> None:
    window, told = open_window("lstm"), []
    assert window.bench is not None
    session, inspector = session_of(window), window.bench.inspector
    inspector._since = cast("QElapsedTimer", JustNow())
    for _ in range(3):
        session.step()
        told.append(inspector._soon.remainingTime())
    assert told[0] > 60  # ms: a figure's frame comes three times as often
    assert told[0] >= told[1] >= told[2]
    last = session.state.position

    def is_described() -> bool:
        shown = inspector.description
        return shown is not None and shown.element.t == last - 1

    qtbot.waitUntil(is_described)


class JustNow:
    """A clock to which all that is past was a moment ago."""

    def elapsed(self) -> int:
        return 1

    def restart(self) -> int:
        return 1


def test_a_dialog_has_an_edge(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    window.show_shortcuts()
    (sheet,) = window.findChildren(ShortcutSheet)
    image = sheet.grab().toImage()
    edge = sheet.palette().color(QPalette.ColorRole.Dark).name()
    for x, y in ((0, 5), (image.width() - 1, 5), (5, 0), (5, image.height() - 1)):
        assert image.pixelColor(x, y).name() == edge
    sheet.close()


@pytest.mark.parametrize("example", ["lstm", "gru-unsorted", "lstm-projection"])
def test_panels_are_no_wider_than_their_pane(
    qtbot: QtBot, open_window: Opener, example: str
) -> None:
    window = open_window(example)
    assert window.bench is not None
    for panel in (window.bench.model, window.bench.input, window.bench.inspector):
        room = panel.pane.viewport()
        qtbot.waitUntil(lambda: panel.content.width() <= room.width())  # noqa: B023


def test_the_whole_model_is_in_sight_in_a_small_window(open_window: Opener) -> None:
    window = open_window("lstm")
    assert window.bench is not None
    code = window.bench.model.code
    assert not code.visibleRegion().isEmpty()
    assert code.visibleRegion().boundingRect() == code.rect()


def test_a_message_of_two_fields_side_by_side_stands_below_them(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("lstm")
    assert window.bench is not None
    session_of(window).set_steps(0)
    row = window.bench.input.rows["L"]
    assert row.message == "expected at least 1, got 0"
    assert row.lift_message().isVisible()
    assert row.lift_message().width() > row.width()


def test_a_click_on_a_difference_goes_to_its_place(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("gru-unsorted")
    assert window.bench is not None
    session = session_of(window)
    session.show_figure("weights")
    place = Element("h", layer=0, direction=0, t=1, sequence=3, unit=4)
    session._store.change(badge=Badge("differs", "differs", "at t = 2", place))
    window.bench.status.badge.click()
    state = session.state
    assert (state.figure, state.sequence, state.selection) == ("unrolled", 3, place)


@pytest.mark.parametrize("hidden_size", [8, 9, 10, 20])
def test_panels_come_to_rest_at_any_size(
    qtbot: QtBot, open_window: Opener, hidden_size: int
) -> None:
    window = open_window()
    # At 9 the numbers below the strip fit beside no scroll bar, and without them it takes none.
    session_of(window).set_model(hidden_size=hidden_size)
    settle(qtbot, window)
    assert window.bench is not None
    assert window.bench.inspector.table.values.rowCount() == hidden_size


def test_what_is_not_there_yet_takes_no_room_for_numbers(qtbot: QtBot) -> None:
    strip = StripView()
    qtbot.addWidget(strip)
    strip.resize(296, 30)
    strip.show_values(np.arange(3.0), "y", None, 1.0)
    numbered = strip.height()
    strip.show_pending(3, "y")
    assert strip.height() < numbered
    strip.show_values(np.arange(3.0), "y", None, 1.0)
    assert strip.height() == numbered


def test_a_row_of_a_head_is_called_by_its_kind(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("linear", alive=False)
    wait_for(qtbot, window, lambda state: state.ready and not state.busy)
    assert window.bench is not None
    names = {source.code: source.name for source in window.bench.inspector.sources.shown}
    assert names["head.weight[0]"] == "Weights, row 0"
    assert names["head.bias[0]"] == "Bias, row 0"


def test_the_rule_above_the_key_is_there_whatever_was_on_show(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    assert window.bench is not None
    figure = window.bench.figure
    for name, there in (("unrolled", True), ("folded", False), ("unrolled", True)):
        session_of(window).show_figure(name)
        settle(qtbot, window)
        assert figure._rules[0].isVisible() == there


def test_the_choice_of_a_sequence_keeps_its_width(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("packed-rnn")
    assert window.bench is not None
    chooser = window.bench.input.sizes.chooser
    before = chooser.width()
    wear(qtbot, window, "dark")
    assert chooser.width() == before


def test_the_desktop_has_an_icon_for_the_window(open_window: Opener) -> None:
    window = open_window()
    sides = {size.width() for size in QGuiApplication.windowIcon().availableSizes()}
    assert {16, 128} <= sides
    assert window.windowIcon().availableSizes()
