"""Numbers to start from: filled in anew, or loaded from a file."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from rnnviz.session.fills import FILLS
from rnnviz.ui.controls import IconButton, NumberField

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_ARRAYS = "*.npy *.npz *.csv *.tsv *.safetensors *.pt *.pth"
_NUMBERS = f"Arrays and tables ({_ARRAYS} *.txt);;All files (*)"
_TOKENS = f"Text and ids (*.txt {_ARRAYS});;All files (*)"


class FillBar(QWidget):
    """Fills the input, and loads it or its targets.

    Signals:
        refused: what is wrong with the seed.
    """

    refused = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.fill = QPushButton("Fill  ▾")
        self.fill.setAccessibleName("Fill the input")
        menu = QMenu(self.fill)
        for kind in FILLS:
            action = menu.addAction(kind)
            action.triggered.connect(lambda _=False, kind=kind: session.fill(kind))
        self.fill.setMenu(menu)
        self.load = QPushButton("Load…")
        self.load.clicked.connect(self._load)
        self._sources = QMenu(self.load)
        self._sources.addAction("Input…", self.choose_input)
        self._sources.addAction("Targets…", self.choose_targets)
        self.seed = NumberField("seed of the fill")
        self.seed.setToolTip("seed of the fill")
        self.seed.committed.connect(self._fill_with_seed)
        self._arrange()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the seed, and what can be loaded."""
        document = new.document
        if old is not None and old.document is document:
            return
        self.seed.show_value(document.seed)
        self.fill.setVisible(not document.takes_ids)
        several = document.loss is not None
        self.load.setText("Load  ▾" if several else "Load…")
        self.load.setMenu(self._sources if several else None)  # type: ignore[arg-type]
        what = "a text, or ids" if document.takes_ids else "the input"
        self.load.setAccessibleName(
            f"Load {what} or targets from a file" if several else f"Load {what} from a file"
        )
        kinds = "an array of a .npy, .npz, .csv, .safetensors or .pt file"
        self.load.setToolTip(f"A text, or {kinds}" if document.takes_ids else kinds.capitalize())

    def choose_input(self) -> None:
        """Asks for a file; a text becomes tokens, of arrays it is asked which one is meant."""
        takes_ids = self._session.state.document.takes_ids
        kinds = _TOKENS if takes_ids else _NUMBERS
        path, _ = QFileDialog.getOpenFileName(self, "Load the input", "", kinds)
        if path and takes_ids and Path(path).suffix.lower() == ".txt":
            self._session.load_ids(path)
        elif path:
            self._session.find_arrays(path)

    def choose_targets(self) -> None:
        """Asks for a file, and then which of its arrays are the targets."""
        path, _ = QFileDialog.getOpenFileName(self, "Load the targets", "", _NUMBERS)
        if path:
            self._session.find_arrays(path, "targets")

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 0, 6)
        row.setSpacing(6)
        for button in (self.fill, self.load):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(IconButton("dice", "Fill with another seed", self._roll, size=16))
        row.addWidget(self.seed)

    def _load(self) -> None:
        if self.load.menu() is None:
            self.choose_input()

    def _fill_with_seed(self, seed: object) -> None:
        if isinstance(seed, int):
            self._session.fill(self._session.state.document.fill, seed)
        else:
            self.refused.emit(f"seed: expected a whole number, got {seed}")

    def _roll(self) -> None:
        self._fill_with_seed(random.randrange(10_000))
