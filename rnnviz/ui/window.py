"""The main window: a shell at once, the workbench when it is built, keys, what is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QMainWindow

from rnnviz.session.settings import Settings, load_settings, save_settings
from rnnviz.ui.shell import LOADING, Shell

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State
    from rnnviz.ui.autosaving import Autosaver
    from rnnviz.ui.saving import Saving
    from rnnviz.ui.session_layout import SessionLayout
    from rnnviz.ui.shortcuts import Keymap
    from rnnviz.ui.theme import Choice, Theme
    from rnnviz.ui.workbench import Workbench
    from rnnviz.ui.worker import ThreadRunner

SMALLEST = (1180, 720)
_FIRST_SIZE = (1440, 900)


class MainWindow(QMainWindow):
    """The one window.

    Signals:
        painted: the shell has been painted for the first time.
        furnished: everything that works is there.
        closed: the window was closed and everything has ended.
    """

    painted = Signal()
    furnished = Signal()
    closed = Signal()

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or load_settings()
        self.bench: Workbench | None = None
        self.keymap: Keymap | None = None
        self._theme: Theme | None = None
        self._runner: ThreadRunner | None = None
        self.saving: Saving | None = None
        self._autosaver: Autosaver | None = None
        self._layout: SessionLayout | None = None
        self._closes = False  # nothing is asked any more
        self.setWindowTitle("rnnviz")
        self.setMinimumSize(*SMALLEST)
        self._shell = Shell(self._first_theme())
        self._shell.painted.connect(lambda: QTimer.singleShot(0, self.painted.emit))
        self.setCentralWidget(self._shell)
        self._restore_geometry()

    # -- from shell to workbench

    def furnish(self, session: Session, runner: ThreadRunner, theme: Theme) -> Iterator[None]:
        """Builds everything that works, a moment at a time, and puts it in the shell's place."""
        from rnnviz.ui.workbench import Workbench

        self._runner, self._theme = runner, theme
        self.installEventFilter(self)  # there are no dialogs before
        session.set_theme(theme.choice)
        session.set_speed(self.settings.speed)
        bench = Workbench(session, runner, self.show_shortcuts, self)
        yield from bench.build()
        self._add_menus(bench)
        self.keymap = self._make_keymap(bench)
        bench.topbar.theme_toggled.connect(self._toggle_theme)
        theme.changed.connect(bench.topbar.show_theme)
        session.subscribe(self._on_changed)
        yield
        self._keep(bench)
        yield
        self.bench = bench
        self.setCentralWidget(bench)
        QTimer.singleShot(0, self._lay_out)
        self._name_after(session.state)
        bench.figure.canvas.setFocus()
        self.furnished.emit()

    def show_loading(self) -> None:
        """Says in the shell what is being waited for."""
        self._shell.show_text(LOADING)

    # -- what menus and keys do

    def zoom_in(self) -> None:
        """Nearer, around the middle."""
        self._zoom_by(1.25)

    def zoom_out(self) -> None:
        """Further away."""
        self._zoom_by(1 / 1.25)

    def choose_theme(self, choice: Choice) -> None:
        """Wears another theme, and remembers it."""
        if self._theme is not None and self.bench is not None:
            self._theme.choose(choice)
            self.bench.session.set_theme(choice)

    def save(self) -> None:
        """Writes the session to its file, or asks for one."""
        if self.saving is not None:
            self.saving.save()

    def save_as(self) -> None:
        """Writes the session to another file."""
        if self.saving is not None:
            self.saving.save_as()

    def offer_recovery(self, *, even_nothing: bool = True) -> None:
        """Looks for what windows that did not end well have left, and offers it.

        Args:
            even_nothing: whether it is said where there is nothing.
        """
        if self.saving is not None:
            self.saving.look_for_left(even_nothing=even_nothing)

    def show_shortcuts(self) -> None:
        """Opens the sheet of shortcuts."""
        from rnnviz.ui.shortcuts import ShortcutSheet

        if self.keymap is not None:
            ShortcutSheet(self.keymap, self).open()

    def show_about(self) -> None:
        """Opens the few words about rnnviz."""
        from rnnviz.ui.about import AboutDialog

        AboutDialog(self).open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.keymap is None or not self.keymap.handle(event, self.focusWidget()):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        freed = event.type() == QEvent.Type.WindowUnblocked  # the dialog on it is gone
        if freed and QGuiApplication.focusWindow() is not None:  # and was heard, no other program
            self.activateWindow()  # which nobody else does where there is no window manager
        return False

    # -- the end

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._must_ask():
            event.ignore()
            return
        if self.bench is not None:
            self._remember()
            if self._autosaver is not None:
                self._autosaver.stop()
            self.bench.close_session()
        if self._runner is not None:
            self._runner.close()
            self._runner = None
        super().closeEvent(event)
        self.closed.emit()

    def close_unasked(self) -> None:
        """Closes, whatever is not saved."""
        self._closes = True
        self.close()

    def _must_ask(self) -> bool:
        """Whether there is something to lose; then that is asked, and the answer may close."""
        if self._closes or self.saving is None or self.bench is None:
            return False
        if self.saving.waits_to(self.close):
            return True
        if not self.bench.session.state.unsaved:
            return False
        self.saving.ask_first(self._soon(self.close_unasked), self._soon(self.close))
        return True

    def _soon(self, deed: Callable[[], object]) -> Callable[[], None]:
        """Does it once the dialog that brought the answer is gone."""
        return lambda: QTimer.singleShot(0, self, deed)

    def _remember(self) -> None:
        assert self.bench is not None
        state = self.bench.session.state
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        save_settings(
            self.settings._replace(
                theme=state.theme,
                example=state.example or self.settings.example,
                speed=state.speed,
                layout={**self.bench.layout_to_remember(), "geometry": geometry},
            ),
            self.settings,
        )

    # -- parts

    def _first_theme(self) -> Any:
        if self.settings.theme != "system":
            return self.settings.theme
        # Asking for the colour scheme itself would load all of Qt's enums before the first paint.
        dark = self.palette().window().color().lightness() < 128
        return "dark" if dark else "light"

    def _restore_geometry(self) -> None:
        saved = self.settings.layout.get("geometry")
        if isinstance(saved, str) and self.restoreGeometry(
            QByteArray.fromBase64(saved.encode("ascii", "replace"))
        ):
            return
        room = self.screen().availableSize()
        width, height = (
            max(least, min(first, most))
            for least, first, most in zip(
                SMALLEST, _FIRST_SIZE, (room.width(), room.height()), strict=True
            )
        )
        self.resize(width, height)

    def _lay_out(self) -> None:
        """Divides the panes once they have their size: as remembered, else as they need."""
        if self.bench is not None:
            self.bench.divide()
            self.bench.restore_layout(dict(self.settings.layout))

    def _add_menus(self, bench: Workbench) -> None:
        from rnnviz.ui.menus import fill_menus

        fill_menus(bench.topbar.menus, self, bench)

    def _make_keymap(self, bench: Workbench) -> Keymap:
        from rnnviz.ui.keys import make_keymap

        return make_keymap(self, bench)

    def _zoom_by(self, factor: float) -> None:
        if self.bench is not None and not self.bench.figure.shows_plots:
            self.bench.figure.canvas.zoom_by(factor)

    def _toggle_theme(self) -> None:
        if self._theme is not None:
            self.choose_theme("light" if self._theme.resolved == "dark" else "dark")

    def _on_changed(self, old: State, new: State) -> None:
        if old.document is not new.document or old.path != new.path:
            self._name_after(new)
        if new.unsaved != self.isWindowModified():  # Qt tells every widget, changed or not
            self.setWindowModified(new.unsaved)

    def _name_after(self, state: State) -> None:
        path = state.path
        name = state.title if path is None else f"{path.name} · {state.title}"
        # Qt takes one mark for the place of its sign, and two for the mark itself.
        plain = f"{name} · {state.subtitle}".replace("[*]", "[*][*]")
        self.setWindowTitle(f"{plain}[*] — rnnviz")
        self.setWindowModified(state.unsaved)

    def _keep(self, bench: Workbench) -> None:
        """Lets what is open be saved, and be kept for the case of a crash."""
        from rnnviz.ui.autosaving import Autosaver
        from rnnviz.ui.saving import Saving
        from rnnviz.ui.session_layout import SessionLayout

        self._layout = SessionLayout(bench)
        self.saving = Saving(bench.session, self._layout.made, self)
        self._autosaver = Autosaver(bench.session, self._layout.made, self)
        bench.ask_first = bench.files.ask_first = self.saving.ask_first
        bench.session.enter()
