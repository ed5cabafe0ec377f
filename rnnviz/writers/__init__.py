"""Pictures as files: the scene that the window shows, in the formats that papers want."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.errors import UsageError
from rnnviz.files.saving.atomic import save_bytes, save_pieces
from rnnviz.files.saving.endings import writer_for
from rnnviz.scene.marks import Scene
from rnnviz.writers.progress import Told, nobody
from rnnviz.writers.svg import svg_text

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

__all__ = ["WRITERS", "clipboard_image", "save_bytes", "svg_text", "write"]

_DPI_RANGE = (10.0, 2400.0)


def _svg(scene: Scene, dpi: float, told: Told) -> Iterator[bytes]:
    yield svg_text(scene, told).encode("utf-8")


def _png(scene: Scene, dpi: float, told: Told) -> Iterator[bytes]:
    from rnnviz.writers.png import png_file

    return png_file(scene, dpi, told)


def _pdf(scene: Scene, dpi: float, told: Told) -> Iterator[bytes]:
    from rnnviz.writers.pdf import pdf_file

    return pdf_file(scene, told)


Writer = Callable[[Scene, float, Told], Iterator[bytes]]
WRITERS: dict[str, Writer] = {".png": _png, ".svg": _svg, ".pdf": _pdf}


def write(
    scene: Scene,
    path: str | os.PathLike[str],
    dpi: float = 300.0,
    transparent: bool = False,
    told: Told = nobody,
) -> Path:
    """Write a picture; its format is its file name's ending.

    Args:
        path: ends in `.png`, `.svg` or `.pdf`.
        dpi: of a PNG; 96 gives one px per px of the scene.
        transparent: on no background, instead of the scene's own or white.
        told: called now and then with how much is done, and of how much; what it raises ends
            the writing, and what was there before is kept.

    Returns:
        Where it was written.

    Raises:
        FileError: what could not be written and why; a file that was there before is kept.
        UsageError: a dpi that makes no picture.
    """
    make = writer_for(Path(path), WRITERS)
    if not _DPI_RANGE[0] <= dpi <= _DPI_RANGE[1]:
        raise UsageError(f"dpi: expected {_DPI_RANGE[0]:g} to {_DPI_RANGE[1]:g}, got {dpi}")
    background = None if transparent else scene.background or "#FFFFFF"
    return save_pieces(path, make(replace(scene, background=background), dpi, told))


def clipboard_image(scene: Scene) -> QImage:
    """The scene as a picture for the clipboard, twice as fine as on screen."""
    from rnnviz.writers.png import clipboard_image as picture

    return picture(scene)
