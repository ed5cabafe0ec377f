"""The menus: only what works, each with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from rnnviz.ui.save_back import has_values
from rnnviz.ui.transport import STEPS
from rnnviz.ui.workbench import FIGURES

if TYPE_CHECKING:
    from rnnviz.session.state import State
    from rnnviz.ui.window import MainWindow
    from rnnviz.ui.workbench import Workbench

_LONGEST = 60  # letters of what undo is called
_THEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))


def fill_menus(bar: QMenuBar, window: MainWindow, bench: Workbench) -> None:
    """Fills the menu bar.

    Keys without Ctrl are shown, not registered: the window hears them only when the widget with
    the focus has no use for them.
    """
    _fill_file(bar.addMenu("File"), window, bench)
    _fill_edit(bar.addMenu("Edit"), bench)
    _fill_view(bar.addMenu("View"), window, bench)
    _fill_run(bar.addMenu("Run"), bench)
    _fill_help(bar.addMenu("Help"), window)


def _add(menu: QMenu, text: str, run: Callable[[], object], keys: str = "") -> QAction:
    action = menu.addAction(text)
    if keys.startswith("Ctrl"):
        action.setShortcut(QKeySequence(keys))
    elif keys:
        action.setText(f"{text}\t{keys}")
    action.triggered.connect(lambda _=False: run())
    return action


def _fill_file(menu: QMenu, window: MainWindow, bench: Workbench) -> None:
    _add(menu, "Open…", bench.files.choose, "Ctrl+O")
    recent = menu.addMenu("Open recent")
    recent.aboutToShow.connect(lambda: bench.files.fill_recent(recent))
    _add(menu, "Examples…", bench.show_gallery, "Ctrl+G")
    menu.addSeparator()
    _add(menu, "Load input…", bench.input.choose_file)
    menu.addSeparator()
    _add(menu, "Save", window.save, "Ctrl+S")
    _add(menu, "Save as…", window.save_as, "Ctrl+Shift+S")
    _add(menu, "Recover unsaved work…", window.offer_recovery)
    menu.addSeparator()
    _add(menu, "Export figure…", bench.export, "Ctrl+E")
    _add(menu, "Save weights…", bench.back.save_weights)
    values = _add(menu, "Save values…", bench.back.save_values)
    script = _add(menu, "Save script…", bench.back.save_script)
    menu.aboutToShow.connect(lambda: _offer_values(values, script, bench.session.state))
    menu.addSeparator()
    _add(menu, "Quit", window.close, "Ctrl+Q")


def _offer_values(values: QAction, script: QAction, state: State) -> None:
    """Names the tensor of which the values can be saved."""
    known, chosen = has_values(state), state.selection
    values.setText("Save values…" if chosen is None else f"Save values of {chosen.tensor}…")
    values.setEnabled(known and chosen is not None)
    script.setEnabled(known)


def _fill_edit(menu: QMenu, bench: Workbench) -> None:
    session = bench.session
    undo = _add(menu, "Undo", session.undo, "Ctrl+Z")
    redo = _add(menu, "Redo", session.redo)
    redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
    menu.addSeparator()
    menu.aboutToShow.connect(lambda: _name_deeds(undo, redo, session.state))
    # While the menu is closed both stay open, so that their keys are heard.
    for deed in (undo, redo):
        menu.aboutToHide.connect(partial(deed.setEnabled, True))
    _add(menu, "Copy name and value", bench.copy_value, "Ctrl+C")
    _add(menu, "Copy picture", bench.copy_picture, "Ctrl+Shift+C")
    _add(menu, "Copy PyTorch script", bench.shapes.copy)


def _name_deeds(undo: QAction, redo: QAction, state: State) -> None:
    for deed, verb, name in ((undo, "Undo", state.undo_name), (redo, "Redo", state.redo_name)):
        deed.setText(f"{verb} {_shortened(name)}".strip().replace("&", "&&"))
        deed.setEnabled(bool(name))


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"


def _fill_view(menu: QMenu, window: MainWindow, bench: Workbench) -> None:
    session = bench.session
    views = {name: _add(menu, title, partial(session.show_figure, name)) for name, title in FIGURES}
    menu.aboutToShow.connect(lambda: _number(views, session.state.figures))
    menu.addSeparator()
    canvas = bench.figure.canvas
    _add(menu, "Zoom in", window.zoom_in, "+")
    _add(menu, "Zoom out", window.zoom_out, "−")
    _add(menu, "100 %", lambda: canvas.zoom_to(1.0), "0")
    _add(menu, "Fit", canvas.fit, "F")
    menu.addSeparator()
    _add(menu, "Inspector", bench.toggle_inspector)
    themes = menu.addMenu("Theme")
    group = QActionGroup(themes)
    for theme, title in _THEMES:
        action = _add(themes, title, lambda theme=theme: window.choose_theme(theme))  # type: ignore[misc]
        action.setCheckable(True)
        action.setData(theme)
        group.addAction(action)
    themes.aboutToShow.connect(lambda: _check(group, bench.session.state.theme))


def _number(views: dict[str, QAction], shown: tuple[str, ...]) -> None:
    """Offers the figures that there are, each with the key of its tab."""
    titles = dict(FIGURES)
    for name, action in views.items():
        action.setVisible(name in shown)
        place = shown.index(name) + 1 if name in shown else 0
        action.setText(f"{titles[name]}\t{place}" if 0 < place < 10 else titles[name])


def _check(group: QActionGroup, chosen: str) -> None:
    for action in group.actions():
        action.setChecked(action.data() == chosen)


def _fill_run(menu: QMenu, bench: Workbench) -> None:
    session = bench.session
    _add(menu, "Play or pause", session.toggle_play, "Space")
    menu.addSeparator()
    _add(menu, "Step", session.step, "→")
    _add(menu, "Back", session.back, "←")
    _add(menu, "First", session.first, "Home")
    _add(menu, "Last", session.last, "End")
    back = _add(menu, "Back through time", session.toggle_returning, "B")
    back.setCheckable(True)
    menu.aboutToShow.connect(lambda: back.setChecked(session.state.returned is not None))
    menu.addSeparator()
    _add(menu, "Train…", bench.training.toggle, "Ctrl+R")
    menu.addSeparator()
    pace = menu.addMenu("Step by")
    group = QActionGroup(pace)
    for granularity, title, key in STEPS:
        action = _add(pace, title, partial(session.set_granularity, granularity), key)
        action.setCheckable(True)
        action.setData(granularity)
        group.addAction(action)
    pace.aboutToShow.connect(lambda: _check(group, session.state.granularity))
    menu.addSeparator()
    _add(menu, "Faster", lambda: session.set_speed(session.state.speed * 2), "]")
    _add(menu, "Slower", lambda: session.set_speed(session.state.speed / 2), "[")


def _fill_help(menu: QMenu, window: MainWindow) -> None:
    _add(menu, "Shortcuts", window.show_shortcuts, "?")
    _add(menu, "About rnnviz", window.show_about)
