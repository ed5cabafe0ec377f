"""The module itself as the oracle: rebuilt from the snapshot, run, and compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Binding
from rnnviz.model.comparison import absolute_difference, largest
from rnnviz.model.states import States

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent


class Reference(NamedTuple):
    """What the module itself returns, time-major: (L, N, D, H_out) and (layers, D, N, H)."""

    output: Tensor
    h_n: Tensor
    c_n: Tensor | None


@plain_arithmetic()
def whole_difference(states: States, position: int) -> float:
    """The largest difference of `output`, `h_n` and `c_n` to what the module itself returns.

    Of a run that is computed in part, that part is compared.
    """
    if states.reference is None:
        states.reference = run_module(states.binding)
    reference = states.reference
    top = states.binding.spec.num_layers - 1
    found = 0.0
    for layer, d in states.binding.lanes:
        computed = torch.from_numpy(states.schedule.computed(layer, d, position))
        finished = states.final(computed, d)
        pairs = [(states.final(states.h(layer)[:, :, d], d), reference.h_n[layer, d], finished)]
        c = states.c(layer)
        if c is not None and reference.c_n is not None:
            pairs.append((states.final(c[:, :, d], d), reference.c_n[layer, d], finished))
        if layer == top:
            pairs.append((states.h(top)[:, :, d], reference.output[:, :, d], computed))
        for values, wanted, where in pairs:
            gap = absolute_difference(values, wanted)
            found = max(found, largest(gap.masked_fill(~where[..., None], 0.0)))
    return found


@plain_arithmetic()
def run_module(binding: Binding) -> Reference:
    """Runs a module rebuilt from the snapshot, with the same dropout masks.

    The global generators are as before when it returns.
    """
    module = rebuild_module(binding)
    arguments = (binding.given_input, binding.given_initial)
    if binding.generator is None:
        output, final = module(*arguments)
    else:
        with binding.generator.restored():
            output, final = module(*arguments)
    states = [_by_layer(binding, state) for state in _tuple(final)]
    return Reference(
        _time_major(binding, output), states[0], states[1] if len(states) == 2 else None
    )


def rebuild_module(binding: Binding) -> Recurrent:
    """The module again, from the snapshot alone, drawing from no generator."""
    spec = binding.spec
    options: dict[str, Any] = {} if spec.cell != "RNN" else {"nonlinearity": spec.nonlinearity}
    if spec.cell == "LSTM":
        options["proj_size"] = spec.proj_size
    module = getattr(torch.nn, spec.cell)(
        spec.input_size,
        spec.hidden_size,
        num_layers=spec.num_layers,
        bias=spec.bias,
        batch_first=spec.batch_first,
        dropout=spec.dropout if spec.num_layers > 1 else 0.0,
        bidirectional=spec.bidirectional,
        device="meta",
        **options,
    )
    weights = {name: weight.to(binding.device) for name, weight in binding.weights.items()}
    module.load_state_dict(weights, assign=True)
    result: Recurrent = module.train(binding.training)
    return result


def _time_major(binding: Binding, output: Tensor | PackedSequence) -> Tensor:
    spec, layout = binding.spec, binding.layout
    shape = (layout.L, layout.N, spec.num_directions, spec.output_size)
    if isinstance(output, PackedSequence):
        return layout.grid(output.data.cpu()).view(shape)
    if spec.batch_first and not binding.unbatched:
        output = output.transpose(0, 1)
    return output.cpu().reshape(shape)


def _tuple(final: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (final,) if isinstance(final, Tensor) else final


def _by_layer(binding: Binding, state: Tensor) -> Tensor:
    spec = binding.spec
    shape = (spec.num_layers, spec.num_directions, binding.layout.N, state.shape[-1])
    return state.cpu().reshape(shape)
