"""What a table of the input shows: tokens, their targets, and the vectors that they become."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.session.fitted_targets import IGNORED
from rnnviz.session.naming import class_name, token_name
from rnnviz.ui.values_model import Block, largest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.session.state import Document, State

_MOST_NUMBERS = 2_000_000  # of vectors that are copied for a table


def input_blocks(state: State, shown: range) -> tuple[Block, ...]:
    """The columns of some sequences, L rows each."""
    document = state.document
    values = document.values[shown.start : shown.stop].reshape(-1, document.features)
    if not document.takes_ids:
        return (*_targets(document, shown), Block(values, "x[{}]", limit=largest(values)))
    name = partial(_named_token, document)
    blocks = [
        Block(values, "token", "token", shown=name, place=partial(_ids_place, document, shown))
    ]
    return (*blocks, *_targets(document, shown), *_vectors(state, shown))


def has_row_targets(document: Document) -> bool:
    """Whether every timestep of the input has its own target."""
    every = document.head is None or document.head.on == "every"
    return (
        document.targets is not None and every and document.decoder is None and bool(document.loss)
    )


def weight_place(document: Document, id_: int, column: int) -> tuple[int, int] | None:
    """Where `embedding.weight` holds a number of a token's vector; None where there is no table."""
    front = document.front
    if front is None or front.width is None:
        return None
    return (id_, column) if front.kind == "embedding" else (column, id_)


def _targets(document: Document, shown: range) -> list[Block]:
    targets = document.targets
    if targets is None or not has_row_targets(document):
        return []
    rows = targets[shown.start : shown.stop].reshape(len(shown) * document.L, -1)
    if document.loss == "cross_entropy":
        place = partial(_target_place, document, shown)
        return [Block(rows, "target", "target", shown=partial(_named_class, document), place=place)]
    heading = "target" if rows.shape[1] == 1 else "y[{}]"
    place = partial(_number_place, document, shown)
    return [Block(rows, heading, "target", limit=largest(rows), place=place)]


def _vectors(state: State, shown: range) -> list[Block]:
    """The vectors that tokens become, where the run of this input is known."""
    document, pr = state.document, state.pr
    name = "embedded" if pr is not None and "embedded" in pr.tensors else "one_hot"
    if pr is None or document.front is None or name not in pr.tensors:
        return []
    grid = pr.grid(name)
    steps, count, width = grid.shape
    fits = (count, width) == (document.N, document.front.out) and steps <= document.L
    if not fits or len(shown) * document.L * width > _MOST_NUMBERS:
        return []
    rows: NDArray[Any] = np.full((len(shown), document.L, width), np.nan, np.float32)
    rows[:, :steps] = grid[:, shown.start : shown.stop].detach().transpose(0, 1).float().numpy()
    vectors = rows.reshape(-1, width)
    editable = document.front.width is not None
    place = partial(_vector_place, document, shown) if editable else None
    return [
        Block(vectors, "x[{}]", "vector", largest(vectors), editable=editable, place=place)
    ]  # fmt: skip


def _named_token(document: Document, value: float) -> str:
    return token_name(document, int(value)) if value == int(value) else f"{value:g}"


def _named_class(document: Document, value: float) -> str:
    return class_name(document, IGNORED if value < 0 else int(value))


def _ids_place(document: Document, shown: range, row: int, _: int) -> str:
    return f"ids{_index(document, shown, row)}"


def _target_place(document: Document, shown: range, row: int, _: int) -> str:
    return f"targets{_index(document, shown, row)}"


def _number_place(document: Document, shown: range, row: int, column: int) -> str:
    return f"targets{_index(document, shown, row)[:-1]}, {column}]"


def _vector_place(document: Document, shown: range, row: int, column: int) -> str:
    sequence, t = divmod(row, document.L)
    id_ = int(document.values[shown.start + sequence, t, 0])
    place = weight_place(document, id_, column)
    return f"embedding.weight[{', '.join(map(str, place or ()))}]"


def _index(document: Document, shown: range, row: int) -> str:
    """The place of a row in the tensor that the module is given."""
    sequence, t = divmod(row, document.L)
    n = shown.start + sequence
    if document.unbatched:
        return f"[{t}]"
    return f"[{n}, {t}]" if document.spec.batch_first else f"[{t}, {n}]"
