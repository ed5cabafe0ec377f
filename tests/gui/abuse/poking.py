"""Events as they come from a mouse and a keyboard that hit whatever is there, and its dialogs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QWidget,
)
from shiboken6 import isValid

from tests.gui.abuse.stage import Event, NotNowError, Stage

Key = Qt.Key
_KEYS = (
    Key.Key_Right, Key.Key_Left, Key.Key_Home, Key.Key_End, Key.Key_Space, Key.Key_J, Key.Key_K,
    Key.Key_Up, Key.Key_Down, Key.Key_P, Key.Key_Plus, Key.Key_Minus, Key.Key_0, Key.Key_F,
    Key.Key_Tab, Key.Key_BracketLeft, Key.Key_BracketRight, Key.Key_T, Key.Key_L, Key.Key_O,
    Key.Key_B, Key.Key_Return, Key.Key_Escape, Key.Key_Delete, Key.Key_Backspace, Key.Key_F6,
    Key.Key_1, Key.Key_5, Key.Key_9, Key.Key_Question, Key.Key_PageDown, Key.Key_Menu,
)  # fmt: skip
_WITH_CTRL = (
    Key.Key_Z,
    Key.Key_Y,
    Key.Key_C,
    Key.Key_A,
    Key.Key_V,
    Key.Key_R,
    Key.Key_G,
    Key.Key_S,
)
_BUTTONS = (Qt.MouseButton.LeftButton,) * 4 + (
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
_WORDS = ("0", "3", "-1", "nan", "abc", "1e9", "", "<b>", "hello")


def poke(stage: Stage) -> None:
    """Clicks somewhere on something."""
    widget, chance = _something(stage), stage.chance
    at = QPoint(chance.randrange(widget.width() or 1), chance.randrange(widget.height() or 1))
    click = chance.choice((QTest.mouseClick, QTest.mouseClick, QTest.mouseDClick))
    click(widget, chance.choice(_BUTTONS), pos=at)


def drag(stage: Stage) -> None:
    """Draws something over something."""
    widget, chance = _something(stage), stage.chance

    def somewhere() -> QPoint:
        return QPoint(chance.randrange(-20, widget.width() + 20), chance.randrange(-5, 200))

    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=somewhere())
    for _ in range(5):
        QTest.mouseMove(widget, somewhere())
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=somewhere())


def press_keys(stage: Stage) -> None:
    """Presses keys on the figure, or wherever the keyboard is."""
    chance = stage.chance
    focused = QApplication.focusWidget()
    here = focused is not None and not _is_of_files(focused) and chance.random() < 0.4
    widget = focused if here and focused is not None else stage.bench.figure.canvas
    if chance.random() < 0.2:
        ctrl = Qt.KeyboardModifier.ControlModifier
        QTest.keyClick(widget, chance.choice(_WITH_CTRL), ctrl)
    else:
        key = chance.choice(_KEYS)
        stage.burst(lambda: _press(widget, key))


def type_words(stage: Stage) -> None:
    """Types something into a field."""
    fields = [w for w in stage.window.findChildren(QLineEdit) if w.isVisible() and w.isEnabled()]
    fields = [field for field in fields if not _is_of_files(field)]
    if not fields:
        raise NotNowError
    field, chance = stage.chance.choice(fields), stage.chance
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, chance.choice(_WORDS))
    QTest.keyClick(field, chance.choice((Key.Key_Return, Key.Key_Escape, Key.Key_Tab, Key.Key_Up)))


def use_menu(stage: Stage) -> None:
    """Chooses something of the menus, whatever it is."""
    bar = stage.bench.topbar.menus
    actions = [action for menu in bar.findChildren(QMenu) for action in menu.actions()]
    known = [action for action in actions if action.isEnabled() and action.menu() is None]
    known[stage.chance.randrange(len(known))].trigger()


def open_dialog(stage: Stage) -> None:
    bench, window = stage.bench, stage.window
    deeds: tuple[Callable[[], object], ...] = (
        bench.show_gallery, window.show_shortcuts, window.show_about, bench.export,
        window.save_as, window.offer_recovery, bench.training.toggle,
    )  # fmt: skip
    stage.chance.choice(deeds)()


def open_menu(stage: Stage) -> None:
    bar = stage.bench.topbar.menus
    menus = [action.menu() for action in bar.actions()]
    menu = stage.chance.choice([menu for menu in menus if isinstance(menu, QMenu)])
    menu.popup(stage.window.mapToGlobal(QPoint(20, 20)))


def answer(stage: Stage) -> None:
    """Does something with the dialog or the menu that is open."""
    found = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if found is None:
        raise NotNowError
    dialog = _dialog_of_files(found)
    if isinstance(found, QMessageBox):
        found.reject()
    elif dialog is not None:
        _answer_about_file(stage, dialog)
    elif isinstance(found, QMenu):
        _choose_of_menu(stage, found)
    elif stage.chance.random() < 0.4:
        found.close()
    else:
        buttons = [b for b in found.findChildren(QAbstractButton) if b.isVisible()]
        if buttons:
            stage.chance.choice(buttons).click()


def _press(widget: QWidget, key: Qt.Key) -> None:
    """Presses a key, unless a dialog that it opened keeps it from what is behind, or it is gone."""
    if not isValid(widget):  # a key before may have taken it away
        return
    dialog = QApplication.activeModalWidget()
    if dialog is None or dialog is widget.window():
        QTest.keyClick(widget, key)


def _choose_of_menu(stage: Stage, menu: QMenu) -> None:
    """What is chosen is done, or nothing."""
    actions: list[QAction] = [a for a in menu.actions() if a.isEnabled() and a.menu() is None]
    menu.close()
    if actions and stage.chance.random() < 0.5:
        stage.chance.choice(actions).trigger()


def _answer_about_file(stage: Stage, dialog: QFileDialog) -> None:
    """A name of the test's own folder, or none: nothing else may be touched."""
    if stage.chance.random() < 0.5:
        dialog.reject()
        return
    saves = dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    chosen = stage.folder / "chosen" if saves else stage.chance.choice(stage.files)
    dialog.selectFile(str(chosen))
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.accept()


def _something(stage: Stage) -> QWidget:
    """A widget that can be seen, of the dialog that is open or of the window."""
    found = QApplication.activePopupWidget() or QApplication.activeModalWidget() or stage.window
    if _is_of_files(found):
        raise NotNowError
    widgets = [w for w in found.findChildren(QWidget) if w.isVisible() and w.isEnabled()]
    if not widgets:
        raise NotNowError
    return stage.chance.choice(widgets)


def _is_of_files(widget: QWidget) -> bool:
    """Whether it belongs to a dialog that could do something to the files of the machine."""
    return _dialog_of_files(widget) is not None


def _dialog_of_files(widget: QWidget) -> QFileDialog | None:
    parent: QWidget | None = widget
    while parent is not None and not isinstance(parent, QFileDialog):
        parent = parent.parentWidget()
    return parent


EVENTS: tuple[tuple[int, Event], ...] = (
    (12, poke), (4, drag), (12, press_keys), (4, type_words), (4, use_menu), (4, open_dialog),
    (2, open_menu), (9, answer),
)  # fmt: skip
