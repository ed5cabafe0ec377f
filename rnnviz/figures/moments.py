"""Where a view stands in time: what is read now, and whose output is there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.view import View
from rnnviz.model.pipeline.form import Form


def steps_now(view: View, form: Form) -> NDArray[np.int64]:
    """The timestep of each sequence that was computed last, forward where there is a choice.

    Returns:
        (N,); −1 for none.
    """
    found = np.full(form.N, -1, dtype=np.int64)
    if view.trace is None:
        position = 0 if view.around is None else view.around.position
        if 0 < position <= form.L:
            found[:] = position - 1
        return found
    for advance in reversed(view.trace.current):
        if advance.direction == 0:
            t = np.asarray(advance.t, dtype=np.int64)
            found = np.where(t >= 0, t, found)
    return found


def outputs_there(view: View, form: Form) -> NDArray[np.bool_]:
    """Where `View.has_output` holds, of all places at once: (L, N)."""
    there = np.zeros((form.L, form.N), dtype=bool)
    run = view.trace
    if run is None:
        if view.around is not None:
            there[: view.around.position] = True
        return there
    top = run.num_layers - 1
    known = [run.computed(top, direction).numpy() for direction in range(run.num_directions)]
    there[: run.L] = np.logical_and.reduce(known)
    return there
