"""The attributes of a node, of the type that they must have."""

from __future__ import annotations

from typing import Any

from rnnviz.files.models.onnx.graph import Node
from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import RefusedError

_NUMBER, _TEXT, _TENSOR, _NUMBERS, _TEXTS = 2, 3, 4, 7, 8


def number(node: Node, name: str, default: int) -> int:
    """A whole number."""
    attribute = _of_type(node, name, _NUMBER)
    return default if attribute is None else int(attribute.i)


def numbers(node: Node, name: str) -> list[int] | None:
    """Whole numbers; None where they are left out."""
    attribute = _of_type(node, name, _NUMBERS)
    return None if attribute is None else list(attribute.ints)


def text(node: Node, name: str, default: str) -> str:
    """A text."""
    attribute = _of_type(node, name, _TEXT)
    return default if attribute is None else bytes(attribute.s).decode("utf-8", "replace")


def texts(node: Node, name: str) -> list[str]:
    """Texts; none where they are left out."""
    attribute = _of_type(node, name, _TEXTS)
    values = [] if attribute is None else attribute.strings
    return [bytes(value).decode("utf-8", "replace") for value in values]


def tensor(node: Node, name: str) -> Any | None:
    """A `TensorProto`; None where it is left out."""
    attribute = _of_type(node, name, _TENSOR)
    return None if attribute is None else attribute.t


def _of_type(node: Node, name: str, kind: int) -> Any | None:
    attribute = node.attributes.get(name)
    if attribute is not None and attribute.type != kind:
        raise RefusedError(f"its attribute {shown_name(name)} is not of its type")
    return attribute
