"""What is selected goes along with time: the same tensor at the step that is current."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnviz.element import Element
from rnnviz.ui.stepping import first_times, lane_times

if TYPE_CHECKING:
    from rnnviz.model.trace import Trace
    from rnnviz.session import Session
    from rnnviz.session.state import State

_FIXED = frozenset({"h_0", "c_0", "h_n", "c_n", "lengths", "batch_sizes"})


class Follower:
    """Moves the selection with the current step and the sequence on show, unless it is pinned.

    Attributes:
        pinned: the selection stays where it is.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._own: Element | None = None  # chosen here, because nobody had chosen anything
        self.pinned = False
        self._heard: list[Callable[[], None]] = []

    def on_pinned(self, hear: Callable[[], None]) -> None:
        """Calls `hear` whenever the pin is set or taken out."""
        self._heard.append(hear)

    def toggle_pin(self) -> None:
        """Sets the pin, or takes it out and catches up."""
        self.pinned = not self.pinned
        for hear in self._heard:
            hear()
        self.catch_up(self._session.state)

    def move_layer(self, change: int) -> None:
        """Selects the same tensor in another layer."""
        run, chosen = self._session.state.run, self._session.state.selection
        if run is None or chosen is None or chosen.layer is None:
            return
        layer = min(max(chosen.layer + change, 0), run.num_layers - 1)
        unit = None if chosen.tensor == "x" else chosen.unit
        self._session.select(chosen._replace(layer=layer, unit=unit))

    def move_unit(self, change: int) -> None:
        """Selects the next or previous unit of the same tensor."""
        run, chosen = self._session.state.run, self._session.state.selection
        if run is None or chosen is None or (chosen.t is None and chosen.layer is None):
            return
        unit = (chosen.unit if chosen.unit is not None else -max(change, 0)) + change
        count = _strip_length(self._session.state, chosen) or unit_count(run, chosen)
        self._session.select(chosen._replace(unit=unit % count))

    def changed(self, old: State, new: State) -> None:
        """Reacts to a change of the state."""
        # With what was chosen in another sequence, the sequence on show is already its own.
        turned = old.sequence != new.sequence and old.selection == new.selection
        moved = _progress(old) != _progress(new) or turned
        appeared = old.run is None and new.run is not None
        if new.selection is None or moved or appeared:
            self.catch_up(new)

    def foreseen(self) -> State | None:
        """The state after another step like the last one; None where that is not known."""
        state = self._session.foreseen()
        if state is None or self.pinned:
            return state
        return state.with_(selection=self._wanted(state)[0])

    def catch_up(self, state: State) -> None:
        """Selects what should be selected now."""
        if self.pinned or not state.ready:
            return
        if state.run is None:
            self._catch_up_without_layers(state)
            return
        wanted, own = self._wanted(state)
        if own:
            self._own = wanted
        self._session.select(wanted)

    def _wanted(self, state: State) -> tuple[Element | None, bool]:
        """What of a run should be selected, and whether that is chosen here."""
        assert state.run is not None
        if state.granularity == "operation" and state.run.N and state.run.total:
            return just_computed(state), False
        if state.selection is None or state.selection == self._own:
            return default_selection(state), True
        return self._now(state.selection, state), False

    def _catch_up_without_layers(self, state: State) -> None:
        chosen = state.selection
        if chosen is None or chosen == self._own:
            self._own = made_last(state)
            self._session.select(self._own)
        elif chosen.t is not None:
            sequence = chosen.sequence if state.sequence is None else state.sequence
            self._session.select(chosen._replace(t=_current(state), sequence=sequence))

    def _now(self, chosen: Element, state: State) -> Element:
        if chosen.sequence is not None and state.sequence is not None:
            chosen = chosen._replace(sequence=state.sequence)
        if chosen.t is None or chosen.tensor in _FIXED:
            return chosen
        if chosen.tensor.startswith("decoder."):
            return chosen._replace(t=max(state.decoder_steps - 1, 0))
        begun = state.run is None or any(state.run.progress)
        times = (lane_times if begun else first_times)(state, chosen.sequence)
        if chosen.layer is None:
            t = next(iter(times.values()), None)
        else:
            t = times.get((chosen.layer, chosen.direction or 0))
        return chosen if t is None else chosen._replace(t=t)


def _progress(state: State) -> object:
    if state.run is None:
        return (state.position, state.returned) if state.ready else None
    return (state.run.progress, state.returned)


def _current(state: State) -> int:
    """The timestep that was computed last, of a model without recurrent layers."""
    return max(state.position - 1, 0)


def made_last(state: State) -> Element | None:
    """The last of what a timestep makes without recurrent layers: scores, or what is in front."""
    if state.pr is None or not state.pr.form.N or not state.pr.form.L:
        return None
    names = ("scores", "embedded", "one_hot", "input")
    name = next(name for name in names if name in state.pr.tensors)
    return Element(name, t=_current(state), sequence=state.sequence or 0)


def _strip_length(state: State, element: Element) -> int:
    """How many numbers lie in the strip of an element; 0 where that is not known."""
    from rnnviz.errors import UsageError
    from rnnviz.session.account import account_of

    try:
        told = account_of(state).describe(element.vector())
    except UsageError:
        return 0
    return int(told.values.shape[-1]) if told.values.ndim == 1 else 0


def unit_count(run: Trace, element: Element) -> int:
    """How many units the strip of an element has."""
    if element.tensor == "x":
        below = run.num_directions * run.output_size
        return below if element.layer else run.input_size
    if element.tensor == "output":
        return run.num_directions * run.output_size
    return run.output_size if element.tensor in ("h", "h_0", "h_n") else run.hidden_size


def default_selection(state: State) -> Element | None:
    """h of the highest layer that the current step computed, of the top one before any step."""
    run = state.run
    if run is None or run.N == 0 or run.L == 0:
        return None
    sequence = state.sequence or 0
    times = lane_times(state, sequence)
    layer, direction = max(
        times, key=lambda way: (way[0], -way[1]), default=(run.num_layers - 1, 0)
    )
    t = times.get((layer, direction), _last_computed(run, layer, sequence))
    return Element("h", layer, direction, t, sequence)


def just_computed(state: State) -> Element | None:
    """What the last operation gave: of the same gate and unit as before, where it has them.

    Before the first operation it is what the first cell is to give.
    """
    run, chosen = state.run, state.selection or Element("")
    if run is None:
        return None
    if not any(run.progress):
        first, sequence = run.schedule.advances(0)[0], state.sequence or 0
        return Element("h", first.layer, first.direction, first.t[sequence], sequence)
    step, cell, operation = run.progress
    number = operation or len(run.operations)
    cells = run.schedule.advances(step if cell or operation else step - 1)
    layer, direction, times = cells[cell if operation else cell - 1]
    sequence = state.sequence or 0
    if times[sequence] < 0:
        return state.selection
    given = run.operations[number - 1].gives
    gate = chosen.tensor.rpartition("_")[2]
    tensor = next((name for name in given if name.rpartition("_")[2] == gate), given[0])
    found = Element(tensor, layer, direction, times[sequence], sequence)
    unit = chosen.unit if chosen.tensor != "x" else None
    return found._replace(unit=unit if (unit or 0) < unit_count(run, found) else None)


def _last_computed(run: Trace, layer: int, sequence: int) -> int:
    """The last timestep that a sequence which has ended has forward; the first before any."""
    done = min(run.steps_done(layer, 0), run.schedule.lengths[sequence])
    return max(done - 1, 0)
