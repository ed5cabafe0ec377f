"""Tables of numbers as text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnnviz.errors import InputError
from rnnviz.files.tables import parse_table, parse_tables


def lists(text: str) -> list[list[list[float]]]:
    return [table.tolist() for table in parse_tables(text)]


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n",
        "1\t2\r\n3\t4\r\n",
        "1;2\n3;4",
        "1 2\n 3   4",
        "\ufeff1, 2\n3, 4",
        '"1","2"\n"3","4"\n',
        "a,b\n1,2\n3,4\n",
        "\n\n1,2\n3,4\n\n",
    ],
)
def test_every_separator_gives_the_same_table(text: str) -> None:
    assert lists(text) == [[[1, 2], [3, 4]]]


def test_blank_line_begins_the_next_sequence() -> None:
    assert lists("1,2\n\n3,4\n5,6\n,\n7,8") == [[[1, 2]], [[3, 4], [5, 6]], [[7, 8]]]
    assert parse_table("1,2\n\n3,4\n").tolist() == [[1, 2], [3, 4]]


def test_decimal_comma_and_minus_sign() -> None:
    assert lists("0,5\t-1,25\n\N{MINUS SIGN}2\t1.5") == [[[0.5, -1.25], [-2, 1.5]]]
    assert lists("0,5;1\n2;3,5") == [[[0.5, 1], [2, 3.5]]]


def test_numbers_that_are_not_finite() -> None:
    table = parse_table("nan,inf\n-inf,1e38")
    assert np.isnan(table[0, 0])
    assert table[1].tolist() == [-np.inf, 1e38]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected rows of numbers, got none"),
        ("a,b\nc,d", "expected rows of numbers, got none"),
        ("1,2\n3,x", "expected a number, got 'x' in line 2, column 2"),
        ("1,2\n3,", "expected a number, got '' in line 2, column 2"),
        ("1,2\n3", "expected 2 columns in line 2, as in the one before, got 1"),
        ("1_0", "expected a number, got '1_0' in line 1, column 1|expected rows"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_tables(text)


@given(
    arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6))),
    st.sampled_from([",", "\t", ";", " "]),
)
def test_what_is_written_is_read(values: np.ndarray, separator: str) -> None:
    text = "\n".join(separator.join(repr(float(cell)) for cell in row) for row in values)
    assert np.array_equal(parse_table(text), values, equal_nan=True)


@given(st.text(alphabet="0123456789.,;\t\n e-+naif\"'x_", max_size=80))
def test_any_text_is_a_table_or_an_input_error(text: str) -> None:
    try:
        tables = parse_tables(text)
    except InputError:
        return
    assert all(table.ndim == 2 and table.size for table in tables)
