"""The unrolled graph inside a step: a cell under way shows what its operations have given."""

from __future__ import annotations

from typing import Any

import pytest

from rnnviz.model.schedule import Progress
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Apertures, Cells, Clip, Rect, Text
from tests.figures.reading import flat
from tests.figures.unrolled_runs import built, run_of

ROWS = {"LSTM": ("h", "c", "i", "f", "g", "o"), "GRU": ("h", "r", "z", "n"), "RNN": ("h",)}


def card(run: Any, place: Progress, cell: tuple[int, int, int]) -> dict[str, Any]:
    """The marks of a card's vectors, by tensor."""
    scene = built(run.at(place), pane=(2400, 1600))
    found: dict[str, Any] = {}
    for mark in flat(scene.marks):
        key = None if isinstance(mark, Text | Clip) else mark.key
        if key is not None and key[1:4] == cell and isinstance(mark, Cells | Apertures | Rect):
            found.setdefault(key.tensor, mark)
    return found


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("both", [False, True])
def test_what_is_computed_is_filled_and_the_rest_is_dashed(kind: str, both: bool) -> None:
    run = run_of(kind, bidirectional=both)
    for cell, advance in enumerate(run.schedule.advances(2)):
        for operation in range(1, len(run.operations)):
            where = (advance.layer, advance.direction, advance.t[0])
            found = card(run, Progress(2, cell, operation), where)
            moved = run.at(Progress(2, cell, operation))
            for name in ROWS[kind]:
                computed = moved.is_computed(name, *where, 0)
                assert isinstance(found[name], Cells | Apertures) == computed
                assert computed or found[name].dash


def test_numbers_of_the_cell_under_way_are_its_own() -> None:
    run = run_of("LSTM", proj_size=3)
    found = card(run, Progress(3, 0, 8), (0, 0, 3))
    levels = run.tensors(0, 0, 3)["f"][0]
    assert found["f"].levels.tolist() == levels.tolist()


def test_each_operation_has_a_picture_of_its_own() -> None:
    run = run_of("GRU")
    pictures = [listing(built(run.at(Progress(2, 0, operation)))) for operation in range(12)]
    fresh = [listing(built(run_of("GRU").at(Progress(2, 0, n)))) for n in reversed(range(12))]
    assert pictures == fresh[::-1]
    assert len({pictures[n] for n in (3, 4, 5, 8, 11)}) == 5
