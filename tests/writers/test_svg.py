"""Scenes as SVG."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.render.fonts import FAMILIES as BUNDLED
from rnnviz.resource import resource_path
from rnnviz.scene.marks import Cells, Clip, Font, Mark, Rect, Run, Scene, Text
from rnnviz.scene.style import load_style
from rnnviz.writers import svg_text
from rnnviz.writers.png import image
from rnnviz.writers.svg import FAMILIES
from tests.golden import assert_golden_text
from tests.reference_scene import reference_scene
from tests.writers.likeness import assert_alike, comparable

SVG = "{http://www.w3.org/2000/svg}"


def tree(*marks: Mark, title: str = "") -> ET.Element:
    return ET.fromstring(svg_text(Scene(100, 50, marks, title=title)))


def render(svg: Path, scale: float, folder: Path) -> QImage:
    """The SVG as librsvg shows it, with the bundled fonts."""
    tool = shutil.which("rsvg-convert")
    if tool is None:
        pytest.skip("rsvg-convert (librsvg2-bin) is not installed")
    config = folder / "fonts.conf"
    config.write_text(
        f"<fontconfig><dir>{resource_path('fonts')}</dir>"
        f"<cachedir>{folder / 'cache'}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    png = folder / "rendered.png"
    subprocess.run(
        [tool, "--zoom", str(scale), str(svg), "--output", str(png)],
        check=True,
        env={"FONTCONFIG_FILE": str(config), "PATH": "/usr/bin:/bin"},
    )
    return QImage(str(png))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_looks_like_the_painted_picture(qtbot: QtBot, tmp_path: Path, theme: str) -> None:
    scene = comparable(reference_scene(load_style(theme)))  # type: ignore[arg-type]
    svg = tmp_path / "figure.svg"
    svg.write_text(svg_text(scene), encoding="utf-8")
    assert_alike(f"svg-{theme}", render(svg, 2.0, tmp_path), image(scene, 192))


def test_what_is_seen_moved_looks_like_the_painted_picture(qtbot: QtBot, tmp_path: Path) -> None:
    marks = tuple(Rect(16 * n, 8 * n, 24, 12, fill=f"#{n}{n}99AA") for n in range(6))
    clips = Clip(10, 5, 40, 60, marks, 20.0), Clip(60, 5, 30, 60, marks, -5.0)
    scene = Scene(100, 70, clips, "#FFFFFF")
    svg = tmp_path / "moved.svg"
    svg.write_text(svg_text(scene), encoding="utf-8")
    assert_alike("svg-moved", render(svg, 2.0, tmp_path), image(scene, 192))


def test_every_mark_is_written_as_approved() -> None:
    assert_golden_text("writers/reference-svg", svg_text(reference_scene(load_style("light"))))


def test_it_is_as_large_as_the_scene() -> None:
    root = ET.fromstring(svg_text(Scene(640, 480.5, (), x=-10, y=20)))
    assert (root.get("width"), root.get("height")) == ("640", "480.5")
    assert root.get("viewBox") == "-10 20 640 480.5"


def test_title_and_text_are_escaped() -> None:
    text = Text(0, 10, (Run("a < b & 'c' \"d\" \x01"),), "#000000")
    root = tree(text, title="<script>&")
    assert root.findtext(f"{SVG}title") == "<script>&"
    assert "".join(root.find(f"{SVG}text").itertext()) == "a < b & 'c' \"d\" \ufffd"  # type: ignore[union-attr]


def test_text_stays_text_with_its_runs() -> None:
    runs = (Run("h", italic=True), Run("t", italic=True, shift="sub"), Run(" = 3"))
    root = tree(Text(5, 20, runs, "#1D5BCB", 15, "math", anchor="middle"))
    text = root.find(f"{SVG}text")
    assert text is not None
    assert "".join(text.itertext()) == "ht = 3"
    assert text.get("text-anchor") == "middle"
    assert "STIX" in str(text.get("font-family"))
    sub, after = list(text)[1:]
    assert (sub.get("dy"), sub.get("font-size")) == ("3.3", "10.5")
    assert after.get("dy") == "-3.3"


def test_elements_can_be_found_by_scripts() -> None:
    key = Element("h", layer=0, t=2)
    assert tree(Rect(0, 0, 9, 9, fill="#000000", key=key))[0].get("data-tensor") == "h[layer=0 t=2]"


def test_few_cells_are_shapes_and_many_are_a_picture() -> None:
    small = tree(Cells(0, 0, 90, 9, np.zeros((1, 9, 3), np.uint8), gap=1.0))
    assert small.find(f".//{SVG}image") is None
    paths = small.findall(f".//{SVG}path")
    assert len(paths) == 1
    assert str(paths[0].get("d")).count("z") == 9
    large = tree(Cells(0, 0, 90, 90, np.zeros((100, 100, 3), np.uint8)))
    picture = large.find(f".//{SVG}image")
    assert picture is not None
    assert str(picture.get("href")).startswith("data:image/png;base64,")


def test_hatching_and_clips_are_defined_once_and_used() -> None:
    inner = (Rect(0, 0, 5, 5, hatch="#B4BCC5"), Rect(9, 9, 5, 5, hatch="#B4BCC5"))
    text = svg_text(Scene(50, 50, (Clip(0, 0, 20, 20, inner),)))
    defined = re.findall(r'id="([^"]+)"', text)
    assert len(defined) == len(set(defined)) == 2
    assert set(re.findall(r"url\(#([^)]+)\)", text)) == set(defined)


def test_two_pictures_on_a_page_keep_their_own_ids() -> None:
    first = svg_text(Scene(50, 50, (Clip(0, 0, 20, 20, ()),)))
    second = svg_text(Scene(50, 50, (Clip(0, 0, 20, 20, ()),), title="other"))
    ids = [re.findall(r'id="([^"]+)"', text) for text in (first, second)]
    assert ids[0] != ids[1]
    assert first == svg_text(Scene(50, 50, (Clip(0, 0, 20, 20, ()),)))


def test_transparent_has_no_paper() -> None:
    assert len(list(tree())) == 0
    white = ET.fromstring(svg_text(Scene(9, 9, (), background="#FFFFFF")))
    assert white[0].get("fill") == "#FFFFFF"


@pytest.mark.parametrize("font", ["ui", "mono", "math"])
def test_every_reader_has_some_font_of_about_the_same_width(font: Font) -> None:
    families = [name.strip(" '") for name in FAMILIES[font].split(",")]
    assert families[0] == BUNDLED[font][0]
    assert families[-1] == {"ui": "sans-serif", "mono": "monospace", "math": "serif"}[font]
    wide = next(place for place, name in enumerate(families) if name.startswith("DejaVu"))
    alike = {"ui": "Arial", "mono": "Menlo", "math": "Times New Roman"}[font]
    assert families.index(alike) < wide
