"""Files written by hand, so that each of their fields can lie."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import _utils


@dataclass
class Member:
    """A file in a zip; what `local` and `central` name is written there instead of the truth."""

    name: bytes
    data: bytes
    deflated: bool = False
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)


def zipped(members: list[Member], **end: Any) -> bytes:
    """A zip file; `end` overrides fields of its last record."""
    body, directory = bytearray(end.pop("prefix", b"")), bytearray()
    for member in members:
        held = deflated(member.data) if member.deflated else member.data
        truth = {
            "flags": 0x800,
            "method": 8 if member.deflated else 0,
            "crc": zlib.crc32(member.data),
            "held": len(held),
            "size": len(member.data),
            "name": member.name,
            "extra": b"",
            "offset": len(body),
        }
        f = truth | member.local
        body += struct.pack(
            "<4sHHHHHIIIHH", b"PK\3\4", 20, f["flags"], f["method"], 0, 0, f["crc"], f["held"],
            f["size"], len(f["name"]), len(f["extra"]),
        )  # fmt: skip
        body += f["name"] + f["extra"] + held
        f = truth | member.central
        directory += struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, f["flags"], f["method"], 0, 0, f["crc"],
            f["held"], f["size"], len(f["name"]), len(f["extra"]), 0, 0, 0, 0, f["offset"],
        )  # fmt: skip
        directory += f["name"] + f["extra"]
    f = {"count": len(members), "length": len(directory), "start": len(body), "comment": b""} | end
    last = struct.pack(
        "<4sHHHHIIH", b"PK\5\6", 0, 0, f["count"], f["count"], f["length"], f["start"],
        f.get("comment_length", len(f["comment"])),
    )  # fmt: skip
    return bytes(body + directory + last + f["comment"])


def deflated(data: bytes) -> bytes:
    """A raw stream, as zip files hold it."""
    stream = zlib.compressobj(1, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


@dataclass(frozen=True)
class Numbers:
    """A storage in a crafted PyTorch file."""

    key: Any = "0"
    count: Any = 6
    kind: Any = torch.FloatStorage


@dataclass
class View:
    """A tensor in a crafted PyTorch file."""

    size: Any = (2, 3)
    stride: Any = (3, 1)
    offset: Any = 0
    numbers: Any = field(default_factory=Numbers)

    def __reduce__(self) -> Any:
        return (
            _utils._rebuild_tensor_v2,
            (self.numbers, self.offset, self.size, self.stride, False, OrderedDict()),
        )


class Calls:
    """Unpickles by calling something."""

    def __init__(self, called: Any, *arguments: Any) -> None:
        self.called, self.arguments = called, arguments

    def __reduce__(self) -> Any:
        return self.called, self.arguments


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, Numbers):
            return ("storage", value.kind, value.key, "cpu", value.count)
        return None


def pickled(value: Any, protocol: int = 2) -> bytes:
    """As `torch.save` pickles it."""
    buffer = io.BytesIO()
    _Pickler(buffer, protocol).dump(value)
    return buffer.getvalue()


def torch_members(listed: Any, data: bytes = bytes(24)) -> list[Member]:
    """The members of a PyTorch file whose only storage, "0", holds `data`."""
    stream = listed if isinstance(listed, bytes) else pickled(listed)
    return [
        Member(b"archive/data.pkl", stream),
        Member(b"archive/byteorder", b"little"),
        Member(b"archive/data/0", data),
        Member(b"archive/version", b"3\n"),
    ]


def torch_file(listed: Any, data: bytes = bytes(24)) -> bytes:
    """A PyTorch file whose only storage, "0", holds `data`."""
    return zipped(torch_members(listed, data))


def safetensors_file(header: Any, data: bytes = bytes(24), length: int | None = None) -> bytes:
    """A safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(shape: Any = (2, 3), at: Any = (0, 24), dtype: Any = "F32") -> dict[str, Any]:
    """A tensor in the header of a safetensors file."""
    return {"dtype": dtype, "shape": shape, "data_offsets": at}


def npy_file(header: bytes, data: bytes = bytes(24), version: bytes = b"\1\0") -> bytes:
    """A .npy file with any header."""
    length = struct.pack("<H" if version == b"\1\0" else "<I", len(header))
    return b"\x93NUMPY" + version + length + header + data


def npy_header(descr: str = "'<f4'", shape: str = "(2, 3)", fortran: str = "False") -> bytes:
    """What stands at the head of a .npy file."""
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode()


def npy_bytes(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    """A .npy file as numpy writes it."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()
