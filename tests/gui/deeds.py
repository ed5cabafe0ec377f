"""What a person does with the window, from its first example to the largest run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QDialog

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.shown import Showing
    from rnnviz.ui.window import MainWindow

LONG, VERY_LONG = 20_000, 100_000  # timesteps


@dataclass(frozen=True)
class Deed:
    """One thing that is done.

    Attributes:
        name: what it is.
        act: does it.
        back: makes it possible to do it once more.
    """

    name: str
    act: Callable[[], object]
    back: Callable[[], object] = lambda: None


def deeds_of(window: MainWindow, folder: Path) -> Iterator[Deed]:
    """All that is done, in order; each begins when what the one before asked for is there.

    Args:
        window: in which it is done.
        folder: for the files that it takes.
    """
    assert window.bench is not None
    session = window.bench.session
    yield from _small(window, session)
    yield from _dialogs(window)
    yield from _long(window, session, folder)
    yield from _wide(window, session)
    yield from _learning(session)
    yield from _exports(window, session, folder)


def _small(window: MainWindow, session: Session) -> Iterator[Deed]:
    for key in ("hello", "linear", "gru-unsorted", "recall", "reverse", "projection", "lstm"):
        yield _open(session, key)
    yield from _moving(window, session)
    yield from _tabs(session, "lstm")
    yield Deed("hidden_size 12", lambda: session.set_model(hidden_size=12), session.undo)
    yield Deed("GRU", lambda: session.set_model(cell="GRU"), session.undo)
    yield Deed("undo", session.undo, session.redo)
    yield _open(session, "recall")
    yield from _tabs(session, "recall")
    yield Deed("back through time", session.toggle_returning, session.toggle_returning)
    yield Deed("a step back in time", session.step)
    light, dark = (partial(window.choose_theme, theme) for theme in ("light", "dark"))
    yield Deed("dark theme", dark, light)
    yield Deed("light theme", light, dark)


def _dialogs(window: MainWindow) -> Iterator[Deed]:
    bench = window.bench
    assert bench is not None
    opened = {
        "gallery": bench.show_gallery,
        "shortcuts": window.show_shortcuts,
        "about": window.show_about,
        "export": bench.export,
    }
    for name, show in opened.items():
        yield Deed(f"open the dialog: {name}", show, _close_dialogs)
        yield Deed(f"close the dialog: {name}", _close_dialogs)
    yield Deed("training strip", bench.training.toggle)
    yield Deed("copy the picture", bench.copy_picture)


def _long(window: MainWindow, session: Session, folder: Path) -> Iterator[Deed]:
    yield _open(session, "lstm")
    yield Deed(f"{LONG} timesteps", lambda: session.set_steps(LONG), session.undo)
    yield from _moving(window, session)
    yield from _edits(session)
    yield from _tabs(session, f"T {LONG}")
    yield Deed("one value of a long input", lambda: session.set_value(0, 5000, 0, 1.5))
    yield Deed("fill a long input", lambda: session.fill("sine", 3), session.undo)
    yield Deed(f"{VERY_LONG} timesteps", lambda: session.set_steps(VERY_LONG), session.undo)
    yield from _moving(window, session)
    yield from _tabs(session, f"T {VERY_LONG}")
    yield _open(session, "lstm")
    table = folder / "values.csv"
    np.savetxt(table, np.random.default_rng(0).normal(size=(LONG, 4)), delimiter=",", fmt="%.4f")
    yield Deed("load a CSV", lambda: session.load_values(table), session.undo)


def _wide(window: MainWindow, session: Session) -> Iterator[Deed]:
    yield _open(session, "lstm")
    yield Deed("batch of 256", lambda: session.set_sequence_count(256), session.undo)
    yield Deed("200 timesteps of 256 sequences", lambda: session.set_steps(200), session.undo)
    yield from _tabs(session, "batch of 256")
    yield _open(session, "lstm")
    yield Deed("hidden_size 1024", lambda: session.set_model(hidden_size=1024), session.undo)
    yield from _edits(session)
    yield Deed("1000 timesteps of 1024", lambda: session.set_steps(1000), session.undo)
    yield from _moving(window, session)
    yield from _tabs(session, "hidden_size 1024")
    yield Deed("undo a large change", session.undo, session.redo)


def _learning(session: Session) -> Iterator[Deed]:
    yield _open(session, "reverse-untrained")
    yield Deed("train", lambda: session.train(steps=40), session.discard_edits)
    yield Deed("discard what was learned", session.discard_edits)


def _exports(window: MainWindow, session: Session, folder: Path) -> Iterator[Deed]:
    yield _open(session, "lstm")
    yield Deed("100 timesteps", lambda: session.set_steps(100), session.undo)
    for ending in (".png", ".svg", ".pdf"):
        path = folder / f"picture{ending}"
        yield Deed(f"export {ending}", partial(_export, window, path))


def _export(window: MainWindow, path: Path) -> None:
    assert window.bench is not None
    dialog = window.bench.export()
    assert dialog is not None
    dialog.export_to(path)


def _open(session: Session, key: str) -> Deed:
    return Deed(f"open {key}", partial(session.open_example, key))


def _tabs(session: Session, what: str) -> Iterator[Deed]:
    for figure in session.state.figures:
        show = partial(session.show_figure, figure)
        yield Deed(f"{figure} of {what}", show, partial(session.show_figure, "unrolled"))
    yield Deed("back to the unrolled graph", lambda: session.show_figure("unrolled"))


def _moving(window: MainWindow, session: Session) -> Iterator[Deed]:
    assert window.bench is not None
    canvas = window.bench.figure.canvas
    total = session.state.total
    yield Deed("first", session.first, session.last)
    yield Deed("step", session.step)
    yield Deed("seek to the middle", lambda: session.seek(total // 2), session.first)
    yield Deed("back", session.back)
    yield Deed("last", session.last, session.first)
    yield Deed("zoom out", lambda: canvas.zoom_by(0.05), canvas.fit)
    yield Deed("zoom in", lambda: canvas.zoom_by(30, QPointF(80, 60)), canvas.fit)
    yield Deed("pan", lambda: canvas.pan(900, 40))
    yield Deed("fit", canvas.fit)


def _edits(session: Session) -> Iterator[Deed]:
    yield Deed("edit a weight", lambda: session.set_weight("weight_hh_l0", 1, 2, 0.7), session.undo)
    shown: tuple[Showing, ...] = ("new", "old", "difference", "new")
    for before, showing in pairwise(shown):
        show = partial(session.show_comparison, showing)
        back = partial(session.show_comparison, before)
        yield Deed(f"show {showing}", show, back)
    yield Deed("undo the edit", session.undo, session.redo)


def _close_dialogs() -> None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.close()
