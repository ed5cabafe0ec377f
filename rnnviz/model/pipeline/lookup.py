"""One lookup, three ways: a row of a table, a one-hot code times a weight, an index."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.model.pipeline.embedding import OneHot, check_embedding, read_batch
from rnnviz.model.pipeline.named import Named


@dataclass(frozen=True, eq=False)
class Lookup:
    """The vectors of some ids, found in each of the ways in which people write it.

    Attributes:
        table: (V, E), a row for each id; `nn.Linear(V, E, bias=False)` holds it transposed.
        ids: as given.
        one_hot: (…, V), a single 1 in each row.
        by_embedding: (…, E), `nn.functional.embedding(ids, table)`, what nn.Embedding does.
        by_linear: (…, E), `one_hot @ table`, what nn.Linear without bias does.
        by_index: (…, E), `table[ids]`.
    """

    table: Tensor
    ids: Tensor
    one_hot: Tensor
    by_embedding: Tensor
    by_linear: Tensor
    by_index: Tensor

    @property
    def agree(self) -> bool:
        """Whether all three are equal, bit by bit: a sum with a single 1 in it is exact."""
        return torch.equal(self.by_embedding, self.by_index) and torch.equal(
            self.by_linear, self.by_index
        )

    @property
    def counts(self) -> Tensor:
        """How often each row is looked up: (V,) int64."""
        return torch.bincount(self.ids.flatten(), minlength=len(self.table))

    def named(self) -> dict[str, Named]:
        """All of it with names of axes; those of the ids are numbered from 0."""
        axes = tuple(f"axis {k}" for k in range(self.ids.dim()))
        rows = {"by_embedding": self.by_embedding, "by_linear": self.by_linear}
        rows["by_index"] = self.by_index
        return {
            "table": Named(self.table, ("V", "E")),
            "ids": Named(self.ids, axes),
            "one_hot": Named(self.one_hot, (*axes, "V")),
            **{name: Named(values, (*axes, "E")) for name, values in rows.items()},
        }


@torch.no_grad()
def look_up(table: nn.Embedding | OneHot | Tensor, ids: object) -> Lookup:
    """Looks ids up in all three ways.

    Args:
        table: a module, or the (V, E) rows themselves. Of a `OneHot` without a Linear layer the
            rows are those of the identity.
        ids: of any shape.

    Raises:
        InputError: for an id outside the table.
    """
    rows = _rows(table).detach().cpu().clone()
    found = read_batch(OneHot(len(rows)), ids, rows.dtype)
    one_hot = functional.one_hot(found, len(rows)).to(rows.dtype)
    return Lookup(
        table=rows,
        ids=found,
        one_hot=one_hot,
        by_embedding=functional.embedding(found, rows),
        by_linear=functional.linear(one_hot, rows.T),
        by_index=rows[found],
    )


def _rows(table: nn.Embedding | OneHot | Tensor) -> Tensor:
    if isinstance(table, Tensor):
        return table
    check_embedding(table)
    if isinstance(table, nn.Embedding):
        return table.weight
    return torch.eye(table.num_classes) if table.linear is None else table.linear.weight.T
