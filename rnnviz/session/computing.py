"""Keeps the run that a document asks for: the Stepper at hand, the whole run beside it."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from rnnviz.errors import FieldError
from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.runner import Cancel, Runner
from rnnviz.session.state import Document
from rnnviz.session.store import Store
from rnnviz.session.walking import FAR, Moment, Prepared, prepare, step_seconds, walk

if TYPE_CHECKING:
    from rnnviz.model.stepper import Stepper
    from rnnviz.model.trace import Trace
    from rnnviz.session.binding import Bound

Result = TypeVar("Result")

_PATIENCE = 0.03  # seconds that the window may be kept waiting by several steps at once


class Computing:
    """Computes for a store: builds, steps, traces; never mixes results of two documents."""

    def __init__(self, store: Store, runner: Runner) -> None:
        self._store = store
        self._runner = runner
        self._generation = 0
        self._cancel = Cancel()
        self._stepper: Stepper | None = None
        self._bound: Bound | None = None  # what the Stepper steps through
        self._walk: Cancel | None = None  # of the steps under way beside the window
        self._preparing = self._tracing = False
        self._awaited: int | None = None  # a position to go to when what is under way has ended

    @property
    def occupied(self) -> bool:
        """Whether a step would have to wait for what is under way."""
        return self._preparing or self._walk is not None

    @property
    def goal(self) -> int:
        """The position that was asked for last, reached or not."""
        return self._store.state.position if self._awaited is None else self._awaited

    def compute(self, document: Document, position: int) -> None:
        """Make the run of a document, and step to `position` or as far as it goes."""
        self.close()
        self._cancel = Cancel()
        self._walk, self._preparing, self._tracing = None, True, False
        self._awaited = position
        self._submit(
            "computing",
            lambda cancel: prepare(document, position, cancel),
            self._accept,
            self._refuse,
        )

    def seek(self, position: int) -> None:
        """Go to a position: at once where that is quick, else beside the window.

        While a run is being made it waits, and steps that are under way end where they are:
        the last wish counts.
        """
        stepper, state = self._stepper, self._store.state
        if self.occupied:
            self._awaited = position
            if self._walk is not None:
                self._walk.set()
            return
        if stepper is None:
            return
        position = max(0, min(position, stepper.total))
        distance = position - stepper.position
        far = distance > FAR
        self._awaited = position if far and self._tracing else None
        if self._awaited is not None:
            return
        known = far and state.whole is not None
        if known or distance <= 1 or distance * step_seconds(state.document) <= _PATIENCE:
            self._show(walk(stepper, position, state.whole, Cancel()))
        else:
            self._walk_beside(stepper, position)

    def close(self) -> None:
        """Want no result of what is under way any more."""
        self._cancel.set()
        if self._walk is not None:
            self._walk.set()
        self._generation += 1

    def _accept(self, prepared: Prepared) -> None:
        """The new run is there: show it, and have the whole of it traced."""
        from rnnviz.session.fitting import fitted_options, fitted_selection, fitted_sequence

        self._stepper, self._bound = prepared.stepper, prepared.bound
        run, state = prepared.moment.run, self._store.state
        self._preparing = False
        sequence = fitted_sequence(state.sequence, run.N)
        shown = state.with_(run=run, whole=None, sequence=sequence)
        self._store.change(
            run=run,
            whole=None,
            badge=prepared.moment.badge,
            position=run.position,
            total=run.total,
            playing=state.playing and run.position < run.total,
            sequence=sequence,
            options=fitted_options(state.options, shown.view()),
            selection=fitted_selection(state.selection, run),
        )
        self._trace_whole(prepared.bound)
        self._go_where_awaited()

    def _trace_whole(self, bound: Bound) -> None:
        self._tracing = True
        self._submit("tracing the whole run", bound.whole, self._complete, self._fail)

    def _complete(self, whole: Trace) -> None:
        """The whole run is known: what waited for it can go on."""
        from rnnviz.session.badge import make_badge

        self._tracing = False
        run = self._store.state.run
        assert run is not None
        self._store.change(whole=whole, busy="", badge=make_badge(run, whole))
        self._go_where_awaited()

    def _walk_beside(self, stepper: Stepper, position: int) -> None:
        stop = self._walk = Cancel()
        whole = self._store.state.whole

        def done(moment: Moment) -> None:
            self._walk = None
            self._store.change(busy="")
            self._show(moment)
            self._go_where_awaited()

        self._submit("stepping", lambda _: walk(stepper, position, whole, stop), done, self._fail)

    def _go_where_awaited(self) -> None:
        position, self._awaited = self._awaited, None
        if position is not None and position != self._store.state.position:
            self.seek(position)

    def _show(self, moment: Moment) -> None:
        run = moment.run
        self._store.change(
            run=run,
            position=run.position,
            total=run.total,
            badge=moment.badge,
            playing=self._store.state.playing and run.position < run.total,
        )

    def _refuse(self, error: BaseException) -> None:
        """No run can be made of the document: the last good one comes back."""
        field = error.field if isinstance(error, FieldError) else "model"
        state = self._store.state
        self._store.change(
            document=self._bound.document if self._bound else state.document,
            problems=MappingProxyType({field: message_of(error)}),
            busy="",
        )
        self._preparing, self._awaited = False, None
        if self._bound is not None and state.whole is None:
            self._trace_whole(self._bound)
        if is_bug(error):
            raise error

    def _fail(self, error: BaseException) -> None:
        self._walk, self._tracing = None, False
        self._store.change(busy="", notice=message_of(error))
        if is_bug(error):
            raise error
        self._go_where_awaited()

    def _submit(
        self,
        busy: str,
        work: Callable[[Cancel], Result],
        done: Callable[[Result], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Run `work`; what it brings counts only while no newer document is there."""
        generation, mine = self._generation, self._cancel
        self._store.change(busy=busy)

        def cancellable(cancel: Cancel) -> Result:
            mine.check()
            cancel.check()
            return work(mine)

        def finish(result: Result) -> None:
            if generation == self._generation:
                done(result)

        def give_up(error: BaseException) -> None:
            if generation == self._generation:
                failed(error)

        self._runner.submit(cancellable, finish, give_up)
