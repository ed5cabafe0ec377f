"""PNG and PDF files, and what all formats have in common."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.errors import FileError, UsageError
from rnnviz.render.fonts import forget_fonts, load_fonts, qfont
from rnnviz.render.lettering import forget_lettering
from rnnviz.scene.marks import Cells, Rect, Run, Scene, Text
from rnnviz.scene.style import load_style
from rnnviz.session.runner import Cancelled
from rnnviz.writers import WRITERS, clipboard_image, png, write
from rnnviz.writers.png import image
from rnnviz.writers.raster import png_bytes
from tests.golden import pixels
from tests.reference_scene import reference_scene
from tests.writers.likeness import assert_alike, comparable

SMALL = Scene(
    96, 48, (Rect(0, 0, 48, 48, fill="#FF0000"), Text(50, 30, (Run("h_n 0.45"),), "#000000"))
)


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} (poppler-utils) is not installed")
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pdf_looks_like_the_painted_picture(qtbot: QtBot, tmp_path: Path, theme: str) -> None:
    command = [tool("pdftoppm"), "-r", "192", "-png", "-singlefile"]
    scene = comparable(reference_scene(load_style(theme)))  # type: ignore[arg-type]
    path = write(scene, tmp_path / "figure.pdf")
    subprocess.run([*command, str(path), str(tmp_path / "page")], check=True)
    assert_alike(f"pdf-{theme}", QImage(str(tmp_path / "page.png")), image(scene, 192))


TEXT = Scene(
    300,
    80,
    (
        Text(5, 20, (Run("max |Δ| −0.45 = 6.0e-08 · t = 3"),), "#000000", 12),
        Text(5, 40, (Run("weight_hh_l0[8:16]"),), "#000000", 11.5, "mono"),
        Text(5, 60, (Run("σ(h"), Run("10", shift="sub"), Run(") ⊙ c")), "#000000", 15, "math"),
    ),
)


@pytest.fixture
def tabular_window(qapp: QApplication) -> Iterator[None]:
    """The application's own font has tabular figures before any other font is made."""
    before = qapp.font()
    forget_lettering()
    forget_fonts()
    load_fonts()
    qapp.setFont(qfont("ui", 12))
    image(TEXT, 96)
    yield
    qapp.setFont(before)


def text_of(pdf: Path) -> str:
    command = [tool("pdftotext"), "-layout", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_pdf_of_a_window_can_be_searched(tabular_window: None, tmp_path: Path) -> None:
    found = text_of(write(TEXT, tmp_path / "figure.pdf"))
    assert "max |Δ| −0.45 = 6.0e-08 · t = 3" in found
    assert "10" in found


def test_the_font_of_the_window_changes_no_picture(
    tabular_window: None, qapp: QApplication
) -> None:
    first = image(TEXT, 96)
    qapp.setFont(qfont("mono", 20))
    forget_lettering()
    forget_fonts()
    assert image(TEXT, 96) == first


def test_pdf_has_its_fonts_and_its_text(qtbot: QtBot, tmp_path: Path) -> None:
    path = write(TEXT, tmp_path / "figure.pdf")
    found = text_of(path)
    assert "max |Δ| −0.45 = 6.0e-08 · t = 3" in found
    assert "weight_hh_l0[8:16]" in found
    assert "⊙" in found
    fonts = subprocess.run(
        [tool("pdffonts"), str(path)], capture_output=True, text=True, check=True
    ).stdout.splitlines()[2:]
    assert {line.split()[0].split("-")[0] for line in fonts} >= {"Inter", "JetBrainsMono", "STIX"}
    assert all(line.split()[-5] == "yes" for line in fonts)


def test_pdf_keeps_every_colour(qtbot: QtBot, tmp_path: Path) -> None:
    colors = np.random.default_rng(0).integers(0, 256, (80, 60, 3)).astype(np.uint8)
    path = write(Scene(240, 320, (Cells(0, 0, 240, 320, colors),)), tmp_path / "figure.pdf")
    assert b"DCTDecode" not in path.read_bytes()
    command = [tool("pdftoppm"), "-r", "96", "-png", "-singlefile"]
    subprocess.run([*command, str(path), str(tmp_path / "page")], check=True)
    found = pixels(QImage(str(tmp_path / "page.png")))[2::4, 2::4, :3][:80, :60]
    assert (np.abs(found - colors).max(axis=-1) <= 2).mean() > 0.98


@pytest.mark.parametrize("radius", [0.0, 2.0])
def test_pdf_lets_through_what_is_asked_for(qtbot: QtBot, tmp_path: Path, radius: float) -> None:
    wanted = (1.0, 0.3, 1.0, 0.6, 0.6, 1.0)
    marks = [
        Rect(20 * k, 0, 20, 20, "#C2508F", radius=radius, opacity=opacity)
        for k, opacity in enumerate(wanted)
    ]
    path = write(Scene(120, 20, tuple(marks)), tmp_path / "figure.pdf")
    command = [tool("pdftoppm"), "-r", "96", "-png", "-singlefile"]
    subprocess.run([*command, str(path), str(tmp_path / "page")], check=True)
    found = pixels(QImage(str(tmp_path / "page.png")))[10, 10::20, 1][: len(wanted)]
    expected = [255 + (0x50 - 255) * opacity for opacity in wanted]
    assert np.abs(found - expected).max() <= 3


def test_png_has_its_resolution(qtbot: QtBot, tmp_path: Path) -> None:
    picture = QImage(str(write(SMALL, tmp_path / "figure.png", dpi=300)))
    assert (picture.width(), picture.height()) == (300, 150)
    assert picture.dotsPerMeterX() == 11811
    assert picture.pixelColor(10, 10).name() == "#ff0000"
    assert picture.pixelColor(295, 5).name() == "#ffffff"


@pytest.mark.parametrize("background", ["#FFFFFF", None])
@pytest.mark.parametrize("band", [1, 40_000, 10**9])
def test_png_holds_every_px(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, band: int, background: str | None
) -> None:
    scene = replace(reference_scene(load_style("light")), background=background)
    monkeypatch.setattr(png, "_BAND", band)
    read = QImage.fromData(b"".join(png.png_file(scene, 97)), "PNG")  # type: ignore[arg-type]
    form = read.format()
    assert read.hasAlphaChannel() == (background is None)
    assert read == image(scene, 97).convertToFormat(form)
    assert read.text("Title") == scene.title


@pytest.mark.parametrize("ending", sorted(WRITERS))
def test_writing_tells_how_far_it_is(qtbot: QtBot, tmp_path: Path, ending: str) -> None:
    told: list[tuple[int, int]] = []
    scene = reference_scene(load_style("light"))
    write(scene, tmp_path / f"figure{ending}", told=lambda *share: told.append(share))
    assert told == sorted(told)
    assert all(0 <= done <= total for done, total in told)


@pytest.mark.parametrize("ending", sorted(WRITERS))
def test_writing_that_is_stopped_leaves_no_file(qtbot: QtBot, tmp_path: Path, ending: str) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        write(SMALL, tmp_path / f"figure{ending}", told=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", sorted(WRITERS))
def test_transparent_or_white(qtbot: QtBot, tmp_path: Path, ending: str) -> None:
    write(SMALL, tmp_path / f"clear{ending}", transparent=True)
    write(SMALL, tmp_path / f"white{ending}")
    clear, white = ((tmp_path / f"{n}{ending}").read_bytes() for n in ("clear", "white"))
    assert clear != white
    if ending == ".png":
        assert QImage(str(tmp_path / "clear.png")).pixelColor(295, 5).alpha() == 0


@pytest.mark.parametrize("ending", [".png", ".svg"])  # a PDF holds its time of creation
def test_the_same_scene_is_the_same_file(qtbot: QtBot, tmp_path: Path, ending: str) -> None:
    first, second = (write(SMALL, tmp_path / f"{n}{ending}").read_bytes() for n in "ab")
    assert first == second


@pytest.mark.parametrize("name", ["figure.bmp", "figure", "figure.svg.exe"])
def test_unknown_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=r"must end in one of \.png, \.svg, \.pdf"):
        write(SMALL, tmp_path / name)


def test_endings_in_capitals_are_known(tmp_path: Path) -> None:
    assert write(SMALL, tmp_path / "FIGURE.SVG").exists()


@pytest.mark.parametrize("dpi", [0.0, -1.0, 1e6, float("nan")])
def test_a_resolution_that_makes_no_picture(tmp_path: Path, dpi: float) -> None:
    with pytest.raises(UsageError, match="dpi"):
        write(SMALL, tmp_path / "figure.png", dpi=dpi)


def test_a_picture_too_large_for_any_viewer(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="lower dpi"):
        write(Scene(20_000, 20_000, ()), tmp_path / "figure.png")
    assert list(tmp_path.iterdir()) == []


def test_the_clipboard_gets_a_picture(qtbot: QtBot) -> None:
    picture = clipboard_image(SMALL)
    assert (picture.width(), picture.height()) == (192, 96)


def test_own_png_reads_back(qtbot: QtBot) -> None:
    colors = np.random.default_rng(1).integers(0, 256, (7, 13, 3)).astype(np.uint8)
    picture = QImage.fromData(png_bytes(colors), "PNG")  # type: ignore[arg-type]
    np.testing.assert_array_equal(pixels(picture)[..., :3], colors)


def test_files_are_written_without_a_display(tmp_path: Path) -> None:
    code = f"""
import os
for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
    os.environ.pop(name, None)
from rnnviz.scene.marks import Rect, Scene
from rnnviz.writers import write
for ending in (".png", ".pdf", ".svg"):
    scene = Scene(20, 20, (Rect(1, 1, 9, 9, fill="#FF0000"),))
    print(write(scene, {str(tmp_path)!r} + "/f" + ending))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert len(result.stdout.splitlines()) == 3
