"""The curve of a training, described."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.figures.learning import Curve, picture, plot_box, scene, step_at
from rnnviz.scene.marks import Clip, Mark, Polyline, Text
from rnnviz.scene.style import load_style

STYLE = load_style("light")


def curve(done: int, steps: int = 100, clip: float | None = 1.0, log: bool = True) -> Curve:
    at = np.arange(done)
    return Curve(2.0 * 0.95**at + 0.01, 0.5 + 0.4 * np.sin(at), steps, clip, 0, log)


def texts(marks: tuple[Mark, ...]) -> list[str]:
    return ["".join(run.text for run in mark.runs) for mark in marks if isinstance(mark, Text)]


def lines(marks: tuple[Mark, ...]) -> list[Polyline]:
    inner = [mark for clip in marks if isinstance(clip, Clip) for mark in clip.marks]
    return [mark for mark in inner if isinstance(mark, Polyline)]


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("done", [0, 1, 2, 60, 100])
def test_a_curve_of_any_length_is_described(done: int, log: bool) -> None:
    found = scene(curve(done, log=log), 360, 80, STYLE)
    drawn = lines(found.marks)
    assert len(drawn) == (2 if done > 1 else 0)
    box = plot_box(360, 80)
    for line in drawn:
        assert (line.points[:, 0] >= box.x).all()
        assert (line.points[:, 0] <= box.right + 1e-9).all()
    if drawn:
        assert drawn[-1].points[-1, 0] == pytest.approx(box.x + done / 100 * box.width)


@pytest.mark.parametrize(
    "losses", [[1.0] * 5, [0.0] * 5, [1e-30, 1e30], [0.6931, 0.6930, 0.6929], [np.nan, 1.0, 0.5]]
)
@pytest.mark.parametrize("log", [True, False])
def test_any_range_can_be_drawn(losses: list[float], log: bool) -> None:
    values = np.array(losses, dtype=np.float64)
    found = scene(Curve(values, values, len(values), None, None, log), 360, 80, STYLE)
    assert texts(found.marks)


def test_a_long_training_costs_no_more_points_than_px() -> None:
    found = scene(curve(20_000, 20_000), 360, 80, STYLE)
    assert all(len(line.points) < 700 for line in lines(found.marks))


def test_a_place_stands_for_a_step_that_is_done() -> None:
    shown, box = curve(50), plot_box(360, 80)
    assert step_at(shown, box.x + 0.25 * box.width, 360) == 25
    assert step_at(shown, box.right, 360) == 50
    assert step_at(shown, box.x - 20, 360) is None
    assert step_at(curve(0), box.x + 10, 360) is None


def test_the_step_pointed_at_is_read_off() -> None:
    shown = curve(50)
    told = texts(scene(shown, 640, 300, STYLE, pointed=11).marks)
    assert f"loss {shown.losses[10]:.4g}" in told
    assert any(text.startswith("step 11") for text in told)


def test_the_picture_says_what_gradients_are_clipped_to() -> None:
    assert any("clipped to 1" in text for text in texts_within(picture(curve(50)).marks))
    assert not any("clipped" in text for text in texts_within(picture(curve(50, clip=None)).marks))


def texts_within(marks: tuple[Mark, ...]) -> list[str]:
    found = texts(marks)
    for mark in marks:
        if isinstance(mark, Clip):
            found += texts_within(mark.marks)
    return found
