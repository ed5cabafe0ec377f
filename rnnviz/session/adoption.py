"""From somebody's own module and input to a document."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnviz.model.spec import ModelSpec
from rnnviz.model.stepper import Stepper
from rnnviz.session.state import Document, InitialStates

Initial = torch.Tensor | tuple[torch.Tensor, torch.Tensor] | None


def adopt_module(
    module: nn.RNN | nn.LSTM | nn.GRU, input: torch.Tensor | PackedSequence, hx: Any = None
) -> Document:
    """A document that runs a copy of `module` on `input` as given.

    Raises:
        SpecError: where it is no recurrent module of torch.
        InputError: where the input or the initial states don't fit it.
    """
    spec = ModelSpec.of(module)
    run = Stepper(module, input, hx).trace  # finds out whether they fit
    values, lengths = _values(input, spec)
    return Document(
        spec=spec,
        values=values,
        lengths=lengths,
        training=module.training,
        packed=isinstance(input, PackedSequence),
        enforce_sorted=isinstance(input, PackedSequence) and input.sorted_indices is None,
        unbatched=run.unbatched,
        initial=_initial(hx, run.unbatched),
        fill="randn",
        module=copy.deepcopy(module),
        title=f"your nn.{spec.cell}",
    )


def _values(
    input: torch.Tensor | PackedSequence, spec: ModelSpec
) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    if isinstance(input, PackedSequence):
        padded, lengths = pad_packed_sequence(input, batch_first=True)
        return _array(padded), tuple(lengths.tolist())
    if input.dim() == 2:
        values = _array(input)[None]
    else:
        values = _array(input if spec.batch_first else input.transpose(0, 1))
    return values, (values.shape[1],) * values.shape[0]


def _initial(hx: Initial, unbatched: bool) -> InitialStates:
    if hx is None:
        return InitialStates()
    states = [_array(state) for state in (hx if isinstance(hx, tuple) else (hx,))]
    if unbatched:
        states = [state[:, None] for state in states]
    return InitialStates("typed", states[0], states[1] if len(states) > 1 else None)


def _array(tensor: torch.Tensor) -> NDArray[np.float64]:
    values: NDArray[np.float64] = tensor.detach().cpu().to(torch.float64).contiguous().numpy()
    return values.copy()
