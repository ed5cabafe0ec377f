"""Where the run stands, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rnnviz.ui.stepping import current_times

if TYPE_CHECKING:
    from rnnviz.model.schedule import Advance
    from rnnviz.model.trace import Trace
    from rnnviz.session.state import State


_WAYS = ("forward", "reverse")


class Whereabouts(NamedTuple):
    """A line in two weights, and perhaps a second line."""

    title: str
    about: str
    detail: str


def whereabouts(state: State) -> Whereabouts:
    """The current step of a state, and what it computed."""
    run = state.run
    if state.returned is not None:
        return _returned(state, state.returned)
    if run is None:
        return _alone(state)
    if state.decodes and state.decoder_steps:
        total = state.decoder_total
        return Whereabouts(f"t = {state.decoder_steps} of {total}", "the decoder writes", "")
    if run.active is not None:
        return _within(state, run, run.active)
    if state.position == 0:
        return Whereabouts(f"t = 0 of {run.L}", "the initial state", _steps(state))
    if run.num_directions == 2:
        shown = None if state.figure == "packed" else state.sequence
        return _both_ways(state, run, current_times(state, shown))
    times = current_times(state)
    return Whereabouts(f"t = {times.get(0, 0) + 1} of {run.L}", _computed(run), _running(run))


def _alone(state: State) -> Whereabouts:
    """Of a model without recurrent layers."""
    if not state.ready:
        return Whereabouts("", "", "")
    about = "computed" if state.position else "nothing computed yet"
    return Whereabouts(f"t = {state.position} of {state.total}", about, "")


def _returned(state: State, returned: int) -> Whereabouts:
    """On the way back: where the gradient has come to."""
    if not returned:
        return Whereabouts("the loss", "the gradient starts here", "")
    before = state.decoder_total
    if returned <= before:
        place = f"t = {before - returned + 1} of {before}"
        return Whereabouts(place, "of the decoder, backward", "")
    times = current_times(state, state.sequence)
    t = next(iter(times.values()), None)
    if t is None:
        return Whereabouts("backward", "this sequence is not reached", "")
    length = 0 if state.run is None else state.run.L
    return Whereabouts(f"t = {t + 1} of {length}", "backward pass shown", "")


def _within(state: State, run: Trace, active: Advance) -> Whereabouts:
    """Between two cells of a timestep, or between two operations of a cell."""
    _, cell, operation = run.progress
    shown = state.sequence if state.sequence is not None and state.sequence < run.N else 0
    t = active.t[shown] if active.t[shown] >= 0 else max(active.t)
    name = f"layer {active.layer}"
    before, after = f"layer {cell - 1}", name
    if run.num_directions == 2:
        before, after = "forward", "reverse"
        name += f" {_WAYS[active.direction]}"
    if operation:
        about = f"{name} · operation {operation} of {len(run.operations)}"
    else:
        about = f"{before} computed, {after} next"
    return Whereabouts(f"t = {t + 1}", about, "")


def _both_ways(state: State, run: Trace, times: dict[int, int]) -> Whereabouts:
    layer = run.current[0].layer
    title = f"layer {layer}" if run.num_layers > 1 else f"step {state.position} of {run.L}"
    ways = (("forward", 0), ("reverse", 1))
    about = ", ".join(f"{way} t = {times[key] + 1}" for way, key in ways if key in times)
    about = about or "this sequence has ended"
    detail = f"step {state.position} of {run.total}, layer by layer"
    return Whereabouts(title, about, detail if run.num_layers > 1 else _running(run))


def _computed(run: Trace) -> str:
    if run.num_layers == 1:
        return "computed"
    return (
        "both layers computed" if run.num_layers == 2 else f"all {run.num_layers} layers computed"
    )


def _running(run: Trace) -> str:
    """How many sequences of a packed batch the step reached."""
    if run.N < 2:
        return ""
    running = sum(t >= 0 for t in run.current[0].t)
    return f"{running} of {run.N} sequences run"


def _steps(state: State) -> str:
    run = state.run
    if run is None or run.num_directions == 1:
        return ""
    return f"{state.total} steps: layer by layer, both directions at once"
