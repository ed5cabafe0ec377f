"""The session: what a person can do, each an intent that makes a new state."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from rnnviz.element import Element
from rnnviz.model.schedule import Progress
from rnnviz.session.asked import Asked
from rnnviz.session.computing import Computing
from rnnviz.session.editor import NO_PROBLEMS
from rnnviz.session.errands import Errands
from rnnviz.session.examples import DEFAULT, load_example
from rnnviz.session.opening import Opening
from rnnviz.session.pacing import GRANULARITIES, Granularity, moved
from rnnviz.session.runner import Runner
from rnnviz.session.settings import FASTEST, SLOWEST, Theme
from rnnviz.session.state import State
from rnnviz.session.store import Store, Subscriber
from rnnviz.session.wording import option_name


class Session(Opening):
    """Holds the state; its methods are all that changes it, and none raises for a user's mistake.

    A mistake is put into `state.problems` under the name of its field, and the last good
    document stays. Everything happens in one thread; long work goes through the runner. What
    changes the model, its input, its initial states, or a figure's options can be undone, and
    so can the opening of another example.

    Attributes:
        state: as it is now. Before anything is opened it holds the default example's document
            and no run.
        beside: works out what figures derive of large data; nothing of the state follows from it.

    Args:
        runner: computes what is on screen.
        clock: seconds; changes of one field in quick succession are undone as one.
        aside: does what takes long and holds nothing else up; `runner` if None.
        beside: `aside` if None, where it may have to wait.
        keeper: writes what is saved, and waits for nothing else; `runner` if None.
    """

    def __init__(
        self,
        runner: Runner,
        clock: Callable[[], float] = time.monotonic,
        aside: Runner | None = None,
        beside: Runner | None = None,
        keeper: Runner | None = None,
    ) -> None:
        store = Store(State(load_example(DEFAULT)))
        super().__init__(store, Computing(store, runner), runner, clock)
        self._errands = Errands(store, aside or runner)
        self.keep_with(keeper or runner)
        self.beside = beside or aside or runner
        # Where runs are made too: both draw from the one generator that torch has.
        self._asked = Asked(store, runner)
        self._way = 1  # of the last step: forward, or back

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber(old, new)` on every change, until the returned function is called."""
        return self._store.subscribe(subscriber)

    def close(self) -> None:
        """Drop what is still being computed."""
        self._store.change(playing=False)
        self._trainer.close()
        self._errands.cancel()
        self._asked.close()
        self._computing.close()

    def cancel_errand(self) -> None:
        """Give up the long work under way beside the window."""
        state = self.state
        if state.errand is not None:
            self._errands.cancel()
        elif state.saving is not None:
            self._savings.cancel()
        else:
            self._computing.give_up_tracing()

    # The transport

    def step(self) -> None:
        """One step forward; playing stops at the end, and waits for steps that are under way."""
        if self.state.playing and self._computing.occupied:
            return
        self._move(1)

    def play_on(self, steps: int) -> None:
        """The steps of playing that have fallen due since the last ones, shown together."""
        if self.state.playing and not self._computing.occupied:
            self._move(steps)

    def back(self) -> None:
        """One step back."""
        self._move(-1)

    def foreseen(self) -> State | None:
        """The state after another step of the run, like the last one.

        None where that is no mere step through the run, or takes time to know.
        """
        state = self.state
        elsewhere = state.returned is not None or state.decoder_steps or state.learns
        if state.run is None or elsewhere or state.run.progress.operation:
            return None
        goal = moved(state.run, state.run.progress, state.granularity, self._way)
        return None if goal.operation else self._computing.foreseen(goal)

    def set_granularity(self, granularity: Granularity) -> None:
        """Step by timestep, by layer or by operation."""
        if granularity in GRANULARITIES:
            self._store.change(granularity=granularity)

    def go(self, steps: int) -> None:
        """Go on by some timesteps, or back by them where they are negative."""
        state = self.state
        if state.returned is not None or state.run is None or state.decoder_steps:
            self._move(steps)
        else:
            self.seek(state.position + steps)

    def seek(self, position: int) -> None:
        """Go to a position from 0 to total; on the way back, to where its step was returned."""
        state = self.state
        if state.returned is not None:
            self._return_to(max(0, state.total - position + state.decoder_total))
            return
        if position <= state.total:
            self._store.change(decoder_steps=0)
        self._computing.seek(Progress(position))

    def seek_progress(self, progress: Progress) -> None:
        """Go to a place between two operations, to the nearest that there is."""
        self._computing.seek(progress)

    def _move(self, steps: int) -> None:
        run, state = self.state.run, self.state
        self._way = 1 if steps > 0 else -1
        if state.returned is not None:
            self._return_to(state.returned + steps)
        elif run is None:
            self.seek(state.position + steps)
        elif state.decodes and (state.decoder_steps + steps > 0):
            self._decode_to(state.decoder_steps + steps)
        else:
            self._store.change(decoder_steps=0)
            self._computing.seek(moved(run, run.progress, state.granularity, steps))

    def first(self) -> None:
        """Go before the first step; on the way back, to the end of the pass forward."""
        if self.state.returned is not None:
            self._return_to(0)
        else:
            self.seek(0)

    def last(self) -> None:
        """Go behind the last step, also of a run that is still to be made."""
        document, state = self.state.document, self.state
        if state.returned is not None:
            self._return_to(state.steps_back)
            return
        self.seek(document.L * document.spec.num_layers)
        if state.decoded is not None:
            self._store.change(decoder_steps=state.decoder_total)

    # The way back

    def set_returning(self, returning: bool) -> None:
        """Show the pass back through time, from the loss on, or the pass forward again."""
        if not returning:
            self._store.change(returned=None)
            return
        state = self.state
        if not state.has_way_back:
            why = "there is no loss to go back from: choose one in the model panel"
            waiting = "the gradients are still being computed"
            self._store.change(notice=why if state.document.loss is None else waiting)
            return
        self.last()
        self._store.change(returned=0, granularity="timestep")

    def toggle_returning(self) -> None:
        """The pass back through time, or the pass forward."""
        self.set_returning(self.state.returned is None)

    def _return_to(self, returned: int) -> None:
        """Go to where so many steps back are done; before the first, back to the way forward."""
        if returned < 0:
            self._store.change(returned=None)
            return
        last = self.state.steps_back
        goes_on = self.state.playing and returned < last
        self._store.change(returned=min(returned, last), playing=goes_on)

    def _decode_to(self, steps: int) -> None:
        total = self.state.decoder_total
        self._store.change(
            decoder_steps=min(steps, total), playing=self.state.playing and steps < total
        )

    def play(self) -> None:
        """Step on and on; from the end, start over."""
        state = self.state
        if not state.ready:
            return
        if state.returned is not None:
            if state.returned >= state.steps_back:
                self._return_to(0)
        elif state.position >= state.total and state.decoder_steps >= state.decoder_total:
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
        """Show another figure; one that cannot show what there is stays where it is."""
        if name in self.state.figures or self.state.blank:
            self._computing.keep_figure()
            self._store.change(figure=name)

    def set_option(self, figure: str, field: str, value: Any) -> None:
        """Change an option of a figure."""
        if figure not in self.state.options or not self.state.ready:
            return
        from rnnviz.session.fitting import fit_options

        known, view = self.state.options[figure], self.state.view()
        fitted = fit_options(replace(known, **{field: value}), view)
        if fitted == known:
            return
        name = option_name(figure, known, field, value, view)
        self._store.change(
            options=MappingProxyType({**self.state.options, figure: fitted}),
            history=self._recorded(name, (figure, field), (figure, figure)),
        )

    def show_sequence(self, sequence: int | None) -> None:
        """Show one row of the batch, or all (None)."""
        if sequence is None or 0 <= sequence < self.state.document.N:
            self._store.change(sequence=sequence)

    def select(self, element: Element | None) -> None:
        """Select an element, or none; of the sequences, the one that it lies in is on show then."""
        sequence = self.state.sequence
        if element is not None and sequence is not None:
            sequence = self._sequence_of(element, sequence)
        self._store.change(selection=element, sequence=sequence)

    def _sequence_of(self, element: Element, otherwise: int) -> int:
        """The row of the batch that an element lies in, where it lies in one alone."""
        found, run = element.sequence, self.state.run
        if element.tensor == "data" and run is not None:
            from rnnviz.model.provenance import sources

            found = next((source.sequence for source in sources(run, element)), None)
        known = found is not None and 0 <= found < self.state.document.N
        return otherwise if found is None or not known else found

    def dismiss_notice(self) -> None:
        """The notice was read."""
        self._store.change(notice="")

    def dismiss_problems(self) -> None:
        """The refused edit was given up."""
        self._store.change(problems=NO_PROBLEMS)
