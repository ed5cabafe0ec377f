"""What the current step touches, in the terms of panels and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.model.schedule import Advance
    from rnnviz.session.state import State


def current_advances(state: State) -> tuple[Advance, ...]:
    """What the last step touched: forward, or on the way back."""
    run = state.run
    if run is None:
        return ()
    if state.returned is None:
        return tuple(run.current)
    done = state.returned - state.decoder_total  # the decoder's steps come back first
    if not 0 < done <= run.total:
        return ()
    return tuple(run.schedule.advances(run.total - done))


def current_rows(state: State, first: int, count: int) -> frozenset[int]:
    """The rows that the last step advanced, in a table of `count` sequences from `first` on.

    Each sequence takes L rows, one a timestep.
    """
    length = state.document.L
    if state.run is None:
        t = state.position - 1
        return frozenset(n * length + t for n in range(count) if t >= 0)
    return frozenset(
        (sequence - first) * length + t
        for advance in current_advances(state)
        for sequence, t in enumerate(advance.t)
        if 0 <= t < length and first <= sequence < first + count
    )


def followed_row(state: State, rows: frozenset[int], first: int) -> int | None:
    """Which of these rows a table keeps in sight: the selected one, or else the first of them.

    Two directions may be far apart.
    """
    chosen = state.selection
    if chosen is not None and chosen.t is not None:
        row = ((chosen.sequence or 0) - first) * state.document.L + chosen.t
        if row in rows:
            return row
    return min(rows, default=None)


def lane_times(state: State, sequence: int | None = None) -> dict[tuple[int, int], int]:
    """By layer and direction: the t that the last step computed.

    Of one sequence, or of any that advanced.
    """
    times: dict[tuple[int, int], int] = {}
    for advance in current_advances(state):
        if sequence is not None and sequence < len(advance.t):
            t = advance.t[sequence]
        else:
            t = max(advance.t, default=-1)
        if t >= 0:
            times[advance.layer, advance.direction] = t
    return times


def current_times(state: State, sequence: int | None = None) -> dict[int, int]:
    """By direction: the t that the last step computed, of a sequence or of any that advanced."""
    return {direction: t for (_, direction), t in lane_times(state, sequence).items()}


def first_times(state: State, sequence: int | None = None) -> dict[tuple[int, int], int]:
    """By layer and direction: the t where each begins, in a sequence or in the longest one."""
    run = state.run
    if run is None or not run.N:
        return {}
    length = run.L if sequence is None or sequence >= run.N else run.lengths[sequence]
    lanes = ((layer, d) for layer in range(run.num_layers) for d in range(run.num_directions))
    return {lane: length - 1 if lane[1] else 0 for lane in lanes}
