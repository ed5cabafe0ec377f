"""What a loss asks of a run: the gradients of what the module returns, checked and laid out."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import InputError, UsageError
from rnnviz.model.binding import Binding
from rnnviz.model.trace import Trace

GradOutput = Tensor | PackedSequence | None


class Seeds(NamedTuple):
    """Where back through time begins.

    Attributes:
        output: (rows, D, H_out), ∂loss/∂output.
        h_n: (num_layers * D, N, H_out), ∂loss/∂h_n.
        c_n: (num_layers * D, N, H_cell), ∂loss/∂c_n; None but for LSTM.
    """

    output: Tensor
    h_n: Tensor
    c_n: Tensor | None


def check_run(run: Trace) -> None:
    """Refuse a run that there is no way back through."""
    if not isinstance(run, Trace):
        raise UsageError(f"run: expected what `trace` returned, got a {type(run).__name__}")
    if run.is_difference:
        raise UsageError("run: expected a run of its own, got the difference of two")
    if run.progress.step != run.total:
        raise UsageError(
            f"run: expected one computed to its end ({run.total} steps), got {run.position}"
        )


def seeds_of(
    run: Trace, grad_output: GradOutput, grad_h_n: Tensor | None, grad_c_n: Tensor | None
) -> Seeds:
    """The gradients that a caller gave, zeros where none was given.

    Raises:
        InputError: where one does not fit the run.
    """
    binding = run.buffers.binding
    layers = run.num_layers * run.num_directions
    if grad_c_n is not None and run.c_0 is None:
        raise InputError("grad_c_n", expected=f"None for nn.{run.kind}", got="a tensor")
    c_n = None
    if run.c_0 is not None:
        c_n = _state(binding, "grad_c_n", grad_c_n, (layers, run.N, run.hidden_size))
    return Seeds(
        _output(binding, grad_output),
        _state(binding, "grad_h_n", grad_h_n, (layers, run.N, run.output_size)),
        c_n,
    )


def _output(binding: Binding, given: GradOutput) -> Tensor:
    """(rows, D, H_out) of any form."""
    spec, layout = binding.spec, binding.layout
    apart = (spec.num_directions, spec.output_size)
    if given is None:
        return binding.x.new_zeros(layout.row_count, *apart)
    if isinstance(given, PackedSequence):
        return _packed(binding, given).reshape(-1, *apart)
    _check_tensor(binding, "grad_output", given)
    features = spec.num_directions * spec.output_size
    grid = (layout.L, layout.N)
    if tuple(given.shape) == (*grid, *apart):
        return layout.rows(given.detach().cpu())
    for shape, time_major in _forms(binding, features).items():
        if tuple(given.shape) == shape:
            values = given.detach().cpu()
            values = values if time_major else values.transpose(0, 1)
            return layout.rows(values.reshape(*grid, *apart))
    wanted = next(iter(_forms(binding, features)))
    raise InputError("grad_output", expected=f"the shape {wanted}", got=tuple(given.shape))


def _forms(binding: Binding, features: int) -> dict[tuple[int, ...], bool]:
    """Shapes of what the module returns, the module's own first, and whether time leads."""
    layout = binding.layout
    grid = (layout.L, layout.N, features)
    if binding.packing is not None:
        return {grid: True}
    if binding.unbatched:
        return {(layout.L, features): True, grid: True}
    if binding.spec.batch_first:
        return {(layout.N, layout.L, features): False}
    return {grid: True}


def _packed(binding: Binding, given: PackedSequence) -> Tensor:
    if binding.packing is None:
        raise InputError("grad_output", expected="a tensor, as the input is", got="packed")
    mine = binding.packing
    _check_tensor(binding, "grad_output", given.data)
    shape = (len(mine.data), binding.spec.num_directions * binding.spec.output_size)
    if tuple(given.data.shape) != shape:
        raise InputError(
            "grad_output", expected=f"data of the shape {shape}", got=tuple(given.data.shape)
        )
    same = torch.equal(given.batch_sizes.cpu(), mine.batch_sizes.cpu())
    if not same or _order(given) != _order(mine):
        raise InputError("grad_output", expected="packed as the input is", got="another packing")
    return given.data.detach().cpu()


def _order(packed: PackedSequence) -> list[int]:
    if packed.sorted_indices is None:
        return list(range(int(packed.batch_sizes[0])))
    order: list[int] = packed.sorted_indices.tolist()
    return order


def _state(
    binding: Binding, name: str, given: Tensor | None, shape: tuple[int, int, int]
) -> Tensor:
    """(D * num_layers, N, H) as given, or zeros."""
    if given is None:
        return binding.x.new_zeros(shape)
    _check_tensor(binding, name, given)
    wanted = (shape[0], shape[2]) if binding.unbatched else shape
    if tuple(given.shape) not in (wanted, shape):
        raise InputError(name, expected=f"the shape {wanted}", got=tuple(given.shape))
    return given.detach().cpu().reshape(shape)


def _check_tensor(binding: Binding, name: str, given: object) -> None:
    if not isinstance(given, Tensor):
        raise InputError(name, expected="a tensor", got=f"a {type(given).__name__}")
    if given.dtype != binding.x.dtype:
        raise InputError(
            name, expected=f"dtype {binding.x.dtype}, that of the run", got=given.dtype
        )
