"""Where the weights come from, and a menu that takes them from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton

from rnnviz.ui.fields import set_property
from rnnviz.ui.plain_text import plain
from rnnviz.ui.rows import RowGroup

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

_LONGEST = 130  # px of a name
_TABLES = "Tables (*.npy *.csv *.tsv *.txt);;All files (*)"
_VECTORS = "Word vectors (*.txt *.vec);;All files (*)"


class WeightsRow(RowGroup):
    """Says what the weights are, and loads an embedding's table."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.button = QPushButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_property(self.button, "compact", True)
        self.button.setMenu(self._menu())
        self.add_row("table", self.button, "where the weights come from", label="Weights")

    def refresh(self, old: State | None, new: State) -> None:
        """Shows where the weights of a state come from."""
        if old is None or old.problems is not new.problems:
            problems = (new.problems.get(name, "") for name in ("table", "weights"))
            self.rows["table"].show_problem(next((text for text in problems if text), ""))
        if old is not None and old.document is new.document:
            return
        document = new.document
        text = origin(document)
        shown = self.button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, _LONGEST)
        self.button.setText(f"{shown}  ▾".replace("&", "&&"))
        self.rows["table"].set_meaning(plain(f"where the weights come from: {text}"))
        self.button.setAccessibleName(f"weights: {text}")
        takes = document.front is None or document.front.takes_ids
        self.table_action.setEnabled(takes)
        self.vectors_action.setEnabled(document.vocabulary is not None)
        self.drawn_action.setEnabled(_is_given(document))

    def choose_table(self) -> None:
        """Asks for a file and takes the embedding's table from it."""
        path, _ = QFileDialog.getOpenFileName(self, "Load a table", "", _TABLES)
        if path:
            self._session.load_table(path)

    def choose_vectors(self) -> None:
        """Asks for a file of word vectors and reads those of the vocabulary."""
        path, _ = QFileDialog.getOpenFileName(self, "Load word vectors", "", _VECTORS)
        if path:
            self._session.load_vectors(path)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self.table_action = menu.addAction("Embedding table from a file…", self.choose_table)
        self.table_action.setToolTip(
            "nn.Embedding.from_pretrained: .npy or .csv, a row for each id"
        )
        self.vectors_action = menu.addAction("Word vectors…", self.choose_vectors)
        self.vectors_action.setToolTip("GloVe or word2vec text: the words of the vocabulary")
        menu.addSeparator()
        self.drawn_action = menu.addAction("Draw from the seed", self._session.draw_weights)
        return menu


def origin(document: Document) -> str:
    """What the weights are, in a few words."""
    if document.weights:
        return document.weights_from or "given"
    if document.module is not None:
        return "of the module"
    return "edited" if document.weight_edits else "drawn from seed"


def _is_given(document: Document) -> bool:
    return bool(document.weights or document.weight_edits) or document.module is not None
