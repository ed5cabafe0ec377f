"""The numbers of the ruler: |h_t| by row, what of it is computed, and where the run stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.ranges import largest_magnitude
from rnnviz.figures.ruler.options import RulerOptions
from rnnviz.figures.ruler.tokens import token_at
from rnnviz.figures.view import View
from rnnviz.model.gradients import Gradients
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.schedule import Advance
from rnnviz.model.trace import Trace

_memo = Memo()
_MOST_ROWS = 40


@dataclass(frozen=True, eq=False)
class Row:
    """One row of the ruler.

    Attributes:
        label: what stands before it.
        key: the states that it sums up; `t` is open.
        norms: `(L,)`, NaN where nothing is known.
        computed: `(L,)`, whether the run is there yet.
        length: timesteps from here on are padding.
        layer: which layer it is of.
    """

    label: str
    key: Element
    norms: NDArray[np.float64]
    computed: NDArray[np.bool_]
    length: int
    layer: int


@dataclass(frozen=True)
class Place:
    """Where the run stands.

    Attributes:
        t: of the forward direction, None before the first step.
        reverse: of the reverse direction, None where there is none at work.
        reverse_by_row: the same for every row of the ruler, −1 where it did not advance;
            empty where one timestep is all there is to say.
        layer: the one at work, None where it is all of them.
        token: what is read at t; "" where that is no token.
    """

    t: int | None = None
    reverse: int | None = None
    layer: int | None = None
    reverse_by_row: tuple[int, ...] = ()
    token: str = ""


def read_rows(view: View, options: RulerOptions) -> list[Row]:
    """The rows from top to bottom: layers from the highest, or sequences in the given order."""
    if view.trace is None:
        return _alone_rows(view)
    if view.run.N == 0:
        return []
    if options.rows == "sequences":
        together = -(-view.run.N // _MOST_ROWS)
        return _sequence_rows(view, together)
    return [_layer_row(view, layer) for layer in reversed(range(view.run.num_layers))]


def read_place(view: View, options: RulerOptions) -> Place:
    """Where the last step of the run was, for the sequence on show or the longest one."""
    if view.trace is None:
        done = 0 if view.around is None else view.around.position
        return Place(done - 1, token=token_at(view, options, done - 1)) if done else Place()
    run = view.run
    by_sequence = options.rows == "sequences"
    shown = None if by_sequence else view.sequence
    by_row: tuple[int, ...] = ()
    times: dict[int, int] = {}
    last = last_advances(view)
    for advance in last:
        t = max(advance.t, default=-1)
        if shown is not None and shown < len(advance.t):
            t = advance.t[shown] if advance.t[shown] >= 0 else t
        if advance.direction == 1 and by_sequence and run.N <= _MOST_ROWS:
            by_row = advance.t
        if t >= 0:
            times[advance.direction] = t
    layer = last[0].layer if run.num_directions == 2 and last else None
    token = token_at(view, options, times[0]) if 0 in times else ""
    return Place(times.get(0), times.get(1), layer, by_row, token)


def last_advances(view: View) -> tuple[Advance, ...]:
    """What the last step computed, forward or back; before the first one back, what that will."""
    run = view.run
    if (steps := steps_back(view)) is None or not run.total:
        return run.current
    return run.schedule.advances(run.total - max(steps, 1))


def length_of(view: View) -> int:
    """L: the timesteps of the ruler."""
    if view.trace is not None:
        return view.run.L
    return 0 if view.around is None else view.around.pr.form.L


def steps_back(view: View) -> int | None:
    """How many steps back are done; None while the way forward is on show."""
    around = view.around
    known = around is not None and around.gradients is not None
    return around.returned if around is not None and known else None


def largest_norm(rows: list[Row]) -> float:
    """The end of the colour scale: two figures, at or above the largest norm."""
    largest = max((largest_magnitude(row.norms) for row in rows), default=0.0)
    if largest <= 0.0:
        return 1.0
    figure = 10.0 ** (math.floor(math.log10(largest)) - 1)
    return math.ceil(largest / figure - 1e-9) * figure


def _alone_rows(view: View) -> list[Row]:
    """Of a model without recurrent layers: how large what comes out is at each timestep."""
    around = view.around
    if around is None:
        return []
    pr = around.pr
    name = next(n for n in ("embedded", "one_hot", "scores", "input") if n in pr.tensors)
    if name == "input" and pr.scores is not None and "L" in pr.tensors["scores"].axes:
        name = "scores"
    sizes = _memo.get(pr, ("norms", name), lambda: _sizes(pr, name))
    if view.sequence is None:
        norms, length = np.fmax.reduce(sizes, axis=1), pr.form.L
    else:
        sequence = min(view.sequence, pr.form.N - 1)
        norms, length = sizes[:, sequence], int(pr.form.ends[sequence]) + 1
    computed = np.arange(pr.form.L) < around.position
    return [Row(name, Element(name), norms, computed & (np.arange(pr.form.L) < length), length, 0)]


def _sizes(pr: PipelineRun, name: str) -> NDArray[np.float64]:
    """The norm of a tensor at each timestep: `(L, N)`."""
    values = pr.grid(name).double().numpy()
    result: NDArray[np.float64] = np.sqrt(np.sum(values**2, axis=-1))
    return result


def _layer_row(view: View, layer: int) -> Row:
    norms, computed = _norms(view, layer), _computed(view, layer)
    label, lengths = f"layer {layer}", view.run.lengths
    sequence = view.sequence if view.run.N > 1 else 0
    if sequence is None or sequence >= view.run.N:
        largest = np.fmax.reduce(norms, axis=1)
        key = _key(view, layer)
        reached: NDArray[np.bool_] = np.logical_or.reduce(computed, axis=1)
        return Row(label, key, largest, reached, max(lengths), layer)
    key = _key(view, layer)._replace(direction=0, sequence=sequence)
    return Row(label, key, norms[:, sequence], computed[:, sequence], lengths[sequence], layer)


def _sequence_rows(view: View, together: int) -> list[Row]:
    """Each sequence of the top layer, or the largest of a few that must share a row."""
    run, top = view.run, view.run.num_layers - 1
    norms, key = _norms(view, top), _key(view, top)
    firsts = range(0, run.N, together)
    sizes = _memo.get(norms, ("together", together), lambda: _largest(norms, firsts))
    longest = [max(run.lengths[first : first + together]) for first in firsts]
    reached = _reached(view, top, firsts, longest)
    keys = (key._replace(direction=0, sequence=first) for first in firsts)
    return [
        Row(f"row {key.sequence}", key, norms, computed, length, top)
        for key, norms, computed, length in zip(keys, sizes, reached, longest, strict=True)
    ]


def _largest(norms: NDArray[np.float64], firsts: range) -> list[NDArray[np.float64]]:
    """`(L,)` of every group of neighbours: always the same arrays."""
    together: NDArray[np.float64] = np.fmax.reduceat(norms, list(firsts), axis=1)
    return list(np.ascontiguousarray(together.T))


def _reached(view: View, layer: int, firsts: range, longest: list[int]) -> list[NDArray[np.bool_]]:
    """Where anything of each group of neighbours is there, `(L,)`."""
    run = view.run
    if run.num_directions == 1 and steps_back(view) is None:
        done, t = run.steps_done(layer), np.arange(run.L)
        return [t < min(done, length) for length in longest]
    return list(np.logical_or.reduceat(_computed(view, layer), list(firsts), axis=1).T)


def _key(view: View, layer: int) -> Element:
    return Element("h" if steps_back(view) is None else "grad_h", layer=layer)


def _norms(view: View, layer: int) -> NDArray[np.float64]:
    """`(L, N)` of the whole run where it is known, else of what is computed.

    On the way back |∂L/∂h_t|, of all steps.
    """
    if steps_back(view) is not None:
        assert view.around is not None
        gradients = view.around.gradients
        assert gradients is not None
        assert gradients.recurrent is not None
        found = partial(_gradient_norms, gradients.recurrent, layer)
        return _memo.get(
            gradients.recurrent, ("norms", layer), found, _size(gradients.recurrent.run)
        )
    run = view.whole if view.whole is not None else view.run
    return _memo.get(run, ("norms", layer), lambda: run.state_norms(layer), _size(run))


def _size(run: Trace) -> int:
    return run.L * run.N * run.hidden_size


def _gradient_norms(found: Gradients, layer: int) -> NDArray[np.float64]:
    """|∂L/∂h_t| of a layer, of both directions together: `(L, N)`."""
    directions = range(found.run.num_directions)
    norms = np.stack([found.norms("h", layer, direction).numpy() for direction in directions])
    with np.errstate(over="ignore"):
        result: NDArray[np.float64] = np.sqrt(np.sum(norms**2, axis=0))
    return result


def _computed(view: View, layer: int) -> NDArray[np.bool_]:
    """Where both directions of a layer are there: `(L, N)`."""
    run, steps = view.run, steps_back(view)
    directions = range(run.num_directions)

    def both() -> NDArray[np.bool_]:
        mask = run.computed(layer, 0)
        for direction in directions[1:]:
            mask = mask & run.computed(layer, direction)
        result: NDArray[np.bool_] = mask.numpy()
        return result

    if steps is None:
        return _memo.get(run, ("computed", layer), both)
    left = run.total - steps
    reached = [run.schedule.valid & ~run.schedule.computed(layer, d, left) for d in directions]
    result: NDArray[np.bool_] = np.logical_and.reduce(reached)
    return result
