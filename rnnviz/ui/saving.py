"""Saving the session: to its file, to another, and asking before anything is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.keeping import ChangedElsewhereError
from rnnviz.ui.question import Answer, Question
from rnnviz.ui.recovery_dialog import RecoveryDialog

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.recovery import Left, Leftovers
    from rnnviz.session.state import State

ENDING = ".rnnviz"
_NAME = 80  # letters of a proposed file name
_NAMED = 3  # documents that a question names

Then = Callable[[], object]


class Saving(QObject):
    """What Save, Save as and the end of what is open do.

    Args:
        layout: what the window remembers of itself, at this moment.
        window: whatever is asked stands on it.
    """

    def __init__(
        self, session: Session, layout: Callable[[], dict[str, Any]], window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._layout, self._window = session, layout, window
        self._dialog: QDialog | None = None
        self._unsubscribe: Callable[[], None] | None = None  # while something waits

    @property
    def asks(self) -> bool:
        """Whether a question is on the screen."""
        return self._dialog is not None

    def save(self, then: Then | None = None) -> None:
        """Writes the session to its file; asks for one where it has none.

        Args:
            then: done once it is written.
        """
        path = self._session.state.path
        if path is None:
            self.save_as(then)
        else:
            self._write(path, then)

    def save_as(self, then: Then | None = None) -> None:
        """Asks for a file, and writes the session to that."""
        dialog = QFileDialog(self._window, "Save session", "", f"rnnviz session (*{ENDING})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(ENDING[1:])
        path = self._session.state.path
        dialog.selectFile(_name_for(self._session.state.title) if path is None else str(path))
        # Whether a file that is there may go was asked by the dialog.
        dialog.fileSelected.connect(lambda chosen: self._write(Path(chosen), then, over=True))
        self._open(dialog)

    def ask_first(self, deed: Then, saved: Then | None = None) -> None:
        """Does something that ends what is open; where that has unsaved changes, asks first.

        Args:
            saved: done instead where it was saved.
        """
        state = self._session.state
        if not state.unsaved:
            deed()
            return
        where = "" if state.path is None else f" in {state.path.name}"
        if not state.unsaved_here:
            self._ask_of_others(state.edited_beside, deed)
            return
        self._ask(
            "Unsaved changes",
            f"Save the changes to “{state.title}”{where}?",
            "What was changed since it was opened or saved is lost otherwise.",
            Answer("Cancel"),
            Answer("Don’t save", deed),
            Answer(
                "Save" if state.path else "Save as…",
                partial(self.save, saved or partial(self.ask_first, deed)),
            ),
        )

    def _ask_of_others(self, names: tuple[str, ...], deed: Then) -> None:
        named = ", ".join(f"“{name}”" for name in names[:_NAMED])
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        self._ask(
            "Unsaved changes",
            f"Lose the changes to {named}{more}?",
            "Documents that were opened together are saved one by one: show each, and save it.",
            Answer("Cancel"),
            Answer("Don’t save", deed),
        )

    def waits_to(self, go_on: Then) -> bool:
        """Whether something is being written; `go_on` is done when that has ended."""
        if self._session.state.saving is None:
            return False
        if self._unsubscribe is None:

            def heard(_: State, new: State) -> None:
                if new.saving is None and self._unsubscribe is not None:
                    self._unsubscribe()
                    self._unsubscribe = None
                    QTimer.singleShot(0, self, go_on)

            self._unsubscribe = self._session.subscribe(heard)
        return True

    def look_for_left(self, *, even_nothing: bool) -> None:
        """Offers what windows that did not end well have left.

        Args:
            even_nothing: whether it is said where there is nothing.
        """

        def found(left: Leftovers) -> None:
            if left.whole or left.damaged:
                recover, discard = self._recover, self._session.discard_left
                self._open(RecoveryDialog(left, recover, discard, self._window))
            elif even_nothing:
                words = "Every window of rnnviz has ended well, or is still open."
                self._ask(
                    "Recover unsaved work", "There is nothing to recover", words, Answer("OK")
                )

        self._session.find_left(found)

    def _recover(self, left: Left) -> None:
        self.ask_first(partial(self._session.recover, left))

    def _write(self, path: Path, then: Then | None, *, over: bool = False) -> None:
        def done() -> None:
            if then is not None:
                then()

        failed = partial(self._failed, path, then)
        self._session.save(path, self._layout(), over=over, done=done, failed=failed)

    def _failed(self, path: Path, then: Then | None, error: BaseException) -> None:
        if isinstance(error, ChangedElsewhereError):
            self._ask_over(error, then)
            return
        self._ask(
            "Not saved",
            f"{path.name} is not saved",
            f"{message_of(error)}. What was there before is as it was, and nothing here is lost.",
            Answer("Close"),
            Answer("Save as…", partial(self.save_as, then)),
        )
        if is_bug(error):
            raise error

    def _ask_over(self, error: ChangedElsewhereError, then: Then | None) -> None:
        who = (
            "Another window of rnnviz has it open, and has saved it."
            if error.shared
            else "Another program, or another window of rnnviz, has written to it."
        )
        self._ask(
            "The file has changed",
            f"{error.path.name} has changed since it was opened here",
            f"{who} Saving over it loses what was written there.",
            Answer("Cancel"),
            Answer("Overwrite", partial(self._write, error.path, then, over=True)),
            Answer("Save as…", partial(self.save_as, then)),
        )

    def _ask(self, title: str, asked: str, words: str, *answers: Answer) -> None:
        self._open(Question(title, asked, words, answers, self._window))

    def _open(self, dialog: QDialog) -> None:
        """One dialog at a time: what is asked twice is asked by the one that is open."""
        if self._dialog is not None:
            dialog.deleteLater()
            return
        self._dialog = dialog
        dialog.finished.connect(self._forget)
        dialog.open()

    def _forget(self) -> None:
        self._dialog = None


def _name_for(title: str) -> str:
    """A file's name of a title, in letters that every system takes."""
    letters = (letter if letter.isalnum() or letter in " ._-()," else "-" for letter in title)
    return ("".join(letters).strip(" .-")[:_NAME].strip() or "session") + ENDING
