"""Ticks and written numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.scene.axes import (
    format_exponent,
    format_value,
    nice_integer_ticks,
    nice_ticks,
    read_number,
    read_whole,
    tick_labels,
    write_number,
)


def test_ticks_are_round() -> None:
    assert nice_ticks(-1, 1, 5) == (-1.0, -0.5, 0.0, 0.5, 1.0)
    assert nice_ticks(0, 60, 7) == (0, 10, 20, 30, 40, 50, 60)


@given(
    st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-6),
    st.floats(1e-3, 1e6),
    st.integers(2, 12),
)
def test_ticks_lie_within(lo: float, span: float, count: int) -> None:
    hi = lo + span
    ticks = nice_ticks(lo, hi, count)
    slack = 1e-6 * max(abs(lo), abs(hi), 1)
    assert all(lo - slack <= tick <= hi + slack for tick in ticks)
    assert len(ticks) <= 2 * count + 1
    assert len(tick_labels(ticks)) == len(ticks)


def test_ticks_of_no_range() -> None:
    assert nice_ticks(2.0, 2.0) == (2.0,)
    assert nice_ticks(math.nan, 1.0) == ()
    assert nice_ticks(0.0, math.inf) == ()


def test_whole_ticks() -> None:
    assert nice_integer_ticks(1, 6, 6) == (1, 2, 3, 4, 5, 6)
    assert nice_integer_ticks(1, 600, 8) == (100, 200, 300, 400, 500, 600)
    assert nice_integer_ticks(3, 3) == (3,)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.454, "−0.45"),
        (-0.001, "0.00"),
        (12.0, "12.00"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
        (1e38, "1.0e+38"),
    ],
)
def test_values_are_written_with_a_real_minus(value: float, text: str) -> None:
    assert format_value(value) == text


def test_exponents_are_written_as_torch_does() -> None:
    assert format_exponent(6e-8) == "6.0e-08"
    assert format_exponent(0.0) == "0.0e+00"


def test_labels_have_the_decimals_that_tell_them_apart() -> None:
    assert tick_labels((0.0, 0.25, 0.5)) == ("0.00", "0.25", "0.50")
    assert tick_labels((-10.0, 0.0, 10.0)) == ("−10", "0", "10")
    assert tick_labels((0.0, 5e-7)) == ("0", "5.0e-07")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.25, "−0.25"),
        (-1e-5, "−1e−05"),
        (1 / 3, "0.333333"),
        (-12, "−12"),
        (12345678, "12345678"),
        (-math.inf, "−∞"),
        (math.inf, "∞"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_written_as_a_person_does(value: float, text: str) -> None:
    assert write_number(value) == text


@given(st.floats())
def test_what_is_written_is_read_back(value: float) -> None:
    text = write_number(value, 17)
    assert "-" not in text
    assert read_number(text) == value or math.isnan(value)
    assert write_number(read_number(write_number(value))) == write_number(value)


@given(st.integers())
def test_whole_numbers_are_read_back(value: int) -> None:
    assert read_whole(write_number(value)) == value


@pytest.mark.parametrize(
    ("text", "value"), [("-0.5", -0.5), (" −1e-3 ", -1e-3), ("-∞", -math.inf), ("-inf", -math.inf)]
)
def test_either_minus_sign_is_read(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize("text", ["", "−", "a lot", "1 2", "∞∞", "−−1"])
def test_what_is_no_number_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        read_number(text)
    with pytest.raises(ValueError, match="invalid literal"):
        read_whole(text)
