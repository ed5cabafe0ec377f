"""An encoder or a decoder as the figure reads it: what is computed, and what came back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.model.gradients import Gradients
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.trace import Trace, as_numpy

Floats = NDArray[np.floating]
_MEMO = Memo(most=2048)


@dataclass(frozen=True, eq=False)
class Half:
    """One of the two recurrent stacks.

    Attributes:
        prefix: of its tensors' names, "" or "decoder.".
        pr: its run from the ids on.
        run: its recurrent layers.
        done: how many of its timesteps are done; of an encoder `run` itself says so.
        gradients: all of them; None while the pass forward is on show.
        back: how many of its timesteps the view has come back.
    """

    prefix: str
    pr: PipelineRun
    run: Trace
    done: int
    gradients: Gradients | None = None
    back: int = 0

    def key(
        self,
        tensor: str,
        sequence: int | None,
        layer: int | None = None,
        t: int | None = None,
        unit: int | None = None,
    ) -> Element:
        """The element that a mark stands for."""
        direction = None if layer is None or tensor == "x" else 0
        return Element(self.prefix + tensor, layer, direction, t, sequence, unit)

    def gradient_key(self, tensor: str, sequence: int, layer: int, t: int | None) -> Element:
        """The element of a gradient: `grad_h`, `decoder.grad_h`."""
        return Element(f"{self.prefix}grad_{tensor}", layer, 0, t, sequence)

    def length(self, sequence: int) -> int:
        """Timesteps of a sequence that are no padding."""
        return self.run.lengths[sequence]

    def steps_done(self, layer: int, sequence: int) -> int:
        """How many timesteps of a layer are done, of those that are no padding."""
        reached = self.done if self.prefix else self.run.steps_done(layer, 0)
        return min(reached, self.length(sequence))

    def is_done(self, layer: int, t: int, sequence: int) -> bool:
        """Whether a cell is computed."""
        return t < self.steps_done(layer, sequence)

    def is_begun(self, layer: int, t: int, sequence: int) -> bool:
        """Whether a cell is computed, or has begun to be."""
        active = None if self.prefix else self.run.active
        begun = active is not None and self.run.progress.operation > 0
        if begun and active is not None and active.layer == layer and active.t[sequence] == t:
            return True
        return self.is_done(layer, t, sequence)

    def is_known(self, tensor: str, layer: int, t: int, sequence: int) -> bool:
        """Whether a state or gate is computed."""
        if self.is_done(layer, t, sequence):
            return True
        if not self.is_begun(layer, t, sequence):
            return False
        return self.run.is_computed(tensor, layer, 0, t, sequence)

    @property
    def is_finished(self) -> bool:
        """Whether every timestep is done."""
        return (self.done if self.prefix else self.run.position) >= self.run.total

    def states(self, tensor: str, layer: int, sequence: int, t0: int, t1: int) -> Floats:
        """h or c of timesteps [t0, t1), (steps, H); those that are done count."""
        buffers = self.run.buffers
        found = buffers.h(layer) if tensor == "h" else buffers.c(layer)
        assert found is not None
        return as_numpy(found[t0:t1, sequence, 0])

    def vector(self, tensor: str, layer: int, t: int, sequence: int) -> Floats:
        """A state or gate of one cell, (H,)."""
        if not self.is_done(layer, t, sequence):
            return as_numpy(self.run.tensors(layer, 0, t)[tensor][sequence])
        if tensor in ("h", "c"):
            state: Floats = self.states(tensor, layer, sequence, t, t + 1)[0]
            return state
        key = (layer, t, sequence)
        gates = _MEMO.get(self.run.buffers, key, lambda: self._gates(layer, t, sequence))
        found: Floats = gates[tensor]
        return found

    def _gates(self, layer: int, t: int, sequence: int) -> dict[str, Floats]:
        gates = self.run.gates(layer, 0, t)
        return {name: as_numpy(values[sequence]) for name, values in gates.items()}

    def inputs(self, sequence: int, t0: int, t1: int) -> Floats:
        """What the lowest layer receives at timesteps [t0, t1), (steps, H_in)."""
        return as_numpy(self.run.inputs(0)[t0:t1, sequence])

    def initial(self, tensor: str, layer: int, sequence: int) -> Floats:
        """h_0 or c_0 of a layer, (H,)."""
        given = self.run.h_0 if tensor == "h" else self.run.c_0
        assert given is not None
        return as_numpy(given[layer, sequence])

    def came_back(self, t: int, sequence: int) -> bool:
        """Whether the gradient at a timestep is known as far as the view has come back."""
        known = self.gradients is not None and t < self.length(sequence)
        return known and t >= self.run.total - self.back

    def gradient(self, tensor: str, layer: int, sequence: int, t0: int, t1: int) -> Floats:
        """∂loss/∂h_t, ∂loss/∂c_t or ∂loss/∂x_t of timesteps [t0, t1), (steps, H)."""
        assert self.gradients is not None
        if tensor == "x":
            return as_numpy(self.gradients.x[t0:t1, sequence])
        found = self.gradients.h(layer) if tensor == "h" else self.gradients.c(layer)
        assert found is not None
        return as_numpy(found[t0:t1, sequence])
