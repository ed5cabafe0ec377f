"""A run and what it was before an edit: the words for what is shown, and where they differ."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.strips import merge_units, units_per_cell
from rnnviz.figures.view import View
from rnnviz.model.trace import Trace, as_numpy
from rnnviz.scene.marks import Rect
from rnnviz.scene.style import Style

DIFFERENCE = "Δ = new − original"
ORIGINAL = "original"
FORCED = "Forced values are underlined."
_memo = Memo()


def shown_words(view: View) -> str:
    """What a key says of the run on show; "" of the one that is nothing but itself."""
    if view.is_difference:
        return DIFFERENCE
    return ORIGINAL if view.showing == "old" else ""


def shown_title(title: str, view: View) -> str:
    """A picture's title, with what is shown of two runs."""
    words = "new − original" if view.is_difference else shown_words(view)
    return f"{title}, {words}" if words else title


def spread_words(view: View) -> str:
    """Between which timesteps h or c of a sequence differs, for a difference of two runs."""
    if not view.is_difference:
        return ""
    run = view.run if view.whole is None else view.whole
    found = differing_steps(run, view.sequence)
    if found is None:
        return "No state differs by more than rounding."
    first, last = found
    if first == last:
        return f"States differ at t = {first + 1}."
    return f"States differ from t = {first + 1} to {last + 1}."


def differing_steps(run: Trace, sequence: int | None) -> tuple[int, int] | None:
    """The first and last timestep at which a state of a difference is more than rounding."""
    find = partial(_differing, run, sequence)
    return _memo.get(run, ("differing", sequence), find, run.L * run.hidden_size)


def _differing(run: Trace, sequence: int | None) -> tuple[int, int] | None:
    differs = np.zeros(run.L, dtype=bool)
    rows = slice(None) if sequence is None else slice(sequence, sequence + 1)
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            known = as_numpy(run.computed(layer, direction)).astype(bool)[:, rows]
            for states in run.states(layer, direction):
                if states is not None:
                    alike = np.abs(as_numpy(states)[:, rows]) <= run.tolerance
                    differs |= (known & ~alike.all(axis=2)).any(axis=1)
    found = np.flatnonzero(differs)
    return (int(found[0]), int(found[-1])) if len(found) else None


def is_alike(run: Trace, other: Trace) -> bool:
    """Whether two runs have the same cell, sizes and lengths, so that they can be compared."""
    mine, others = run.spec, other.spec
    return (run.L, run.lengths, mine.cell, mine.num_layers, mine.num_directions) == (
        other.L,
        other.lengths,
        others.cell,
        others.num_layers,
        others.num_directions,
    ) and (run.hidden_size, run.output_size) == (other.hidden_size, other.output_size)


def forced_units(
    run: Trace, tensor: str, place: tuple[int, int, int], sequence: int
) -> NDArray[np.bool_] | None:
    """Which units of a gate or state are forced at a layer, direction and t; None for none."""
    if tensor not in (*run.cell.gates, "h", "c"):
        return None
    layer, direction, _ = place
    held = (c for c in run.clamps if c.tensor == tensor and c.reaches(layer, direction))
    if not any(clamp.t in (None, place[2]) for clamp in held):
        return None
    mask: NDArray[np.bool_] = run.clamped(tensor, *place)[sequence].numpy()
    return mask if mask.any() else None


def forced_lines(
    box: tuple[float, float, float, float],
    forced: NDArray[np.bool_],
    style: Style,
    zoom: float = 1.0,
) -> list[Rect]:
    """A line below every cell of a strip that holds a unit which is forced to its value."""
    x, y, width, height = box
    stride = units_per_cell(len(forced), width * zoom)
    cells = merge_units(forced.astype(np.float64), stride) > 0
    pitch, ink = width / len(cells), style.ui.text
    if cells.all():
        return [Rect(x, y + height + 1.5, width, 2.0, fill=ink)]
    return [
        Rect(x + float(place) * pitch, y + height + 1.5, max(pitch - 1, 1.0), 2.0, fill=ink)
        for place in np.flatnonzero(cells)
    ]
