"""From a spec to a torch module, and back."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import torch
from torch import nn

from rnnviz.errors import SpecError
from rnnviz.model.spec import CELL_NAMES, ITEM_SIZE, ModelSpec

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent

_MODULES: dict[str, type[Recurrent]] = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
_OPTIONS = ("num_layers", "bias", "batch_first", "dropout", "bidirectional")


def build_module(spec: ModelSpec) -> Recurrent:
    """The module of a spec, in eval mode, its weights drawn by a generator of their own."""
    options = {name: getattr(spec, name) for name in _OPTIONS}
    if spec.cell == "RNN":
        options["nonlinearity"] = spec.nonlinearity
    if spec.proj_size:
        options["proj_size"] = spec.proj_size
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="dropout option adds dropout")
        # Made without values, so that torch's own initialisation draws from no generator.
        module = _MODULES[spec.cell](
            spec.input_size,
            spec.hidden_size,
            **options,
            device="meta",
            dtype=getattr(torch, spec.dtype),
        )
    # As `to_empty` does, which imports sympy to ask a meta tensor for one like it.
    module._apply(  # type: ignore[no-untyped-call]  # noqa: SLF001
        lambda values: torch.empty(values.shape, dtype=values.dtype)
    )
    _initialise(module, torch.Generator().manual_seed(spec.seed))
    return module.eval()


def read_module(module: Recurrent) -> ModelSpec:
    """The spec of a module that exists."""
    cell = next((name for name in CELL_NAMES if isinstance(module, _MODULES[name])), None)
    if cell is None:
        raise SpecError(
            "module",
            expected="a torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU",
            got=f"{type(module).__module__}.{type(module).__qualname__}",
        )
    dtype = str(module.weight_ih_l0.dtype).removeprefix("torch.")
    if dtype not in ITEM_SIZE:
        raise SpecError("dtype", expected=f"one of {', '.join(ITEM_SIZE)}", got=dtype)
    return ModelSpec(
        cell=cell,
        input_size=int(module.input_size),
        hidden_size=int(module.hidden_size),
        num_layers=int(module.num_layers),
        nonlinearity="relu" if module.mode == "RNN_RELU" else "tanh",
        bias=bool(module.bias),
        batch_first=bool(module.batch_first),
        dropout=float(module.dropout),
        bidirectional=bool(module.bidirectional),
        proj_size=int(module.proj_size),
        dtype=dtype,
    )


def _initialise(module: Recurrent, generator: torch.Generator) -> None:
    """What `reset_parameters` does, with a given generator."""
    bound = 1.0 / math.sqrt(module.hidden_size)
    for parameter in module.parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=generator)


def draw_like(module: Recurrent) -> None:
    """Takes as many numbers from torch's generator as making the module does."""
    for parameter in module.parameters():
        nn.init.uniform_(torch.empty_like(parameter))
