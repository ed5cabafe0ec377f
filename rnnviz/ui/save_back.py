"""Asking where weights, the values of a tensor, or a script of the model are to be written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from rnnviz.session.state import State

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.session import Session

_LONGEST = 60  # letters of a proposed name
_WEIGHTS = (("safetensors", ".safetensors"), ("PyTorch state_dict", ".pt"))
_TIMELESS = ("weight_", "bias_", "h_0", "c_0", "h_n", "c_n", "embedding.", "head.", "loss")


class SaveBack(QObject):
    """Each deed asks for a file and has it written beside the window.

    Attributes:
        dialog: the one that asks; None where there is none.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.dialog: QFileDialog | None = None

    def save_weights(self) -> None:
        """Writes all weights to a file that load_state_dict takes."""
        name = f"{_fit(self._session.state.title)}-weights"
        self._ask("Save weights", name, _WEIGHTS, lambda path, _: self._session.save_weights(path))

    def save_script(self) -> None:
        """Writes the script of the model and its input."""
        if not has_values(self._session.state):
            return
        name = _fit(self._session.state.title)
        kinds = (("Python", ".py"),)
        self._ask("Save script", name, kinds, lambda path, _: self._session.save_script(path))

    def save_values(self) -> None:
        """Writes the selected tensor over all timesteps."""
        state = self._session.state
        element = state.selection
        if element is None or not has_values(state):
            return
        write = partial(self._write_values, element)
        name = _fit(f"{element.tensor}{_lane(element)}")
        self._ask(f"Save values of {element.tensor}", name, kinds_of(state, element), write)

    def _write_values(self, element: Element, path: Path, kind: int) -> None:
        self._session.save_values(path, element, whole=kind == _WHOLE)

    def _ask(
        self,
        title: str,
        name: str,
        kinds: Sequence[tuple[str, str]],
        write: Callable[[Path, int], object],
    ) -> None:
        """Asks for a file of one of some kinds; what is chosen is told to `write` by its place."""
        dialog = QFileDialog(self._window, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        filters = [f"{words} (*{ending})" for words, ending in kinds]
        dialog.setNameFilters(filters)
        dialog.setDefaultSuffix(kinds[0][1][1:])
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(kinds[filters.index(chosen)][1][1:])
        )
        dialog.selectFile(f"{name}{kinds[0][1]}")

        def chosen(path: str) -> None:
            at = dialog.selectedNameFilter()
            kind = filters.index(at) if at in filters else 0
            where = Path(path)
            if where.suffix.lower() not in {ending for _, ending in kinds}:
                where = where.with_name(where.name + kinds[kind][1])
            write(where, kind)

        dialog.fileSelected.connect(chosen)
        dialog.finished.connect(self._forget)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def _forget(self) -> None:
        self.dialog = None


_WHOLE = 2  # the place of "all of it" among the kinds


def has_values(state: State) -> bool:
    """Whether there is anything to be saved: the whole run is known."""
    return state.ready and (state.whole is not None or state.pr is not None)


def kinds_of(state: State, element: Element) -> tuple[tuple[str, str], ...]:
    """In which forms the values of a tensor can be saved, and with which endings."""
    if element.tensor.startswith(_TIMELESS):
        return (("numpy", ".npy"), ("Table", ".csv"))
    n = element.sequence if element.sequence is not None else (state.sequence or 0)
    one = f"sequence {n}, timesteps × features" if state.document.N > 1 else "timesteps × features"
    kinds = ((f"Table: {one}", ".csv"), (f"numpy: {one}", ".npy"))
    if state.document.N == 1:
        return kinds
    return (*kinds, ("numpy: all sequences, (L, N, H)", ".npy"))


def _lane(element: Element) -> str:
    if element.tensor.startswith(_TIMELESS) or element.layer is None:
        return ""
    return f"_l{element.layer}" + ("_reverse" if element.direction else "")


def _fit(name: str) -> str:
    """A name as every system allows it."""
    return re.sub(r"[^\w.\- ]+", "_", name[:_LONGEST]).strip(" ._") or "model"
