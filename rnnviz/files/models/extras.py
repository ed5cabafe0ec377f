"""Libraries that are installed only where their files are read."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from rnnviz.errors import FileError


def required(library: str, extra: str, files: str) -> Any:
    """A library that an extra of rnnviz installs.

    Args:
        library: its name, which is also that of its module.
        extra: of rnnviz.
        files: what it is needed for: "ONNX files".

    Raises:
        FileError: where it is missing, with the command that adds it.
    """
    try:
        return import_module(library)
    except ImportError:
        raise FileError(f"Reading {files} needs {library}: pip install 'rnnviz[{extra}]'") from None
