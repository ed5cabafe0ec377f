"""What every part of the diagram is drawn from: the page, the run's values, and how open it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.folded.names import SYMBOLS, Symbols
from rnnviz.figures.folded.options import FoldedOptions
from rnnviz.figures.folded.page import Lane, Page, current_steps
from rnnviz.figures.ranges import Ranges, value_ranges
from rnnviz.figures.view import View
from rnnviz.model.trace import Trace, as_numpy
from rnnviz.scene.style import Style

Vector = NDArray[np.floating]
_APPEARS = (0.12, 0.5)  # of the way: names of cells, as they part from one another
_SETTLES_FROM = 0.75  # of the way: what stands still beside the chain


@dataclass(frozen=True)
class Stage:
    """A diagram to be drawn.

    Attributes:
        zoom: for numbers alone, which appear where cells are large enough.
    """

    page: Page
    view: View
    options: FoldedOptions
    style: Style
    zoom: float

    @property
    def run(self) -> Trace:
        """The run on show."""
        return self.page.run

    @cached_property
    def openness(self) -> float:
        """0 is folded, 1 unrolled; folded too where there is no sequence to unroll over."""
        return min(max(self.options.openness, 0.0), 1.0) if self.page.shown else 0.0

    @cached_property
    def symbols(self) -> Symbols:
        """How the weights are named."""
        return SYMBOLS[self.options.symbols]

    @cached_property
    def ranges(self) -> Ranges:
        """Of the signed colours."""
        return value_ranges(self.run, self.view.whole)

    @cached_property
    def current(self) -> Mapping[tuple[int, int], int]:
        """Where the last step was, by layer and direction."""
        return current_steps(self.run, self.page.sequence)

    @property
    def named(self) -> float:
        """The opacity of the names in the chain."""
        begin, end = _APPEARS
        return min(max((self.openness - begin) / (end - begin), 0.0), 1.0)

    @property
    def settled(self) -> float:
        """The opacity of what does not move: h_0, the time axis, the second title."""
        return min(max((self.openness - _SETTLES_FROM) / (1 - _SETTLES_FROM), 0.0), 1.0)

    def on_way(self, start: float, end: float) -> float:
        """A place between two, as far as the diagram is open."""
        return start + (end - start) * self.openness

    @property
    def folded(self) -> float:
        """Left edge of the folded cell."""
        return self.on_way(self.page.middle, self.page.folded)

    def column(self, place: int) -> float:
        """Left edge of the cells in a column."""
        return self.on_way(self.page.middle, self.page.columns[place])

    def is_lit(self, lane: Lane, t: int) -> bool:
        """Whether a cell was computed last."""
        return self.current.get((lane.layer, lane.direction)) == t

    def state(self, tensor: str, lane: Lane, t: int) -> Vector | None:
        """h or c of a cell, `(units,)`; None where it is not computed yet."""
        key = (tensor, lane.layer, lane.direction, t)
        if key not in self._states:
            self._states[key] = self._state(tensor, lane, t)
        return self._states[key]

    @cached_property
    def _states(self) -> dict[tuple[str, int, int, int], Vector | None]:
        return {}

    def _state(self, tensor: str, lane: Lane, t: int) -> Vector | None:
        run, n = self.run, self.page.sequence
        turn = self.page.length - 1 - t if lane.direction else t
        if turn < run.steps_done(lane.layer, lane.direction):
            states = run.buffers.h(lane.layer) if tensor == "h" else run.buffers.c(lane.layer)
            assert states is not None
            return as_numpy(states[t, n, lane.direction])
        if not self.is_lit(lane, t):
            return None
        if not run.is_computed(tensor, lane.layer, lane.direction, t, n):
            return None
        return as_numpy(run.tensors(lane.layer, lane.direction, t)[tensor][n])

    def is_known(self, tensor: str, lane: Lane, t: int) -> bool:
        """Whether h or c of a cell is computed."""
        return self.state(tensor, lane, t) is not None

    def initial(self, tensor: str, lane: Lane) -> Vector:
        """h_0 or c_0 of a lane, `(units,)`."""
        given = self.run.h_0 if tensor == "h" else self.run.c_0
        assert given is not None
        row = lane.layer * self.run.num_directions + lane.direction
        return as_numpy(given[row, self.page.sequence])

    def input(self, t: int) -> Vector | None:
        """What the lowest layer on show receives, `(features,)`; None where it is not known."""
        layer = self.page.layers[-1]
        if layer:
            below = (Lane(layer - 1, direction, 0) for direction in range(self.run.num_directions))
            if not all(self.is_known("h", lane, t) for lane in below):
                return None
        return as_numpy(self.run.buffers.inputs(layer, t, t + 1)[0, self.page.sequence])

    def is_used(self, t: int) -> bool:
        """Whether some cell of the lowest layer on show has taken its input at t."""
        lowest = self.page.layers[-1]
        lanes = (lane for lane in self.page.lanes if lane.layer == lowest)
        return any(self.is_known("h", lane, t) or self.is_lit(lane, t) for lane in lanes)

    def key(self, tensor: str, lane: Lane, t: int | None) -> Element:
        """The name of a vector of a lane."""
        return Element(tensor, lane.layer, lane.direction, t, self.page.sequence)
