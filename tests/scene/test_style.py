"""The theme's tokens as a style."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rnnviz.scene.style import export_style, load_style


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_role_has_its_hues(theme: str) -> None:
    style = load_style(theme)  # type: ignore[arg-type]
    for name in ("x", "h", "c", "y", "i", "f", "g", "o", "r", "z", "n", "padding"):
        role = style.role(name)
        assert all(len(color) == 7 for color in (role.text, role.line, role.fill))
    assert style.role("output") == style.role("y")
    assert style.role("h_n") == style.role("h")
    assert style.role("weight_hh_l0_reverse") == style.role("x")
    assert style is load_style(theme)  # type: ignore[arg-type]


def test_unknown_roles_are_an_error() -> None:
    with pytest.raises(KeyError):
        load_style("light").role("q")


def test_pictures_are_light_on_white_or_on_nothing() -> None:
    assert export_style().background == "#FFFFFF"
    assert export_style(transparent=True).background is None
    assert export_style().role("h") == load_style("light").role("h")


def test_scene_needs_neither_qt_nor_torch() -> None:
    code = (
        "import sys, rnnviz.scene.style, rnnviz.scene.hit, rnnviz.scene.listing, "
        "rnnviz.scene.pooling, rnnviz.scene.compose, rnnviz.writers; "
        "print([name for name in ('torch', 'PySide6') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
