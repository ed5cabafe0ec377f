"""Which recurrent node receives the output of which, through what exporters put between them.

The axes of an output are followed by name, so that only an input is taken for one that is
(L, N, D * H_out), and none that a graph has turned into something else.
"""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.files.models.onnx import attributes
from rnnviz.files.models.onnx.constants import Constants
from rnnviz.files.models.onnx.graph import Graph, Node
from rnnviz.files.models.onnx.nodes import ReadNode
from rnnviz.files.tensors.stored import RefusedError

Axes = tuple[str, ...]  # of "L", "N", "D", "H", and "DH" where those two have become one


class Links:
    """Follows the outputs of a graph's recurrent nodes."""

    def __init__(self, graph: Graph, constants: Constants) -> None:
        self._graph = graph
        self._constants = constants

    def receivers(self, source: ReadNode, layers: dict[int, ReadNode]) -> list[ReadNode]:
        """Those that receive what a layer gives at every timestep, as torch's next layer does."""
        axes: Axes = ("N", "L", "D", "H") if source.batch_first else ("L", "D", "N", "H")
        found: list[ReadNode] = []
        waiting = [(source.node.output(0), axes)]
        while waiting:
            name, axes = waiting.pop()
            for node in self._graph.takers.get(name, ()) if name else ():
                if node.input(0) != name:
                    continue
                if node.number in layers:
                    if _fits(axes, layers[node.number]):
                        found.append(layers[node.number])
                elif node.op in _FOLLOWED:
                    after = self._through(
                        node, axes, source.layer.directions, source.layer.hidden_size
                    )
                    if after is not None:
                        waiting.append((node.output(0), after))
        return found

    def swapped(self, name: str) -> bool:
        """Whether a value has had its first two of three axes exchanged: it was batch first."""
        node = self._graph.givers.get(name)
        for _ in range(len(self._graph.nodes)):
            if node is None or node.op not in ("Identity", "Dropout", "Cast"):
                break
            node = self._graph.givers.get(node.input(0))
        return node is not None and node.op == "Transpose" and _permutation(node) == [1, 0, 2]

    def _through(self, node: Node, axes: Axes, directions: int, hidden_size: int) -> Axes | None:
        """The axes behind a node; None where they are no longer known."""
        if node.op in ("Identity", "Dropout", "Cast"):
            return axes
        if node.op == "Transpose":
            order = _permutation(node)
            if order is None or sorted(order) != list(range(len(axes))):
                return None
            return tuple(axes[place] for place in order)
        alone = tuple(axis for axis in axes if axis != "D") if directions == 1 else axes
        sizes = self._second(node)
        if node.op == "Squeeze":
            places = [place % len(axes) for place in sizes or [] if -4 <= place < len(axes)]
            only_d = directions == 1 and [axes[place] for place in places] == ["D"]
            return alone if only_d else None
        merged = (*alone[:2], "DH") if alone[2:] == ("D", "H") else alone
        if sizes is not None and (
            len(sizes) != 3 or sizes[2] not in (-1, directions * hidden_size)
        ):
            return None
        return merged if len(merged) == 3 and merged[2] in ("H", "DH") else None

    def _second(self, node: Node) -> list[int] | None:
        """The axes of a Squeeze or the shape of a Reshape, where it is constant."""
        if node.input(1):
            return self._constants.whole_numbers(node.input(1))
        try:
            return attributes.numbers(node, "axes" if node.op == "Squeeze" else "shape")
        except RefusedError:
            return None


_FOLLOWED = ("Cast", "Dropout", "Identity", "Reshape", "Squeeze", "Transpose")


def chained(layers: Sequence[ReadNode], links: Links) -> list[list[ReadNode]]:
    """The layers in chains, each in the order of the computation.

    A layer whose output several others receive ends its chain, for they do not follow one another.
    """
    by_number = {layer.node.number: layer for layer in layers}
    after: dict[int, ReadNode] = {}
    for layer in layers:
        receivers = links.receivers(layer, by_number)
        if len(receivers) == 1 and receivers[0] is not layer:
            after[layer.node.number] = receivers[0]
    later = {layer.node.number for layer in after.values()}
    chains: list[list[ReadNode]] = []
    for first in layers:
        if first.node.number in later:
            continue
        chain = [first]
        while (following := after.get(chain[-1].node.number)) is not None:
            chain.append(following)
        chains.append(chain)
    seen = {layer.node.number for chain in chains for layer in chain}
    return chains + [[layer] for layer in layers if layer.node.number not in seen]  # in circles


def _fits(axes: Axes, receiver: ReadNode) -> bool:
    times = ("N", "L") if receiver.batch_first else ("L", "N")
    return axes[:2] == times and axes[2:] in (("H",), ("DH",))


def _permutation(node: Node) -> list[int] | None:
    try:
        return attributes.numbers(node, "perm")
    except RefusedError:
        return None
