"""Has a document's model trained beside the window, and shows what it has learned so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.runner import Cancel, Runner
from rnnviz.session.state import Document, State
from rnnviz.session.store import Store
from rnnviz.session.training_state import TrainingState
from rnnviz.session.whatif import is_edit_of

if TYPE_CHECKING:
    from rnnviz.model.training.spec import TrainingSpec
    from rnnviz.session.learning import Chunk, Learner, Weights

PERIOD = 0.125  # seconds from one picture of what it has learned to the next, at least
_REST = 1.5  # times as long as a picture takes to be made, before the next is begun

# Puts weights (None: those before) into the document, and returns the document on show then.
Show = Callable[["Course", "Weights | None", int], Document]


class Course:
    """One training: where it began, and what it has brought.

    Attributes:
        document: before the first step.
        snapshots: the weights kept, by step.
    """

    def __init__(self, document: Document, spec: TrainingSpec) -> None:
        self.document, self.spec = document, spec
        self.snapshots: dict[int, Weights] = {}
        self.cancel = Cancel()
        self.step = 0
        self._losses, self._norms = np.zeros(spec.steps), np.zeros(spec.steps)
        self._learner: Learner | None = None

    def work(self, wants_weights: bool) -> Chunk:
        """Some steps; in whichever thread works."""
        from rnnviz.session.learning import Learner

        if self._learner is None:
            self._learner = Learner(self.document, self.spec, self.cancel.is_set)
        return self._learner.chunk(wants_weights)

    def take(self, chunk: Chunk) -> None:
        """What some steps brought."""
        first, self.step = self.step, chunk.step
        self._losses[first : chunk.step] = chunk.losses
        self._norms[first : chunk.step] = chunk.norms
        self.snapshots |= chunk.snapshots
        if chunk.failure is not None:
            good = chunk.failure.snapshot
            self.snapshots = {s: w for s, w in self.snapshots.items() if s <= good}

    def told(self) -> dict[str, Any]:
        """The fields of a `TrainingState` that grow."""
        return {
            "step": self.step,
            "losses": _until(self._losses, self.step),
            "norms": _until(self._norms, self.step),
            "snapshots": (0, *self.snapshots),
        }


class Trainer:
    """One training at a time, a moment of work after the other, so that nothing else waits long.

    Its work goes where the runs are computed, one after the other: both draw from torch's one
    generator.
    """

    def __init__(
        self, store: Store, runner: Runner, clock: Callable[[], float], drawing: Callable[[], bool]
    ) -> None:
        """Nothing is trained as yet.

        Args:
            drawing: whether the picture of the last weights is still being made.
        """
        self._store, self._runner, self._clock, self._drawing = store, runner, clock, drawing
        self.show: Show = lambda course, weights, step: course.document
        self._course: Course | None = None
        self._own: tuple[Document, int] | None = None  # the document shown last, and its step
        self._told = 0.0  # when something was told last
        self._shown = self._drawn = 0.0  # when weights were put, and their picture last being made
        self._submitting = self._again = False
        store.subscribe(self._on_changed)

    def start(self, document: Document, spec: TrainingSpec) -> None:
        """Begin."""
        self.abandon()
        course = self._course = Course(document, spec)
        self._own, self._told = (document, 0), 0.0
        self._shown = self._drawn = self._clock()
        self._store.change(training=TrainingState(document.task, spec))
        self._go_on(course)

    def stop(self) -> None:
        """Ask for an end after the step under way."""
        state = self._store.state.training
        if self._course is not None and state is not None and state.running:
            self._course.cancel.set()

    def abandon(self) -> None:
        """End at once, with what is on show."""
        self.stop()
        state = self._store.state.training
        if state is not None and state.running:
            message = f"stopped at step {state.step}"
            self._store.change(training=replace(state, running=False, message=message))

    def close(self) -> None:
        """End at once, and keep nothing."""
        self.stop()
        self._course = self._own = None
        self._store.change(training=None)

    def show_snapshot(self, step: int) -> None:
        """Show the last weights kept up to a step; the newest go on being shown after the last."""
        course, state = self._course, self._store.state.training
        if course is None or state is None:
            return
        known = max(kept for kept in state.snapshots if kept <= max(step, 0))
        follows = step >= state.step or known == state.snapshots[-1] > 0
        self._store.change(training=replace(state, follows=follows))
        self._put(course, course.snapshots.get(known), known)

    # -- the work

    def _go_on(self, course: Course) -> None:
        """Have the next steps done; a runner that does them at once is asked again, not deeper."""
        if self._submitting:
            self._again = True
            return
        self._submitting = True
        try:
            while True:
                self._again = False
                wanted = self._wants_weights()
                self._runner.submit(
                    lambda _, wanted=wanted: course.work(wanted),  # type: ignore[misc]
                    lambda chunk: self._done(course, chunk),
                    lambda error: self._fail(course, error),
                )
                if not self._again:
                    return
        finally:
            self._submitting = False

    def _done(self, course: Course, chunk: Chunk) -> None:
        state = self._store.state.training
        if course is not self._course or state is None or not state.running:
            return
        course.take(chunk)
        if chunk.ended:
            self._end(course, chunk, state)
            return
        now = self._clock()
        if now >= self._told + PERIOD:
            self._told = now
            self._store.change(training=replace(state, **course.told()))
        if chunk.weights is not None and state.follows:
            self._put(course, chunk.weights, chunk.step)
        if self._is_running(course):
            self._go_on(course)

    def _wants_weights(self) -> bool:
        """Whether the last picture has been there for long: else pictures are all there is."""
        now = self._clock()
        if self._drawing():
            self._drawn = now
        return now >= self._drawn + max(PERIOD, _REST * (self._drawn - self._shown))

    def _end(self, course: Course, chunk: Chunk, state: TrainingState) -> None:
        stopped = chunk.step < course.spec.steps
        message = f"stopped at step {chunk.step}" if stopped else ""
        self._store.change(
            training=replace(
                state,
                **course.told(),
                running=False,
                message=message if chunk.failure is None else str(chunk.failure),
                failed=chunk.failure is not None,
            )
        )
        if state.follows or chunk.failure is not None:
            self.show_snapshot(chunk.step)

    def _fail(self, course: Course, error: BaseException) -> None:
        state = self._store.state.training
        if course is self._course and state is not None:
            field = getattr(error, "field", "")
            message = f"{field}: {message_of(error)}" if field else message_of(error)
            self._store.change(training=replace(state, running=False, message=message, failed=True))
        if is_bug(error):
            raise error

    def _is_running(self, course: Course) -> bool:
        state = self._store.state.training
        return course is self._course and state is not None and state.running

    # -- what is on show

    def _put(self, course: Course, weights: Weights | None, step: int) -> None:
        self._own, self._shown = None, self._clock()
        shown = self.show(course, weights, step)
        self._own, self._drawn = (shown, step), self._clock()
        if self._store.state.document is not shown:  # no run could be made with them
            self.abandon()
        self._tell_shown()

    def _on_changed(self, old: State, new: State) -> None:
        """Whatever else changes the document ends the training; another model forgets it."""
        course, document = self._course, self._store.state.document
        if course is None or self._own is None or old.document is new.document:
            return
        if not is_edit_of(document, course.document):
            self.close()
            return
        if document is not self._own[0]:
            self.abandon()
        self._tell_shown()

    def _tell_shown(self) -> None:
        state, document = self._store.state.training, self._store.state.document
        if state is None or self._course is None:
            return
        shown = 0 if document is self._course.document else None
        if self._own is not None and document is self._own[0]:
            shown = self._own[1]
        self._store.change(training=replace(state, shown=shown))


def _until(values: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """What is there so far; what comes later is written behind it."""
    return values[:step]
