"""Every change of a document: made, named, compared with what was before, undone and redone."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rnnviz.errors import FieldError, InputError, RnnvizError
from rnnviz.files.tables import parse_table
from rnnviz.session import edits, whatif
from rnnviz.session.changes import Change, changes
from rnnviz.session.computing import Computing
from rnnviz.session.failures import message_of
from rnnviz.session.history import Entry, History, Snapshot
from rnnviz.session.large_edits import LARGE, Edit, Effect
from rnnviz.session.shown import Showing
from rnnviz.session.stacks import stacks_of, with_stack
from rnnviz.session.state import Document, InitialKind, State, WeightEdit
from rnnviz.session.store import Store
from rnnviz.session.wording import clamp_place, clamp_text, input_place, number, setting

if TYPE_CHECKING:
    from rnnviz.model.clamps import Clamp
    from rnnviz.session.errands import Errand, Errands

NO_PROBLEMS: MappingProxyType[str, str] = MappingProxyType({})


class Editor:
    """The intents that change the document; a mistake is put into `state.problems`."""

    _errands: Errands

    def __init__(self, store: Store, computing: Computing, clock: Callable[[], float]) -> None:
        self._store, self._computing, self._clock = store, computing, clock
        self._large: tuple[Errand, Edit] | None = None  # that is made beside the window

    @property
    def state(self) -> State:
        """As it is now."""
        return self._store.state

    # The model

    def set_model(self, **changes: Any) -> None:
        """Change fields of the model, as one edit; the input is fitted to it."""
        self._edit(
            next(iter(changes), "model"),
            setting(**changes),
            lambda document: edits.with_model(document, **changes),
            key=("model", *changes),
            numbers=self._numbers(features=changes.get("input_size")),
        )

    def show_stack(self, index: int) -> None:
        """Show another of several recurrent stacks in a row; one that there is not stays away."""
        names = [stack.name for stack in stacks_of(self.state.document)]
        if 0 <= index < len(names):
            self._edit("model", f"show {names[index]}", lambda d: with_stack(d, index))

    def set_training(self, training: bool) -> None:
        """Train mode, in which dropout draws masks, or eval mode."""
        mode = "train" if training else "eval"
        self._edit("training", f"set {mode} mode", lambda d: replace(d, training=training))

    def set_weight(self, name: str, row: int, column: int | None, value: float) -> None:
        """Change one number of a weight or bias (`column` None), NaN and infinity included."""
        place = WeightEdit(name, row, column, 0.0).place

        def edit(document: Document) -> Document:
            return whatif.with_weight(document, name, row, column, _checked(name, value))

        self._edit(name, f"set {place} to {number(value)}", edit, "starts", place)

    def clamp(self, clamp: Clamp) -> None:
        """Hold a gate, h or c at a value while the run is computed."""
        name = f"clamp {clamp_text(clamp, self.state.document)}".replace("→", "to")
        key = ("clamp", whatif.place_of(clamp))
        self._edit("clamp", name, lambda d: whatif.with_clamp(d, clamp), "starts", key)

    def unclamp(self, clamp: Clamp) -> None:
        """Let go what was held."""
        name = f"let go {clamp_place(clamp, self.state.document)}"
        self._edit("clamp", name, lambda d: whatif.without_clamp(d, clamp), "starts")

    # The input

    def set_value(self, sequence: int, t: int, feature: int, value: float) -> None:
        """Change one number of the input."""
        place = input_place(self.state.document, sequence, t, feature)
        self._edit(
            "input",
            f"set {place} to {number(value)}",
            lambda d: edits.with_value(d, sequence, t, feature, _checked("input", value)),
            "starts",
            place,
        )

    def paste_values(
        self, sequence: int, t: int, feature: int, table: str | Sequence[Sequence[float]]
    ) -> None:
        """Put a table of timesteps × features, text or numbers, at a place of a sequence."""

        def edit(document: Document) -> Document:
            import numpy as np

            values = parse_table(table) if isinstance(table, str) else np.array(table, float)
            return edits.with_table(document, sequence, t, feature, values)

        place = input_place(self.state.document, sequence, t, feature)
        self._edit("input", f"paste at {place}", edit, "starts")

    def fill(self, kind: str, seed: int | None = None) -> None:
        """Fill the input anew: rand, randn, ones, one-hot, sine or impulse."""
        self._edit(
            "input",
            f"fill input with {kind}" + ("" if seed is None else f", seed {seed}"),
            lambda d: edits.with_fill(d, kind, d.seed if seed is None else seed),
            key=("seed", kind),
            numbers=self.state.document.values.size,
        )

    def set_sequence_count(self, count: int) -> None:
        """Change the number of sequences in the batch."""
        self._resize("N", count, edits.with_sequence_count)

    def set_steps(self, steps: int) -> None:
        """Change the number of timesteps, L."""
        self._resize("L", steps, edits.with_steps)

    def _resize(self, axis: str, size: int, edit: Callable[[Document, int], Document]) -> None:
        """Makes the input of another size; what is new is drawn."""
        given = {axis: size}
        numbers = self._numbers(**given)
        self._edit(axis, setting(**given), lambda d: edit(d, size), key=axis, numbers=numbers)

    def set_length(self, sequence: int, length: int) -> None:
        """Change the length of one sequence."""
        name = f"set lengths[{sequence}] to {length}"
        self._edit("lengths", name, lambda d: edits.with_length(d, sequence, length), key=name[:-1])

    def set_packed(self, packed: bool) -> None:
        """Give the module a PackedSequence, or the padded batch."""
        name = "pack the input" if packed else "unpack the input"
        self._edit("packed", name, lambda document: edits.with_packed(document, packed))

    def set_enforce_sorted(self, enforce_sorted: bool) -> None:
        """Insist on lengths in decreasing order, or have torch sort them."""
        self._edit(
            "enforce_sorted",
            setting(enforce_sorted=enforce_sorted),
            lambda d: replace(d, enforce_sorted=enforce_sorted),
        )

    def set_unbatched(self, unbatched: bool) -> None:
        """Give the module its one sequence without a batch axis, or with one."""
        name = "take the batch axis away" if unbatched else "add a batch axis"
        self._edit("N", name, lambda document: edits.with_unbatched(document, unbatched))

    def set_padding_value(self, value: float) -> None:
        """Change what stands beyond a sequence's length."""
        self._edit(
            "padding_value",
            setting(padding_value=float(value)),
            lambda document: replace(document, padding_value=float(value)),
            key="padding_value",
        )

    def set_initial(self, kind: InitialKind) -> None:
        """Start from zeros, from random states, or from typed ones."""
        self._edit(
            "h_0",
            f"set initial states to {kind}",
            lambda document: edits.with_initial(document, kind),
            "keeps" if kind == "typed" else "ends",
        )

    def set_initial_value(
        self, which: str, row: int, sequence: int, unit: int, value: float
    ) -> None:
        """Change one number of `h_0` or `c_0`; `row` is of its first axis, D × num_layers."""
        indices = [row, unit] if self.state.document.unbatched else [row, sequence, unit]
        place = f"{which}[{', '.join(map(str, indices))}]"

        def edit(document: Document) -> Document:
            checked = _checked(which, value)
            return edits.with_initial_value(document, which, row, sequence, unit, checked)

        self._edit(which, f"set {place} to {number(value)}", edit, "starts", place)

    # The comparison

    def show_comparison(self, showing: Showing) -> None:
        """Show the edited run, the original, or the difference of both."""
        if self.state.original_document is not None:
            self._store.change(**self._computing.with_figures({"showing": showing}))

    def changes(self) -> tuple[Change, ...]:
        """What differs from the original; nothing where nothing is compared."""
        state = self.state
        if state.original_document is None:
            return ()
        return changes(state.document, state.original_document)

    def revert(self, change: Change) -> None:
        """Take one change back, and keep the others."""
        name = f"take back {change.text}".replace("→", "to")
        effect: Effect = "starts" if self.state.original_document is None else "keeps"
        self._edit("clamp", name, change.revert, effect)

    def keep_edits(self) -> None:
        """Make the edited run the one that later edits are compared with."""
        state = self.state
        if state.original_document is not None:
            changes = {
                "original_document": None,
                "original": None,
                "original_pr": None,
                "showing": "new",
                "history": self._recorded(f"keep {self._counted()}"),
            }
            self._store.change(**self._computing.with_figures(changes))

    def discard_edits(self) -> None:
        """Go back to the original."""
        original = self.state.original_document
        if original is not None:
            self._edit("model", f"discard {self._counted()}", lambda _: original)

    def _counted(self) -> str:
        count = len(self.changes())
        return "the edit" if count == 1 else f"{count} edits"

    # Undo

    def undo(self) -> None:
        """Take the last change back."""
        if self._under_way is not None:
            self._errands.cancel()
        elif self.state.history.past:
            history, entry = self.state.history.undo(self._snapshot())
            self._restore(history, entry, entry.figures[0] if entry.figures else None)

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self.state.history.future:
            history, entry = self.state.history.redo(self._snapshot())
            self._restore(history, entry, entry.figures[1] if entry.figures else None)

    def _restore(self, history: History, entry: Entry, figure: str | None) -> None:
        state, back = self.state, entry.snapshot
        same = back.document is state.document
        if same and figure and (state.outdated or figure not in state.figures):
            self._computing.show_then(figure)
            figure = None
        # What is looked at is no edit: while there are two runs, it stays.
        compared = None not in (back.original, state.original_document)
        changes = {
            "document": back.document,
            "example": back.example,
            "original_document": back.original,
            **self._computing.whole_of(back.original).original(),
            "showing": state.showing if compared else back.showing,
            "options": back.options if same else state.options,
            "figure": figure if same and figure else state.figure,
            "history": history,
            "opened": back.opened,
            "path": back.path,
            "kept": back.kept,
            "problems": NO_PROBLEMS,
            "notice": "",
        }
        self._store.change(**self._computing.with_figures(changes))
        if same:
            self._computing.compare()
        else:
            goal = self._computing.goal
            self._computing.compute(back.document, goal, state, back.options, figure or "")

    def _snapshot(self) -> Snapshot:
        state = self.state
        return Snapshot(
            state.document,
            state.example,
            state.original_document,
            state.showing,
            self._computing.options,
            state.opened,
            state.path,
            state.kept,
        )

    def _recorded(
        self, name: str, key: Hashable = None, figures: tuple[str, str] | None = None
    ) -> History:
        entry = Entry(name, self._snapshot(), figures, key, self._clock())
        return self.state.history.record(entry)

    # The one way in which the document changes

    def _edit(
        self,
        field: str,
        name: str,
        edit: Callable[[Document], Document],
        effect: Effect = "ends",
        key: Hashable = None,
        numbers: int = 0,
    ) -> bool:
        """Make a document of the one there is and compute its run.

        False where it is refused, or made beside the window as so many numbers take a while.

        Args:
            field: where a problem with it is told.
            name: of the edit, for undo.
            key: what is edited; edits of the same in quick succession are one.
            numbers: how many of the input are drawn or compared.
        """
        wanted, before = Edit(field, name, edit, effect, key), self._under_way
        if before is not None or numbers > LARGE:
            self._edit_beside(wanted if before is None else before.then(wanted))
            return False
        try:
            document = wanted.made_of(self.state.document)
        except RnnvizError as error:
            self._refuse(error, field)
            return False
        return self._take_edited(document, wanted)

    def _edit_beside(self, wanted: Edit) -> None:
        """Has an edit made beside the window; it comes to nothing where another document comes."""
        before = self.state.document

        def made(document: Document) -> None:
            if self.state.document is before:
                self._take_edited(document, wanted)

        def refused(error: BaseException) -> None:
            if not isinstance(error, RnnvizError):
                raise error
            self._refuse(error, wanted.field)

        errand = self._errands.start(wanted.name, lambda _: wanted.made_of(before), made, refused)
        self._large = errand, wanted

    @property
    def _under_way(self) -> Edit | None:
        """The edit that is made beside the window, which others must wait for."""
        if self._large is None or self.state.errand is not self._large[0]:
            return None
        return self._large[1]

    def _numbers(self, **changed: Any) -> int:
        """How many numbers the input has with another N, L or features; 0 where nothing changes."""
        document = self.state.document
        sizes = document.N, document.L, document.features
        given = (changed.get(name) for name in ("N", "L", "features"))
        wanted = [old if new is None else new for old, new in zip(sizes, given, strict=True)]
        if tuple(wanted) == sizes or not all(isinstance(size, int) for size in wanted):
            return 0
        return math.prod(wanted)

    def _take_edited(self, document: Document, edit: Edit) -> bool:
        if document is self.state.document:
            self._store.change(problems=NO_PROBLEMS, notice="")
            return True
        self._change_document(document, edit.name, edit.effect, edit.key)
        return not self.state.problems

    def _change_document(
        self, document: Document, name: str, effect: Effect, key: Hashable
    ) -> None:
        before = self.state
        original = before.original_document
        if effect == "ends" or not whatif.is_edit_of(document, original or before.document):
            original = None
        elif effect == "starts":
            original = original or before.document
        if original is not None and whatif.same_document(document, original):
            document, original = original, None
        self._store.change(
            document=document,
            example=None,
            original_document=original,
            **self._computing.whole_of(original).original(),
            # On the original alone nobody would see the edit.
            showing="difference" if original and before.showing == "difference" else "new",
            history=self._recorded(name, key),
            problems=NO_PROBLEMS,
            notice="",
        )
        self._computing.compute(document, self._computing.goal, before)

    def _refuse(self, error: RnnvizError, field: str) -> None:
        # What is wrong with the input as a whole is told where it was made so, such as at L.
        known = isinstance(error, FieldError) and error.field != "input"
        at = error.field if isinstance(error, FieldError) and known else field
        self._store.change(problems=MappingProxyType({at: message_of(error)}))


def _checked(field: str, value: object) -> float:
    """A value as a number.

    Raises:
        InputError: where it is none.
    """
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise InputError(field, expected="a number", got=repr(value))
    return float(value)
