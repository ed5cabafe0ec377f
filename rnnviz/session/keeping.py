"""What is open, kept: in the file it is saved to, and in the one that comes back after a crash."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnviz.errors import FileError, RnnvizError
from rnnviz.files.marks import Mark, mark_of
from rnnviz.session.editor import NO_PROBLEMS
from rnnviz.session.errands import Errand, Errands
from rnnviz.session.failures import is_shortage, message_of
from rnnviz.session.runner import Cancel, Cancelled, Runner
from rnnviz.session.settings import settings_folder
from rnnviz.session.training import TrainingEditor

if TYPE_CHECKING:
    from rnnviz.session.history import Kept
    from rnnviz.session.living import Presence
    from rnnviz.session.recovery import Left, Leftovers, Taken
    from rnnviz.session.state import State

_PATIENCE = 10.0  # seconds that another instance may take to save

Done = Callable[[], None]
Failed = Callable[[BaseException], None]


class ChangedElsewhereError(FileError):
    """The file is not as it was when it was opened or saved here.

    Attributes:
        path: of the file.
        shared: whether another living instance has it open.
    """

    def __init__(self, path: Path, *, shared: bool) -> None:
        super().__init__(f"{path} has changed since it was opened here")
        self.path, self.shared = path, shared


class Keeping(TrainingEditor):
    """The intents that write what is open, all of it beside the window, one after the other."""

    def keep_with(self, keeper: Runner) -> None:
        """Have `keeper` do what is to be written."""
        self._keeper = keeper
        self._savings = Errands(self._store, keeper, "saving")
        self._marks: dict[str, Mark | None] = {}  # of files as they were opened or saved here
        self._presence: Presence | None = None
        self._taken: tuple[Taken, Kept | None] | None = None

    # The file

    def save(
        self,
        path: str | Path,
        layout: Mapping[str, Any] | None = None,
        *,
        over: bool = False,
        done: Done | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Write the session to a file, whole or not at all.

        Args:
            layout: what the window remembers of itself.
            over: whether a file that has changed meanwhile is written over; else that fails with
                `ChangedElsewhereError`.
            done: told once it is written.
            failed: told why it is not; by default that is put into `state.problems`.
        """
        where, state = Path(path), self.state

        def write(errand: Errand) -> Path:
            from rnnviz import __version__
            from rnnviz.files.container import write_container
            from rnnviz.files.locks import held
            from rnnviz.files.saving.atomic import remove_parts
            from rnnviz.session.saved import saved

            with held(settings_folder() / "saving.lock", _PATIENCE) as alone:
                if not over:
                    self._check_unchanged(where)
                content = saved(state, layout or {}, __version__)
                target = write_container(where, content, lambda: _stop_if(errand))
                self._marks[str(target)] = mark_of(target)
                if alone:
                    remove_parts(target)
            if not state.edited_beside:
                self._end_recovery(state)
            self._show(target)
            return target

        def written(target: Path) -> None:
            kept = (state.document, state.original_document)
            history = self.state.history.kept_in(target, state.kept, kept)
            self._store.change(history=history, problems=NO_PROBLEMS)
            if state.opened is not None:
                alone = f"{target.name} holds “{state.title}” alone: each document has its own file"
                self._store.change(notice=alone)
            if self.state.kept == state.kept:  # nothing else has been opened meanwhile
                self._store.change(path=target, kept=kept)
                self._is_taken_too(state.kept)
            if done is not None:
                done()

        self._savings.start(f"saving {where.name}", write, written, failed or self._refuse_file)

    def _check_unchanged(self, path: Path) -> None:
        there = mark_of(path)
        if there is not None and there != self._marks.get(os.path.realpath(path)):
            raise ChangedElsewhereError(path, shared=self._is_shared(path))

    def _note(self, path: Path, mark: Mark | None) -> None:
        """A file was opened here, as it was then; one that cannot be looked at is none."""
        if mark is not None:
            self._marks[os.path.realpath(path)] = mark

    def _refuse_file(self, error: BaseException) -> None:
        if is_shortage(error):
            error = FileError(message_of(error))
        if not isinstance(error, RnnvizError):
            raise error
        self._refuse(error, "file")

    # The other instances

    def enter(self) -> None:
        """Be known to other instances, and leave to them what would be lost with this one."""

        def enter(_: Cancel) -> Presence | None:
            from rnnviz.session.living import enter

            return enter()

        def entered(presence: Presence | None) -> None:
            self._presence = presence
            self._show_later(self.state.path)

        self._keeper.submit(enter, entered, _raise)

    def leave(self) -> None:
        """End well: nothing is left. The keeper must have ended."""
        self._let_go()
        presence, self._presence = self._presence, None
        if presence is not None:
            presence.leave()

    def _show_later(self, path: Path | None) -> None:
        """Tell the others what is open here, and be told who else has it open."""

        def look(_: Cancel) -> bool:
            self._show(path)
            return path is not None and self._is_shared(path)

        def looked(shared: bool) -> None:
            if shared and path is not None and self.state.path == path:
                self._store.change(
                    notice=f"{path.name} is open in another window of rnnviz, too: "
                    "whoever saves second is asked first"
                )

        if self._presence is not None:
            self._keeper.submit(look, looked, _raise)

    def _show(self, path: Path | None) -> None:
        if self._presence is not None:
            try:
                self._presence.show(path)
            except (FileError, OSError):
                return  # the others are not told: the file itself is looked at before it is saved

    def _is_shared(self, path: Path) -> bool:
        return self._presence is not None and self._presence.shares(path)

    # What comes back after a crash

    def keep_changes(
        self, layout: Mapping[str, Any], done: Done, failed: Callable[[str], None]
    ) -> None:
        """Leave the session as it is now to whoever starts after a crash.

        Args:
            done: told once it is written.
            failed: told why it is not.
        """
        presence, state = self._presence, self.state
        kept = None if state.path is None else (state.path, self._marks.get(str(state.path)))
        if presence is None:
            failed("nothing can be written to the folder of the settings")
            return

        def write(cancel: Cancel) -> None:
            from rnnviz import __version__
            from rnnviz.session import recovery
            from rnnviz.session.saved import saved

            content = saved(state, layout, __version__, kept, state.opened)
            recovery.write(presence, content, cancel.check)
            self._end_recovery(state)

        def refused(error: BaseException) -> None:
            failed(message_of(error))
            if not isinstance(error, RnnvizError) and not is_shortage(error):
                raise error

        self._keeper.submit(write, lambda _: done(), refused)

    def forget_changes(self) -> None:
        """There is nothing to lose any more."""
        presence = self._presence

        def clear(_: Cancel) -> None:
            from rnnviz.session import recovery

            if presence is not None:
                recovery.clear(presence)

        if presence is not None:
            self._keeper.submit(clear, lambda _: None, _raise)

    def find_left(self, found: Callable[[Leftovers], None]) -> None:
        """Look for what instances that died have left."""

        def look(_: Cancel) -> Leftovers:
            from rnnviz.session.recovery import leftovers

            return leftovers()

        self._keeper.submit(look, found, _raise)

    def discard_left(self, left: Left) -> None:
        """What was left is not wanted."""

        def discard(_: Cancel) -> None:
            from rnnviz.session import recovery

            recovery.discard(left)

        self._keeper.submit(discard, lambda _: None, _raise)

    def _end_recovery(self, state: State) -> None:
        """What came back has been written anew, so that what was left may go."""
        taken = self._taken
        if taken is not None and taken[1] == state.kept:
            taken[0].throw_away()

    def _is_taken_too(self, before: Kept | None) -> None:
        """What is on show now belongs to what came back, if what was kept before did."""
        if self._taken is not None and self._taken[1] == before:
            self._taken = (self._taken[0], self.state.kept)

    def _let_go(self) -> None:
        """What came back before, if it was not written anew, is offered again."""
        if self._taken is not None:
            self._taken[0].let_go()
            self._taken = None


def _stop_if(errand: Errand) -> None:
    if errand.is_cancelled():
        raise Cancelled


def _raise(error: BaseException) -> None:
    raise error
