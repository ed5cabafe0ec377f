"""`nn.Linear` on a batch, as the single product that it is: H = X Wᵀ + b."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.errors import InputError
from rnnviz.model.pipeline.named import shape_text


@dataclass(frozen=True, eq=False)
class LinearProduct:
    """Every vector of a batch as a row of one matrix.

    Attributes:
        shape: of the batch without its features, such as (N, L).
        X: (rows, in_features), the stacked vectors.
        W: (out_features, in_features); each of its rows gives one feature of H.
        b: (out_features,); None without bias.
        H: (rows, out_features).
    """

    shape: tuple[int, ...]
    X: Tensor
    W: Tensor
    b: Tensor | None
    H: Tensor

    @property
    def output(self) -> Tensor:
        """H in the form of the batch: (*shape, out_features)."""
        return self.H.reshape([*self.shape, self.H.shape[-1]])

    @property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """Where each row stood in the batch."""
        return tuple(product(*(range(size) for size in self.shape)))

    def terms(self, row: int, feature: int) -> Tensor:
        """What is added up to H[row, feature], without b: (in_features,)."""
        return self.X[row] * self.W[feature]


@torch.no_grad()
def linear_product(linear: nn.Linear, batch: Tensor) -> LinearProduct:
    """Computes an `nn.Linear` on a batch of any number of axes.

    Args:
        batch: (…, in_features), in the dtype of the weights.

    Raises:
        InputError: for another number of features or another dtype.
    """
    if batch.dim() == 0 or batch.shape[-1] != linear.in_features:
        raise InputError(
            "input",
            expected=f"{linear.in_features} features in the last axis (in_features)",
            got=shape_text(tuple(batch.shape)),
        )
    if batch.dtype != linear.weight.dtype:
        raise InputError("input", expected=str(linear.weight.dtype), got=batch.dtype)
    rows = batch.detach().cpu().reshape(-1, linear.in_features).clone()
    weight = linear.weight.detach().cpu().clone()
    bias = None if linear.bias is None else linear.bias.detach().cpu().clone()
    return LinearProduct(
        tuple(batch.shape[:-1]), rows, weight, bias, functional.linear(rows, weight, bias)
    )
