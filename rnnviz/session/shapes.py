"""The tensors of a run in their order, each with the names and sizes of its axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from rnnviz.session.stack_names import output_variable
from rnnviz.session.stacks import given_features, stacks_of
from rnnviz.session.state import Document, State

if TYPE_CHECKING:
    from rnnviz.model.pipeline.named import Named

_FRONT = (("ids", "input"), ("one_hot",), ("embedded",))
_BETWEEN = (("output", "h_n", "c_n"), ("last", "final"), ("scores",))
_FLAT = (("flat_scores", "flat_probabilities", "flat_output"), ("flat_targets",))
_STATES = ("h_0", "c_0")


_AXES = {
    "L": "timesteps",
    "N": "sequences",
    "V": "tokens of the vocabulary",
    "E": "features of an embedded token",
    "C": "scores, one for each class",
    "H_in": "features that go in",
    "H_out": "features of h",
    "H_cell": "features of c",
    "D": "directions",
    "num_layers": "layers",
    "sum of lengths": "timesteps of all sequences, without padding",
}


class Link(NamedTuple):
    """A tensor in the chain.

    Attributes:
        name: as scripts call it; of a decoder with its prefix.
        axes: one name an axis.
        sizes: as many.
    """

    name: str
    axes: tuple[str, ...]
    sizes: tuple[int, ...]

    @property
    def text(self) -> str:
        """Name and sizes: "embedded (3, 2, 5)"; of a number the name alone."""
        return f"{self.name} {_in_brackets(self.sizes)}" if self.sizes else self.name

    @property
    def legend(self) -> str:
        """Name, axes and sizes: "embedded (L, N, E) = (3, 2, 5)"."""
        if not self.sizes:
            return f"{self.name}, one number"
        return f"{self.name} {_in_brackets(self.axes)} = {_in_brackets(self.sizes)}"


# What follows from what: each stage holds the tensors that stand side by side.
Chain = tuple[tuple[Link, ...], ...]


def chain_of(state: State) -> Chain:
    """The tensors from the batch to the loss; () before the first run."""
    if not state.ready:
        return ()
    if state.decoded is not None:
        encoder, decoder = state.decoded.encoder, state.decoded.decoder
        first = _stages(encoder.tensors, (*_FRONT, *_BETWEEN))
        names = [("ids",), *_BETWEEN, *_behind(decoder.tensors)]
        return first + _stages(decoder.tensors, names, "decoder.")
    if state.pr is not None:
        tensors = state.pr.tensors
        return _stages(tensors, [*_FRONT, *_BETWEEN, *_behind(tensors)], given=_given(state))
    return plain_chain(state.document)


def chain_text(chain: Chain) -> str:
    """A chain in one line, the first tensor with the names of its axes."""
    texts = [[link.text for link in stage] for stage in chain]
    if texts:
        texts[0][0] = chain[0][0].legend
    return " → ".join(", ".join(stage) for stage in texts)


def explained(link: Link) -> str:
    """A tensor with a line for each of its axes."""
    lines = [f"{axis}: {size}, {_axis_words(axis)}" for axis, size in zip(*link[1:], strict=True)]
    return "\n".join([link.legend, *lines])


def shortened(chain: Chain) -> list[tuple[int, ...]]:
    """What to leave out where the room is short: more and more stages, from the middle on."""
    found: list[tuple[int, ...]] = [()]
    first = last = len(chain) // 2
    while first > 0 and last < len(chain) - 1:
        found.append(tuple(range(first, last + 1)))
        if first - 1 > 0 and (last - first) % 2 == 0:
            first -= 1
        elif last + 1 < len(chain) - 1:
            last += 1
        else:
            first -= 1
    return found


def plain_chain(document: Document) -> Chain:
    """The tensors of recurrent layers alone."""
    spec = document.spec
    axes = tuple(name for name, _ in document.input_shape)
    sizes = tuple(size for _, size in document.input_shape)
    first: tuple[Link, ...] = (Link("input", axes, sizes),)
    given = [_output_of(document, place, axes, sizes) for place in range(len(document.before))]
    stages: list[tuple[Link, ...]] = [first, *((link,) for link in given)]
    if document.packed:
        stages.append(
            (Link("data", ("sum of lengths", "H_in"), (sum(document.lengths), spec.input_size)),)
        )
    width = spec.num_directions * spec.output_size
    rows = spec.num_layers * spec.num_directions
    batch = () if document.unbatched else (document.N,)
    names = ("D * num_layers", "N", "H_out") if batch else ("D * num_layers", "H_out")
    states = [Link("h_n", names, (rows, *batch, spec.output_size))]
    if spec.cell == "LSTM":
        states.append(Link("c_n", (*names[:-1], "H_cell"), (rows, *batch, spec.hidden_size)))
    if document.initial.kind != "zeros":
        begun = [link._replace(name=f"{link.name[0]}_0") for link in states]
        place = len(given)
        stages[place] = (*stages[place], *begun)
    output = Link("output", (*axes[:-1], "D * H_out"), (*sizes[:-1], width))
    return (*stages, (output, *states))


def _output_of(
    document: Document, place: int, axes: tuple[str, ...], sizes: tuple[int, ...]
) -> Link:
    """What another stack of a row puts out."""
    width = given_features(stacks_of(document)[place].spec)
    name = output_variable(document, place)
    return Link(name, (*axes[:-1], "D * H_out"), (*sizes[:-1], width))


def _behind(tensors: Mapping[str, Named]) -> tuple[tuple[str, ...], ...]:
    """What comes behind the scores: the loss or, without one, the probabilities."""
    if "loss" not in tensors:
        return (("probabilities",),)
    return (tuple(name for names in _FLAT for name in names), ("loss",))


def _given(state: State) -> tuple[str, ...]:
    """The initial states that the module is given."""
    assert state.pr is not None
    if state.pr.run is None or not state.pr.run.initial_given:
        return ()
    return tuple(
        f"{name}_vector" if f"{name}_vector" in state.pr.tensors else name for name in _STATES
    )


def _stages(
    tensors: Mapping[str, Named],
    names: Iterable[tuple[str, ...]],
    prefix: str = "",
    given: tuple[str, ...] = (),
) -> Chain:
    """The stages of those tensors that there are, initial states beside what goes in last."""
    stages: list[tuple[Link, ...]] = []
    before = 0
    for group in names:
        found = [name for name in group if name in tensors]
        if "output" in found and stages:
            before = len(stages)
        if found:
            stages.append(tuple(_link(tensors, name, prefix) for name in found))
    states = tuple(_link(tensors, name, prefix) for name in given if name in tensors)
    if states and before:
        stages[before - 1] += states
    return tuple(stages)


def _link(tensors: Mapping[str, Named], name: str, prefix: str) -> Link:
    named = tensors[name]
    return Link(prefix + name, named.axes, tuple(named.tensor.shape))


def _axis_words(axis: str) -> str:
    words = [_AXES.get(part, part) for part in axis.split(" * ")]
    return " × ".join(words)


def _in_brackets(parts: Iterable[object]) -> str:
    return f"({', '.join(str(part) for part in parts)})"
