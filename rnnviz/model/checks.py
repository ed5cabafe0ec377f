"""What is wrong with an input or an initial state, said with its axis and in its field's words."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import InputError, SpecError
from rnnviz.model.spec import ModelSpec

_ORDINALS = ("first", "second", "third")


def check_module(weights: dict[str, Tensor]) -> None:
    """Refuse a module that has no values to compute with, or mixes kinds of them."""
    first, *_ = weights.values()
    for name, weight in weights.items():
        if weight.device.type == "meta":
            raise SpecError("module", expected="weights with values", got="device meta")
        if (weight.dtype, weight.device) != (first.dtype, first.device):
            raise SpecError(
                name,
                expected=f"{first.dtype} on {first.device}, as the first weight",
                got=f"{weight.dtype} on {weight.device}",
            )


def check_input(spec: ModelSpec, values: object, weight: Tensor) -> None:
    """Refuse an input that the module could not take.

    Args:
        values: what the caller gave as `input`.
        weight: any weight of the module, for its dtype and device.
    """
    if isinstance(values, PackedSequence):
        _check_kind("input", values.data, weight)
        _check_packed(spec, values.data)
    elif isinstance(values, Tensor):
        _check_axes(spec, values)
        _check_kind("input", values, weight)
    else:
        raise InputError(
            "input", expected="a tensor or a PackedSequence", got=type(values).__name__
        )


def check_initial(
    spec: ModelSpec, hx: object, sequences: int, unbatched: bool, weight: Tensor
) -> None:
    """Refuse an `hx` that the module could not take with its input.

    Args:
        sequences: N of the input.
        unbatched: whether the input has no batch axis.
        weight: any weight of the module, for its dtype and device.
    """
    layers = spec.num_layers * spec.num_directions
    if spec.cell != "LSTM":
        if not isinstance(hx, Tensor):
            raise InputError("hx", expected=f"a tensor h_0 for nn.{spec.cell}", got=_kind(hx))
        states = {"h_0": (hx, spec.output_size, "H_out")}
    else:
        if not isinstance(hx, tuple | list) or len(hx) != 2:
            raise InputError("hx", expected="a tuple (h_0, c_0) for nn.LSTM", got=_kind(hx))
        states = {
            "h_0": (hx[0], spec.output_size, "H_out"),
            "c_0": (hx[1], spec.hidden_size, "H_cell"),
        }
    for name, (state, size, last) in states.items():
        axes = {"D * num_layers": layers, "N": sequences, last: size}
        if unbatched:
            del axes["N"]
        if not isinstance(state, Tensor):
            raise InputError(name, expected=f"a tensor ({', '.join(axes)})", got=_kind(state))
        _check_shape(name, state, axes, unbatched)
        _check_kind(name, state, weight)


def _check_axes(spec: ModelSpec, values: Tensor) -> None:
    axes = ["N", "L", "H_in"] if spec.batch_first else ["L", "N", "H_in"]
    if values.dim() not in (2, 3):
        raise InputError(
            "input",
            expected=f"2 axes (L, H_in) or 3 axes ({', '.join(axes)})",
            got=f"{values.dim()} axes {_shape(values.shape)}",
        )
    if values.dim() == 2:
        axes = ["L", "H_in"]
    _check_features(spec, values, "")
    at = axes.index("L")
    if values.shape[at] == 0:
        raise InputError(
            "input", expected=f"at least 1 timestep in the {_ORDINALS[at]} axis (L)", got=0
        )


def _check_packed(spec: ModelSpec, data: Tensor) -> None:
    if data.dim() != 2:
        raise InputError(
            "input",
            expected="a PackedSequence with data of 2 axes (rows, H_in)",
            got=f"{data.dim()} axes {_shape(data.shape)}",
        )
    _check_features(spec, data, " of its data")


def _check_features(spec: ModelSpec, values: Tensor, where: str) -> None:
    if values.shape[-1] != spec.input_size:
        raise InputError(
            "input",
            expected=f"{spec.input_size} features in the last axis{where} (H_in)",
            got=values.shape[-1],
        )


def _check_kind(name: str, values: Tensor, weight: Tensor) -> None:
    """Same dtype, device and memory layout as the weights."""
    if values.layout != torch.strided or values.is_nested:
        raise InputError(name, expected="a dense tensor", got=str(values.layout))
    if values.dtype != weight.dtype:
        raise InputError(
            name, expected=f"dtype {weight.dtype}, that of the weights", got=values.dtype
        )
    if values.device != weight.device:
        raise InputError(
            name, expected=f"device {weight.device}, that of the weights", got=values.device
        )


def _check_shape(name: str, state: Tensor, axes: dict[str, int], unbatched: bool) -> None:
    legend = f"({', '.join(axes)}) = {_shape(tuple(axes.values()))}"
    if state.dim() != len(axes):
        batch = "unbatched" if unbatched else "batched"
        raise InputError(
            name,
            expected=f"{len(axes)} axes {legend}, as the input is {batch}",
            got=f"{state.dim()} axes {_shape(state.shape)}",
        )
    for axis, (wanted, size) in enumerate(zip(axes.values(), state.shape, strict=True)):
        if size != wanted:
            raise InputError(
                name,
                expected=f"{wanted} in the {_ORDINALS[axis]} axis of {legend}",
                got=f"{size} in {_shape(state.shape)}",
            )


def _shape(shape: Sequence[int]) -> str:
    return f"({', '.join(str(size) for size in shape)})"


def _kind(value: object) -> str:
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
