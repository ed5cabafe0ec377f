"""What the figure is about: whose gradients, of which sequence, how far the way back has come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from rnnviz.figures.gradients.flows import Lane, is_bearable
from rnnviz.figures.gradients.options import RIVALS, GradientsOptions
from rnnviz.figures.memo import Memo
from rnnviz.figures.surroundings import Rival, Surroundings
from rnnviz.figures.view import View
from rnnviz.model.gradients import Gradients, JacobianNorms
from rnnviz.model.gradients.jacobians import LARGEST
from rnnviz.model.trace import Trace

_memo = Memo()


@dataclass(frozen=True, eq=False)
class Subject:
    """Everything that the parts of the figure ask for.

    Attributes:
        found: all gradients of the recurrent layers; `arrived` those the way back has reached.
        layer, direction: whose units are shown.
        sequence: the row of the batch; None for the norm over the batch.
        length: of the sequence, T.
        cursor: index of the timestep that the view is at; None where it is at none.
        single: whether the loss enters the layer at a single timestep.
        at_last: whether the loss sees the last output of each sequence alone.
        rival: the other cell, where it is asked for and known.
        awaited: what is asked for and not known yet, in words; "" for nothing.
    """

    view: View
    options: GradientsOptions
    around: Surroundings
    found: Gradients
    arrived: Gradients
    layer: int
    direction: int
    sequence: int | None
    length: int
    cursor: int | None
    single: bool
    at_last: bool
    rival: Rival | None
    awaited: str

    @property
    def run(self) -> Trace:
        """The whole run that the gradients are of."""
        return self.found.run

    @property
    def lane(self) -> Lane:
        return self.layer, self.direction

    @property
    def returning(self) -> bool:
        """Whether the way back is stepped, so that not all of it has arrived."""
        return self.around.returned is not None

    @property
    def start(self) -> int:
        """Where the way back of the direction on show begins."""
        return self.length - 1 if self.direction == 0 else 0

    @property
    def far(self) -> int:
        """Where it ends, as far from the loss as it gets."""
        return 0 if self.direction == 0 else self.length - 1

    @property
    def place(self) -> int:
        """The timestep whose numbers are listed."""
        if self.cursor is not None:
            return self.cursor
        return self.start if self.returning else self.far

    @property
    def tensor(self) -> str:
        """The state whose units are shown: of "states" the one that carries."""
        quantity = self.options.quantity
        if quantity == "x":
            return "x"
        return "c" if self.run.cell.has_c and quantity != "h" else "h"

    @property
    def jacobian(self) -> JacobianNorms | None:
        """∂h_T/∂h_t of the layer and direction on show."""
        known = self.around.jacobians
        place = self.layer * self.run.num_directions + self.direction
        if not self.options.jacobian or known is None or place >= len(known):
            return None
        found = known[place]
        return found if len(found.norm) == self.run.L else None


def gradients_of(view: View) -> Gradients | None:
    """The gradients of the recurrent layers; None where there are none."""
    around = view.around
    return None if around is None or around.gradients is None else around.gradients.recurrent


def read_subject(view: View, options: GradientsOptions) -> Subject | None:
    """The subject of a view; None where there are no gradients."""
    around, found = view.around, gradients_of(view)
    if around is None or found is None:
        return None
    arrived = around.arrived
    assert arrived is not None
    run = found.run
    lane = _within(options.layer, run.num_layers), _within(options.direction, run.num_directions)
    sequence = view.sequence if run.N > 1 else 0
    if sequence is not None:
        sequence = _within(sequence, run.N)
    rival = _rival(around, options)
    return Subject(
        view,
        options,
        around,
        found,
        arrived,
        *lane,
        sequence,
        run.L if sequence is None else run.lengths[sequence],
        _cursor(view, around, run, lane[1], sequence),
        *_entering(around, lane[0], sequence),
        rival,
        _awaited(around, options, rival, run),
    )


def _entering(around: Surroundings, layer: int, sequence: int | None) -> tuple[bool, bool]:
    key = ("entering", layer, sequence)
    find = partial(_find_entering, around, layer, sequence)
    run = around.pr.run
    size = 0 if run is None else run.L * run.N * run.output_size
    return _memo.get(around.gradients, key, find, size)


def _find_entering(around: Surroundings, layer: int, sequence: int | None) -> tuple[bool, bool]:
    """Whether the loss enters a layer at one timestep alone, and a sequence only at its last.

    There it depends on the output itself, not by way of a later step. What a layer above passes
    down along the same direction counts as the way back itself; both directions pass it down.
    """
    assert around.gradients is not None
    pr, named = around.pr, around.gradients.tensors.get("output")
    if named is None or pr.run is None:
        return True, True
    grid = pr.form.grid(named.tensor)[: pr.run.L].detach().cpu()
    where = (grid != 0).any(dim=-1).numpy() & pr.run.schedule.valid
    last = np.arange(pr.run.L)[:, None] == np.asarray(pr.run.lengths) - 1
    if sequence is not None:
        where, last = where[:, sequence], last[:, sequence]
    once = bool((where.sum(axis=0) <= 1).all())
    alike = sequence is not None or len(set(pr.run.lengths)) == 1
    top = pr.run.num_directions == 1 or layer == pr.run.num_layers - 1
    return once and alike and top, once and not (where & ~last).any()


def _within(index: int, count: int) -> int:
    return min(max(index, 0), count - 1)


def _cursor(
    view: View, around: Surroundings, run: Trace, direction: int, sequence: int | None
) -> int | None:
    advances = view.run.current
    if around.returned is not None:
        step = run.total - around.returned
        advances = run.schedule.advances(step) if step < run.total else ()
    for advance in advances:
        if advance.direction == direction:
            t = max(advance.t) if sequence is None else advance.t[sequence]
            return t if t >= 0 else None
    return None


def _rival(around: Surroundings, options: GradientsOptions) -> Rival | None:
    rival = around.rival
    if not options.compare or rival is None or rival.pr.run is None:
        return None
    fits = rival.pr.run.kind == options.compare and rival.gradients.recurrent is not None
    return rival if fits and rival.pr.run.lengths == _lengths(around) else None


def _lengths(around: Surroundings) -> tuple[int, ...] | None:
    return None if around.pr.run is None else around.pr.run.lengths


def _awaited(
    around: Surroundings, options: GradientsOptions, rival: Rival | None, run: Trace
) -> str:
    words = []
    if options.compare in RIVALS and options.compare != run.kind and rival is None:
        words.append(f"{RIVALS[options.compare]} is being computed")
    if options.jacobian and around.jacobians is None:
        if run.hidden_size > LARGEST:
            words.append(f"∂h_T/∂h_t: hidden_size is beyond {LARGEST}")
        else:
            words.append("∂h_T/∂h_t is being computed")
    if options.paths and not is_bearable(run, _within(options.layer, run.num_layers)):
        words.append("too large to part by path")
    return "; ".join(words)
