"""Keeps the run that a document asks for: the Stepper at hand, the whole run beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from rnnviz.errors import FieldError
from rnnviz.model.schedule import Progress
from rnnviz.session.errands import Errand
from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.pacing import fitted
from rnnviz.session.runner import Cancel, Either, Runner
from rnnviz.session.state import COMPUTING, Document, State
from rnnviz.session.store import Store
from rnnviz.session.walking import (
    FAR,
    Moment,
    Prepared,
    prepare,
    step_seconds,
    surrounded,
    walk,
)
from rnnviz.session.whatif import is_edit_of
from rnnviz.session.wholes import NOTHING, Whole, Wholes

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.figures.view import View
    from rnnviz.model.pipeline import PipelineRun
    from rnnviz.model.stepper import Stepper
    from rnnviz.model.trace import Trace
    from rnnviz.session.binding import Bound

Result = TypeVar("Result")

_PATIENCE = 0.03  # seconds that the window may be kept waiting by several steps at once
_QUICK = 2.0  # seconds of steps, cautiously, within which an edited run is computed as a whole


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
        self._awaited: Progress | None = None  # where to go when what is under way has ended
        self._wholes = Wholes()
        self._compared: Trace | None = None  # the whole run, once it is compared with torch
        self._last_good = store.state  # what comes back where no run can be made
        self._restored: tuple[object, Mapping[str, Any]] | None = None
        self._selection: Element | None = None  # that comes with the run under way
        self._figure = ""  # that is to be shown as soon as the run under way can be shown in it

    @property
    def runner(self) -> Runner:
        """Where runs are made."""
        return self._runner

    @property
    def occupied(self) -> bool:
        """Whether a step would have to wait for what is under way."""
        return self._preparing or self._walk is not None

    @property
    def goal(self) -> Progress:
        """The place that was asked for last, reached or not."""
        state = self._store.state
        reached = Progress(state.position) if state.run is None else state.run.progress
        return reached if self._awaited is None else self._awaited

    @property
    def options(self) -> Mapping[str, Any]:
        """The figures' options, those included that come back with the run under way."""
        options = self._store.state.options
        if self._preparing and self._restored is not None and self._restored[0] is options:
            return self._restored[1]
        return options

    def whole_of(self, document: Document | None) -> Whole:
        """What follows from a document computed lately; nothing where it is not known."""
        return self._wholes.get(document) or NOTHING

    def compute(
        self,
        document: Document,
        goal: Progress,
        last_good: State,
        options: Mapping[str, Any] | None = None,
        figure: str = "",
        selection: Element | None = None,
    ) -> None:
        """Make the run of a document, and step to a place or as far as it goes.

        Args:
            last_good: the state before the change that asks for this.
            options: of the figures, to be put back when the run is there.
            figure: the one to be shown then; "" for that on show.
            selection: what is selected then, where nothing else has been meanwhile.
        """
        self._figure = figure or self._figure
        if not self._preparing:
            self._last_good = last_good
        self.close()
        self._cancel = Cancel()
        self._walk, self._preparing, self._tracing = None, True, False
        self._awaited = goal
        self._selection = selection
        self._restored = None if options is None else (self._store.state.options, options)
        if not document.recurrent:
            self._submit(
                COMPUTING,
                lambda _: _alone(document),
                lambda pr: self._accept_alone(document, pr),
                self._refuse,
            )
            return
        known, before = self._wholes.get(document), self._before(document, goal)
        at_once = self._store.state.training is not None  # what it learns is shown in any figure
        self._submit(
            COMPUTING,
            lambda cancel: prepare(document, goal, cancel, known, before, at_once),
            self._accept,
            self._refuse,
        )

    def keep_figure(self) -> None:
        """The figure on show has been chosen since: the run under way brings no other."""
        self._figure = ""

    def show_then(self, figure: str) -> None:
        """Show a figure once the run under way is there: that before may not fit it."""
        self._figure = figure

    def seek(self, goal: Progress) -> None:
        """Go to a place: at once where that is quick, else beside the window.

        While a run is being made it waits, and steps that are under way end where they are:
        the last wish counts.
        """
        stepper, state = self._stepper, self._store.state
        if not state.document.recurrent and not self.occupied:
            position = min(max(goal.step, 0), state.total)
            goes_on = state.playing and position < state.total
            self._store.change(position=position, playing=goes_on)
            return
        if self.occupied:
            self._awaited = goal
            if self._walk is not None:
                self._walk.set()
            return
        if stepper is None or state.run is None:
            return
        goal = fitted(state.run, goal)
        distance = goal.step - stepper.position
        far = distance > FAR
        self._awaited = goal if far and self._tracing else None
        if self._awaited is not None:
            return
        known = far and state.whole is not None
        if known or distance <= 1 or distance * step_seconds(state.document) <= _PATIENCE:
            self._show(walk(stepper, goal, state.whole, Cancel(), self._compared))
        else:
            self._walk_beside(stepper, goal)

    def foreseen(self, goal: Progress) -> State | None:
        """The state at a place one step away; None where it takes time to know it."""
        stepper, state = self._stepper, self._store.state
        if self.occupied or stepper is None or state.run is not stepper.trace:
            return None
        if goal == state.run.progress or step_seconds(state.document) > _PATIENCE:
            return None
        run = stepper.foresee(goal)
        return state.with_(run=run, position=run.position, total=run.total)

    def with_figures(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Changes of what is compared, with the figures that can show it: some show no original."""
        from rnnviz.session.fitting import fitted_figure, fitting_figures

        state = self._store.state.with_(**changes)
        if not state.ready:
            return changes
        view = state.view()
        figure = fitted_figure(state.figure, view)
        return {**changes, "figure": figure, "figures": fitting_figures(view)}

    def compare(self) -> None:
        """Have the original run traced, where the state compares with it and does not know it."""
        if not self._preparing:
            self._trace_original()

    def close(self) -> None:
        """Want no result of what is under way any more."""
        self._cancel.set()
        if self._walk is not None:
            self._walk.set()
        self._generation += 1
        self._store.change(tracing=None)

    def _before(self, document: Document, goal: Progress) -> Trace | None:
        """A whole run that the document is an edit of, where the new one is best made of it."""
        if goal.step <= FAR and document.L * step_seconds(document) > _QUICK:
            return None
        state = self._store.state
        lately = self._bound.document if self._bound is not None else None
        for other in (lately, state.original_document):
            if other is not None and is_edit_of(document, other):
                trace = self.whole_of(other).trace
                if trace is not None:
                    return trace
        return None

    def _accept_alone(self, document: Document, pr: PipelineRun) -> None:
        """The run of a model without recurrent layers is there: all of it at once."""
        from rnnviz.session.badge import alone_badge
        from rnnviz.session.fitting import fitted_options

        state, options, goal = self._store.state, self.options, self.goal
        self._stepper = self._bound = self._awaited = self._restored = None
        self._preparing, self._compared = False, None
        whole = Whole(None, pr)
        self._wholes.keep(document, whole)
        changes: dict[str, Any] = {
            **whole.state(),
            **self.whole_of(state.original_document).original(),
            "run": None,
            "position": min(goal.step, pr.form.L),
            "total": pr.form.L,
            "returned": None,
            "decoder_steps": 0,
            "badge": alone_badge(pr),
        }
        view = state.with_(**changes).view()
        self._store.change(
            **changes,
            **self._figures_of(view),
            options=fitted_options(options, view),
            selection=None,
            busy="",
        )

    def _accept(self, prepared: Prepared) -> None:
        """The new run is there: show it, and have the whole of it traced."""
        from rnnviz.session import fitting

        self._stepper, self._bound = prepared.stepper, prepared.bound
        run, state, options = prepared.moment.run, self._store.state, self.options
        self._preparing, self._compared, self._restored = False, None, None
        whole = prepared.whole or NOTHING
        if prepared.whole is not None:
            self._wholes.keep(prepared.bound.document, whole)
        changes: dict[str, Any] = {
            **whole.state(),
            **self.whole_of(state.original_document).original(),
            "run": run,
            "position": run.position,
            "total": run.total,
            "returned": fitting.fitted_steps_back(state, run, whole),
            "decoder_steps": fitting.fitted_decoder_steps(state, run, whole.decoded),
        }
        view = state.with_(**changes).view()
        self._store.change(
            **changes,
            badge=prepared.moment.badge,
            playing=state.playing and run.position < run.total,
            **self._figures_of(view),
            options=fitting.fitted_options(options, view),
            selection=fitting.fitted_selection(state.selection or self._selection, run),
        )
        self._trace_original()
        self._trace_whole(prepared.bound, prepared.whole)
        self._go_where_awaited()

    def _figures_of(self, view: View) -> dict[str, Any]:
        """The fields of a state that say in which figures a view can be shown, and in which it is.

        What is asked for waits for the whole run, where it takes that to be shown.
        """
        from rnnviz.session.fitting import fitted_figure, fitting_figures

        figures = fitting_figures(view)
        figure = fitted_figure(self._store.state.figure, view)
        if self._figure in figures:
            figure, self._figure = self._figure, ""
        return {"figure": figure, "figures": figures}

    def _trace_original(self) -> None:
        """Has the run before the edits traced, where it is compared with and not known."""
        document = self._store.state.original_document
        if document is None or self._store.state.original is not None:
            return

        def trace(cancel: Cancel) -> Whole:
            from rnnviz.session.binding import bind

            if not document.recurrent:
                return Whole(None, _alone(document))
            bound = bind(document, cancel)
            return surrounded(bound, bound.whole(cancel), cancel)

        def done(original: Whole) -> None:
            self._wholes.keep(document, original)
            self._store.change(**self.with_figures(original.original()), busy="")

        self._submit("tracing the run before the edits", trace, done, self._fail)

    def _trace_whole(self, bound: Bound, known: Whole | None = None) -> None:
        if known is not None and (run := known.trace) is not None:

            def compare(_: Cancel) -> Whole:
                bound.compare(run)
                return known

            self._submit("comparing with torch", compare, self._complete, self._fail)
            return
        errand = Errand("tracing the whole run")

        def trace(cancel: Cancel) -> Whole:
            either = Either(cancel, errand.flag)
            return surrounded(bound, bound.whole(either, errand.told), either)

        self._tracing = True
        self._store.change(tracing=errand)
        self._submit(errand.name, trace, self._complete, self._fail)

    def give_up_tracing(self) -> None:
        """Do without the whole run: steps are computed as somebody comes to them."""
        errand = self._store.state.tracing
        if errand is None:
            return
        errand.cancel()
        self._tracing = False
        said = "the run is not traced as a whole: steps are computed as you come to them"
        self._store.change(tracing=None, busy="", notice=said)
        self._go_where_awaited()

    def _complete(self, whole: Whole) -> None:
        """The whole run is known: what waited for it can go on."""
        from rnnviz.session.badge import make_badge

        self._tracing, self._compared = False, whole.trace
        run, bound = self._store.state.run, self._bound
        assert run is not None
        assert bound is not None
        self._wholes.keep(bound.document, whole)
        self._store.change(
            **whole.state(),
            **self._newly_shown(whole),
            busy="",
            tracing=None,
            badge=make_badge(run, whole.trace, whole.pr),
        )
        self._go_where_awaited()

    def _newly_shown(self, whole: Whole) -> dict[str, Any]:
        """The figures and their options, where the whole model has become known only now."""
        from rnnviz.session.fitting import fitted_options

        state = self._store.state
        if whole.pr is None or state.pr is not None:
            return {}
        view = state.with_(**whole.state()).view()
        return {**self._figures_of(view), "options": fitted_options(state.options, view)}

    def _walk_beside(self, stepper: Stepper, goal: Progress) -> None:
        stop = self._walk = Cancel()
        whole, compared = self._store.state.whole, self._compared

        def done(moment: Moment) -> None:
            self._walk = None
            self._store.change(busy="")
            self._show(moment)
            self._go_where_awaited()

        self._submit(
            "stepping", lambda _: walk(stepper, goal, whole, stop, compared), done, self._fail
        )

    def _go_where_awaited(self) -> None:
        goal, self._awaited = self._awaited, None
        run = self._store.state.run
        if goal is not None and run is not None and goal != run.progress:
            self.seek(goal)

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
        """No run can be made of the document: the last good state comes back."""
        field = error.field if isinstance(error, FieldError) else "model"
        good = self._last_good
        self._store.change(
            document=good.document,
            example=good.example,
            history=good.history,
            original_document=good.original_document,
            original=good.original,
            original_pr=good.original_pr,
            showing=good.showing,
            opened=good.opened,
            path=good.path,
            kept=good.kept,
            problems=MappingProxyType({field: message_of(error)}),
            busy="",
        )
        self._preparing, self._awaited, self._figure = False, None, ""
        if self._bound is not None:
            self._trace_original()
            if self._store.state.whole is None:
                self._trace_whole(self._bound)
        if is_bug(error):
            raise error

    def _fail(self, error: BaseException) -> None:
        self._walk, self._tracing = None, False
        self._store.change(busy="", tracing=None, notice=message_of(error))
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


def _alone(document: Document) -> PipelineRun:
    from rnnviz.session.binding import bind_alone

    return bind_alone(document)
