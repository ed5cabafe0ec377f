"""Comparison with pictures and texts that a person has looked at.

The approved files lie in this folder. `RNNVIZ_UPDATE_GOLDEN=1` writes them anew: look at what
changed before it is committed. A failure leaves actual, expected and difference side by side
in `.pytest_tmp/golden`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

GOLDEN = Path(__file__).resolve().parent
FAILURES = GOLDEN.parents[1] / ".pytest_tmp" / "golden"


def _updating() -> bool:
    return os.environ.get("RNNVIZ_UPDATE_GOLDEN", "") not in {"", "0"}


def pixels(image: QImage) -> NDArray[np.int16]:
    """A picture's red, green, blue and alpha, `(height, width, 4)`; signed, for subtraction."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).astype(np.int16)


def difference(first: QImage, second: QImage) -> NDArray[np.int16]:
    """The absolute difference of two pictures of one size, channel by channel."""
    return np.abs(pixels(first) - pixels(second))


def save_failure(name: str, actual: QImage, expected: QImage) -> Path:
    """Leave actual, expected and their difference (amplified, opaque) for a person to see."""
    folder = FAILURES
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    actual.save(f"{path}-actual.png")
    expected.save(f"{path}-expected.png")
    if actual.size() == expected.size():
        apart = np.minimum(difference(actual, expected) * 4, 255).astype(np.uint8)
        apart[..., 3] = 255
        height, width = apart.shape[:2]
        form = QImage.Format.Format_RGBA8888
        QImage(apart.tobytes(), width, height, width * 4, form).save(f"{path}-difference.png")
    return folder


def assert_same_picture(
    name: str, actual: QImage, expected: QImage, *, tolerance: int = 24, share: float = 0.001
) -> None:
    """Fail where two pictures differ visibly.

    Args:
        name: what to call the files that a failure leaves.
        tolerance: the largest difference of a channel that is rounding, 0 to 255.
        share: how many of the px may differ by more (the rims of letters do).
    """
    if actual.size() != expected.size():
        folder = save_failure(name, actual, expected)
        raise AssertionError(
            f"{name}: {actual.size().toTuple()} is not {expected.size().toTuple()}, see {folder}"
        )
    apart = (difference(actual, expected) > tolerance).any(axis=-1)
    if apart.mean() > share:
        folder = save_failure(name, actual, expected)
        raise AssertionError(f"{name}: {apart.mean():.2%} of the picture differs, see {folder}")


def assert_golden_text(name: str, text: str) -> None:
    """Compare a text, such as a scene's listing, with the approved `<name>.txt`."""
    path = GOLDEN / f"{name}.txt"
    if _updating():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no golden {path.name}: approve it with RNNVIZ_UPDATE_GOLDEN=1"
    assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()


def assert_golden_image(
    name: str, image: QImage, *, tolerance: int = 24, share: float = 0.001
) -> None:
    """Compare a picture with the approved `<name>.png`, channel by channel."""
    path = GOLDEN / f"{name}.png"
    if _updating():
        path.parent.mkdir(parents=True, exist_ok=True)
        assert image.save(str(path))
    assert path.exists(), f"no golden {path.name}: approve it with RNNVIZ_UPDATE_GOLDEN=1"
    assert_same_picture(name, image, QImage(str(path)), tolerance=tolerance, share=share)
