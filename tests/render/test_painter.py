"""Scenes as px."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from rnnviz.render.painter import paint
from rnnviz.scene.marks import (
    Apertures,
    Cells,
    Circle,
    Clip,
    Mark,
    Path,
    Polyline,
    Rect,
    Run,
    Scene,
    Text,
)
from rnnviz.scene.style import load_style
from tests.golden import assert_golden_image, assert_same_picture, pixels
from tests.reference_scene import reference_scene

RED, BLUE = (255, 0, 0), (0, 0, 255)


def painted(scene: Scene, scale: float = 1.0) -> QImage:
    width, height = round(scene.width * scale), round(scene.height * scale)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.scale(scale, scale)
    paint(scene, painter)
    painter.end()
    return image


def colors(*marks: Mark, size: int = 60, scale: float = 1.0) -> np.ndarray:
    return pixels(painted(Scene(size, size, marks), scale))[..., :3]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_mark_looks_as_approved(qtbot: QtBot, theme: str) -> None:
    image = painted(reference_scene(load_style(theme)), 2.0)  # type: ignore[arg-type]
    assert_golden_image(f"render/reference-{theme}", image)


def test_a_moved_window_shows_the_same_px(qtbot: QtBot) -> None:
    scene = reference_scene(load_style("light"))
    whole = painted(scene)
    part = painted(replace(scene, x=100, y=60, width=300, height=200))
    assert_same_picture("moved", part, whole.copy(100, 60, 300, 200), tolerance=40)


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_frames_are_sharp_at_every_scale(qtbot: QtBot, scale: float) -> None:
    found = colors(Rect(10.3, 10.3, 30, 30, stroke="#FF0000"), scale=scale)
    row = found[round(25 * scale)]
    reds = np.flatnonzero((row == RED).all(axis=-1))
    width = round(scale)
    assert len(reds) == 2 * width
    assert (row == RED).all(axis=-1).sum() + (row == 255).all(axis=-1).sum() == len(row)


def test_strips_leave_one_px_between_cells(qtbot: QtBot) -> None:
    strip = Cells(3.4, 10, 50, 12, np.full((1, 5, 3), RED, np.uint8), gap=1.0)
    row = (colors(strip)[15] == RED).all(axis=-1)
    edges = np.flatnonzero(np.diff(row.astype(int)))
    assert len(edges) == 10
    assert set(edges[2::2] - edges[1:-1:2]) == {1}


@pytest.mark.parametrize(("count", "gap"), [(8, 0.0), (100, 0.0), (12, 1.0), (15, 1.0)])
def test_every_cell_keeps_its_place_and_colour(qtbot: QtBot, count: int, gap: float) -> None:
    random = np.random.default_rng(count)
    wanted = random.integers(0, 256, (count, count, 3)).astype(np.uint8)
    size = count * 5.0 - gap
    found = colors(Cells(0, 0, size, size, wanted, gap=gap), size=int(count * 5))
    np.testing.assert_array_equal(found[2::5, 2::5][:count, :count], wanted)


def test_a_large_matrix_shows_its_visible_part(qtbot: QtBot) -> None:
    wanted = np.zeros((1000, 3000, 3), np.uint8)
    wanted[500:, 1500:] = RED
    scene = Scene(40, 40, (Cells(0, 0, 30_000, 10_000, wanted),), x=14_980, y=4_980)
    found = pixels(painted(scene))[..., :3]
    assert (found[20:, 20:] == RED).all()
    assert (found[:20] == 0).all()


@pytest.mark.parametrize("side", [2.0, 20.0])
def test_nan_is_marked_at_every_size(qtbot: QtBot, side: float) -> None:
    colors_of = np.full((3, 3, 3), 255, np.uint8)
    crossed = np.zeros((3, 3), bool)
    crossed[1, 1] = True
    found = colors(Cells(0, 0, 3 * side, 3 * side, colors_of, crossed=crossed))
    middle = found[int(side) : int(2 * side), int(side) : int(2 * side)]
    assert middle.min() < 80
    found[int(side) : int(2 * side), int(side) : int(2 * side)] = 255
    assert (found == 255).all()


def test_apertures_open_from_the_bottom(qtbot: QtBot) -> None:
    gate = Apertures(0, 0, 40, 20, np.array([0.0, 0.5, 1.0, np.nan]), "#FF0000", "#FFFFFF", 0.0)
    ink = colors(gate)[..., 1]
    found = ink == 0
    assert [int(found[:20, x].sum()) for x in (5, 15, 25)] == [0, 10, 20]
    assert not found[2, 15]
    assert 10 < (ink[:20, 30:40] < 160).sum() < 100


def test_hatching_runs_at_45_degrees(qtbot: QtBot) -> None:
    ink = (255 - colors(Rect(0, 0, 60, 60, hatch="#FF0000"))[..., 1]).astype(float)
    np.testing.assert_allclose(ink[20:40, 20:40], ink[21:41, 19:39], atol=3)
    assert 0.12 < ink.mean() / 255 < 0.22  # a px in every six


def test_dashes_are_in_px_whatever_the_width(qtbot: QtBot) -> None:
    line = Path((("M", 0, 30), ("L", 60, 30)), stroke="#FF0000", stroke_width=4, dash=(3, 3))
    row = (colors(line)[30] == RED).all(axis=-1)
    assert row.sum() == 30


def test_arrows_have_a_tip(qtbot: QtBot) -> None:
    wire = Path((("M", 5, 30), ("L", 50, 30)), stroke="#FF0000", stroke_width=1.5, arrow=True)
    inked = np.flatnonzero((colors(wire)[..., 1] < 250).any(axis=0))
    assert 48 <= inked.max() <= 50


def test_lines_break_at_nan(qtbot: QtBot) -> None:
    points = np.array([[0, 30], [20, 30], [np.nan, 30], [40, 30], [60, 30]], dtype=float)
    inked = (colors(Polyline(points, "#FF0000", 1.5))[..., 1] < 200).any(axis=0)
    assert inked[10]
    assert inked[50]
    assert not inked[25:37].any()


def test_nothing_leaves_its_clip(qtbot: QtBot) -> None:
    inner = (Rect(0, 0, 60, 60, fill="#FF0000"), Circle(30, 30, 40, fill="#0000FF"))
    found = colors(Clip(10, 20, 30, 10, (Clip(0, 0, 20, 60, inner),)))
    inked = (found != 255).any(axis=-1)
    assert inked[20:30, 10:20].all()
    inked[20:30, 10:20] = False
    assert not inked.any()


def test_what_is_seen_moved_stays_within_its_clip(qtbot: QtBot) -> None:
    found = colors(Clip(10, 20, 30, 10, (Rect(40, 0, 10, 60, fill="#FF0000"),), shift=-35.0))
    inked = (found != 255).any(axis=-1)
    assert inked[20:30, 10:15].all()  # from 5 to 15, of which the clip shows what is beyond 10
    inked[20:30, 10:15] = False
    assert not inked.any()


def test_opacity_ends_with_its_mark(qtbot: QtBot) -> None:
    found = colors(
        Rect(0, 0, 20, 20, fill="#FF0000", opacity=0.5), Rect(30, 0, 20, 20, fill="#0000FF")
    )
    assert abs(int(found[10, 10, 1]) - 128) <= 1
    assert tuple(found[10, 40]) == BLUE


@pytest.mark.parametrize("font", ["ui", "mono", "math"])
def test_text_has_its_size_and_baseline(qtbot: QtBot, font: str) -> None:
    for size in (10.5, 20.0, 33.0):
        mark = Text(5, 50, (Run("H"),), "#FF0000", size, font)  # type: ignore[arg-type]
        rows = np.flatnonzero((colors(mark)[..., 1] < 128).any(axis=1))
        assert abs(rows.max() - 49) <= 1
        assert abs((rows.max() - rows.min() + 1) / size - 0.70) < 0.09


def test_anchored_text_ends_where_it_should(qtbot: QtBot) -> None:
    mark = Text(50, 30, (Run("−0.4"), Run("5")), "#FF0000", 12, anchor="end")
    columns = np.flatnonzero((colors(mark)[..., 1] < 128).any(axis=0))
    assert 46 <= columns.max() <= 50


def test_indices_are_smaller_and_shifted(qtbot: QtBot) -> None:
    def extent(run: Run) -> tuple[int, int]:
        mark = Text(5, 40, (run,), "#FF0000", 30, "math")
        rows = np.flatnonzero((colors(mark)[..., 1] < 128).any(axis=1))
        return int(rows.min()), int(rows.max())

    plain, sub, sup = (extent(Run("1", shift=s)) for s in ("", "sub", "sup"))  # type: ignore[arg-type]
    assert sub[1] > plain[1] > sup[1]
    assert sup[0] < plain[0] < sub[0]
    assert abs((sub[1] - sub[0]) / (plain[1] - plain[0]) - 0.7) < 0.1


def test_letters_without_a_glyph_come_from_dejavu(qtbot: QtBot) -> None:
    def ink(text: str) -> np.ndarray:
        return colors(Text(10, 40, (Run(text),), "#000000", 30), size=60)

    shapes = [ink(letter).tobytes() for letter in "⊙ᵀₜ∂"]
    missing = ink("\U000fffff").tobytes()
    assert len({*shapes, missing}) == 5
