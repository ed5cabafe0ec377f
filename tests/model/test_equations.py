"""The equations that come drawn with rnnviz are those that the cells publish."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from rnnviz.model.cells import CELLS
from rnnviz.model.provenance import all_equations
from rnnviz.model.provenance.equations import cell_key, equation
from rnnviz.model.spec import ModelSpec
from rnnviz.resource import resource_path

INDEX: dict[str, Any] = json.loads(resource_path("equations", "index.json").read_text("utf-8"))


def test_every_equation_is_drawn_as_it_is_today() -> None:
    assert {key: entry["latex"] for key, entry in INDEX.items()} == all_equations()


@pytest.mark.parametrize("key", sorted(INDEX))
def test_a_drawing_has_the_size_and_the_inks_that_its_entry_says(key: str) -> None:
    text = resource_path("equations", f"{key}.svg").read_text("utf-8")
    root = ElementTree.fromstring(text)
    assert float(root.attrib["width"]) == INDEX[key]["width"]
    assert float(root.attrib["height"]) == INDEX[key]["height"]
    assert set(re.findall(r'fill="([^"]*)"', text)) == set(INDEX[key]["inks"])
    assert "<symbol" not in text  # which QtSvg would not draw


def test_no_drawing_is_left_over() -> None:
    folder = resource_path("equations")
    assert {path.stem for path in folder.glob("*.svg")} == set(INDEX)


@pytest.mark.parametrize("name", sorted(CELLS))
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("direction", [0, 1])
def test_every_tensor_of_a_cell_has_its_equation(name: str, bias: bool, direction: int) -> None:
    spec = ModelSpec(name, 2, 3, bias=bias, bidirectional=True)
    cell = CELLS[name]
    for tensor in {*cell.gates, "h", *(("c",) if cell.has_c else ())}:
        key = cell_key(spec, tensor, direction)
        assert key is not None
        latex = equation(key)
        assert latex.startswith(f"{tensor}_t = ")
        assert ("b_{" in latex) <= bias
        assert ("{t+1}" in latex) <= (direction == 1)
        assert ("{t-1}" in latex) <= (direction == 0)
    assert cell_key(spec, "q", direction) is None


def test_options_change_the_equation() -> None:
    projected = cell_key(ModelSpec("LSTM", 2, 3, proj_size=2), "h", 0)
    relu = cell_key(ModelSpec("RNN", 2, 3, nonlinearity="relu"), "h", 0)
    assert projected == "lstm-h-proj"
    assert relu == "rnn-h-relu"
    assert "W_{hr}" in equation("lstm-h-proj")
    assert "ReLU" in equation("rnn-h-relu")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the typesetter's own
def test_drawing_them_again_gives_the_same(tmp_path: Path) -> None:
    place = resource_path("equations", "make.py")
    module_spec = importlib.util.spec_from_file_location("make_equations", place)
    assert module_spec is not None
    assert module_spec.loader is not None
    make = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(make)
    keys = ("gru-n", "input-bidirectional", "lstm-f")
    make.draw({key: equation(key) for key in keys}, tmp_path)
    drawn = json.loads((tmp_path / "index.json").read_text("utf-8"))
    for key in keys:
        assert drawn[key] == INDEX[key]
        shipped = resource_path("equations", f"{key}.svg").read_text("utf-8")
        assert (tmp_path / f"{key}.svg").read_text("utf-8") == shipped


def test_qt_draws_every_ink() -> None:
    from PySide6.QtCore import QByteArray
    from PySide6.QtGui import QColor, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    entry = INDEX["lstm-f"]
    ink = "#123456"
    text = resource_path("equations", "lstm-f.svg").read_text("utf-8").replace("currentColor", ink)
    renderer = QSvgRenderer(QByteArray(text.encode()))
    assert renderer.isValid()
    image = QImage(int(entry["width"] * 4), int(entry["height"] * 4), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    pixels = bytes(image.constBits())
    for fill in {ink, *entry["inks"]} - {"currentColor"}:
        color = QColor(fill)
        assert bytes([color.blue(), color.green(), color.red(), 255]) in pixels
