"""What was found in a file of weights, to be confirmed: which model, and what is left open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from rnnviz.errors import SpecError
from rnnviz.files.reading import one_line
from rnnviz.render.fonts import qfont
from rnnviz.session.found_words import (
    ASKED,
    asked_of,
    chain_details,
    chain_name,
    chain_parameters,
    chain_words,
    found_words,
)
from rnnviz.ui.controls import (
    ElidedLabel,
    FieldRow,
    NumberField,
    PlainLabel,
    SectionLabel,
    Segmented,
    Toggle,
    muted,
)
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.fields import set_property
from rnnviz.ui.plain_table import PlainModel, PlainTable

if TYPE_CHECKING:
    from rnnviz.files.found import Finding, FoundChain, LeftOut
    from rnnviz.session import Session

_WIDTH = 640
_MOST_ROWS = 6  # of a table that are seen at once
_MANY = 8  # rows, of which one is looked for by its name
_TENSOR_KINDS = ("ONNX", "Keras")  # which hold no arrays to be had one by one


class FoundDialog(Dialog):
    """Shows a finding; Open opens the model that is chosen, with what was answered.

    Args:
        ask_first: does what ends the document on show, once nothing can be lost by it.
    """

    def __init__(
        self,
        session: Session,
        finding: Finding,
        parent: QWidget | None,
        ask_first: Callable[[Callable[[], object]], object],
    ) -> None:
        super().__init__("Open a model", parent)
        self._session, self._finding, self._ask_first = session, finding, ask_first
        self.chains = PlainTable(
            model := PlainModel(("name", "recurrent layers", "parameters"), right=(2,)),
            "recurrent models in the file",
            (190, 0, 90),
            selects=True,
        )
        model.show_items(finding.chains, _row)
        self.details = muted(size=11)
        self.details.setWordWrap(True)
        self.details.setAccessibleName("what was converted")
        self.asked = _Asked()
        self.left = _Left(finding.left)
        self.message = PlainLabel(size=11, role=QPalette.ColorRole.BrightText)
        self.message.setWordWrap(True)
        self.arrays = QPushButton("Use an array as input…")
        self.arrays.setToolTip("Choose one of the file's arrays as the input or the targets")
        self.arrays.setVisible(not finding.kind.startswith(_TENSOR_KINDS))
        self.arrays.clicked.connect(self._use_array)
        self.cancel, self.open_button = QPushButton("Cancel"), QPushButton("Open")
        self.cancel.clicked.connect(self.reject)
        self.open_button.clicked.connect(self.accept)
        self._arrange()
        self.chains.selectionModel().currentRowChanged.connect(lambda *_: self._show_chain())
        self.chains.doubleClicked.connect(lambda _: self.accept())
        if finding.chains:
            self.chains.choose(0)
            self.chains.setFocus()

    @property
    def chain(self) -> FoundChain | None:
        """The model that is chosen."""
        place = self.chains.chosen
        return self._finding.chains[place] if 0 <= place < len(self._finding.chains) else None

    def accept(self) -> None:
        """Opens the chosen model; an answer that is none is told, and the dialog stays."""
        chain = self.chain
        if chain is None:
            return
        answers = self.asked.answers
        try:
            for stack in chain.stacks:
                given = {name: value for name, value in answers.items() if name in stack.asked}
                if stack.spec.num_layers < 2:
                    given.pop("dropout", None)
                stack.spec.with_changes(**given)
        except SpecError as error:
            self.asked.show_problem(error)
            return
        super().accept()
        self._session.dismiss_found()
        self._ask_first(lambda: self._session.open_chain(self._finding, chain, **answers))

    def reject(self) -> None:
        """Opens nothing."""
        super().reject()
        if self._session.state.found is self._finding:
            self._session.dismiss_found()

    # -- parts

    def _arrange(self) -> None:
        finding, column = self._finding, QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(6)
        heading = QHBoxLayout()
        heading.setSpacing(12)
        title = ElidedLabel(
            one_line(finding.path.name), size=16, weight=600, mode=Qt.TextElideMode.ElideMiddle
        )
        heading.addWidget(title, 1)
        heading.addWidget(muted(finding.kind))
        column.addLayout(heading)
        column.addWidget(PlainLabel(found_words(finding)))
        count = len(finding.chains)
        self.chains.setVisible(bool(count))
        self.chains.setFixedHeight(self.chains.height_of(min(count, _MOST_ROWS)))
        for widget in (self.chains, self.details, self.asked):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addWidget(self.left, 1)
        column.addWidget(self.message)
        column.addLayout(self._buttons(bool(count)))
        self.details.setVisible(False)
        self.asked.setVisible(False)
        self.setMinimumWidth(520)
        self.resize(_WIDTH, min(self.sizeHint().height(), 640))

    def _buttons(self, openable: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.arrays)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.open_button)
        self.open_button.setVisible(openable)
        first = self.open_button if openable else self.arrays
        for button in (self.arrays, self.cancel, self.open_button):
            button.setAutoDefault(button is first)
        set_property(first, "primary", True)
        first.setDefault(True)
        return row

    def _show_chain(self) -> None:
        chain = self.chain
        if chain is None:
            return
        details = chain_details(chain)
        shown = details[:_MANY]
        more = [f"and {len(details) - _MANY} more"] if len(details) > _MANY else []
        self.details.setText("\n".join([*shown, *more]))
        self.details.setVisible(bool(details))
        self.asked.ask(asked_of(chain))

    def _use_array(self) -> None:
        super().accept()
        self._session.find_arrays(self._finding.path)


class _Asked(QWidget):
    """What the file does not say."""

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[str, object] = {}
        self.nonlinearity = Segmented([("tanh", "tanh"), ("relu", "relu")], "nonlinearity")
        self.batch_first = Toggle("batch_first")
        self.dropout = NumberField("dropout", whole=False, step=0.1)
        fields: dict[str, QWidget] = {
            "nonlinearity": self.nonlinearity,
            "batch_first": self.batch_first,
            "dropout": self.dropout,
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(4)
        column.addWidget(SectionLabel("What the file does not say"))
        self.rows: dict[str, FieldRow] = {}
        self._lines: dict[str, QWidget] = {}
        for name, field in fields.items():
            line = self._lines[name] = QWidget()
            inside = QHBoxLayout(line)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(14)
            row = self.rows[name] = FieldRow(name, field)
            row.setFixedWidth(230)
            why = muted(ASKED[name], size=11)
            why.setWordWrap(True)
            inside.addWidget(row, 0, Qt.AlignmentFlag.AlignTop)
            inside.addWidget(why, 1, Qt.AlignmentFlag.AlignVCenter)
            column.addWidget(line)

    @property
    def answers(self) -> dict[str, object]:
        """What is asked, with what was answered."""
        told = {
            "nonlinearity": self.nonlinearity.value,
            "batch_first": self.batch_first.isChecked(),
            "dropout": self.dropout.number(),
        }
        return {name: told[name] for name in self._names}

    def ask(self, names: dict[str, object]) -> None:
        """Asks for some arguments, each with the value that it has where nobody says another."""
        if names == self._names:
            return
        self._names = names
        for name, line in self._lines.items():
            line.setVisible(name in names)
            self.rows[name].show_problem("")
        self.nonlinearity.show_value(names.get("nonlinearity"))
        self.batch_first.setChecked(bool(names.get("batch_first")))
        self.dropout.show_value(names.get("dropout", 0.0))
        self.setVisible(bool(names))

    def show_problem(self, error: SpecError) -> None:
        """Says what is wrong with an answer."""
        for name, row in self.rows.items():
            wrong = name == error.field
            row.show_problem(f"expected {error.expected}, got {error.got}" if wrong else "")
            if wrong:
                row.field.setFocus()


class _Left(QWidget):
    """What is not opened: name, shape and why, to be searched where it is much."""

    def __init__(self, left: tuple[LeftOut, ...]) -> None:
        super().__init__()
        self.model = PlainModel(("name", "shape", "why"))
        self.model.show_items(left, lambda out: (out.name, _shape(out.shape), out.why))
        self.table = PlainTable(self.model, "left out: name, shape and why", (190, 110, 0))
        self.table.setMinimumHeight(self.table.height_of(min(len(left), 3)))
        self.table.setMaximumHeight(self.table.height_of(len(left)))
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a name")
        self.search.setAccessibleName("find what was left out")
        self.search.setFont(qfont("ui", 12))
        self.search.setFixedWidth(180)
        self.search.setVisible(len(left) > _MANY)
        self.search.textChanged.connect(lambda word: self.model.find(word, lambda out: out.name))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        heading = QHBoxLayout()
        heading.addWidget(SectionLabel(f"Left out ({len(left)})"))
        heading.addStretch(1)
        heading.addWidget(self.search)
        column.addLayout(heading)
        column.addWidget(self.table, 1)
        self.setVisible(bool(left))


def _row(chain: FoundChain) -> tuple[str, str, str]:
    count = f"{chain_parameters(chain):,}".replace(",", " ")
    return chain_name(chain), chain_words(chain), count


def _shape(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return ""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"
