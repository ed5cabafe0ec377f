"""What a selected element was computed from is lit in every figure that shows it."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz.element import Element
from rnnviz.figures import packed, trajectories, weights
from rnnviz.figures.packed.ringed import place_of
from rnnviz.figures.unrolled.operands import operands
from rnnviz.figures.view import Frame, View
from rnnviz.figures.weights.options import WeightsOptions
from rnnviz.model.trace import Trace, trace
from rnnviz.scene.hit import hit_rect
from rnnviz.scene.marks import Circle, Rect, Scene
from rnnviz.scene.style import load_style

STYLE = load_style("light")
FRAME = Frame(0, 0, 1000, 1400)
LENGTHS = (2, 5, 3)


def unsorted() -> Trace:
    generator = torch.Generator().manual_seed(0)
    sequences = [torch.randn(length, 3, generator=generator) for length in LENGTHS]
    torch.manual_seed(0)
    return trace(nn.LSTM(3, 4, bidirectional=True), pack_sequence(sequences, enforce_sorted=False))


def rings(scene: Scene) -> list[Rect]:
    """What is ringed in ink, as x, y, width and height."""
    ink = STYLE.ui.focus_ring
    return [mark for mark in scene.marks if isinstance(mark, Rect) and mark.stroke == ink]


def surrounds(ring: Rect, box: tuple[float, float, float, float]) -> bool:
    x, y, width, height = box
    across = ring.x <= x and x + width <= ring.x + ring.width
    return across and ring.y <= y and y + height <= ring.y + ring.height


def test_a_gate_lights_the_rows_that_make_it() -> None:
    run, figure = unsorted(), weights.FIGURE
    selection = Element("f", 0, 0, 1, 1, unit=2)
    scene = figure.build(View(run, selection=selection), WeightsOptions(), FRAME, STYLE)
    plain = figure.build(View(run), WeightsOptions(), FRAME, STYLE)
    found = [ring for ring in rings(scene) if ring not in rings(plain)]
    assert len(found) == 4
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        box = hit_rect(scene, Element(name, 0, 0, row=4 + 2))
        assert box is not None
        assert any(surrounds(ring, box) for ring in found)


def test_a_final_state_lights_its_timestep_packed_and_unsorted() -> None:
    run = unsorted()
    for sequence, length in enumerate(LENGTHS):
        assert place_of(run, Element("h_n", 0, 0, None, sequence, 1)) == (sequence, length - 1)
        assert place_of(run, Element("h_n", 0, 1, None, sequence, 1)) == (sequence, 0)
    view = View(run, selection=Element("h_n", 0, 0, None, 1, 1))
    scene = packed.FIGURE.build(view, packed.FIGURE.options_type(), FRAME, STYLE)
    plain = packed.FIGURE.build(View(run), packed.FIGURE.options_type(), FRAME, STYLE)
    found = [ring for ring in rings(scene) if ring not in rings(plain)]
    assert len(found) == 2 + 3  # its own cell in both grids; its timestep there and in data
    cell = hit_rect(scene, Element("x", 0, None, 4, 1))
    row = hit_rect(scene, Element("data", row=9))  # t = 5 of the longest is the last row
    assert cell is not None
    assert row is not None
    assert all(any(surrounds(ring, box) for ring in found) for box in (cell, row))


def test_a_row_of_data_rings_its_input_and_its_place() -> None:
    run = unsorted()
    assert run.plan is not None
    row = run.plan.row_of(2, 1)
    selection = Element("data", row=row)
    assert place_of(run, selection) == (2, 1)
    assert Element("x", 0, None, 1, 2) in operands(run, selection, 2)
    assert Element("x", 0, None, 1, 2) not in operands(run, selection, 0)


def test_a_weight_rings_the_gate_that_its_row_serves() -> None:
    run = unsorted()
    found = operands(run, Element("weight_hh_l0_reverse", row=9, column=1), 1)
    assert Element("g", 0, 1, 0, 1) in found


def test_a_final_state_is_marked_on_its_line() -> None:
    run = unsorted()
    view = View(run, run, sequence=1, selection=Element("h_n", 0, 0, None, 1, 3))
    options = trajectories.FIGURE.options_type()
    scenes = [
        trajectories.FIGURE.build(shown, options, Frame(0, 0, 1000, 750), STYLE)
        for shown in (view, View(run, run, sequence=1))
    ]
    circles = [
        {mark for mark in scene.marks if isinstance(mark, Circle) and mark.radius == 7.0}
        for scene in scenes
    ]
    assert len(circles[0]) == 1
    assert not circles[1]
