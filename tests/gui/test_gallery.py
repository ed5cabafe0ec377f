"""The gallery of examples, and the strip of shapes above the figure."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from rnnviz.session.examples import example_keys, grouped_examples
from rnnviz.session.scripts import script_of
from rnnviz.ui.gallery import Gallery
from rnnviz.ui.shapes_strip import HEIGHT
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import PATIENCE, Opener, press, session_of, wait_for

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "raise")
Key = Qt.Key


def gallery_of(qtbot: QtBot, window: MainWindow) -> Gallery:
    assert window.bench is not None
    qtbot.mouseClick(window.bench.model.examples_button, Qt.MouseButton.LeftButton)
    gallery = next(w for w in window.findChildren(Gallery) if w.isVisible())
    qtbot.waitUntil(lambda: gallery.shelves.width() > 0)
    return gallery


def test_one_click_opens_an_example(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    gallery = gallery_of(qtbot, window)
    cards = {card.example.key: card for card in gallery.shelves.cards}
    assert tuple(cards) == example_keys()
    assert [key for key, card in cards.items() if card.is_open] == ["lstm"]
    qtbot.mouseClick(cards["linear"], Qt.MouseButton.LeftButton)
    assert not gallery.isVisible()
    state = wait_for(qtbot, window, lambda state: state.pr is not None)
    assert (state.example, state.figure) == ("linear", "linear")


def test_cards_lie_beside_one_another_and_never_overlap(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm", size=(1180, 720))
    gallery = gallery_of(qtbot, window)
    assert window.rect().contains(gallery.rect())
    shelves, columns = gallery.shelves, []
    for width in (1120, 800):
        gallery.resize(width, 600)
        qtbot.waitUntil(lambda width=width: shelves.width() < width)  # type: ignore[misc]
        boxes = [card.geometry() for card in shelves.cards]
        assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[:n])
        assert all(shelves.rect().contains(box) for box in boxes)
        columns.append(len({box.left() for box in boxes}))
    assert columns == [3, 2]


def test_the_window_can_be_closed_while_the_gallery_is_open(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("lstm")
    gallery_of(qtbot, window)
    window.close()
    assert not window.isVisible()


def test_the_filter_narrows_the_cards(qtbot: QtBot, open_window: Opener) -> None:
    gallery = gallery_of(qtbot, open_window("lstm"))
    qtbot.keyClicks(gallery.filter, "Bidirectional embedding")
    assert [card.example.key for card in gallery.shelves.shown] == ["bidirectional"]
    gallery.filter.setText("no such thing")
    assert gallery.shelves.shown == []
    assert gallery.shelves.marked is None
    qtbot.keyClick(gallery.filter, Key.Key_Return)
    assert gallery.isVisible()
    gallery.filter.clear()
    assert len(gallery.shelves.shown) == len(example_keys())
    assert gallery.shelves.marked is gallery.shelves.cards[0]


def test_arrow_keys_and_enter_open_an_example(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    press(qtbot, window)
    assert window.bench is not None
    window.bench.show_gallery()
    gallery = next(w for w in window.findChildren(Gallery) if w.isVisible())
    shelves = gallery.shelves

    def marked() -> str:
        assert shelves.marked is not None
        return shelves.marked.example.key

    assert marked() == "lstm"
    qtbot.keyClick(gallery.filter, Key.Key_Left)
    assert marked() == "hello"
    qtbot.keyClick(gallery.filter, Key.Key_Left)
    assert marked() == "hello"
    qtbot.keyClick(gallery.filter, Key.Key_Down)
    second = list(grouped_examples().values())[1]
    assert marked() == second[0].key
    qtbot.keyClick(gallery.filter, Key.Key_Up)
    assert marked() == "hello"
    qtbot.keyClick(gallery.filter, Key.Key_Return)
    state = wait_for(qtbot, window, lambda state: state.pr is not None)
    assert (state.example, state.position) == ("hello", 3)


def test_the_strip_tells_the_shapes_and_gives_way(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("next-word", size=(1900, 900))
    assert window.bench is not None
    strip = window.bench.shapes
    assert strip.height() == HEIGHT <= 28
    whole = strip.chain.text
    assert whole.startswith("ids (L, N) = (3, 2) → embedded (3, 2, 5) → output (3, 2, 5), h_n")
    assert whole.endswith("flat_scores (6, 4), flat_targets (6) → loss")
    texts = []
    for width in (700, 560, 420, 300, 200):
        strip.chain.resize(width, HEIGHT)
        texts.append(strip.chain.text)
        assert strip.chain.fontMetrics().horizontalAdvance(strip.chain.text) <= width + 1
        assert strip.chain.text.startswith("ids (")
        assert strip.chain.text.endswith("loss")
    assert [len(text) for text in texts] == sorted((len(text) for text in texts), reverse=True)
    assert "…" in texts[-1]


def test_hovering_a_part_tells_its_axes(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("next-word", size=(1900, 900))
    assert window.bench is not None
    chain = window.bench.shapes.chain
    at = QPoint(20, 10)
    QApplication.sendEvent(chain, QHelpEvent(QEvent.Type.ToolTip, at, chain.mapToGlobal(at)))
    assert QToolTip.text().startswith("ids (L, N) = (3, 2)\nL: 3, timesteps")
    QToolTip.hideText()


def test_the_script_is_copied_whole(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("next-word")
    assert window.bench is not None
    button = window.bench.shapes.copy_button
    wait_for(qtbot, window, lambda state: state.pr is not None)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: button.text() == "Copied", timeout=PATIENCE)
    assert QGuiApplication.clipboard().text() == script_of(session_of(window).state)
    qtbot.waitUntil(lambda: button.text() == "Copy script", timeout=5000)


def test_every_figure_fits_its_pane_whatever_was_open_before(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("lstm")
    assert window.bench is not None
    canvas, zooms = window.bench.figure.canvas, {}
    for key in ("reverse", "reverse-untrained", "hello", "reverse-untrained", "reverse"):
        session_of(window).open_example(key)
        state = wait_for(qtbot, window, lambda state: state.pr is not None and not state.busy)
        assert state.example == key
        qtbot.waitUntil(lambda: not canvas.error)
        camera = canvas.camera
        canvas.fit()
        assert canvas.camera.zoom == pytest.approx(camera.zoom)
        assert zooms.setdefault(key, camera.zoom) == pytest.approx(camera.zoom)
