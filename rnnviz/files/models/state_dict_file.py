"""Recurrent layers in a file of named tensors: a state_dict of PyTorch, in whatever format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rnnviz.files.found import Finding
from rnnviz.files.models.by_names import by_names
from rnnviz.files.tensors import read_tensors

_KINDS = {"PyTorch": "PyTorch state_dict"}


def read(path: Path, cancelled: Callable[[], bool] | None = None) -> Finding:
    """What is found in it.

    Raises:
        FileError: where it is no such file.
    """
    held = read_tensors(path, cancelled)
    chains, left = by_names(held.arrays, held.widened)
    return Finding(path, _KINDS.get(held.kind, held.kind), chains, left)
