"""Fields under one another that belong together: each commits one edit, each has its message."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnnviz.ui.controls import Choice, FieldRow, NumberField, Toggle

Intent = Callable[[object], object]

_INDENT = 10  # px, of what belongs to the row above
_CHOICE = 88


class OptionalField(NumberField):
    """A whole number or none; empty means none too."""

    def show_value(self, value: object) -> None:
        """Shows a number, or "none", without telling anyone."""
        super().show_value("none" if value is None else value)

    def number(self) -> int | float | str | None:  # type: ignore[override]
        """The number typed, None for none, or the text where it is neither."""
        return None if self.text().strip().lower() in ("", "none") else super().number()

    def _add(self, change: float) -> None:
        if self.number() is None:
            self.setText("0" if change > 0 else "")
            self._commit()
        elif self.number() == 0 and change < 0:
            self.setText("none")
            self._commit()
        else:
            super()._add(change)


class RowGroup(QWidget):
    """Some rows of a panel.

    Attributes:
        rows: by the names under which their problems arrive.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, FieldRow] = {}
        self._asks = False  # whether an edit of ours is under way
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def add_row(
        self,
        name: str,
        field: QWidget,
        meaning: str,
        *extras: QWidget,
        label: str = "",
        inner: bool = False,
    ) -> FieldRow:
        """Adds a row.

        Args:
            name: of its problems; shown in the code font where there is no `label`.
            field: what it edits.
            meaning: its tooltip.
            extras: what stands to the left of the field.
            label: shown in its place, in the window's own font.
            inner: whether it belongs to the row above.
        """
        row = FieldRow(label or name, field, *extras, mono=not label)
        row.set_meaning(meaning)
        if inner:
            row.setContentsMargins(_INDENT, 0, 0, 0)
        self.rows[name] = row
        self._column.addWidget(row)
        return row

    def add_choice(
        self,
        name: str,
        options: Sequence[tuple[object, str]],
        meaning: str,
        intent: Intent,
        *extras: QWidget,
        label: str = "",
        inner: bool = False,
    ) -> Choice:
        """Adds a drop-down list."""
        field = Choice(options, label or name)
        field.setMinimumWidth(_CHOICE)
        field.chosen.connect(lambda value: self._ask(intent, value))
        self.add_row(name, field, meaning, *extras, label=label, inner=inner)
        return field

    def add_number(
        self,
        name: str,
        field: NumberField,
        meaning: str,
        intent: Intent,
        *extras: QWidget,
        inner: bool = False,
    ) -> NumberField:
        """Adds a number; what is none is told by whoever owns it."""
        field.committed.connect(lambda value: self._ask(intent, value))
        self.add_row(name, field, meaning, *extras, inner=inner)
        return field

    def add_switch(
        self,
        name: str,
        meaning: str,
        intent: Intent,
        *extras: QWidget,
        label: str = "",
        inner: bool = False,
    ) -> Toggle:
        """Adds a switch."""
        field = Toggle(label or name)
        field.clicked.connect(lambda on: self._ask(intent, bool(on)))
        self.add_row(name, field, meaning, *extras, label=label, inner=inner)
        return field

    def show_problems(
        self, problems: Mapping[str, str], shared: Collection[str] = frozenset()
    ) -> None:
        """Shows what was wrong with the last edit at its row.

        Args:
            problems: by field.
            shared: fields that another group has too: theirs is told where it was asked for.
        """
        for name, row in self.rows.items():
            ours = self._asks or name not in shared
            row.show_problem(problems.get(name, "") if ours else "")

    def _ask(self, intent: Intent, value: object) -> None:
        self._asks = True
        try:
            intent(value)
        finally:
            self._asks = False
