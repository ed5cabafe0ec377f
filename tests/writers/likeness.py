"""Whether two programs painted the same picture, though each rounds edges in its own way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QImage

from rnnviz.scene.marks import Mark, Scene, Text
from tests.golden import difference, pixels, save_failure

BLOCK = 8


def comparable(scene: Scene) -> Scene:
    """The scene without the few texts that need OpenType features, which viewers may lack."""
    marks = tuple(mark for mark in scene.marks if not _featured(mark))
    return replace(scene, marks=marks)


def _featured(mark: Mark) -> bool:
    if not isinstance(mark, Text) or mark.font == "math":
        return False
    text = "".join(run.text for run in mark.runs)
    return "1" in text or "!=" in text  # tabular figures; ligatures of code


def _blocks(image: QImage) -> np.ndarray:
    """Mean colour of each block of px."""
    colors = pixels(image)[..., :3].astype(float)
    height, width = (side // BLOCK * BLOCK for side in colors.shape[:2])
    cut = colors[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3)
    means: np.ndarray = cut.mean(axis=(1, 3))
    return means


def assert_alike(
    name: str, actual: QImage, expected: QImage, *, mean: float = 3.0, block: float = 40.0
) -> None:
    """Fail where a mark is missing, moved or of another colour.

    Args:
        mean: the largest mean difference of a channel, 0 to 255.
        block: the largest difference of a channel's mean within any block of 8 × 8 px; letters
            that another program spaces differently stay below it.
    """
    assert abs(actual.width() - expected.width()) <= 1
    assert abs(actual.height() - expected.height()) <= 1
    width = min(actual.width(), expected.width())
    height = min(actual.height(), expected.height())
    actual, expected = actual.copy(0, 0, width, height), expected.copy(0, 0, width, height)
    apart = np.abs(_blocks(actual) - _blocks(expected))
    overall = float(difference(actual, expected)[..., :3].mean())
    if overall > mean or (apart > block).any():
        folder = save_failure(name, actual, expected)
        row, column = np.argwhere(apart.max(axis=-1) == apart.max())[0] * BLOCK
        raise AssertionError(
            f"{name}: mean difference {overall:.2f}, {apart.max():.0f} at ({column}, {row}), "
            f"see {folder}"
        )
