"""The graph of an ONNX file: which node gives a value, and which take it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rnnviz.files.reading import one_line, shown_name
from rnnviz.files.tensors.stored import RefusedError

RECURRENT = ("RNN", "LSTM", "GRU")

_LONGEST_NAME = 200


@dataclass(eq=False)
class Node:
    """One operation.

    Attributes:
        number: its place in the file.
        name: its own, or that of its operation and its place.
        op: "LSTM", with its domain where it is not ONNX's own.
        inputs, outputs: names of values; empty for one that is left out.
        attributes: by name.
    """

    number: int
    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    @property
    def recurrent(self) -> bool:
        """Whether it is an RNN, LSTM or GRU."""
        return self.op in RECURRENT

    def input(self, place: int) -> str:
        """The name of an input, empty where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else ""

    def output(self, place: int) -> str:
        """The name of an output, empty where it is left out."""
        return self.outputs[place] if place < len(self.outputs) else ""


@dataclass(eq=False)
class Graph:
    """Nodes and stored tensors.

    Attributes:
        nodes: in the file's order.
        stored: `TensorProto` by name.
        given: names of the values that whoever runs the graph gives.
        givers: of a value, the node that gives it.
        takers: of a value, the nodes that take it.
    """

    nodes: list[Node]
    stored: dict[str, Any]
    given: frozenset[str]
    givers: dict[str, Node] = field(default_factory=dict)
    takers: dict[str, list[Node]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, graph: Any) -> Graph:
        """From a `GraphProto`.

        Raises:
            RefusedError: where two nodes give a value of one name.
        """
        nodes = [_node(number, proto) for number, proto in enumerate(graph.node)]
        stored = {tensor.name: tensor for tensor in graph.initializer}
        given = frozenset(value.name for value in graph.input) - stored.keys()
        found = cls(nodes, stored, given)
        for node in nodes:
            for name in filter(None, node.outputs):
                if name in found.givers or name in stored:
                    raise RefusedError(f"it gives the value {shown_name(name)} twice")
                found.givers[name] = node
            for name in dict.fromkeys(filter(None, node.inputs)):
                found.takers[name].append(node)
        return found

    @cached_property
    def of_shapes(self) -> frozenset[int]:
        """Numbers of the nodes that compute with nothing but shapes and constants."""
        found: set[int] = set()
        for node in self.nodes:
            givers = [self.givers.get(name) for name in node.inputs if name]
            if node.op in ("Shape", "Size", "Constant") or (
                givers
                and not any(name in self.given for name in node.inputs)
                and all(giver is None or giver.number in found for giver in givers)
                and any(giver is not None for giver in givers)
            ):
                found.add(node.number)
        return frozenset(found)


def cleaned(name: str) -> str:
    """A name from the file, in one line and not without end."""
    return one_line(name[:_LONGEST_NAME])


def _node(number: int, proto: Any) -> Node:
    own = proto.domain in ("", "ai.onnx")
    op = cleaned(proto.op_type if own else f"{proto.domain}.{proto.op_type}")
    return Node(
        number,
        cleaned(proto.name) or f"{op} {number}",
        op,
        tuple(proto.input),
        tuple(proto.output),
        {attribute.name: attribute for attribute in proto.attribute},
    )
