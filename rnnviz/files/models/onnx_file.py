"""The recurrent layers of an ONNX file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnviz.errors import SpecError
from rnnviz.files.found import Finding, FoundChain, FoundStack, LeftOut
from rnnviz.files.models.joining import join
from rnnviz.files.models.onnx.constants import Constants
from rnnviz.files.models.onnx.external import bring_in
from rnnviz.files.models.onnx.graph import Graph, Node, cleaned
from rnnviz.files.models.onnx.links import Links, chained
from rnnviz.files.models.onnx.loading import load_model
from rnnviz.files.models.onnx.nodes import ReadNode, read_node
from rnnviz.files.reading import unreadable
from rnnviz.files.tensors.stored import RefusedError

_WORK = 10  # times a file's bytes are what putting its weights together takes at most
_PLUMBING = {
    "Cast",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Dropout",
    "Expand",
    "Flatten",
    "Identity",
    "Reshape",
    "Shape",
    "Slice",
    "Split",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
}


def read(path: Path, cancelled: Callable[[], bool] | None = None) -> Finding:
    """The RNN, LSTM and GRU nodes of a file as layers of torch.

    Raises:
        FileError: where onnx is not installed, or the file cannot be read.
    """
    model = load_model(path)
    bring_in(model, path)
    try:
        graph = Graph.of(model.graph)
        constants = Constants(graph, _WORK * model.ByteSize() + (1 << 20))
        layers, refused = _layers(graph, constants)
        links = Links(graph, constants)
        chains: list[FoundChain] = []
        for chain in chained(layers, links):
            try:
                chains.append(_chain(chain, links))
            except SpecError as error:
                refused |= {layer.node.number: str(error) for layer in chain}
        read = [layer for layer in layers if layer.node.number not in refused]
        left = (*_left_nodes(graph, refused), *_inner(model), *_left_tensors(graph, read))
    except RefusedError as error:
        raise unreadable(path, str(error)) from None
    return Finding(path, "ONNX", tuple(chains), left)


def _layers(graph: Graph, constants: Constants) -> tuple[list[ReadNode], dict[int, str]]:
    """The layers that can be had, and of other recurrent nodes the reason, by their number."""
    layers: list[ReadNode] = []
    refused: dict[int, str] = {}
    for node in graph.nodes:
        if node.recurrent:
            try:
                layers.append(read_node(node, graph, constants))
            except RefusedError as error:
                refused[node.number] = str(error)
    return layers, refused


def _chain(layers: Sequence[ReadNode], links: Links) -> FoundChain:
    first = layers[0]
    batch_first = first.batch_first or links.swapped(first.node.input(0))
    stacks = tuple(_told(stack, batch_first) for stack in join([layer.layer for layer in layers]))
    names = dict.fromkeys((stacks[0].name, stacks[-1].name))
    return FoundChain(" … ".join(names), stacks)


def _told(stack: FoundStack, batch_first: bool) -> FoundStack:
    """A graph says how its axes lie, and has no dropout where it is evaluated."""
    return replace(stack, spec=stack.spec.with_changes(batch_first=batch_first), asked=())


def _left_nodes(graph: Graph, refused: dict[int, str]) -> Iterator[LeftOut]:
    for node in graph.nodes:
        if node.number in refused:
            yield LeftOut(node.name, None, refused[node.number])
        elif not node.recurrent and not _mere_plumbing(node, graph):
            yield LeftOut(node.name, None, f"{node.op} is no recurrent layer")


def _mere_plumbing(node: Node, graph: Graph) -> bool:
    return node.op in _PLUMBING or node.number in graph.of_shapes


def _inner(model: Any) -> Iterator[LeftOut]:
    """Recurrent nodes in the bodies of others and in functions."""
    bodies = [(node, cleaned(node.op_type)) for node in model.graph.node]
    for function in model.functions:
        bodies += [(node, "a function") for node in function.node if not _is_recurrent(node)]
        yield from (_within(node, "a function") for node in function.node if _is_recurrent(node))
    while bodies:
        node, body = bodies.pop()
        for attribute in node.attribute:
            for graph in [attribute.g, *attribute.graphs] if _has_graphs(attribute) else ():
                for inner in graph.node:
                    if _is_recurrent(inner):
                        yield _within(inner, f"the body of {body}")
                    bodies.append((inner, cleaned(inner.op_type)))


def _has_graphs(attribute: Any) -> bool:
    return bool(attribute.HasField("g") or attribute.graphs)


def _is_recurrent(node: Any) -> bool:
    return node.op_type in ("RNN", "LSTM", "GRU")


def _within(node: Any, body: str) -> LeftOut:
    name = cleaned(node.name) or cleaned(node.op_type)
    return LeftOut(name, None, f"it is inside {body}, which is not looked into")


def _left_tensors(graph: Graph, layers: Sequence[ReadNode]) -> Iterator[LeftOut]:
    used = frozenset().union(*(layer.sources for layer in layers))
    for name, tensor in graph.stored.items():
        takers = [node for node in graph.takers.get(name, ()) if not _mere_plumbing(node, graph)]
        if name in used or (not takers and (len(tensor.dims) < 2 and graph.takers.get(name))):
            continue
        why = f"of {takers[0].name}" if takers else "no recurrent layer has it"
        yield LeftOut(cleaned(name), tuple(tensor.dims), why)
