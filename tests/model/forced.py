"""Runs in which numbers are forced, computed by formulas of their own, number by number."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from rnnviz.model.clamps import Clamp
from rnnviz.model.trace import Trace
from tests.model.runs import Case

Place = tuple[int, int, int, int]  # layer, direction, t, sequence


@st.composite
def clamps_of(draw: st.DrawFn, case: Case, most: int = 4) -> tuple[Clamp, ...]:
    """Any clamps that fit a case."""
    module, (length, sequences) = case.module, _sizes(case.input, case.module)
    hidden, directions = module.hidden_size, 2 if module.bidirectional else 1
    widths = {
        "RNN": {"h": hidden},
        "LSTM": dict.fromkeys("ifgoc", hidden) | {"h": module.proj_size or hidden},
        "GRU": dict.fromkeys("rznh", hidden),
    }[type(module).__name__]

    def index(size: int) -> Any:
        return st.none() | st.integers(0, size - 1)

    def clamp() -> Clamp:
        tensor = draw(st.sampled_from(sorted(widths)))
        return Clamp(
            tensor,
            draw(st.floats(-2, 2)),
            draw(index(module.num_layers)),
            draw(index(directions)),
            draw(index(length)),
            draw(index(sequences)),
            draw(index(widths[tensor])),
        )

    return tuple(clamp() for _ in range(draw(st.integers(0, most))))


def _sizes(values: Any, module: Any) -> tuple[int, int]:
    if not isinstance(values, Tensor):
        return len(values.batch_sizes), int(values.batch_sizes[0])
    if values.dim() == 2:
        return values.shape[0], 1
    first, second, _ = values.shape
    return (second, first) if module.batch_first else (first, second)


def by_hand(run: Trace, clamps: tuple[Clamp, ...]) -> dict[Place, dict[str, Tensor]]:
    """h, c and the gates at every place, from the equations that PyTorch's pages print."""
    found: dict[Place, dict[str, Tensor]] = {}
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            for n, length in enumerate(run.lengths):
                order = range(length) if direction == 0 else range(length - 1, -1, -1)
                row = layer * run.num_directions + direction
                h, c = run.h_0[row, n], None if run.c_0 is None else run.c_0[row, n]
                for t in order:
                    place = (layer, direction, t, n)
                    x = _received(run, found, place)
                    found[place] = _cell(run, clamps, place, (x, h, c))
                    h, c = found[place]["h"], found[place].get("c")
    return found


def _received(run: Trace, found: dict[Place, dict[str, Tensor]], place: Place) -> Tensor:
    layer, _, t, n = place
    if layer == 0:
        return run.inputs(0)[t, n]
    below = [found[layer - 1, direction, t, n]["h"] for direction in range(run.num_directions)]
    x = torch.cat(below)
    return x * run.masks[layer - 1][t, n] if layer - 1 in run.masks else x


def _cell(
    run: Trace,
    clamps: tuple[Clamp, ...],
    place: Place,
    entering: tuple[Tensor, Tensor, Tensor | None],
) -> dict[str, Tensor]:
    x, h, c = entering
    w = run.buffers.binding.lanes[place[:2]]
    zero = torch.zeros((), dtype=x.dtype)
    a_x = w.weight_ih @ x + (zero if w.bias_ih is None else w.bias_ih)
    a_h = w.weight_hh @ h + (zero if w.bias_hh is None else w.bias_hh)

    def forced(tensor: str, values: Tensor) -> Tensor:
        values = values.clone()
        for clamp in clamps:
            where = (clamp.layer, clamp.direction, clamp.t, clamp.sequence)
            if clamp.tensor == tensor and all(
                wanted in (None, index) for wanted, index in zip(where, place, strict=True)
            ):
                values[slice(None) if clamp.unit is None else clamp.unit] = clamp.value
        return values

    if run.kind == "RNN":
        a = a_x + a_h
        return {"h": forced("h", a.relu() if w.nonlinearity == "relu" else a.tanh()), "a_h": a}
    if run.kind == "GRU":
        (x_r, x_z, x_n), (h_r, h_z, h_n) = a_x.chunk(3), a_h.chunk(3)
        r, z = forced("r", (x_r + h_r).sigmoid()), forced("z", (x_z + h_z).sigmoid())
        a_n = x_n + r * h_n
        n = forced("n", a_n.tanh())
        before = {"a_r": x_r + h_r, "a_z": x_z + h_z, "a_n": a_n}
        return {"r": r, "z": z, "n": n, "h": forced("h", (1 - z) * n + z * h), **before}
    assert c is not None
    a_i, a_f, a_g, a_o = (a_x + a_h).chunk(4)
    i, f = forced("i", a_i.sigmoid()), forced("f", a_f.sigmoid())
    g, o = forced("g", a_g.tanh()), forced("o", a_o.sigmoid())
    c_t = forced("c", f * c + i * g)
    h_t = o * c_t.tanh()
    h_t = forced("h", h_t if w.weight_hr is None else w.weight_hr @ h_t)
    before = {"a_i": a_i, "a_f": a_f, "a_g": a_g, "a_o": a_o}
    return {"i": i, "f": f, "g": g, "o": o, "c": c_t, "h": h_t, **before}
