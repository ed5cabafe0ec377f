"""Tensors as the Python that makes them: short where they allow it, exact always."""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

_WRITTEN_OUT = 400  # numbers; more of them stand as bytes
_WIDTH = 88
_BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


@contextmanager
def kept_aside() -> Iterator[dict[str, Tensor]]:
    """Within it, tensors of which the bytes would stand in the code are collected instead.

    The code then takes each from a dictionary `saved`, by its name.
    """
    aside: dict[str, Tensor] = {}
    token = _aside.set(aside)
    try:
        yield aside
    finally:
        _aside.reset(token)


_aside: ContextVar[dict[str, Tensor] | None] = ContextVar("aside", default=None)


def tensor_code(values: Tensor, name: str = "tensor") -> str:
    """An expression that gives the very tensor: shape, dtype and every bit but those of a NaN.

    Of more than a few hundred numbers its bytes, for which a script calls `unpacked` (see
    `UNPACKED`).

    Args:
        name: under which it is kept where that is asked for (see `kept_aside`).
    """
    values = values.detach().cpu()
    if not values.numel():
        return f"torch.empty({tuple(values.shape)}, dtype={values.dtype})"
    short = _pattern(values)
    if short is not None:
        return short
    if values.numel() > _WRITTEN_OUT:
        return _packed(values) if _aside.get() is None else _kept(values, name)
    return f"torch.tensor({_nested(_shortest(values))}{dtype_argument(values.dtype)})"


def dtype_argument(dtype: torch.dtype) -> str:
    """ ", dtype=…" where Python's own numbers would make another."""
    return "" if dtype in (torch.float32, torch.int64) else f", dtype={dtype}"


def needs_unpacked(code: str) -> bool:
    """Whether a script with this code must begin with `UNPACKED`."""
    return "unpacked(" in code


UNPACKED = '''
def unpacked(text, shape, dtype):
    """A tensor from its bytes."""
    data = bytearray(zlib.decompress(base64.b64decode(text)))
    return torch.frombuffer(data, dtype=dtype).reshape(shape)
'''


def _pattern(values: Tensor) -> str | None:
    """Numbers that are all the same, or count up."""
    if values.numel() < 2 or not bool(values.isfinite().all()):
        return None
    shape, flat = tuple(values.shape), values.flatten()
    if values.dtype == torch.bool:
        return None
    if torch.equal(_bits(values), _bits(torch.full_like(values, flat[0].item()))):
        ending = f", dtype={values.dtype}" if values.dtype != torch.float32 else ""
        return f"torch.full({shape}, {_number(flat[0].item())}{ending})"
    if _is_identity(values):
        ending = f", dtype={values.dtype}" if values.dtype != torch.float32 else ""
        return f"torch.eye({len(values)}{ending})"
    if len(flat) < 8 or not torch.equal(flat, torch.arange(len(flat)).to(values.dtype)):
        return None
    ending = "" if values.dtype == torch.int64 else f", dtype={values.dtype}"
    return f"torch.arange({len(flat)}{ending}).view({', '.join(map(str, shape))})"


def _is_identity(values: Tensor) -> bool:
    square = values.dim() == 2 and values.shape[0] == values.shape[1] > 1
    return square and torch.equal(values, torch.eye(len(values), dtype=values.dtype))


def _bits(values: Tensor) -> Tensor:
    return values.contiguous().view(_BITS[values.element_size()])


def _number(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _shortest(values: Tensor) -> Tensor:
    """The same numbers with as few digits as tell them apart: 0.1, not 0.10000000149011612."""
    if values.dtype != torch.float32 or not bool(values.isfinite().all()):
        return values
    digits = [float(str(value)) for value in values.numpy().ravel()]
    short = torch.tensor(digits, dtype=torch.float64).view(values.shape)
    return short if torch.equal(_bits(short.float()), _bits(values)) else values


def _nested(values: Tensor) -> str:
    if values.dim() == 0:
        return _number(values.item())
    if values.dim() == 1:
        return f"[{', '.join(_number(value) for value in values.tolist())}]"
    rows = [_nested(row) for row in values]
    line = f"[{', '.join(rows)}]"
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    inside = "".join(f"    {row},\n".replace("\n    ", "\n        ") for row in rows)
    return f"[\n{inside}]"


def _kept(values: Tensor, name: str) -> str:
    aside = _aside.get()
    assert aside is not None
    key, count = name, 1
    while key in aside:
        key, count = f"{name}_{count}", count + 1
    aside[key] = values
    return f'saved["{key}"]'


def _packed(values: Tensor) -> str:
    data = _bits(values).numpy().tobytes()
    text = base64.b64encode(zlib.compress(data, 9)).decode("ascii")
    lines = [f'    "{text[at : at + _WIDTH]}"\n' for at in range(0, len(text), _WIDTH)]
    return f"unpacked(\n{''.join(lines)}    , {tuple(values.shape)}, {values.dtype})"
