"""From somebody's own module and input to a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import PackedSequence

from rnnviz.model.binding import Binding, bind
from rnnviz.model.reference import rebuild_module
from rnnviz.session.state import Document, InitialStates

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent


def adopt_module(
    module: Recurrent, input: torch.Tensor | PackedSequence, hx: Any = None
) -> Document:
    """A document that runs a copy of `module` on `input` as given.

    The copy is a plain module of torch with the weights that `module` has now, whatever hooks
    or parametrizations it makes them with.

    Raises:
        SpecError: where it is no recurrent module of torch.
        InputError: where the input or the initial states don't fit it.
    """
    with torch.random.fork_rng(devices=[]):  # masks are drawn, and not looked at
        binding = bind(module, input, hx)
    spec, layout = binding.spec, binding.layout
    return Document(
        spec=spec,
        values=_values(binding),
        lengths=layout.lengths,
        training=binding.training,
        packed=layout.plan is not None,
        enforce_sorted=layout.plan is not None and layout.plan.enforce_sorted,
        unbatched=binding.unbatched,
        initial=_initial(binding),
        fill="randn",
        module=rebuild_module(binding),
        title=f"your nn.{spec.cell}",
    )


def _values(binding: Binding) -> NDArray[np.float64]:
    """The input (N, L, H_in), zeros beyond a sequence's length."""
    plan = binding.layout.plan
    grid = binding.x_grid if plan is None else plan.pad(binding.x)
    return _array(grid.transpose(0, 1))


def _initial(binding: Binding) -> InitialStates:
    if not binding.initial_given:
        return InitialStates()
    c_0 = None if binding.c_0 is None else _array(binding.c_0)
    return InitialStates("typed", _array(binding.h_0), c_0)


def _array(tensor: torch.Tensor) -> NDArray[np.float64]:
    values: NDArray[np.float64] = tensor.to(torch.float64).contiguous().numpy()
    return values.copy()
