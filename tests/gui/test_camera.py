"""Where a canvas looks: pure arithmetic."""

from __future__ import annotations

import pytest

from rnnviz.figures.view import Extent
from rnnviz.ui.camera import Camera, fitting_zoom, readable_zoom


def linear(zoom: float) -> Extent:
    """Content of 1000 × 500 px at 100 %, its lit slab in the middle."""
    return Extent(1000 * zoom, 500 * zoom, (480 * zoom, 520 * zoom))


@pytest.mark.parametrize("zoom", [0.2, 0.9, 3.0])
def test_zoom_keeps_what_lies_under_the_pointer(zoom: float) -> None:
    camera = Camera(1.0, 300, 100, None)
    zoomed = camera.zoomed(zoom, (50, 20), linear)
    assert (zoomed.x + 50) / zoom == pytest.approx(350)
    assert (zoomed.y + 20) / zoom == pytest.approx(120)
    assert zoomed.fit is None


def test_what_is_narrower_than_the_pane_is_centred() -> None:
    assert Camera(0.1, 77, 0).within(linear(0.1), 400, 300).x == -150


def test_no_room_is_left_unused_at_the_ends() -> None:
    assert Camera(1.0, 5000, -90).within(linear(1.0), 400, 300) == Camera(1.0, 600, 0)


def test_the_fitting_zoom_fits_and_no_larger_one_does() -> None:
    zoom = fitting_zoom(linear, 400, 400, (0.01, 4))
    assert zoom == pytest.approx(0.4, rel=1e-3)
    assert fitting_zoom(linear, 9000, 9000, (0.01, 4)) == 4


def test_a_little_too_wide_is_shown_readably() -> None:
    assert readable_zoom(linear, 500, 400, (0.01, 4)) == 0.7
    assert readable_zoom(linear, 100, 400, (0.01, 4)) == pytest.approx(0.1, rel=1e-3)


def test_following_moves_no_further_than_needed() -> None:
    extent = linear(1.0)
    assert Camera(1.0, 300, 0).following(extent, 400, 600).x == 300
    assert Camera(1.0, 600, 0).following(extent, 400, 600).x == 456
    assert Camera(1.0, 0, 0).following(extent, 400, 600).x == 144


def test_what_is_more_than_a_pane_away_comes_to_the_middle() -> None:
    extent = Extent(9000, 300, (5000, 5100))
    middle = Camera(1.0, 0, 0).following(extent, 400, 600)
    assert middle.x == 5050 - 200
    assert Camera(1.0, 8000, 0).following(extent, 400, 600) == middle
    assert Camera(1.0, 4400, 0).following(extent, 400, 600).x == 5100 + 24 - 400  # but for a step


def test_what_is_pinned_to_the_edge_does_not_hide_the_current_step() -> None:
    extent = Extent(9000, 300, (5000, 5100))
    opening = 5200 + 84.0, 0.0, 400 - 84.0, 600.0
    followed = Camera(1.0, 5200, 0).following(extent, 400, 600, opening)
    assert followed.x == 5000 - 24 - 84
    forth = Camera(1.0, 4700, 0).following(extent, 400, 600, (4784.0, 0.0, 316.0, 600.0))
    assert forth.x == 5100 + 24 - 400


def test_following_goes_down_to_the_row_that_is_read() -> None:
    extent = Extent(300, 2000, None, (900, 930))
    assert Camera(1.0, 0, 0).following(extent, 400, 500).y == 454
    assert Camera(1.0, 0, 1000).following(extent, 400, 500).y == 876
    assert Camera(1.0, 0, 600).following(extent, 400, 500).y == 600
    assert Camera(1.0, 0, -36).following(extent, 400, 2000).y == -36
