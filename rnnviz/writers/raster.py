"""A PNG of plain colours, encoded without a window system, for pictures inside an SVG."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray


def png_bytes(colors: NDArray[np.uint8]) -> bytes:
    """An RGB picture as a PNG file.

    Args:
        colors: `(height, width, 3)`.
    """
    height, width = colors.shape[:2]
    rows = np.zeros((height, 1 + width * 3), dtype=np.uint8)  # each row: filter 0, then its px
    rows[:, 1:] = colors.reshape(height, width * 3)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (
        _chunk(b"IHDR", header),
        _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
