"""The values at the ends of a colour bar."""

from __future__ import annotations

import pytest

from rnnviz.figures.colorbar import end_labels, plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-1.5, "−1.5"),
        (0.02, "0.02"),
        (0.25, "0.25"),
        (30.0, "30"),
        (2500.0, "2500"),
        (-4e-5, "−4e-05"),
        (2.5e8, "2.5e+08"),
        (0.0, "0"),
    ],
)
def test_numbers_keep_the_digits_that_say_something(value: float, text: str) -> None:
    assert plain(value) == text


def test_a_signed_bar_ends_alike_and_a_magnitude_begins_at_zero() -> None:
    assert end_labels(1.5, signed=True) == ("−1.5", "1.5")
    assert end_labels(0.4, signed=False) == ("0", "0.4")
