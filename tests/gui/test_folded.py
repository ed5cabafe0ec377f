"""The folded diagram in the window: it opens and closes on the way, and its matrices are shared."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.figures.folded import FoldedOptions
from rnnviz.scene.hit import hit_rect
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.controls import Segmented
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import Opener, press, session_of, settle

SHARED = Element("weight_hh_l0", layer=0, direction=0)


def folded(qtbot: QtBot, window: MainWindow) -> FigureCanvas:
    session_of(window).show_figure("folded")
    settle(qtbot, window)
    assert window.bench is not None
    canvas = window.bench.figure.canvas
    QApplication.processEvents()  # the toolbar takes its room
    canvas.grab()
    return canvas


def place(canvas: FigureCanvas, element: Element) -> QPointF:
    scene = canvas.scene()
    assert scene is not None
    box = hit_rect(scene, element)
    assert box is not None
    return QPointF(box[0] + box[2] / 2 - scene.x, box[1] + box[3] / 2 - scene.y)


def choose(window: MainWindow, openness: float) -> None:
    session_of(window).set_option("folded", "openness", openness)


def test_the_toolbar_folds_and_unrolls(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    folded(qtbot, window)
    assert window.bench is not None
    control = window.bench.figure._toolbar("folded").controls["openness"]
    assert isinstance(control, Segmented)
    assert control.value == 1.0
    control.chosen.emit(0.0)
    assert session_of(window).state.options["folded"].openness == 0.0


def test_cells_are_on_their_way_while_the_state_has_arrived(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    canvas = folded(qtbot, window)
    choose(window, 0.0)
    assert session_of(window).state.options["folded"] == FoldedOptions(openness=0.0)
    assert canvas._glide.active
    seen = set()

    def arrived() -> bool:
        seen.add(canvas._figure.options().openness)  # type: ignore[attr-defined]
        return not canvas._glide.active

    qtbot.waitUntil(arrived, timeout=10_000)
    assert len(seen) >= 3
    assert canvas._figure.options() == FoldedOptions(openness=0.0)
    assert not canvas.error


def test_a_change_of_mind_turns_back_from_where_it_is(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    canvas = folded(qtbot, window)
    choose(window, 0.0)
    qtbot.waitUntil(lambda: canvas._figure.options().openness < 0.9, timeout=10_000)  # type: ignore[attr-defined]
    choose(window, 1.0)
    assert canvas._glide.active
    assert canvas._figure.options().openness < 0.95  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: not canvas._glide.active, timeout=10_000)
    assert canvas._figure.options().openness == 1.0  # type: ignore[attr-defined]


def test_whatever_else_is_done_comes_at_once(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    canvas = folded(qtbot, window)
    for act in (
        session_of(window).step,
        lambda: session_of(window).select(SHARED),
        lambda: session_of(window).set_option("folded", "symbols", "xh"),
        lambda: press(qtbot, window, Qt.Key.Key_1),
    ):
        choose(window, 1.0)
        canvas._glide.end()
        choose(window, 0.0)
        assert canvas._glide.active
        act()
        assert not canvas._glide.active


def test_the_look_stays_where_it_is(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    canvas = folded(qtbot, window)
    before = canvas.camera
    choose(window, 0.0)
    canvas._glide.end()
    canvas.grab()
    assert canvas.camera == before


def test_all_boxes_of_a_matrix_are_ringed_under_the_mouse(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    canvas = folded(qtbot, window)
    plain = canvas.grab().toImage()
    scene = canvas.scene()
    canvas._shared.move(scene, place(canvas, SHARED))
    assert canvas._shared.element == SHARED
    QApplication.processEvents()
    assert canvas.grab().toImage() != plain
    canvas._shared.move(scene, QPointF(1, 1))
    assert canvas._shared.element is None
    assert canvas.grab().toImage() == plain


def test_a_click_on_a_shared_matrix_selects_it(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    canvas = folded(qtbot, window)
    at = place(canvas, SHARED).toPoint()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert session_of(window).state.selection == SHARED
