"""The line of |c_t| is drawn to the largest of all that is computed, which is not sought anew."""

from __future__ import annotations

from typing import Any

import pytest

from rnnviz.figures.unrolled import FIGURE, UnrolledOptions, norms
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Polyline, Scene
from rnnviz.scene.style import load_style
from tests.figures.reading import flat
from tests.figures.unrolled_runs import run_of

STEPS = 40_000
ZOOM = 0.25


@pytest.fixture(scope="module")
def whole() -> Trace:
    run = run_of("LSTM", L=STEPS)
    run.states(0).c[123, 0, 0] = 50.0
    run.states(0).c[33_333, 0, 0] = 80.0
    return run


def seen(run: Trace) -> Scene:
    view, options = View(run, None, 0), UnrolledOptions()
    current = FIGURE.extent(view, options, Frame(0, 0, 1000, 700, ZOOM)).current
    assert current is not None
    frame = Frame(current[0] - 500, 0, 1000, 700, ZOOM)
    return FIGURE.build(view, options, frame, load_style("light"))


@pytest.mark.parametrize(
    ("position", "largest"), [(100, None), (124, 50.0), (33_333, 50.0), (33_334, 80.0)]
)
def test_it_is_the_largest_so_far(
    whole: Trace, monkeypatch: pytest.MonkeyPatch, position: int, largest: float | None
) -> None:
    c = whole.states(0).c
    assert c is not None
    expected = float(c[:position, 0].norm(dim=-1).max())
    assert largest is None or expected == pytest.approx(largest, rel=0.01)
    found: list[float] = []
    keep = norms._largest

    def told(stage: Any, lane: Any, span: Any, *chunks: Any, **named: Any) -> Any:
        size = keep(stage, lane, span, *chunks, **named)
        if lane.layer == 0:
            found.append(size)
        return size

    monkeypatch.setattr(norms, "_largest", told)
    seen(whole.at(position))
    assert max(found) == pytest.approx(expected, rel=1e-6)


def test_a_jump_reads_no_more_than_it_shows(whole: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(whole)
    read: list[int] = []
    keep = norms._norms

    def told(stage: Any, lane: Any, t0: int, t1: int) -> Any:
        read.append(t1 - t0)
        return keep(stage, lane, t0, t1)

    asked: list[int] = []
    get = norms._MEMO.get
    monkeypatch.setattr(norms, "_norms", told)
    monkeypatch.setattr(norms._MEMO, "get", lambda *given: asked.append(1) or get(*given))
    for position in (39_000, 7_000, 25_000):
        read.clear()
        asked.clear()
        scene = seen(whole.at(position))
        assert any(isinstance(mark, Polyline) for mark in flat(scene.marks))
        assert sum(read) < 2000
        assert len(asked) < 70  # of both layers: large chunks, and the small ones of the last
