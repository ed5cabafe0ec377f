"""Whole pictures: a key, a figure and a margin."""

from __future__ import annotations

from typing import Any

import pytest

from rnnviz.figures.picture import MARGIN, picture
from rnnviz.figures.view import View
from rnnviz.figures.weights.options import WeightsOptions
from rnnviz.scene.marks import Rect, Text
from tests.figures.overlaps import cut_off
from tests.figures.reading import flat
from tests.figures.unrolled_runs import run_of
from tests.run_figures import RUN_FIGURES

RUNS: dict[str, dict[str, Any]] = {
    "short": {"L": 1, "hidden_size": 2},
    "stack": {"L": 6},
    "unsorted": {"lengths": (3, 5, 2), "L": 5, "bidirectional": True},
    "long": {"L": 60},
}


@pytest.mark.parametrize("name", RUN_FIGURES)
@pytest.mark.parametrize("case", RUNS)
@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_nothing_is_cut_off(name: str, case: str, kind: str) -> None:
    run = run_of(kind, **RUNS[case])
    scene = picture(View(run, run, 0), name)
    assert cut_off(scene) == []
    assert scene.width < 1944
    assert scene.background == "#FFFFFF"


@pytest.mark.parametrize("name", ["weights", "trajectories", "unrolled"])
def test_the_key_stands_in_line_with_its_figure(name: str) -> None:
    run = run_of("LSTM")
    scene = picture(View(run, run, 0), name)
    left = scene.x + MARGIN + 20.0
    edges = [mark.x for mark in flat(scene.marks) if isinstance(mark, Rect) and mark.width < 100]
    edges += [
        mark.x
        for mark in flat(scene.marks)
        if isinstance(mark, Text) and mark.anchor == "start" and mark.y < scene.y + 60
    ]
    assert min(edges) == pytest.approx(left)


@pytest.mark.parametrize("hidden_size", [1, 3, 8, 9, 16, 40])
@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_no_word_below_the_weights_is_left_out(kind: str, hidden_size: int) -> None:
    run = run_of(kind, hidden_size=hidden_size)
    for layer in range(2):
        scene = picture(View(run, run, 0), "weights", WeightsOptions(layer=layer))
        words = [mark.runs[0].text for mark in flat(scene.marks) if isinstance(mark, Text)]
        assert [text for text in words if "…" in text] == []


def test_a_transparent_picture_has_no_paper() -> None:
    run = run_of("GRU")
    assert picture(View(run, run, 0), "unrolled", transparent=True).background is None
