"""The bundled icons."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from rnnviz.render.icons import icon, icon_pixmap
from rnnviz.resource import resource_path
from tests.golden import pixels

NAMES = sorted(path.stem for path in resource_path("icons").glob("*.svg"))


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_is_drawn_in_the_colour_asked_for(qtbot: QtBot, name: str) -> None:
    image = pixels(icon_pixmap(name, "#D42A50", 24, 2.0).toImage())
    assert image.shape[:2] == (48, 48)
    solid = image[image[..., 3] == 255][:, :3]
    assert len(solid) > 20
    if name != "application":
        assert abs(solid - (0xD4, 0x2A, 0x50)).max() <= 2


def test_icons_pale_when_disabled(qtbot: QtBot) -> None:
    made = icon("copy", "#14181F", disabled="#8C959F")
    assert made.pixmap(16, 16, made.Mode.Disabled).toImage() != made.pixmap(16, 16).toImage()


def test_unknown_icons_are_an_error(qtbot: QtBot) -> None:
    with pytest.raises(FileNotFoundError):
        icon_pixmap("no-such-icon", "#000000")
