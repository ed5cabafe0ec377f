"""A recurrent node of ONNX as a layer of torch, or the reason why there is none.

References:
    https://onnx.ai/onnx/operators/onnx__LSTM.html, and those of GRU and RNN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.files.models.gates import GATE_COUNT, GateOrder
from rnnviz.files.models.joining import SingleLayer
from rnnviz.files.models.onnx import attributes
from rnnviz.files.models.onnx.constants import Constant, Constants
from rnnviz.files.models.onnx.graph import Graph, Node
from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import WIDENED, RefusedError

_ORDERS = {
    "RNN": GateOrder("RNN"),
    "LSTM": GateOrder("LSTM", "iofc", "ifco"),
    "GRU": GateOrder("GRU", "zrh", "rzh"),
}
_ACTIVATIONS = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
_DIRECTIONS = {"forward": 1, "bidirectional": 2}
_SUFFIXES = ("", "_reverse")

_X, _W, _R, _B, _LENGTHS, _H, _C, _P = range(8)


@dataclass(frozen=True, eq=False)
class ReadNode:
    """A node that has become a layer.

    Attributes:
        node: it.
        layer: what it has become.
        batch_first: whether its own input and output are (N, L, H).
        sources: names of the stored tensors that hold its weights, or zeros to begin with.
    """

    node: Node
    layer: SingleLayer
    batch_first: bool
    sources: frozenset[str]


def read_node(node: Node, graph: Graph, constants: Constants) -> ReadNode:
    """The layer of a recurrent node.

    Raises:
        RefusedError: where torch has no such layer, or its weights cannot be had.
    """
    _check_variant(node)
    directions = _directions(node)
    nonlinearity = _nonlinearity(node, directions)
    held = _held(node, constants)
    arrays = [value.array for value in held]
    input_size, hidden_size = _sizes(node, directions, [array.shape for array in arrays])
    order = _ORDERS[node.op]
    layer = SingleLayer(
        name=node.name,
        cell=node.op,
        input_size=input_size,
        hidden_size=hidden_size,
        directions=directions,
        bias=len(arrays) == 3,
        proj_size=0,
        nonlinearity=nonlinearity,
        weights=_weights(arrays, directions, order),
        said=(*order.said, *_widening(held), *_said_of_states(node, graph, constants)),
    )
    sources = frozenset(source for value in held for source in value.sources)
    zeros = frozenset(name for name in (node.input(_H), node.input(_C)) if constants.is_zero(name))
    return ReadNode(node, layer, attributes.number(node, "layout", 0) == 1, sources | zeros)


def _held(node: Node, constants: Constants) -> list[Constant]:
    """W, R and, where it has one, B."""
    if not (node.input(_W) and node.input(_R)):
        raise RefusedError("it has no weights")
    held = [constants.value(name) for name in node.inputs[_W : _B + 1] if name]
    for value in held:
        if value.array.dtype.kind != "f":
            raise RefusedError(f"its weights are {value.dtype}, not real numbers")
    return held


def _widening(held: list[Constant]) -> list[str]:
    halves = {value.dtype for value in held} & set(WIDENED)
    return [f"Weights widened from {dtype} to float32." for dtype in sorted(halves)]


def _check_variant(node: Node) -> None:
    """Refuse what torch's cells do not do."""
    if node.input(_P):
        raise RefusedError("it has peepholes (P), which torch's LSTM has not")
    if "clip" in node.attributes:
        raise RefusedError("it clips its gates, which torch's layers do not")
    if attributes.number(node, "input_forget", 0):
        raise RefusedError("its input and forget gates are coupled, which torch's are not")
    if node.op == "GRU" and not attributes.number(node, "linear_before_reset", 0):
        raise RefusedError(
            "its linear_before_reset is 0: torch's GRU applies the reset gate after W_hn h + b_hn"
        )
    if attributes.number(node, "layout", 0) not in (0, 1):
        raise RefusedError("its layout is neither 0 nor 1")


def _directions(node: Node) -> int:
    direction = attributes.text(node, "direction", "forward")
    if direction == "reverse":
        raise RefusedError(
            "it reads backwards alone: torch has a reverse direction only beside a forward one"
        )
    if direction not in _DIRECTIONS:
        raise RefusedError(f"its direction is {shown_name(direction)}")
    return _DIRECTIONS[direction]


def _nonlinearity(node: Node, directions: int) -> str | None:
    """Of an RNN "tanh" or "relu"; other cells must have torch's own activations."""
    usual = _ACTIVATIONS[node.op] * directions
    given = attributes.texts(node, "activations") or usual
    lowered = [name.lower() for name in given]
    if node.op == "RNN" and lowered in (["tanh"] * directions, ["relu"] * directions):
        return lowered[0]
    if lowered != [name.lower() for name in usual]:
        named = ", ".join(shown_name(name) for name in given[:6])
        raise RefusedError(f"its activations are {named}, and torch's are {', '.join(usual)}")
    return None


def _sizes(node: Node, directions: int, shapes: list[tuple[int, ...]]) -> tuple[int, int]:
    """input_size and hidden_size, from the shapes of W, R and B, which must agree."""
    gates = GATE_COUNT[node.op]
    if len(shapes[0]) != 3 or len(shapes[1]) != 3:
        raise RefusedError("its weights W and R have not three axes")
    input_size, hidden_size = shapes[0][2], shapes[1][2]
    rows = gates * hidden_size
    expected = [
        (directions, rows, input_size),
        (directions, rows, hidden_size),
        (directions, 2 * rows),
    ]
    for name, shape, wanted in zip("WRB", shapes, expected, strict=False):
        if shape != wanted:
            raise RefusedError(f"{name} has the shape {shape}, and {wanted} is expected")
    declared = attributes.number(node, "hidden_size", hidden_size)
    if declared != hidden_size:
        raise RefusedError(f"its hidden_size is {declared}, and R has {hidden_size} columns")
    return input_size, hidden_size


def _weights(
    arrays: list[NDArray[np.generic]], directions: int, order: GateOrder
) -> dict[str, NDArray[np.floating]]:
    found: dict[str, NDArray[np.floating]] = {}
    dtype = np.result_type(np.float32, *arrays)
    for direction in range(directions):
        rows = [array[direction].astype(dtype) for array in arrays]
        suffix = _SUFFIXES[direction]
        found[f"weight_ih{suffix}"] = order.arranged(rows[0])
        found[f"weight_hh{suffix}"] = order.arranged(rows[1])
        if len(rows) == 3:
            ih, hh = np.split(rows[2], 2)
            found[f"bias_ih{suffix}"] = order.arranged(ih)
            found[f"bias_hh{suffix}"] = order.arranged(hh)
    return found


def _said_of_states(node: Node, graph: Graph, constants: Constants) -> list[str]:
    said = []
    if node.input(_LENGTHS):
        said.append("The file gives it the lengths of its sequences, which are no part of a layer.")
    for place, state in ((_H, "h_0"), (_C, "c_0")):
        name = node.input(place)
        if not name or constants.is_zero(name):
            continue
        if name in graph.given:
            said.append(f"Its {state} is an input of the file's graph, {shown_name(name)}.")
        elif constants.is_constant(name):
            said.append(f"Its {state} is stored in the file and not zero: it is not taken over.")
        else:
            said.append(f"Its {state} is computed by the file's graph: it is not taken over.")
    return said
