"""Whether the three ways agree, in numbers; and what differs: the gradient of padding_idx."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from rnnviz.figures.lookup.subject import Subject
from rnnviz.figures.memo import Memo
from rnnviz.model.pipeline.lookup import look_up

_MOST_WORK = 2e8  # multiplications of the product with one-hot rows
_MOST_TABLE = 5e7  # numbers of a table that is copied
_memo = Memo()


class Agreement(NamedTuple):
    """How far apart the three ways are.

    Attributes:
        largest: max |Δ| between any two.
        ids: how many different ids were looked up; `of` how many there are in the batch.
    """

    largest: float
    ids: int
    of: int


def agreement(subject: Subject) -> Agreement | None:
    """Looks the ids of the batch up in all three ways; None where the table is too large."""
    size = subject.V * subject.E
    return _memo.get(subject.pr, "agreement", lambda: _measured(subject), size)


def _measured(subject: Subject) -> Agreement | None:
    size = subject.V * subject.E
    if size > _MOST_TABLE:
        return None
    used = np.unique(subject.ids)
    found = look_up(
        subject.table_tensor(), torch.from_numpy(used[: max(1, int(_MOST_WORK / size))])
    )
    ways = (found.by_embedding, found.by_linear)
    largest = max(float((way - found.by_index).abs().max()) for way in ways)
    return Agreement(largest, len(found.ids), len(used))


class Slopes(NamedTuple):
    """The gradient of every number in a row of the table, where the loss is the sum of all vectors.

    Attributes:
        by_embedding: of `nn.Embedding`, whose padding_idx gets none; (V,).
        by_linear, by_index: of the other two, once for each time that the id is looked up.
    """

    by_embedding: NDArray[np.float64]
    by_linear: NDArray[np.float64]
    by_index: NDArray[np.float64]


def slopes(subject: Subject) -> Slopes:
    """What each way lets through to the rows of the table."""
    counts = np.bincount(subject.ids.ravel(), minlength=subject.V).astype(np.float64)
    own = counts.copy()
    embedding = subject.pr.pipeline.embedding
    if isinstance(embedding, nn.Embedding):
        if embedding.scale_grad_by_freq:
            own = np.minimum(own, 1.0)
        if embedding.padding_idx is not None:
            own[embedding.padding_idx] = 0.0
    return Slopes(own, counts, counts)
