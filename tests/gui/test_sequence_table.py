"""The table of the input."""

from __future__ import annotations

import pytest

from rnnviz.ui.sequence_table import RowNames


def test_rows_are_named_by_timestep_and_of_several_sequences_by_both() -> None:
    assert list(RowNames(range(1), 3)) == ["1", "2", "3"]
    assert list(RowNames(range(2), 2)) == ["0, 1", "0, 2", "1, 1", "1, 2"]
    assert list(RowNames(range(1, 2), 2)) == ["1", "2"]
    assert RowNames(range(4), 9)[-1] == "3, 9"
    assert RowNames(range(1), 100_000)[2:4] == ["3", "4"]
    assert RowNames(range(1), 3) == RowNames(range(1), 3) != RowNames(range(2), 3)
    with pytest.raises(IndexError):
        RowNames(range(2), 2)[4]
