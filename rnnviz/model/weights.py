"""The weights that a module's next call would use, read without changing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

from rnnviz.model.spec import ModelSpec
from rnnviz.model.weight_names import weight_names

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent


def live_weights(module: Recurrent, spec: ModelSpec) -> dict[str, Tensor]:
    """By PyTorch's names, in PyTorch's order.

    A parametrized weight is computed from what it is made of, and one that weight_norm,
    spectral_norm or pruning renew before every call is renewed.
    """
    names = weight_names(spec)
    if module._parameters.keys() >= set(names):  # noqa: SLF001  # nothing makes or renews them
        return {name: getattr(module, name) for name in names}
    with torch.no_grad(), _unchanged_buffers(module):
        renewed = _renewed(module)
        return {name: renewed[name] if name in renewed else getattr(module, name) for name in names}


def _renewed(module: Recurrent) -> dict[str, Tensor]:
    """What torch's own hooks would set before the next call; other hooks are left alone."""
    found: dict[str, Tensor] = {}
    for hook in module._forward_pre_hooks.values():  # noqa: SLF001
        if isinstance(hook, BasePruningMethod):
            found[hook._tensor_name] = hook.apply_mask(module)  # type: ignore[no-untyped-call]  # noqa: SLF001
        elif isinstance(hook, WeightNorm):
            found[hook.name] = hook.compute_weight(module)
        elif isinstance(hook, SpectralNorm):
            found[hook.name] = hook.compute_weight(module, do_power_iteration=module.training)
    return found


@contextmanager
def _unchanged_buffers(module: Recurrent) -> Iterator[None]:
    """Spectral norms advance their estimate where a weight is only read."""
    kept = [(buffer, buffer.clone()) for buffer in module.buffers()]
    yield
    for buffer, before in kept:
        if not torch.equal(buffer, before):
            buffer.copy_(before)
