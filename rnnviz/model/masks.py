"""Dropout masks, drawn as torch draws them, and the state of the generator that drew them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import dropout


@dataclass(frozen=True)
class GeneratorState:
    """The global generators' state before any mask was drawn."""

    cpu: Tensor
    device: torch.device
    cuda: Tensor | None = None

    @classmethod
    def capture(cls, device: torch.device) -> GeneratorState:
        """The state as it is now."""
        cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
        return cls(torch.get_rng_state(), device, cuda)

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Within it the generators are as they were; afterwards as if nothing had happened."""
        devices = [] if self.cuda is None else [self.device]
        with torch.random.fork_rng(devices):
            torch.set_rng_state(self.cpu)
            if self.cuda is not None:
                torch.cuda.set_rng_state(self.cuda, self.device)
            yield


def draw_masks(
    rows: tuple[int, ...], layers: int, p: float, dtype: torch.dtype, device: torch.device
) -> dict[int, Tensor]:
    """The masks between layers, by the layer below: 0 or 1 / (1 − p) everywhere.

    The layers are drawn one after another, each as large as the layer's output, so the global
    generator is advanced exactly as the module itself advances it.

    Args:
        rows: shape of a layer's output as torch holds it, packed or time-major.
    """
    ones = torch.ones(rows, dtype=dtype, device=device)
    return {layer: dropout(ones, p, training=True).cpu() for layer in range(layers)}
