"""Recurrent models from files, by what the file is."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from rnnviz.files.found import Finding

Cancelled = Callable[[], bool] | None
Reader = Callable[[Path, Cancelled], Finding]

# A reader is imported when a file of its kind is opened; any other ending is looked at by
# `tensors`, which knows files by how they begin.
_READERS: dict[str, str] = {
    ".onnx": "onnx_file",
    ".keras": "keras_file",
    ".h5": "keras_file",
    ".hdf5": "keras_file",
}
_TENSORS = "state_dict_file"


def find_models(path: Path, cancelled: Cancelled = None) -> Finding:
    """The recurrent layers of a file, and what else it holds.

    Args:
        path: a PyTorch, safetensors or numpy file of weights, or one of the other kinds that
            this package has readers for.
        cancelled: asked now and then whether to go on.

    Raises:
        FileError: where it cannot be opened; nothing in it is ever run.
    """
    home = _READERS.get(path.suffix.lower(), _TENSORS)
    read: Reader = import_module(f"{__name__}.{home}").read
    return read(path, cancelled)
