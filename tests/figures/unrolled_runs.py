"""Runs and frames that the tests of the unrolled graph look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.utils.rnn import pack_padded_sequence

from rnnviz.element import Element
from rnnviz.figures.unrolled import FIGURE, UnrolledOptions
from rnnviz.figures.view import Frame, View
from rnnviz.model.binding import bind
from rnnviz.model.clamps import Clamp
from rnnviz.model.recompute import recompute
from rnnviz.model.trace import Trace, trace
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import load_style

PANE = (1000.0, 706.0)


def run_of(
    kind: str,
    *,
    L: int = 6,  # noqa: N803
    lengths: tuple[int, ...] = (),
    **options: Any,
) -> Trace:
    """A run whose weights and input are plain ramps, the same on every machine."""
    return trace(*module_and_input(kind, L, lengths, **options))


def edited_of(
    kind: str,
    *,
    clamps: tuple[Clamp, ...] = (),
    weights: Mapping[str, tuple[int, ...]] | None = None,
    values: tuple[int, ...] = (),
    by: float = 0.5,
    L: int = 6,  # noqa: N803
    lengths: tuple[int, ...] = (),
    **options: Any,
) -> tuple[Trace, Trace]:
    """A run before and after an edit, equal to the last bit where that changes nothing.

    Args:
        weights: the entry of each parameter that is changed.
        values: which number of the input, or of its packed data, is changed.
        by: how much they are raised.
    """
    module, x = module_and_input(kind, L, lengths, **options)
    before = trace(module, x)
    with torch.no_grad():
        for name, entry in (weights or {}).items():
            module.get_parameter(name)[entry] += by
        if values:
            data = x.data.clone() if lengths else x.clone()
            data[values] += by
            x = x._replace(data=data) if lengths else data
    return before, recompute(before, bind(module, x, None, clamps))


def module_and_input(
    kind: str,
    L: int = 6,  # noqa: N803
    lengths: tuple[int, ...] = (),
    **options: Any,
) -> tuple[Any, Any]:
    """A module in eval mode and what it is run on."""
    sizes = {"input_size": 4, "hidden_size": 8, "num_layers": 2, **options}
    module = getattr(torch.nn, kind)(**sizes, dtype=torch.float64)
    with torch.no_grad():
        for k, parameter in enumerate(module.parameters()):
            ramp = torch.arange(parameter.numel(), dtype=torch.float64)
            parameter.copy_((torch.sin(1.7 * ramp + k) * 0.8).reshape(parameter.shape))
    steps = max(lengths, default=L)
    count = steps * (len(lengths) or 1) * sizes["input_size"]
    values = torch.cos(torch.arange(count, dtype=torch.float64) * 0.9) * 1.5
    x: Any = values.reshape(steps, -1, sizes["input_size"])
    if lengths:
        x = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    return module.eval(), x


def built(
    run: Trace,
    *,
    zoom: float = 1.0,
    at: tuple[float, float] = (0.0, 0.0),
    pane: tuple[float, float] = PANE,
    sequence: int | None = 0,
    selection: Element | None = None,
    options: UnrolledOptions | None = None,
    theme: Any = "light",
) -> Scene:
    """The scene of a frame."""
    view = View(run, None, sequence, selection)
    frame = Frame(*at, *pane, zoom)
    return FIGURE.build(view, options or UnrolledOptions(), frame, load_style(theme))
