"""The ways in which a file comes to the window: chosen, dropped, or open before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, QTimer
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from rnnviz.files.container import ENDING
from rnnviz.files.found import Finding
from rnnviz.files.reading import one_line
from rnnviz.session.settings import forget_files, recent_files, remember_file
from rnnviz.ui.drop_hint import DropHint
from rnnviz.ui.plain_text import plain

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.runner import Cancel
    from rnnviz.session.state import State
    from rnnviz.ui.dialog import Dialog

_KINDS = {
    "Sessions and recordings": "*.rnnviz",
    "PyTorch weights and tensors": "*.pt *.pth",
    "safetensors": "*.safetensors",
    "ONNX": "*.onnx",
    "Keras": "*.keras *.h5",
    "Arrays and tables": "*.npz *.npy *.csv *.tsv *.txt",
}
FILTERS = ";;".join(
    [
        f"All that can be opened ({' '.join(_KINDS.values())})",
        *(f"{title} ({endings})" for title, endings in _KINDS.items()),
        "All files (*)",
    ]
)
_LONGEST_NAME = 60  # letters in a menu


class FileOpener(QObject):
    """Opens files, and asks what is meant where one of them holds several things.

    Args:
        window: takes what is dropped, and stands behind the dialogs.

    Attributes:
        dialog: the one that asks; None where there is nothing to be asked.
        ask_first: does what ends the document on show, once nothing can be lost by it.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.dialog: Dialog | None = None
        self.ask_first: Callable[[Callable[[], object]], object] = lambda deed: deed()
        self.hint = DropHint(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def choose(self) -> None:
        """Asks for a file, and opens it."""
        last = recent_files()
        folder = str(last[0].parent) if last else ""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open", folder, FILTERS)
        if path:
            self.open(Path(path))

    def open(self, path: Path) -> None:
        """Opens a file; one that could be read is remembered."""

        def open_() -> None:
            self._session.open_file(path, lambda: self._beside(lambda: remember_file(path)))

        if path.suffix.lower() == ENDING:
            self.ask_first(open_)
        else:  # weights are asked about, and arrays end nothing
            open_()

    def fill_recent(self, menu: QMenu) -> None:
        """Lists the files that were open last."""
        menu.clear()
        menu.setToolTipsVisible(True)
        known = recent_files()
        for path in known:
            action = menu.addAction(_menu_text(path.name))
            action.setToolTip(plain(str(path)))
            action.triggered.connect(lambda _=False, path=path: self.open(path))
        if not known:
            menu.addAction("None yet").setEnabled(False)
            return
        menu.addSeparator()
        menu.addAction("Clear").triggered.connect(lambda: self._beside(forget_files))

    def refresh(self, old: State | None, new: State) -> None:
        """Asks about what was found in a file, as soon as that is known."""
        if old is None or old.found is not new.found:
            self._withdraw()
            if new.found is not None:
                QTimer.singleShot(0, self, self._ask)
        if old is not None and new.path is not None and old.path != new.path:
            path = new.path
            self._beside(lambda: remember_file(path))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            assert isinstance(event, QDropEvent)
            return self._dragged(event, kind)
        if kind == QEvent.Type.DragLeave:
            self.hint.hide()
            return True
        return False

    # -- parts

    def _dragged(self, event: QDropEvent, kind: QEvent.Type) -> bool:
        path = _one_file(event.mimeData())
        if path is None:
            event.ignore()
            return True
        event.acceptProposedAction()
        if kind == QEvent.Type.DragEnter:
            self.hint.cover(f"Drop to open {one_line(path.name)}")
        elif kind == QEvent.Type.Drop:
            self.hint.hide()
            self.open(path)
        return True

    def _ask(self) -> None:
        found = self._session.state.found
        if found is None or self.dialog is not None:
            return
        if isinstance(found, Finding):
            from rnnviz.ui.found_dialog import FoundDialog

            self.dialog = FoundDialog(self._session, found, self._window, self.ask_first)
        else:
            from rnnviz.ui.array_dialog import ArrayDialog

            self.dialog = ArrayDialog(self._session, found, self._window)
        self.dialog.finished.connect(self._forget_dialog)
        self.dialog.open()

    def _withdraw(self) -> None:
        """Takes away the question about another file."""
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.finished.disconnect(self._forget_dialog)
            dialog.close()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _beside(self, work: Callable[[], object]) -> None:
        """Has something done that may take a moment, and that nobody waits for."""

        def do(_: Cancel) -> None:
            work()

        self._session.beside.submit(do, lambda _: None, _fail)


def _one_file(given: QMimeData) -> Path | None:
    """The file that is held over the window, where it is one."""
    paths = [Path(url.toLocalFile()) for url in given.urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and len(given.urls()) == 1 else None


def _menu_text(name: str) -> str:
    half = _LONGEST_NAME // 2
    short = name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[-half:]}"
    return one_line(short).replace("&", "&&")


def _fail(error: BaseException) -> None:
    raise error
