"""What kind of file it is, by how it begins."""

from __future__ import annotations

from typing import BinaryIO

from rnnviz.files.arrays import MAGIC
from rnnviz.files.tensors import zips
from rnnviz.files.tensors.stored import RefusedError

_HDF5 = b"\x89HDF\r\n\x1a\n"
_PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
_TORCH_MAGIC = bytes.fromhex("6cfc9c46f9206aa85019")  # the number at the head of legacy files
_OTHERS = {
    b"\x1f\x8b": "it is compressed (gzip): unpack it first",
    b"BZh": "it is compressed (bzip2): unpack it first",
    b"\xfd7zXZ": "it is compressed (xz): unpack it first",
    b"\x28\xb5\x2f\xfd": "it is compressed (zstd): unpack it first",
    b"Rar!": "it is an archive: unpack it first",
    b"7z\xbc\xaf": "it is an archive: unpack it first",
    b"\x7fELF": "it is a program",
    b"%PDF": "it is a PDF",
    b"\x89PNG": "it is a picture",
}


def kind_of(file: BinaryIO, size: int, by_ending: str | None) -> str:
    """ "torch", "safetensors", "npz", "npy" or "text".

    Args:
        file: open for reading.
        size: bytes that it has.
        by_ending: what its name promises, where it promises anything.

    Raises:
        RefusedError: where it is none of them, in words that say what it is.
    """
    if size == 0:
        raise RefusedError("it is empty")
    file.seek(0)
    start = file.read(64)
    if start.startswith(zips.START):
        return _kind_of_zip(file, size)
    if start.startswith(MAGIC):
        return "npy"
    if len(start) > 9 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") < size:
        return "safetensors"
    _check_other_kinds(start)
    if by_ending is None:
        raise RefusedError(
            "expected a file of tensors: .pt, .pth, .safetensors, .npz, .npy or .csv"
        )
    if by_ending in ("torch", "npz"):
        raise RefusedError("it is not what its name says, or damaged: it is no zip file")
    return by_ending


def _kind_of_zip(file: BinaryIO, size: int) -> str:
    names = zips.read_directory(file, size, compressed=True)
    if any(name.endswith("/data.pkl") for name in names):
        return "torch"
    if names and all(name.endswith(".npy") for name in names):
        return "npz"
    raise RefusedError("it is a zip file, but neither one of PyTorch's nor one of numpy's")


def _check_other_kinds(start: bytes) -> None:
    if start.startswith(_HDF5):
        raise RefusedError("it is an HDF5 file, which is read as a model of Keras, not as tensors")
    if start.startswith(_PICKLES) and _TORCH_MAGIC in start:
        raise RefusedError(
            "it is in the format of PyTorch before 1.6: load it there and save it again with "
            "torch.save"
        )
    if start.startswith(_PICKLES):
        raise RefusedError("it is a pickle, which could run code: save its tensors instead")
    why = next((why for mark, why in _OTHERS.items() if start.startswith(mark)), None)
    if why is not None:
        raise RefusedError(why)
