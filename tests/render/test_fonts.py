"""The bundled fonts, and what is measured without them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF
from pytestqt.qtbot import QtBot

from rnnviz.render.fonts import FAMILIES, load_fonts, qfont
from rnnviz.scene.marks import Font
from rnnviz.scene.text import text_width

WORDS = (
    "hidden_size",
    "0123456789",
    "−0.45",
    "Forget gate",
    "layer 0 · t = 3 · sequence 0",
    "AVATAR To Wave",
    "matches torch.nn.LSTM · max |Δ| 6.0e-08",
    "(L, N, H_in) = (6, 1, 4)",
    "σ(x) ⊙ tanh",
    "h",
    "weight_hh_l0_reverse",
    "explained variance 73.1 %",
)
FACES: tuple[tuple[Font, int, bool], ...] = (
    ("ui", 400, False),
    ("ui", 500, False),
    ("ui", 600, False),
    ("mono", 400, False),
    ("math", 400, False),
    ("math", 400, True),
)


@pytest.mark.parametrize(("font", "weight", "italic"), FACES)
def test_widths_agree_with_qt(qtbot: QtBot, font: Font, weight: int, italic: bool) -> None:
    load_fonts()
    metrics = QFontMetricsF(qfont(font, 64, weight, italic))
    for word in WORDS:
        assert text_width(word, 64, font, weight, italic) == pytest.approx(
            metrics.horizontalAdvance(word), rel=0.02
        )


@pytest.mark.parametrize(("font", "weight", "italic"), FACES)
def test_the_bundled_fonts_are_the_ones_used(
    qtbot: QtBot, font: Font, weight: int, italic: bool
) -> None:
    load_fonts()
    info = QFontInfo(qfont(font, 20, weight, italic))
    assert info.family() == FAMILIES[font][0]
    assert info.weight() == weight
    assert info.italic() == italic


def test_an_application_with_widgets_can_follow_an_export() -> None:
    code = """
from rnnviz.render.application import ensure_gui, release_gui
from rnnviz.scene.marks import Run, Scene, Text
from rnnviz.writers.png import image
first = image(Scene(60, 20, (Text(5, 15, (Run("again"),), "#000000"),)))
release_gui()
from PySide6.QtWidgets import QApplication
application = QApplication([])
second = image(Scene(60, 20, (Text(5, 15, (Run("again"),), "#000000"),)))
release_gui()
assert QApplication.instance() is application
print(first == second)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "True"
