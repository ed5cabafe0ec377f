"""PNG files of plain colours, encoded band by band without a window system."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

_COLOR_TYPES = {3: 2, 4: 6}
_PLAIN, _UP = 0, 2  # PNG's filters: a row as it is, or what differs from the row above
_PER_METRE = 1 / 0.0254


def png_bytes(colors: NDArray[np.uint8]) -> bytes:
    """An RGB picture as a PNG file, for pictures inside an SVG.

    Args:
        colors: `(height, width, 3)`.
    """
    rows = np.zeros((colors.shape[0], 1 + colors.shape[1] * 3), dtype=np.uint8)
    rows[:, 0] = _PLAIN
    rows[:, 1:] = colors.reshape(len(rows), -1)
    data = zlib.compress(rows.tobytes(), 6)
    return _head(colors.shape[1], len(rows), 3) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def png_pieces(
    size: tuple[int, int],
    bands: Iterable[NDArray[np.uint8]],
    channels: int,
    dpi: float,
    texts: dict[str, str],
) -> Iterator[bytes]:
    """A large picture as the pieces of a PNG file, no more of it in memory than a band.

    A drawing is mostly rows that repeat the one above: written as what differs from that, they
    are packed in a quarter of the time that Qt takes for trying every filter.

    Args:
        size: width and height, px.
        bands: `(rows, width, channels)` each, from the top down.
        channels: 3, or 4 with how opaque each px is.
        dpi: its resolution.
        texts: what it says of itself, by keyword.
    """
    per_metre = round(dpi * _PER_METRE)
    resolution = _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
    yield _head(*size, channels) + resolution + b"".join(map(_text, texts, texts.values()))
    packer = zlib.compressobj(3)
    above = np.zeros(size[0] * channels, dtype=np.uint8)
    for band in bands:
        flat = band.reshape(len(band), -1)
        if data := packer.compress(_differences(flat, above).data):
            yield _chunk(b"IDAT", data)
        above = flat[-1].copy()
    yield _chunk(b"IDAT", packer.flush()) + _chunk(b"IEND", b"")


def _differences(rows: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each row less the one above it, its filter before it."""
    found = np.empty((len(rows), 1 + rows.shape[1]), dtype=np.uint8)
    found[:, 0] = _UP
    np.subtract(rows[0], above, out=found[0, 1:])
    np.subtract(rows[1:], rows[:-1], out=found[1:, 1:])
    return found


def _head(width: int, height: int, channels: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOR_TYPES[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)


def _text(keyword: str, text: str) -> bytes:
    return _chunk(b"iTXt", keyword.encode("ascii") + b"\0\0\0\0\0" + text.encode("utf-8"))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
