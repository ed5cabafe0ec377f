"""Values of a graph that its inputs have no part in, such as weights cut apart and put together.

An exporter that folds no constants stores torch's own weights, and reorders their gates by nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rnnviz.files.models.onnx import attributes
from rnnviz.files.models.onnx.graph import Graph, Node
from rnnviz.files.models.onnx.tensors import read_tensor
from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import Array, RefusedError

_DEEPEST = 40
_MOST_STEPS = 100_000
_CARRIED = (  # what the first input holds is all that the output holds
    "Cast",
    "Dropout",
    "Expand",
    "Flatten",
    "Gather",
    "Identity",
    "Reshape",
    "Slice",
    "Squeeze",
    "Tile",
    "Transpose",
    "Unsqueeze",
)


class Constant(NamedTuple):
    """A value.

    Attributes:
        array: half precision widened.
        dtype: the one that it is stored in.
        sources: names of the stored tensors that it is made of.
    """

    array: Array
    dtype: str
    sources: tuple[str, ...]


class Constants:
    """Values of one graph, computed when they are asked for, and never more than it can need."""

    def __init__(self, graph: Graph, most_bytes: int) -> None:
        """
        Args:
            most_bytes: what all that is computed may take together.
        """
        self._graph = graph
        self._left = most_bytes
        self._steps = _MOST_STEPS

    def value(self, name: str, depth: int = 0) -> Constant:
        """A value by its name.

        Raises:
            RefusedError: where it is no constant, or is made in a way that is not followed.
        """
        self._step(depth)
        if name in self._graph.stored:
            return self._read(self._graph.stored[name], (name,))
        node = self._graph.givers.get(name)
        if node is None:
            raise RefusedError(f"its weights are no constants: {shown_name(name)} is an input")
        if node.op == "Constant":
            return self._of_constant(node)
        compute = _COMPUTED.get(node.op)
        if compute is None or node.output(0) != name:
            raise RefusedError(f"its weights are not stored but computed, by {node.op}")
        given = [self.value(each, depth + 1) if each else None for each in node.inputs]
        if not given or given[0] is None:
            raise _unfit(node)
        self._spend(sum(each.array.nbytes for each in given if each is not None))
        try:
            array = compute(node, [None if each is None else each.array for each in given])
        except (ValueError, IndexError, TypeError, OverflowError, MemoryError):
            raise _unfit(node) from None
        sources = tuple(source for each in given if each is not None for source in each.sources)
        return Constant(array, given[0].dtype, sources)

    def is_zero(self, name: str) -> bool:
        """Whether a value is all zeros, whatever its size."""
        try:
            return self._is_zero(name, 0)
        except RefusedError:
            return False

    def is_constant(self, name: str) -> bool:
        """Whether a value can be had without running the graph."""
        try:
            self.value(name)
        except RefusedError:
            return False
        return True

    def whole_numbers(self, name: str) -> list[int] | None:
        """Such as a shape; None where they depend on what the graph is given."""
        try:
            array = self.value(name).array
        except RefusedError:
            return None
        return _listed(array) if array.dtype.kind in "iu" and array.size <= 64 else None

    def _is_zero(self, name: str, depth: int) -> bool:
        self._step(depth)
        node = self._graph.givers.get(name)
        if node is None or node.op == "Constant":
            return not np.any(self.value(name).array)
        if node.op == "ConstantOfShape":
            filled = attributes.tensor(node, "value")
            return filled is None or not np.any(read_tensor(filled)[0])
        if node.op in _CARRIED:
            return self._is_zero(node.input(0), depth + 1)
        if node.op == "Concat":
            return all(self._is_zero(each, depth + 1) for each in node.inputs)
        return False

    def _of_constant(self, node: Node) -> Constant:
        held = attributes.tensor(node, "value")
        if held is not None:
            return self._read(held, ())
        if "value_int" in node.attributes:
            return Constant(np.array(attributes.number(node, "value_int", 0)), "int64", ())
        whole = attributes.numbers(node, "value_ints")
        if whole is None:
            raise RefusedError("a constant of its weights is of a kind that is not read")
        return Constant(np.array(whole, dtype=np.int64), "int64", ())

    def _read(self, tensor: Any, sources: tuple[str, ...]) -> Constant:
        array, dtype = read_tensor(tensor)
        return Constant(array, dtype, sources)

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise RefusedError("its weights are put together from too many pieces")

    def _step(self, depth: int) -> None:
        self._steps -= 1
        if depth > _DEEPEST or self._steps < 0:
            raise RefusedError("its weights are put together from too many pieces")


def _unfit(node: Node) -> RefusedError:
    return RefusedError(f"its weights are computed by {node.name}, which does not fit its inputs")


def _listed(array: Array | None) -> list[int]:
    if array is None or array.dtype.kind not in "iu" or array.size > 64:
        raise ValueError("no list of whole numbers")
    return [int(each) for each in array.reshape(-1)]


def _axes(node: Node, given: list[Array | None]) -> list[int]:
    """Of Squeeze and Unsqueeze."""
    return _optional(node, given, 1, "axes") or []


def _same(node: Node, given: list[Array | None]) -> Array:
    return _first(given)


def _first(given: list[Array | None]) -> Array:
    assert given[0] is not None  # looked after by who calls
    return given[0]


def _unsqueeze(node: Node, given: list[Array | None]) -> Array:
    return np.expand_dims(_first(given), tuple(_axes(node, given)))


def _squeeze(node: Node, given: list[Array | None]) -> Array:
    return np.squeeze(_first(given), tuple(_axes(node, given)) or None)


def _transpose(node: Node, given: list[Array | None]) -> Array:
    return np.transpose(_first(given), attributes.numbers(node, "perm"))


def _reshape(node: Node, given: list[Array | None]) -> Array:
    array = _first(given)
    keep = not attributes.number(node, "allowzero", 0)
    wanted = [
        array.shape[place] if keep and size == 0 else size
        for place, size in enumerate(_optional(node, given, 1, "shape") or [])
    ]
    return array.reshape(wanted)


def _concat(node: Node, given: list[Array | None]) -> Array:
    arrays = [array for array in given if array is not None]
    return np.concatenate(arrays, axis=attributes.number(node, "axis", 0))


def _slice(node: Node, given: list[Array | None]) -> Array:
    array = _first(given)
    starts, ends, axes, steps = (
        _optional(node, given, place, name)
        for place, name in enumerate(("starts", "ends", "axes", "steps"), 1)
    )
    for number, (start, end) in enumerate(zip(starts or [], ends or [], strict=True)):
        axis = axes[number] if axes else number
        step = steps[number] if steps else 1
        if step <= 0:
            raise ValueError("not read backwards")
        array = array[(slice(None),) * (axis % array.ndim) + (slice(start, end, step),)]
    return array


def _optional(node: Node, given: list[Array | None], place: int, name: str) -> list[int] | None:
    """What was an attribute of old, and is an input since."""
    if place < len(given) and given[place] is not None:
        return _listed(given[place])
    return attributes.numbers(node, name)


_COMPUTED: dict[str, Callable[[Node, list[Array | None]], Array]] = {
    "Concat": _concat,
    "Identity": _same,
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
