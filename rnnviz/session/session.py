"""The session: what a person can do, each an intent that makes a new state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rnnviz.element import Element
from rnnviz.errors import FieldError, RnnvizError
from rnnviz.files.tables import parse_table
from rnnviz.files.values import read_values
from rnnviz.session import edits
from rnnviz.session.computing import Computing
from rnnviz.session.examples import DEFAULT, get_example, load_example
from rnnviz.session.failures import message_of
from rnnviz.session.runner import Runner
from rnnviz.session.settings import FASTEST, SLOWEST, Theme
from rnnviz.session.state import Document, InitialKind, State
from rnnviz.session.store import Store, Subscriber

NO_PROBLEMS: MappingProxyType[str, str] = MappingProxyType({})


class Session:
    """Holds the state; its methods are all that changes it, and none raises for a user's mistake.

    A mistake is put into `state.problems` under the name of its field, and the last good
    document stays. Everything happens in one thread; long work goes through the runner.

    Attributes:
        state: as it is now. Before anything is opened it holds the default example's document
            and no run.
    """

    def __init__(self, runner: Runner) -> None:
        self._store = Store(State(load_example(DEFAULT)))
        self._computing = Computing(self._store, runner)

    @property
    def state(self) -> State:
        """As it is now."""
        return self._store.state

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber(old, new)` on every change, until the returned function is called."""
        return self._store.subscribe(subscriber)

    def close(self) -> None:
        """Drop what is still being computed."""
        self._store.change(playing=False)
        self._computing.close()

    # Opening

    def open_example(self, key: str) -> None:
        """Open an example, some of its steps already computed."""
        try:
            example = get_example(key)
            document = example.document()
        except RnnvizError as error:
            self._store.change(problems=MappingProxyType({"example": message_of(error)}))
            return
        self._open(document, example.position, example=key, figure=example.figure)

    def open_module(self, module: Any, input: Any, hx: Any = None) -> None:
        """Open a copy of somebody's own module on their input, at its end."""
        from rnnviz.session.adoption import adopt_module

        try:
            document = adopt_module(module, input, hx)
        except RnnvizError as error:
            self._refuse(error, "input")
            return
        end = document.L * document.spec.num_layers
        self._open(document, end, example=None, figure=self.state.figure)
        if document.unbatched:
            self._store.change(notice="2-D input: taken as one unbatched sequence")

    def _open(self, document: Document, position: int, example: str | None, figure: str) -> None:
        self._store.change(
            document=document,
            example=example,
            figure=figure,
            sequence=0,
            selection=None,
            playing=False,
            problems=NO_PROBLEMS,
            notice="",
        )
        self._computing.compute(document, position)

    # The model

    def set_model(self, **changes: Any) -> None:
        """Change fields of the model, as one edit; the input is fitted to it."""
        field = next(iter(changes), "model")
        self._edit(field, lambda document: edits.with_model(document, **changes))

    def set_training(self, training: bool) -> None:
        """Train mode, in which dropout draws masks, or eval mode."""
        self._edit("training", lambda document: replace(document, training=training))

    # The input

    def set_value(self, sequence: int, t: int, feature: int, value: float) -> None:
        """Change one number of the input."""
        self._edit("input", lambda d: edits.with_value(d, sequence, t, feature, value))

    def paste_values(
        self, sequence: int, t: int, feature: int, table: str | Sequence[Sequence[float]]
    ) -> None:
        """Put a table of timesteps × features, text or numbers, at a place of a sequence."""

        def edit(document: Document) -> Document:
            import numpy as np

            values = parse_table(table) if isinstance(table, str) else np.array(table, float)
            return edits.with_table(document, sequence, t, feature, values)

        self._edit("input", edit)

    def fill(self, kind: str, seed: int | None = None) -> None:
        """Fill the input anew: rand, randn, ones, one-hot, sine or impulse."""
        self._edit(
            "input",
            lambda d: edits.with_fill(d, kind, d.seed if seed is None else seed),
        )

    def load_values(self, path: str | Path) -> None:
        """Take the input from a CSV or .npy file."""

        def edit(document: Document) -> Document:
            read = read_values(Path(path), document.spec.batch_first)
            return edits.with_sequences(document, read)

        before = self.state.document
        if self._edit("input", edit):
            self._store.change(notice=_what_loading_changed(before, self.state.document))

    def set_sequence_count(self, count: int) -> None:
        """Change the number of sequences in the batch."""
        self._edit("N", lambda document: edits.with_sequence_count(document, count))

    def set_steps(self, steps: int) -> None:
        """Change the number of timesteps, L."""
        self._edit("L", lambda document: edits.with_steps(document, steps))

    def set_length(self, sequence: int, length: int) -> None:
        """Change the length of one sequence."""
        self._edit("lengths", lambda document: edits.with_length(document, sequence, length))

    def set_packed(self, packed: bool) -> None:
        """Give the module a PackedSequence, or the padded batch."""
        self._edit("packed", lambda document: edits.with_packed(document, packed))

    def set_enforce_sorted(self, enforce_sorted: bool) -> None:
        """Insist on lengths in decreasing order, or have torch sort them."""
        self._edit("enforce_sorted", lambda d: replace(d, enforce_sorted=enforce_sorted))

    def set_unbatched(self, unbatched: bool) -> None:
        """Give the module its one sequence without a batch axis, or with one."""
        self._edit("N", lambda document: edits.with_unbatched(document, unbatched))

    def set_padding_value(self, value: float) -> None:
        """Change what stands beyond a sequence's length."""
        self._edit("padding_value", lambda document: replace(document, padding_value=value))

    def set_initial(self, kind: InitialKind) -> None:
        """Start from zeros, from random states, or from typed ones."""
        self._edit("h_0", lambda document: edits.with_initial(document, kind))

    def set_initial_value(
        self, which: str, row: int, sequence: int, unit: int, value: float
    ) -> None:
        """Change one number of `h_0` or `c_0`; `row` is of its first axis, D × num_layers."""
        self._edit(which, lambda d: edits.with_initial_value(d, which, row, sequence, unit, value))

    def _edit(self, field: str, edit: Callable[[Document], Document]) -> bool:
        """Make a document of the one there is and compute its run; False where it is refused."""
        try:
            document = edits.check(edit(self.state.document))
        except RnnvizError as error:
            self._refuse(error, field)
            return False
        self._store.change(document=document, example=None, problems=NO_PROBLEMS, notice="")
        self._computing.compute(document, self._computing.goal)
        return not self.state.problems

    def _refuse(self, error: RnnvizError, field: str) -> None:
        # What is wrong with the input as a whole is told where it was made so, such as at L.
        known = isinstance(error, FieldError) and error.field != "input"
        at = error.field if isinstance(error, FieldError) and known else field
        self._store.change(problems=MappingProxyType({at: message_of(error)}))

    # The transport

    def step(self) -> None:
        """One step forward; playing stops at the end, and waits for steps that are under way."""
        if self.state.playing and self._computing.occupied:
            return
        self._computing.seek(self.state.position + 1)

    def play_on(self, steps: int) -> None:
        """The steps of playing that have fallen due since the last ones, shown together."""
        if self.state.playing and not self._computing.occupied:
            self._computing.seek(self.state.position + steps)

    def back(self) -> None:
        """One step back."""
        self.seek(self.state.position - 1)

    def seek(self, position: int) -> None:
        """Go to a position from 0 to total."""
        self._computing.seek(position)

    def first(self) -> None:
        """Go before the first step."""
        self.seek(0)

    def last(self) -> None:
        """Go behind the last step."""
        self.seek(self.state.total)

    def play(self) -> None:
        """Step on and on; from the end, start over."""
        if self.state.run is None:
            return
        if self.state.position >= self.state.total:
            self.first()
        self._store.change(playing=True)

    def pause(self) -> None:
        """Stop playing."""
        self._store.change(playing=False)

    def toggle_play(self) -> None:
        """Play or pause."""
        if self.state.playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, steps_per_second: float) -> None:
        """Change how fast playing steps."""
        self._store.change(speed=min(max(float(steps_per_second), SLOWEST), FASTEST))

    # The view

    def set_theme(self, theme: Theme) -> None:
        """Follow the system, or be light or dark."""
        self._store.change(theme=theme)

    def show_figure(self, name: str) -> None:
        """Show another figure."""
        self._store.change(figure=name)

    def set_option(self, figure: str, field: str, value: Any) -> None:
        """Change an option of a figure."""
        if figure not in self.state.options:
            return
        from rnnviz.session.fitting import fit_options

        chosen = replace(self.state.options[figure], **{field: value})
        fitted = fit_options(chosen, self.state.view())
        self._store.change(options=MappingProxyType({**self.state.options, figure: fitted}))

    def show_sequence(self, sequence: int | None) -> None:
        """Show one row of the batch, or all (None)."""
        if sequence is None or 0 <= sequence < self.state.document.N:
            self._store.change(sequence=sequence)

    def select(self, element: Element | None) -> None:
        """Select an element, or none."""
        self._store.change(selection=element)

    def dismiss_notice(self) -> None:
        """The notice was read."""
        self._store.change(notice="")

    def dismiss_problems(self) -> None:
        """The refused edit was given up."""
        self._store.change(problems=NO_PROBLEMS)


def _what_loading_changed(before: Document, after: Document) -> str:
    said = []
    if after.spec.input_size != before.spec.input_size:
        said.append(f"input_size is now {after.spec.input_size}, as in the file")
    if after.unbatched:
        said.append("2-D input: taken as one unbatched sequence")
    return "; ".join(said)
