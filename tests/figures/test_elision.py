"""Which steps a page keeps of a long run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rnnviz.figures.elision import elided, kept_steps


@given(st.integers(1, 10_000), st.lists(st.integers(0, 9_999), max_size=3), st.integers(3, 14))
def test_first_current_and_last_stay(length: int, current: list[int], most: int) -> None:
    kept = kept_steps(length, current, most)
    inside = {t for t in current if t < length}
    assert list(kept) == sorted(set(kept))
    assert {0, length - 1} <= set(kept) <= set(range(length))
    assert length <= most or inside <= set(kept)
    assert len(kept) <= max(most, 2 + len(inside))
    assert len(kept) == min(length, max(most, len({0, length - 1, *inside})))


def test_neighbours_of_the_current_step_come_before_early_ones() -> None:
    assert kept_steps(100, [50], 3) == (0, 50, 99)
    assert kept_steps(100, [50], 6) == (0, 1, 49, 50, 51, 99)
    assert kept_steps(100, [], 4) == (0, 1, 2, 99)
    assert kept_steps(4, [2], 6) == (0, 1, 2, 3)


def test_where_steps_are_left_out() -> None:
    assert elided((0, 1, 5, 6, 9)) == (False, True, False, True)
    assert elided((3,)) == ()
