"""Weights as files that PyTorch opens: a state_dict under the module's own names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from rnnviz.files.saving.atomic import save_pieces, write_atomically
from rnnviz.files.saving.endings import writer_for
from rnnviz.files.saving.safetensors import safetensors_pieces

Weights = Mapping[str, NDArray[np.generic]]

FORMAT = {"format": "pt"}  # which PyTorch's readers of safetensors ask for


def save_weights(path: Path, weights: Weights) -> Path:
    """Write weights to a .pt, .pth or .safetensors file, whole or not at all.

    Args:
        path: its ending says which kind.
        weights: by the names that `module.load_state_dict` expects.

    Returns:
        Where they were written.

    Raises:
        FileError: what could not be written and why; a file that was there before is kept.
    """
    return writer_for(path, WRITERS)(path, weights)


def _save_safetensors(path: Path, weights: Weights) -> Path:
    return save_pieces(path, safetensors_pieces(weights, FORMAT))


def _save_torch(path: Path, weights: Weights) -> Path:
    import torch

    # A copy each: torch keeps whole storages, of which a weight may be a small part.
    state = {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    return write_atomically(path, lambda file: torch.save(state, cast("IO[bytes]", file)))


WRITERS: dict[str, Callable[[Path, Weights], Path]] = {
    ".pt": _save_torch,
    ".pth": _save_torch,
    ".safetensors": _save_safetensors,
}
