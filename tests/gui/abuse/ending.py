"""Events that end the window, in the middle of whatever it does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.gui.abuse.stage import Event, Stage


def close_at_once(stage: Stage) -> None:
    """Whatever it does, and even before it has shown anything."""
    stage.window.close_unasked()


def close_politely(stage: Stage) -> None:
    """As its own button does; it may ask."""
    stage.window.close()


def quit_by_key(stage: Stage) -> None:
    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(stage.window, Qt.Key.Key_Q, ctrl)


def close_in_work(stage: Stage) -> None:
    """Begins something that takes long, and closes before it has ended."""
    session, chance = stage.session, stage.chance

    def export() -> None:
        dialog = stage.bench.export()
        if dialog is not None:
            dialog.export_to(stage.folder / "closing.png")

    deeds = (
        lambda: session.set_steps(20_000 // session.state.document.N),
        lambda: session.set_model(hidden_size=512),
        lambda: session.train(steps=5000),
        lambda: session.save(stage.folder / "closing.rnnviz", {}, over=True),
        lambda: session.open_file(chance.choice(stage.files)),
        lambda: session.show_figure("trajectories"),
        session.play,
        export,
    )
    for deed in chance.sample(deeds, 2):
        if not stage.is_open:
            break
        deed()
        for _ in range(chance.choice((0, 0, 3))):
            QApplication.processEvents()
    if stage.is_open:
        stage.window.close_unasked()


def open_another(stage: Stage) -> None:
    stage.open()


EVENTS: tuple[tuple[int, Event], ...] = (
    (1, close_at_once), (1, close_politely), (1, quit_by_key), (2, close_in_work),
    (1, open_another),
)  # fmt: skip
