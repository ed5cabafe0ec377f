"""What goes wrong without packing: the same weights, run over the padded tensor."""

from __future__ import annotations

import math
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence
from torch.utils.weak import WeakTensorKeyDictionary

from rnnviz.model.building import build_module
from rnnviz.model.differences import DifferenceTrace
from rnnviz.model.trace import Trace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rnnviz.model.spec import Recurrent

_QUICK_PRODUCTS = 1e8  # multiply-adds: some tens of milliseconds on one core
_QUICK_STEPS = 2_000  # timesteps × layers: what torch's own loop costs at small sizes


@dataclass(frozen=True, eq=False)
class WithoutPacking:
    """How far the results over the padded tensor are from those of the packed batch.

    All are largest absolute differences, in the caller's order of sequences; NaN where a batch
    has no values at all.

    Attributes:
        padding_value: what stood beyond the sequences' ends.
        h_n: `(num_layers, D, N)`, over the units of each final hidden state.
        c_n: the same of the final cell state; None but for LSTM.
        output: `(D, N)`, over the valid timesteps and units of the top layer's output.
        tolerance: differences up to here are rounding.
    """

    padding_value: float
    h_n: NDArray[np.float64]
    c_n: NDArray[np.float64] | None
    output: NDArray[np.float64]
    tolerance: float

    def final_states(self, direction: int) -> NDArray[np.float64]:
        """The largest difference in `h_n`, over all layers of one direction: `(N,)`."""
        result: NDArray[np.float64] = self.h_n[:, direction].max(axis=0)
        return result

    def is_wrong(self, difference: float) -> bool:
        """Whether a difference is more than rounding."""
        return not difference <= self.tolerance


@dataclass(frozen=True, eq=False)
class _Results:
    output: Tensor  # (L, N, D * H_out)
    h_n: Tensor  # (num_layers, D, N, H_out)
    c_n: Tensor | None


_Layer = Callable[["Recurrent", Tensor, tuple[Tensor, ...]], tuple[Any, tuple[Tensor, ...]]]

_known: MutableMapping[Tensor, dict[float, WithoutPacking]] = WeakTensorKeyDictionary()


def without_packing(run: Trace, padding_value: float = 0.0) -> WithoutPacking:
    """Runs the snapshot's weights over the padded tensor and over the packed one.

    Both runs are torch's own, from the trace's weights, initial states and dropout masks;
    they are made once for each trace and padding value.

    Args:
        run: a trace at any position; what it has computed does not matter.
        padding_value: what stands beyond the sequences' ends.
    """
    known = known_without_packing(run, padding_value)
    if known is None:
        known = _measure(_itself(run), padding_value)
        _known.setdefault(_snapshot(run), {})[padding_value] = known
    return known


def known_without_packing(run: Trace, padding_value: float = 0.0) -> WithoutPacking | None:
    """The answer of `without_packing` where it was computed before, else None."""
    return _known.get(_snapshot(run), {}).get(padding_value)


def is_quick(run: Trace) -> bool:
    """Whether `without_packing` takes so little that a figure may wait for it."""
    products = sum(weight.numel() for weight in run.weights.values()) * run.L * run.N
    return products <= _QUICK_PRODUCTS and run.L * run.num_layers <= _QUICK_STEPS


def _snapshot(run: Trace) -> Tensor:
    return next(iter(_itself(run).weights.values()))


def _itself(run: Trace) -> Trace:
    """A run that has weights and an input; of a difference, the new one."""
    return run.new if isinstance(run, DifferenceTrace) else run


def _measure(run: Trace, padding_value: float) -> WithoutPacking:
    needs_packing = run.N > 0 and min(run.lengths) > 0
    as_packed = _packing(run.lengths) if needs_packing else _plain
    packed = _through_layers(run, 0.0, as_packed)
    padded = _through_layers(run, padding_value, _plain)
    directions = run.num_directions
    valid = run.valid[:, :, None, None]
    output = _difference(packed.output, padded.output)
    output = output.reshape(run.L, run.N, directions, run.output_size)
    by_sequence = torch.where(valid, output, 0.0).amax(dim=(0, 3)) if run.L else output.sum((0, 3))
    c_n = None
    if packed.c_n is not None and padded.c_n is not None:
        c_n = _difference(packed.c_n, padded.c_n).amax(-1).numpy()
    return WithoutPacking(
        padding_value=padding_value,
        h_n=_difference(packed.h_n, padded.h_n).amax(-1).numpy(),
        c_n=c_n,
        output=by_sequence.T.numpy(),
        tolerance=run.tolerance * _size(packed.h_n),
    )


def _difference(first: Tensor, second: Tensor) -> Tensor:
    """|first − second| in float64; equal NaN or infinity counts 0, an unequal one infinity."""
    first, second = first.double(), second.double()
    same = (first == second) | (first.isnan() & second.isnan())
    gap = torch.where(same, torch.zeros_like(first), (first - second).abs())
    return gap.nan_to_num(nan=math.inf, posinf=math.inf)


def _size(states: Tensor) -> float:
    finite = states[states.isfinite()].abs().double()
    return max(1.0, float(finite.max())) if finite.numel() else 1.0


@torch.no_grad()
def _through_layers(run: Trace, padding_value: float, through: _Layer) -> _Results:
    """Every layer in turn, so that the dropout masks can be applied between them."""
    received = torch.where(run.valid[..., None], run.inputs(0), padding_value)
    finals: list[tuple[Tensor, ...]] = []
    for layer in range(run.num_layers):
        received, final = through(_module(run, layer), received, _initial(run, layer))
        finals.append(final)
        if layer in run.masks:
            received = received * run.masks[layer].nan_to_num(nan=1.0)
    h_n, *c_n = (torch.stack(states) for states in zip(*finals, strict=True))
    return _Results(received, h_n, c_n[0] if c_n else None)


def _module(run: Trace, layer: int) -> Recurrent:
    """One layer of the snapshot as a module of its own."""
    width = run.input_size if layer == 0 else run.num_directions * run.output_size
    spec = replace(run.spec, num_layers=1, input_size=width, batch_first=False, dropout=0.0)
    module = build_module(spec)
    for name, parameter in module.named_parameters():
        parameter.data = run.weights[name.replace("_l0", f"_l{layer}")]
    return module


def _initial(run: Trace, layer: int) -> tuple[Tensor, ...]:
    rows = slice(layer * run.num_directions, (layer + 1) * run.num_directions)
    return tuple(state[rows].contiguous() for state in (run.h_0, run.c_0) if state is not None)


def _plain(
    module: Recurrent, received: Tensor | PackedSequence, initial: tuple[Tensor, ...]
) -> tuple[Any, tuple[Tensor, ...]]:
    output, final = module(received, initial if len(initial) > 1 else initial[0])
    return output, final if isinstance(final, tuple) else (final,)


def _packing(lengths: tuple[int, ...]) -> _Layer:
    """Runs a layer over the packed batch, given and answered as padded tensors."""

    def through(
        module: Recurrent, received: Tensor, initial: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        packed = pack_padded_sequence(received, torch.tensor(lengths), enforce_sorted=False)
        output, final = _plain(module, packed, initial)
        assert isinstance(output, PackedSequence)
        padded, _ = pad_packed_sequence(output, total_length=received.shape[0])
        return padded, final

    return through
