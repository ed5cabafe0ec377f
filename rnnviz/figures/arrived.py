"""How far a run has come, as masks over the batch: what went in, came out, was scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.view import View
from rnnviz.model.schedule import Progress
from rnnviz.model.trace import Trace

Mask = NDArray[np.bool_]


class Arrived(NamedTuple):
    """Which rows of a batch are there, and which of them have just come; (L, N) or (1, N)."""

    done: Mask
    lit: Mask


def gone_in(view: View) -> Arrived:
    """The timesteps that the lowest layer has read, in either direction."""
    run = view.trace
    if run is None:
        return _by_position(view)
    return _of_the_batch(view, _between(run, lambda place: _any(_computed(run, 0, place))))


def come_out(view: View) -> Arrived:
    """The timesteps at which the top layer's output is there, of each direction."""
    run = view.trace
    if run is None:
        return _by_position(view)
    top = run.num_layers - 1
    return _of_the_batch(view, _between(run, lambda place: _all(_computed(run, top, place))))


def scored(view: View) -> Arrived:
    """Where the head has all that it needs: (L, N), or (1, N) where it reads one timestep."""
    assert view.around is not None
    head = view.around.pr.pipeline.head
    if head is None or head.on == "every":
        return come_out(view)
    run = view.trace
    if run is None:
        ends, sequences = view.around.pr.form.ends.numpy(), np.arange(view.around.pr.form.N)
        return Arrived(*(mask[ends, sequences][None] for mask in _by_position(view)))
    top, is_final, sequences = run.num_layers - 1, head.on == "h_n", np.arange(run.N)
    last = np.asarray(run.lengths) - 1

    def known(place: Progress) -> Mask:
        done = _all(_computed(run, top, place))
        found: Mask = done[last, sequences][None]
        return found & done[:1] if is_final else found

    return _between(run, known)


def _between(run: Trace, known: Callable[[Progress], Mask]) -> Arrived:
    """What is known now, and what of it was not known before the step that came last."""
    step, cell, operation = run.progress
    now = known(Progress(step, cell))
    before = Progress(step) if cell or operation else Progress(max(step - 1, 0))
    return Arrived(now, now & ~known(before))


def _of_the_batch(view: View, arrived: Arrived) -> Arrived:
    """As many timesteps as the batch has: a packed run ends with its longest sequence."""
    steps = len(arrived.done) if view.around is None else view.around.pr.form.L
    beyond = ((0, steps - len(arrived.done)), (0, 0))
    return Arrived(*(np.pad(mask, beyond) for mask in arrived))


def _computed(run: Trace, layer: int, place: Progress) -> Mask:
    """Which timesteps of a layer are computed, by direction: (D, L, N)."""
    ways = range(run.num_directions)
    return np.stack([run.schedule.computed(layer, way, *place[:2]) for way in ways])


def _any(ways: Mask) -> Mask:
    found: Mask = np.logical_or.reduce(ways, axis=0)
    return found


def _all(ways: Mask) -> Mask:
    found: Mask = np.logical_and.reduce(ways, axis=0)
    return found


def _by_position(view: View) -> Arrived:
    """Without recurrent layers a timestep is done when the position is beyond it."""
    assert view.around is not None
    form, position = view.around.pr.form, view.around.position
    t = np.arange(form.L)[:, None]
    valid = form.valid.numpy()
    return Arrived(valid & (t < position), valid & (t == position - 1))
