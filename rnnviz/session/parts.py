"""What stands before and behind the recurrent layers, as plain values of a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from rnnviz.errors import SpecError
from rnnviz.model.spec import ModelSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rnnviz.model.clamps import Clamp
    from rnnviz.session.state import InitialStates, WeightEdit

FrontKind = Literal["embedding", "one_hot", "linear"]
FRONT_KINDS: tuple[FrontKind, ...] = ("embedding", "one_hot", "linear")
PLACES = ("every", "last", "h_n")
ACTIVATIONS = (None, "sigmoid", "softmax")
LOSSES = ("cross_entropy", "mse", "bce")
LARGEST = 1_000_000  # ids or features that a window can be asked for


@dataclass(frozen=True)
class FrontPart:
    """What stands in front of the recurrent layers.

    Attributes:
        kind: "embedding" looks ids up in a table; "one_hot" makes rows of zeros with a single 1
            of them, with a Linear layer behind where `width` says so; "linear" takes vectors.
        size: `num_embeddings`, `num_classes` or `in_features`.
        width: `embedding_dim` or `out_features`; None for the one-hot rows themselves.
        padding_idx: of `nn.Embedding`.
        bias: of the Linear layer.
    """

    kind: FrontKind
    size: int
    width: int | None = None
    padding_idx: int | None = None
    bias: bool = False

    def __post_init__(self) -> None:
        if self.kind not in FRONT_KINDS:
            raise SpecError("front", expected=f"one of {', '.join(FRONT_KINDS)}", got=self.kind)
        _check(self.names[0], self.size)
        if self.width is not None or self.kind != "one_hot":
            _check(self.names[1], self.width)
        if self.padding_idx is not None and not _is_place(self.padding_idx, self.size):
            raise SpecError(
                "padding_idx", expected=f"0 to {self.size - 1}, or none", got=self.padding_idx
            )

    @property
    def names(self) -> tuple[str, str]:
        """What PyTorch calls `size` and `width`."""
        return _NAMES[self.kind]

    @property
    def takes_ids(self) -> bool:
        """Whether it is given ids rather than vectors."""
        return self.kind != "linear"

    @property
    def features(self) -> int:
        """Numbers that it is given at a timestep: 1 for an id."""
        return 1 if self.takes_ids else self.size

    @property
    def out(self) -> int:
        """Length of the vectors that come out."""
        return self.size if self.width is None else self.width

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Its weights by the pipeline's names."""
        if self.width is None:
            return {}
        if self.kind == "embedding":
            return {"embedding.weight": (self.size, self.width)}
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.width, self.size)}
        return shapes | ({"embedding.bias": (self.width,)} if self.bias else {})


@dataclass(frozen=True)
class HeadPart:
    """`nn.Linear(…, out_features)` behind the recurrent layers.

    Attributes:
        out_features: C.
        on: "every" timestep, the "last" one of each sequence, or the final states "h_n".
        activation: None, "sigmoid" or "softmax".
        bias: of the Linear layer.
    """

    out_features: int
    on: str = "every"
    activation: str | None = None
    bias: bool = True

    def __post_init__(self) -> None:
        _check("out_features", self.out_features)
        if self.on not in PLACES:
            raise SpecError("on", expected=f"one of {', '.join(PLACES)}", got=self.on)
        if self.activation not in ACTIVATIONS:
            raise SpecError("activation", expected="none, sigmoid or softmax", got=self.activation)

    def shapes(self, features: int) -> dict[str, tuple[int, ...]]:
        """Its weights by the pipeline's names."""
        shapes: dict[str, tuple[int, ...]] = {"head.weight": (self.out_features, features)}
        return shapes | ({"head.bias": (self.out_features,)} if self.bias else {})


@dataclass(frozen=True)
class DecoderPart:
    """A second recurrent module, which begins where the first ended and writes a sequence.

    Its cell and seed are its own; its other sizes are the encoder's, and its table of tokens is
    the encoder's too.

    Attributes:
        cell: "RNN", "LSTM" or "GRU".
        seed: what `torch.manual_seed` is given before it is made.
        start, end: ids of the first token that it is fed, and of the one that ends a sequence.
        forced: whether it is fed the targets rather than its own choices.
        steps: at most how many, where it has no targets.
    """

    cell: str
    seed: int
    start: int
    end: int
    forced: bool = True
    steps: int = 8

    def spec(self, encoder: ModelSpec) -> ModelSpec:
        """Its own sizes, behind an encoder."""
        # h is handed over as it is: of a projection only an LSTM can make one of that length.
        lstm = self.cell == "LSTM"
        hidden = encoder.hidden_size if lstm or not encoder.proj_size else encoder.proj_size
        return encoder.with_changes(
            cell=self.cell,
            seed=self.seed,
            hidden_size=hidden,
            proj_size=encoder.proj_size if lstm else 0,
            bidirectional=False,
        )


@dataclass(frozen=True, eq=False)
class StackPart:
    """One of several recurrent stacks in a row, while another one of them is on show.

    Attributes:
        name: what it is called: "encoder.rnn".
        spec: its sizes and options; `batch_first` counts of the one on show alone.
        weights: by the names of its module, "weight_ih_l0"; drawn from the seed where there are
            none.
        weight_edits, clamps, initial: as of a document; None starts from zeros.
    """

    name: str
    spec: ModelSpec
    weights: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    weight_edits: tuple[WeightEdit, ...] = ()
    clamps: tuple[Clamp, ...] = ()
    initial: InitialStates | None = None


_NAMES = {
    "embedding": ("num_embeddings", "embedding_dim"),
    "one_hot": ("num_classes", "out_features"),
    "linear": ("in_features", "out_features"),
}


def _is_place(value: object, size: int) -> bool:
    """Whether it is an index from 0 to before the size, and not what somebody typed instead."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < size


def _check(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SpecError(name, expected="a whole number", got=value)
    if not 1 <= value <= LARGEST:
        raise SpecError(name, expected=f"1 to {LARGEST:,}".replace(",", "\u2009"), got=value)
