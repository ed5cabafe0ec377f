"""What the files of rnnviz state: version 1 of `document.json`, field by field.

A `.rnnviz` file is a zip archive of two stored members: `document.json`, which is described
here, and `tensors.safetensors` with the arrays. It is a `Session` or a `Recording`. Where a
field below is an `Array`, it holds the name of one of these. Fields that are left out have the
defaults that stand here. A later version may add fields; a file of a version that is not known is
refused, with its number.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

FORMAT = "rnnviz session"
RECORDING = "rnnviz recording"
VERSION = 1

Array = Annotated[str, Meta(max_length=1000)]
Index = Annotated[int, Meta(ge=0)]
Number = float | Literal["nan", "inf", "-inf"]  # JSON has no other way to say these


class Model(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The arguments of `torch.nn.RNN`, `LSTM` or `GRU`, its dtype and the seed of its weights."""

    cell: Literal["RNN", "LSTM", "GRU"]
    input_size: int
    hidden_size: int
    num_layers: int = 1
    nonlinearity: str = "tanh"
    bias: bool = True
    batch_first: bool = False
    dropout: float = 0.0
    bidirectional: bool = False
    proj_size: int = 0
    dtype: str = "float32"
    seed: int = 0


class Front(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What stands before the recurrent layers: "embedding", "one_hot" or "linear".

    Attributes:
        size: num_embeddings, num_classes or in_features.
        width: embedding_dim or out_features; none for one-hot rows as they are.
    """

    kind: str
    size: int
    width: int | None = None
    padding_idx: int | None = None
    bias: bool = False


class Words(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Tokens in the order of their ids; `by` is "words" or "characters"."""

    tokens: list[str]
    padding: str | None = None
    unknown: str | None = None
    by: str = "words"


class Head(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`nn.Linear` behind the recurrent layers, on "every" timestep, the "last" one, or "h_n"."""

    out_features: int
    on: str = "every"
    activation: str | None = None
    bias: bool = True


class Decoder(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A second recurrent module, which writes a sequence from where the first one ended."""

    cell: str
    seed: int
    start: int
    end: int
    forced: bool = True
    steps: int = 8


class Initial(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """h_0 (D * num_layers, N, H_out) and c_0 (D * num_layers, N, H_cell)."""

    kind: Literal["zeros", "random", "typed", "vector"] = "zeros"
    h_0: Array | None = None
    c_0: Array | None = None


class Edit(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One number of a weight, or with no column of a bias, that was changed."""

    name: str
    row: Index
    value: Number
    column: Index | None = None


class Held(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A gate or state that is held at a value; what is none is all of them."""

    tensor: str
    value: Number
    layer: Index | None = None
    direction: Index | None = None
    t: Index | None = None
    sequence: Index | None = None
    unit: Index | None = None


class Stack(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One of several recurrent stacks in a row that is not on show.

    Attributes:
        weights: by the names of its module: "weight_ih_l0".
    """

    name: str
    model: Model
    weights: dict[str, Array] = {}
    weight_edits: list[Edit] = []
    clamps: list[Held] = []
    initial: Initial = msgspec.field(default_factory=Initial)


class Document(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A model and what is fed to it.

    Attributes:
        values: (N, L, features), padding included.
        weights: by the whole model's names ("recurrent.weight_ih_l0", "embedding.weight"); what is
            not there is drawn from the seed.
        targets: class ids (N, L) or (N,), or numbers with C as a last axis.
        rivals: weights of other cells that learned the same, by cell.
        stack: what the recurrent layers are called where they are one stack of several.
        before, after: the stacks that stand before and behind it.
    """

    model: Model
    values: Array
    lengths: list[int]
    training: bool = False
    packed: bool = False
    enforce_sorted: bool = True
    unbatched: bool = False
    single: bool = False
    padding_value: Number = 0.0
    initial: Initial = msgspec.field(default_factory=Initial)
    fill: str = "randn"
    seed: int = 0
    weight_edits: list[Edit] = []
    clamps: list[Held] = []
    title: str = ""
    recurrent: bool = True
    front: Front | None = None
    vocabulary: Words | None = None
    head: Head | None = None
    loss: Literal["cross_entropy", "mse", "bce"] | None = None
    targets: Array | None = None
    classes: list[str] = []
    weights: dict[str, Array] = {}
    weights_from: str = ""
    decoder: Decoder | None = None
    lesson: Literal["", "vanilla", "identity", "projection"] = ""
    task: str = ""
    rivals: dict[str, dict[str, Array]] = {}
    stack: str = ""
    before: list[Stack] = []
    after: list[Stack] = []


class Selected(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The element that is selected; indices count from 0."""

    tensor: str
    layer: Index | None = None
    direction: Index | None = None
    t: Index | None = None
    sequence: Index | None = None
    unit: Index | None = None
    row: Index | None = None
    column: Index | None = None


class Place(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where somebody was.

    Attributes:
        step, cell, operation: how far the run is stepped.
        returned: steps back in time; none while the pass forward is on show.
        sequence: the row of the batch on show; none shows all.
        options: of each figure by its name, field by field.
        showing: the "new" run, the "old" one or the "difference".
        layout: what the window remembers of itself and of each figure's pane.
    """

    step: Index = 0
    cell: Index = 0
    operation: Index = 0
    decoder_steps: Index = 0
    returned: Index | None = None
    sequence: Index | None = 0
    figure: str = "unrolled"
    options: dict[str, dict[str, Any]] = {}
    selection: Selected | None = None
    granularity: str = "timestep"
    showing: Literal["new", "old", "difference"] = "new"
    speed: float = 1.0
    layout: dict[str, Any] = {}


class Kept(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The file that a session was kept in as it was opened or saved there last.

    Attributes:
        path: where, on the machine that wrote this.
        inode, size, modified: what told that state of the file from another; ns since 1970.
    """

    path: str
    inode: int = 0
    size: int = 0
    modified: int = 0


class Session(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The whole file.

    Attributes:
        written_by: the version of rnnviz.
        original: what the document was before its numbers were edited, where they are compared.
        example: the key of the example that the document still is.
        kept: only in what is left for recovery after a crash.
        beside: likewise; documents opened together with it that have edits saved nowhere.
        together: likewise; what brought them.
    """

    format: Literal["rnnviz session"]
    version: Literal[1]
    document: Document
    written_by: str = ""
    original: Document | None = None
    example: str | None = None
    place: Place = msgspec.field(default_factory=Place)
    kept: Kept | None = None
    beside: list[Document] = []
    together: str = ""


class Captured(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What one recurrent module received in one batch.

    Attributes:
        name: the module's, its kind and sizes, and which run of several.
        batch: which call of the whole model it was, from 0.
    """

    name: str
    batch: Index
    document: Document


class Recording(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What was captured inside a script, in the order of the batches."""

    format: Literal["rnnviz recording"]
    version: Literal[1]
    captures: list[Captured]
    written_by: str = ""
