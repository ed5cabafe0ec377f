"""Numbers to colours."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.scene.colormap import (
    Colormap,
    contrast,
    contrasting_colors,
    contrasting_text,
    mix,
    rgb_to_hex,
)
from rnnviz.scene.style import load_style

SIGNED = Colormap("test", ("#0000FF", "#FFFFFF", "#FF0000"), signed=True, paper="#123456")
RISING = Colormap("test", ("#000000", "#FFFFFF"), signed=False, paper="#123456")


def test_signed_is_centred_on_zero() -> None:
    assert SIGNED.indices([-2.0, 0.0, 2.0], 2.0).tolist() == [1, 128, 255]
    assert [SIGNED.hex(value, 2.0) for value in (-2, 0, 2)] == ["#0000FF", "#FFFFFF", "#FF0000"]


def test_rising_begins_at_zero() -> None:
    assert RISING.indices([0.0, 3.0], 3.0).tolist() == [1, 255]
    assert RISING.hex(0.0, 3.0) == "#000000"


def test_beyond_the_range_keeps_the_colour_of_the_end() -> None:
    values = [-np.inf, -9.0, 9.0, 1e38, np.inf]
    assert SIGNED.indices(np.float32(values), 1.0).tolist() == [1, 1, 255, 255, 255]


def test_nan_is_paper() -> None:
    colors = SIGNED.colors(np.array([[np.nan, 0.0]]), 1.0)
    assert colors.shape == (1, 2, 3)
    assert colors.dtype == np.uint8
    assert rgb_to_hex(colors[0, 0]) == "#123456"


@pytest.mark.parametrize("limit", [0.0, np.nan, np.inf])
def test_a_range_without_size_counts_as_one(limit: float) -> None:
    assert SIGNED.indices([0.0, 1.0], limit).tolist() == [128, 255]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numerals_can_be_read_on_every_colour(theme: str) -> None:
    colormap = load_style(theme).signed  # type: ignore[arg-type]
    for value in np.linspace(-1, 1, 41):
        color = colormap.hex(float(value), 1.0)
        assert contrast(contrasting_text(color), color) > 4.2


def test_crosses_contrast_cell_by_cell() -> None:
    colors = np.array([[[255, 255, 255], [10, 10, 60]]], np.uint8)
    assert [rgb_to_hex(rgb) for rgb in contrasting_colors(colors)[0]] == ["#14181F", "#FFFFFF"]


def test_mix_goes_from_one_to_the_other() -> None:
    assert [mix("#000000", "#FFFFFF", share) for share in (0, 0.5, 1)] == [
        "#000000",
        "#808080",
        "#FFFFFF",
    ]
