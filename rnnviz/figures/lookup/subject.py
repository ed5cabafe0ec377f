"""What is looked up: the ids, the table as it is and turned, and the vectors that come out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnnviz.element import Element
from rnnviz.figures.arrived import Arrived, gone_in
from rnnviz.figures.matrix import Numbers, numbers_of
from rnnviz.figures.memo import Memo
from rnnviz.figures.scale_key import is_difference
from rnnviz.figures.view import View
from rnnviz.model.pipeline.embedding import OneHot
from rnnviz.model.pipeline.form import Form
from rnnviz.model.pipeline.named import Named, shape_text
from rnnviz.model.pipeline.run import PipelineRun

WEIGHT, BIAS = "embedding.weight", "embedding.bias"
_memo = Memo(8)


@dataclass(frozen=True, eq=False)
class Subject:
    """The ids of a batch and the table that they are looked up in.

    Attributes:
        ids: (L, N); `named_ids`: as given, with axes.
        arrived: which of them the lowest layer has read.
        table: (V, E), a row for each id; `turned`: (E, V).
        by_rows: the weight is kept as the table, as nn.Embedding does; else it is kept turned, as
            nn.Linear does.
        result: a row for each id of the batch, as they lie in memory; `named`: with axes.
        one_hot: the rows of the identity, (V, V).
        bias: (1, E), added to every row; None for none.
        padding_idx: of nn.Embedding.
    """

    view: View
    ids: NDArray[np.int64]
    named_ids: Named
    arrived: Arrived
    table: Numbers
    turned: Numbers
    by_rows: bool
    result: Numbers
    named: Named
    bias: Numbers | None
    padding_idx: int | None

    @property
    def pr(self) -> PipelineRun:
        assert self.view.around is not None
        return self.view.around.pr

    @property
    def form(self) -> Form:
        return self.pr.form

    @property
    def V(self) -> int:  # noqa: N802
        """How many ids there are."""
        return int(self.table.values.shape[0])

    @property
    def E(self) -> int:  # noqa: N802
        """The length of a vector."""
        return int(self.table.values.shape[1])

    @property
    def is_identity(self) -> bool:
        """Whether the rows of the table are one-hot rows themselves."""
        return WEIGHT not in self.pr.weights

    @property
    def is_difference(self) -> bool:
        return is_difference(self.view)

    @cached_property
    def one_hot(self) -> Numbers:
        return identity(self.V)

    @property
    def names_tokens(self) -> bool:
        """Whether ids have tokens."""
        return self.view.around is not None and self.view.around.vocabulary is not None

    def token(self, id_: int) -> str:
        """What an id is called; "" where it is only a number."""
        around = self.view.around
        assert around is not None
        return around.token(id_) if self.names_tokens else ""

    def key(self, sequence: int, t: int) -> Element:
        """The vector that comes out at a timestep of a sequence."""
        if self.view.trace is not None:
            return Element("x", layer=0, t=t, sequence=sequence)
        name = "one_hot" if self.is_identity else "embedded"
        return Element(name, t=t, sequence=sequence)

    def titles(self, way: str) -> tuple[str, str]:
        """Name and shape of the table, or of the weight whose columns are picked."""
        if self.is_identity:
            return "torch.eye(V)", f"(V, V) = ({self.V}, {self.V})"
        turned = self.by_rows == (way == "column")
        name = f"{WEIGHT}.T" if turned else WEIGHT
        shape = f"(E, V) = ({self.E}, {self.V})" if way == "column" else self._shape
        return name, shape

    @property
    def _shape(self) -> str:
        return f"(V, E) = ({self.V}, {self.E})"

    @property
    def ids_title(self) -> tuple[str, str]:
        """Name and shape of the ids."""
        return "ids", self.named_ids.legend if self.form.axes else "a single id, shape ()"

    @property
    def codes_title(self) -> tuple[str, str]:
        """Name and shape of the one-hot rows."""
        axes = ", ".join((*self.form.axes, "V"))
        return "one_hot", f"({axes}) = {shape_text((*self.named_ids.tensor.shape, self.V))}"

    @property
    def result_title(self) -> tuple[str, str]:
        """Name and shape of what comes out."""
        return "one_hot" if self.is_identity else "embedded", self.named.legend

    @property
    def padding_words(self) -> str:
        """What is special about the row of padding_idx; "" without one."""
        if self.padding_idx is None:
            return ""
        if self.is_difference:
            return f"{self.padding_idx} is padding_idx: no gradient"
        kept = "not zeros here" if self.table.values[self.padding_idx].any() else "zeros"
        return f"{self.padding_idx} is padding_idx: {kept}, no gradient"

    def table_tensor(self) -> Tensor:
        """(V, E), as torch has it."""
        weight = self.pr.weights[WEIGHT]
        return weight if self.by_rows else weight.T


@lru_cache(maxsize=8)
def identity(size: int) -> Numbers:
    """The identity's rows, on the memory of one of them."""
    line = np.zeros(2 * size - 1, dtype=np.float32)
    line[size - 1] = 1.0
    step = line.strides[0]
    values = np.lib.stride_tricks.as_strided(
        line[size - 1 :], (size, size), (-step, step), writeable=False
    )
    return Numbers(values, 1.0, 0)


def subject_of(view: View) -> Subject:
    """What a view looks up."""
    assert view.around is not None
    pr, compared = view.around.pr, is_difference(view)
    embedding = pr.pipeline.embedding
    by_rows = isinstance(embedding, nn.Embedding)
    if WEIGHT in pr.weights:
        weight = pr.weights[WEIGHT]
        table = numbers_of(weight, turned=not by_rows, is_difference=compared)
        turned = numbers_of(weight, turned=by_rows, is_difference=compared)
    else:
        assert isinstance(embedding, OneHot)
        table = turned = identity(embedding.num_classes)
    named = next(reversed([pr.tensors[n] for n in ("one_hot", "embedded") if n in pr.tensors]))
    bias = pr.weights.get(BIAS)
    is_embedded = "embedded" in pr.tensors
    make = partial(_result, named.tensor, table, bias is not None, compared, is_embedded)
    same_look = compared, table.limit, table.digits
    result = _memo.get(named.tensor, same_look, make)  # its pools are kept by it
    return Subject(
        view,
        pr.form.grid(_ids(pr)).numpy(),
        pr.tensors["ids"],
        gone_in(view),
        table,
        turned,
        by_rows,
        result,
        named,
        None if bias is None else numbers_of(bias, is_difference=compared),
        embedding.padding_idx if isinstance(embedding, nn.Embedding) else None,
    )


def _ids(pr: PipelineRun) -> Tensor:
    assert pr.ids is not None
    return pr.ids.to(torch.int64)


def _result(
    rows: Tensor, table: Numbers, has_bias: bool, compared: bool, is_embedded: bool
) -> Numbers:
    """The vectors, in the table's colours and with its decimals where they are its rows."""
    if not is_embedded:
        values = rows.numpy()
        return Numbers(values.reshape(-1, values.shape[-1]), 1.0, 0)
    found = numbers_of(rows, is_difference=compared)
    if has_bias:
        return found
    return replace(found, limit=table.limit, digits=table.digits)
