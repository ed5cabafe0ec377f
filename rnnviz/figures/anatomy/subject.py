"""The one cell that is opened: which it is, and what is known of its tensors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.anatomy.options import AnatomyOptions
from rnnviz.figures.view import View
from rnnviz.model.cells import Operation
from rnnviz.model.inside import operations_done
from rnnviz.model.provenance import sources
from rnnviz.model.trace import Trace, as_numpy

Floats = NDArray[np.floating]
CARRIED = ("h_prev", "c_prev")


class Place(NamedTuple):
    """Where a cell is."""

    layer: int
    direction: int
    t: int
    sequence: int


@dataclass(frozen=True, eq=False)
class Subject:
    """A cell of a run.

    Attributes:
        view: what the figure shows.
        place: of the cell; t lies within the sequence.
    """

    view: View
    place: Place

    @property
    def run(self) -> Trace:
        return self.view.run

    @property
    def is_difference(self) -> bool:
        """Whether every number is the difference of two runs."""
        return bool(getattr(self.run, "is_difference", False))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        return self.run.operations

    @cached_property
    def done(self) -> int:
        """How many operations of the cell are computed."""
        layer, direction, t, sequence = self.place
        return int(operations_done(self.run, layer, direction, t)[sequence])

    @cached_property
    def last(self) -> Operation | None:
        """The operation that was computed last of all in the run, if it is one of this cell."""
        if not self.done or not self.run.current:
            return None
        layer, direction, t, sequence = self.place
        advance = self.run.current[-1]
        recent = [a for a in self.run.current if a.t[sequence] >= 0]
        advance = recent[-1] if recent else advance
        under_way = self.done < len(self.operations)
        here = (advance.layer, advance.direction, advance.t[sequence]) == (layer, direction, t)
        return self.operations[self.done - 1] if here or under_way else None

    def is_done(self, operation: Operation) -> bool:
        """Whether an operation of the cell is computed."""
        return self.operations.index(operation) < self.done

    @cached_property
    def known(self) -> frozenset[str]:
        """The tensors that have values, those that enter the cell among them."""
        found = {name for operation in self.operations[: self.done] for name in operation.gives}
        return frozenset({*found, *self._entering()})

    def _entering(self) -> list[str]:
        run, (layer, _, t, n) = self.run, self.place
        below = range(run.num_directions) if layer else ()
        found = ["x"] if all(bool(run.computed(layer - 1, d)[t, n]) for d in below) else []
        carried = [name for name in CARRIED if name == "h_prev" or run.cell.has_c]
        before = self.before
        lane = run.computed(layer, self.place.direction)
        return [*found, *(carried if before is None or bool(lane[before, n]) else [])]

    @cached_property
    def before(self) -> int | None:
        """The timestep that the carried states come from; None where they are initial."""
        t = self.place.t + (1 if self.place.direction else -1)
        return t if 0 <= t < self.run.lengths[self.place.sequence] else None

    @cached_property
    def after(self) -> int | None:
        """The timestep that the carried states go to; None where they are final."""
        t = self.place.t - (1 if self.place.direction else -1)
        return t if 0 <= t < self.run.lengths[self.place.sequence] else None

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Every tensor by name, (width,); NaN where it is not computed."""
        layer, direction, t, sequence = self.place
        found = self.run.tensors(layer, direction, t)
        return {name: as_numpy(values[sequence]) for name, values in found.items()}

    def forced(self, name: str) -> NDArray[np.bool_] | None:
        """Which units of a gate or state are forced to a value, (width,); None where none is."""
        layer, direction, t, sequence = self.place
        if not self.run.clamps or name not in (*self.run.cell.gates, "h", "c"):
            return None
        mask: NDArray[np.bool_] = self.run.clamped(name, layer, direction, t)[sequence].numpy()
        return mask if mask.any() else None

    @cached_property
    def chosen(self) -> Element | None:
        """What is selected, or of what lies in no cell, where it is at work in this one."""
        selected = self.view.selection
        return None if selected is None else _at_work(self.run, selected, self.place.sequence)

    def key(self, name: str) -> Element:
        """The element that a tensor of the cell is."""
        layer, direction, t, sequence = self.place
        if name == "x":
            return Element("x", layer, None, t, sequence)
        if name == "mask":
            return Element("mask", layer - 1, None, t, sequence)
        if name in CARRIED:
            tensor = name[0] if self.before is not None else f"{name[0]}_0"
            return Element(tensor, layer, direction, self.before, sequence)
        return Element(name, layer, direction, t, sequence)

    @cached_property
    def mask(self) -> Floats | None:
        """The dropout mask that x has passed, (in_features,)."""
        layer, _, t, sequence = self.place
        mask = self.run.masks.get(layer - 1)
        return None if mask is None else as_numpy(mask[t, sequence])


def subject_of(view: View, options: AnatomyOptions) -> Subject | None:
    """The cell that a view and options ask for; None where the run has none at all.

    What is under way comes first, then what is selected, then what was computed last.
    """
    run = view.run
    if not run.N or not run.total:
        return None
    sequence = min(view.sequence or 0, run.N - 1)
    layer, direction, t = _followed(view, sequence)
    if options.layer is not None or options.direction is not None:
        layer = layer if options.layer is None else min(options.layer, run.num_layers - 1)
        wanted = direction if options.direction is None else options.direction
        direction = min(wanted, run.num_directions - 1)
        t = _latest(run, layer, direction, sequence)
    return Subject(view, Place(layer, direction, min(t, run.lengths[sequence] - 1), sequence))


def _followed(view: View, sequence: int) -> tuple[int, int, int]:
    run, chosen = view.run, view.selection
    if chosen is not None:
        chosen = _entered(run, _at_work(run, chosen, sequence), sequence)
    active = run.active
    if active is not None and run.progress.operation and active.t[sequence] >= 0:
        return active.layer, active.direction, active.t[sequence]
    if not run.progress.cell and chosen is not None and chosen.tensor not in _SHARED:
        layer, direction, t = chosen.layer, chosen.direction or 0, chosen.t
        if layer is not None and t is not None:
            return layer, direction, t
    recent = [a for a in run.current if a.t[sequence] >= 0]
    if recent:
        return recent[-1].layer, recent[-1].direction, recent[-1].t[sequence]
    layer = run.num_layers - 1 if run.position else 0
    return layer, 0, _latest(run, layer, 0, sequence)


_SHARED = frozenset({"data", "mask"})


def _at_work(run: Trace, element: Element, sequence: int) -> Element:
    """Of a row of a weight or of `data`, a final state or `output`, what it has in a cell."""
    in_a_cell = element.t is not None and element.tensor not in ("data", "output")
    if in_a_cell or element.sequence not in (None, sequence):
        return element
    return next(iter(sources(run, element._replace(sequence=sequence))), element)


def _entered(run: Trace, element: Element, sequence: int) -> Element:
    """Of an initial state, the place of the cell that it enters."""
    if element.tensor not in ("h_0", "c_0"):
        return element
    return element._replace(t=run.lengths[sequence] - 1 if element.direction else 0)


def _latest(run: Trace, layer: int, direction: int, sequence: int) -> int:
    """The timestep that a layer and direction computes now, or has computed last."""
    active = run.active
    lane = (layer, direction)
    if active is not None and run.progress.operation and lane == (active.layer, active.direction):
        t = active.t[sequence]
        if t >= 0:
            return t
    done = int(run.computed(layer, direction)[:, sequence].sum())
    length = run.lengths[sequence]
    return length - max(done, 1) if direction else max(done, 1) - 1
