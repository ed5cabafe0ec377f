"""A recurrent layer of Keras as a layer of torch, or the reason why there is none.

References:
    https://keras.io/api/layers/recurrent_layers/
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.files.models.gates import GATE_COUNT, GateOrder
from rnnviz.files.models.joining import SingleLayer
from rnnviz.files.models.keras.config import Entry, shown
from rnnviz.files.models.keras.hdf5 import Hdf5
from rnnviz.files.models.keras.weights import DIRECTIONS, Place, Places
from rnnviz.files.tensors.stored import RefusedError

CELLS = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}

_ORDERS = {
    "RNN": GateOrder("RNN"),
    "LSTM": GateOrder("LSTM", "ifco", "ifco"),
    "GRU": GateOrder("GRU", "zrh", "rzh"),
}
_ONE_BIAS = "Keras has one bias: it is taken as bias_ih, and bias_hh is 0."
_SUFFIXES = ("", "_reverse")
_ALIKE = ("units", "use_bias", "activation", "recurrent_activation", "reset_after")

Weights = dict[str, NDArray[np.floating]]


def is_recurrent(entry: Entry) -> bool:
    """Whether it is a layer that `read_layer` is for."""
    if not entry.own:
        return False
    return entry.kind in CELLS or (entry.kind == "Bidirectional" and _inner(entry)[0] in CELLS)


def gives_sequences(entry: Entry) -> bool:
    """Whether the layer behind receives its output at every timestep."""
    config = _inner(entry)[1] if entry.kind == "Bidirectional" else entry.config
    return config.get("return_sequences") is True


def batch_first(entry: Entry) -> bool:
    """Whether its input is (N, L, H)."""
    config = _inner(entry)[1] if entry.kind == "Bidirectional" else entry.config
    return config.get("time_major") is not True


def read_layer(entry: Entry, file: Hdf5, places: Places) -> SingleLayer:
    """The layer of a LSTM, GRU, SimpleRNN, or of a Bidirectional one around these.

    Raises:
        RefusedError: where torch has no such layer, or its weights cannot be had.
    """
    kind, config = entry.kind, entry.config
    directions: tuple[str | None, ...] = (None,)
    if kind == "Bidirectional":
        kind, config = _inner(entry)
        _check_bidirectional(entry, kind, config)
        directions = DIRECTIONS
    cell = CELLS[kind]
    nonlinearity = _checked(cell, kind, config)
    units, bias = _units(config), config.get("use_bias", True) is not False
    read = [_weights(cell, units, bias, file, places.of(entry, each)) for each in directions]
    weights = {
        name + suffix: array
        for suffix, found in zip(_SUFFIXES, read, strict=False)
        for name, array in found.items()
    }
    halves = {array.dtype.name for array in weights.values() if array.dtype.itemsize == 2}
    dtype = np.result_type(np.float32, *weights.values())
    weights = {name: np.ascontiguousarray(array, dtype) for name, array in weights.items()}
    widened = [f"Weights widened from {name} to float32." for name in sorted(halves)]
    said = (
        *_ORDERS[cell].said,
        *([_ONE_BIAS] if bias and cell != "GRU" else []),
        *widened,
        *_said(entry, config),
    )
    return SingleLayer(
        name=entry.name,
        cell=cell,
        input_size=weights["weight_ih"].shape[1],
        hidden_size=units,
        directions=len(directions),
        bias=bias,
        proj_size=0,
        nonlinearity=nonlinearity,
        weights=weights,
        said=said,
    )


def _inner(entry: Entry, key: str = "layer") -> tuple[str, dict[str, Any]]:
    """The class and the configuration of a layer that another is around."""
    held = entry.config.get(key)
    kind = held.get("class_name") if isinstance(held, dict) else None
    config = held.get("config") if isinstance(held, dict) else None
    return (kind if isinstance(kind, str) else "", config if isinstance(config, dict) else {})


def _check_bidirectional(entry: Entry, kind: str, config: dict[str, Any]) -> None:
    merge = entry.config.get("merge_mode", "concat")
    if merge != "concat":
        named = shown(merge) if isinstance(merge, str) else "none"
        raise RefusedError(f"its merge_mode is {named}: torch puts the two directions side by side")
    if entry.config.get("backward_layer") is None:
        return
    backward_kind, backward = _inner(entry, "backward_layer")
    same = all(backward.get(name) == config.get(name) for name in _ALIKE)
    if backward_kind != kind or not same:
        raise RefusedError("its two directions are not alike, as torch's are")
    if backward.get("go_backwards") is not True:
        raise RefusedError("both its directions read forwards")


def _checked(cell: str, kind: str, config: dict[str, Any]) -> str | None:
    """Refuse what torch's cells do not do; of an RNN, its nonlinearity."""
    if config.get("go_backwards") is True:
        raise RefusedError(
            "it reads backwards alone: torch has a reverse direction only beside a forward one"
        )
    if cell == "GRU" and config.get("reset_after", False) is not True:
        raise RefusedError(
            "its reset_after is False: torch's GRU applies the reset gate after W_hn h + b_hn"
        )
    activation = _activation(config, "activation", "tanh")
    if cell == "RNN":
        if activation not in ("tanh", "relu"):
            raise RefusedError(f"its activation is {activation}: torch's RNN has tanh and relu")
        return activation
    if activation != "tanh":
        raise RefusedError(f"its activation is {activation}, and torch's {kind} has tanh")
    gates = _activation(config, "recurrent_activation", "sigmoid")
    if gates != "sigmoid":
        raise RefusedError(f"its recurrent_activation is {gates}, and torch's {kind} has sigmoid")
    return None


def _activation(config: dict[str, Any], name: str, usual: str) -> str:
    held = config.get(name, usual)
    if isinstance(held, dict):
        held = held.get("config")
    return shown(held) if isinstance(held, str) else "none" if held is None else "of its own"


def _units(config: dict[str, Any]) -> int:
    units = config.get("units")
    if type(units) is not int or not 0 < units < 2**31:
        raise RefusedError("its units are no number of units")
    return units


def _weights(cell: str, units: int, bias: bool, file: Hdf5, place: Place) -> Weights:
    """Of one direction, in torch's layout."""
    kernel, recurrent, biases = place.names
    order, columns = _ORDERS[cell], GATE_COUNT[cell] * units
    shape = file.shape(place.group, kernel)
    if len(shape) != 2:
        raise RefusedError(f"its kernel has the shape {shape}")
    found = {
        "weight_ih": order.arranged(file.read(place.group, kernel, (shape[0], columns)).T),
        "weight_hh": order.arranged(file.read(place.group, recurrent, (units, columns)).T),
    }
    if bias and cell == "GRU":
        ih, hh = file.read(place.group, biases, (2, columns))
        found |= {"bias_ih": order.arranged(ih), "bias_hh": order.arranged(hh)}
    elif bias:
        ih = file.read(place.group, biases, (columns,))
        found |= {"bias_ih": order.arranged(ih), "bias_hh": np.zeros_like(ih)}
    return found


def _said(entry: Entry, config: dict[str, Any]) -> list[str]:
    said = []
    for name, where in (("dropout", "input"), ("recurrent_dropout", "state")):
        rate = config.get(name)
        if isinstance(rate, float | int) and rate:
            said.append(
                f"In training its {name} of {rate:g} falls on its own {where}, where torch's "
                "layers have none: it is left out."
            )
    if config.get("stateful") is True:
        said.append("It is stateful: there a batch begins where the one before ended, here at 0.")
    if entry.fed:
        said.append(
            f"The initial state of {entry.name} is given by another layer: it is not taken over."
        )
    policy = _policy(entry)
    if policy in ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16"):
        said.append(f"There it computes in {policy}, here in float32.")
    return said


def _policy(entry: Entry) -> object:
    """The dtype that the layer computes in, by name."""
    policy = entry.config.get("dtype")
    if isinstance(policy, dict):
        policy = policy.get("config")
    return policy.get("name") if isinstance(policy, dict) else policy
