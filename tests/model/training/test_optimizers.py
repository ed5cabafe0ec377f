"""Each rule against torch's own optimizer."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from rnnviz.model.training.optimizers import RULES, Optimizer
from rnnviz.model.training.spec import OPTIMIZERS

THEIRS: dict[str, Any] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
}


def test_every_choice_has_its_rule() -> None:
    assert tuple(RULES) == OPTIMIZERS


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_updates_as_torch_does(rule: str, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    ours = [torch.randn(shape, generator=generator, dtype=dtype) for shape in [(3, 4), (4,), (2,)]]
    theirs = [torch.nn.Parameter(each.clone()) for each in ours]
    optimizer, oracle = Optimizer(rule, ours, 0.03), THEIRS[rule](theirs, lr=0.03)
    for step in range(30):
        for place, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            grad = torch.randn(mine.shape, generator=generator, dtype=dtype)
            # The last one has no gradient now and then, and begins later than the others.
            mine.grad = other.grad = None if place == 2 and step % 3 == 0 else grad
        optimizer.step()
        oracle.step()
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(
                mine, other.detach(), rtol=1e-12 if dtype == torch.float64 else 1e-6, atol=0
            )
