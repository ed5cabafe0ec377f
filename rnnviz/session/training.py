"""Intents of training: which task, how, from when to when, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rnnviz.errors import FieldError, RnnvizError, SpecError
from rnnviz.model.schedule import Progress
from rnnviz.model.training.spec import TrainingSpec
from rnnviz.session import whatif
from rnnviz.session.computing import Computing
from rnnviz.session.failures import message_of
from rnnviz.session.history import History
from rnnviz.session.large_edits import Effect
from rnnviz.session.model_editor import ModelEditor
from rnnviz.session.runner import Runner
from rnnviz.session.state import Document
from rnnviz.session.store import Store
from rnnviz.session.trainer import Course, Trainer
from rnnviz.session.training_state import PREFIX

if TYPE_CHECKING:
    from rnnviz.session.learning import Weights

MOST_STEPS = 200_000


class TrainingEditor(ModelEditor):
    """The intents that have a model learn.

    What it learns is an edit of the weights, compared with the document before: to be kept or
    discarded like any other, and undone in one.
    """

    def __init__(
        self, store: Store, computing: Computing, runner: Runner, clock: Callable[[], float]
    ) -> None:
        super().__init__(store, computing, clock)
        self._trainer = Trainer(store, runner, clock, self._is_drawing)
        self._trainer.show = self._show_learned

    def set_task(self, key: str) -> None:
        """Make the document fit a task, as one edit; "" is its own input and targets."""

        def edit(document: Document) -> Document:
            from rnnviz.session.tasks import with_task

            return with_task(document, key)

        name = f"set the task to {key}" if key else "learn from the own input"
        if self._edit("task", name, edit) and key:
            document = self.state.document
            self._computing.seek(Progress(document.L * document.spec.num_layers))

    def train(self, **choices: Any) -> None:
        """Begin to train: the steps are done beside the window.

        Args:
            choices: those of `TrainingSpec`: optimizer, lr, steps, clip, seed, batch_size, every.
        """
        try:
            spec = TrainingSpec(**choices)
            if spec.steps > MOST_STEPS:
                raise SpecError("steps", expected=f"at most {MOST_STEPS}", got=spec.steps)
            self._check_trainable()
        except RnnvizError as error:
            field = error.field if isinstance(error, FieldError) else "task"
            problems = {PREFIX + field: message_of(error)}
            self._store.change(problems=MappingProxyType(problems))
            return
        state = self.state
        if state.decodes and not state.decoder_steps:  # what is learned is what it writes
            self._store.change(decoder_steps=state.decoder_total)
        self._store.change(problems=MappingProxyType({}), notice="")
        self._trainer.start(self.state.document, spec)

    def stop_training(self) -> None:
        """End the training after the step under way, and show what it has brought."""
        self._trainer.stop()

    def show_snapshot(self, step: int) -> None:
        """Show the weights after a step, the last that are kept up to it."""
        self._trainer.show_snapshot(step)

    def close_training(self) -> None:
        """Forget the training; what is on show of it stays."""
        self._trainer.close()

    def keep_edits(self) -> None:
        """Make the edited run the one that later edits are compared with."""
        self._trainer.abandon()
        super().keep_edits()

    def discard_edits(self) -> None:
        """Go back to the original."""
        self._trainer.abandon()
        super().discard_edits()

    # -- what else there is to it

    def _check_trainable(self) -> None:
        from rnnviz.session.tasks import check_trainable

        check_trainable(self.state.document)

    def _is_drawing(self) -> bool:
        return self._computing.occupied or bool(self.state.busy)

    def _edit(
        self,
        field: str,
        name: str,
        edit: Callable[[Document], Document],
        effect: Effect = "ends",
        key: Hashable = None,
        numbers: int = 0,
    ) -> bool:
        def edited(document: Document) -> Document:
            changed = edit(document)
            if not changed.task or changed.task != document.task:
                return changed
            from rnnviz.session.tasks import with_fresh_sample

            return with_fresh_sample(changed, document)

        return super()._edit(field, name, edited, effect, key, numbers)

    def _show_learned(self, course: Course, weights: Weights | None, step: int) -> Document:
        """Put weights into the document on show; they are one edit with those shown before."""
        before = self.state
        goes_on = self._goes_on(course)
        begun = goes_on or before.document is course.document
        compared = course.document if begun else before.original_document or before.document
        document = course.document if begun else before.document
        if weights is None:
            first = course.document
            document = replace(
                document,
                weights=first.weights,
                weights_from=first.weights_from,
                weight_edits=first.weight_edits,
            )
            if whatif.same_document(document, first):
                document = first
        else:
            document = _with_weights(before.document, weights)
        if whatif.same_document(document, before.document):
            return before.document
        original = None if document is compared else compared
        known: dict[str, Any] = {}
        if original is not before.original_document:
            known = self._computing.whole_of(original).original()
        self._store.change(
            document=document,
            example=None,
            original_document=original,
            **known,
            showing=before.showing if original is before.original_document else "new",
            history=self._history_of(course, step, goes_on),
        )
        self._computing.compute(document, self._computing.goal, before)
        return document

    def _goes_on(self, course: Course) -> bool:
        """Whether the last edit was of the same training."""
        history = self.state.history
        return bool(history.past) and history.past[-1].key is course and not history.future

    def _history_of(self, course: Course, step: int, goes_on: bool) -> History:
        name = f"train {step} step{'' if step == 1 else 's'}"
        if not goes_on:
            return self._recorded(name, key=course)
        past = self.state.history.past
        return History((*past[:-1], replace(past[-1], name=name)))


def _with_weights(document: Document, weights: Weights) -> Document:
    from rnnviz.session.learning import as_given
    from rnnviz.session.surrounding import with_weights

    return with_weights(document, as_given(weights), "trained")
