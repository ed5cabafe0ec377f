"""The cell's anatomy: one cell opened, operation by operation."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.figures.anatomy.chips import draw_chips, progress_at
from rnnviz.figures.anatomy.foot import draw_foot
from rnnviz.figures.anatomy.graph import graph_of
from rnnviz.figures.anatomy.layout import FOOT, Layout, layout_of
from rnnviz.figures.anatomy.masked import draw_mask
from rnnviz.figures.anatomy.nodes import draw_block, draw_node
from rnnviz.figures.anatomy.notes import draw_note
from rnnviz.figures.anatomy.options import AnatomyOptions
from rnnviz.figures.anatomy.scaled import scaled
from rnnviz.figures.anatomy.scales import scales_of
from rnnviz.figures.anatomy.sentence import sentence
from rnnviz.figures.anatomy.stage import Stage
from rnnviz.figures.anatomy.subject import Subject, subject_of
from rnnviz.figures.anatomy.vectors import draw_halo, draw_strip, ringed_unit
from rnnviz.figures.anatomy.wires import draw_wires
from rnnviz.figures.strips import units_caption, units_per_cell
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.model.schedule import Progress
from rnnviz.scene.marks import Mark, Rect, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_EXPORT = (1000.0, 700.0)  # px, what the plan is spread out in
_EMPTY = "There is no timestep, so there is no cell to open."


class AnatomyFigure:
    """One cell opened: which operation runs now, on which numbers, with what result."""

    name = "anatomy"
    title = "Cell anatomy"
    options_type = AnatomyOptions
    zoom_range = (0.3, 8.0)

    def extent(self, view: View, options: AnatomyOptions, frame: Frame) -> Extent:
        """The size of the cell with what is below it."""
        subject = subject_of(view, options)
        if subject is None:
            return Extent(frame.width, 80.0)
        plan = _layout(subject, frame).plan
        return Extent(plan.width * frame.zoom, plan.height * frame.zoom + FOOT)

    def fit_zoom(self, view: View, options: AnatomyOptions, width: float, height: float) -> float:
        """The zoom at which all of the cell fits a pane."""
        subject = subject_of(view, options)
        return 1.0 if subject is None else _layout(subject, Frame(0, 0, width, height)).fitting

    def build(self, view: View, options: AnatomyOptions, frame: Frame, style: Style) -> Scene:
        """The whole cell: it is small enough to be described at once."""
        subject = subject_of(view, options)
        if subject is None:
            marks: tuple[Mark, ...] = (label(_EMPTY, 20, 40, style.ui.text_secondary),)
            title = "Cell anatomy"
        else:
            stage = _stage(subject, options, frame, style)
            marks = (*scaled(_cell(stage), frame.zoom), *_foot(stage, frame))
            title = f"{subject.run.kind} cell, layer {subject.place.layer}"
        return Scene(frame.width, frame.height, marks, style.background, title, frame.x, frame.y)

    def legend(self, view: View, options: AnatomyOptions, width: float, style: Style) -> Scene:
        """The operations in their order, as far as they are computed."""
        subject = subject_of(view, options)
        return Scene(width, 0.0, ()) if subject is None else draw_chips(subject, width, style)

    def progress_of(self, view: View, element: Element) -> Progress | None:
        """Where a click on an operation's chip leads."""
        return progress_at(view.run, element)

    def export_frame(self, view: View, options: AnatomyOptions) -> Frame:
        """The cell with room around everything."""
        frame = Frame(0, 0, *_EXPORT)
        extent = self.extent(view, options, frame)
        return Frame(0, 0, extent.width, extent.height)


def _layout(subject: Subject, frame: Frame) -> Layout:
    run, reverse = subject.run, bool(subject.place.direction)
    entering = run.inputs(subject.place.layer).shape[-1]
    units = (entering, run.output_size, run.hidden_size)
    return layout_of(run.cell, subject.operations, reverse, units, frame.width, frame.height)


def _stage(subject: Subject, options: AnatomyOptions, frame: Frame, style: Style) -> Stage:
    graph = graph_of(subject.run.cell, subject.operations)
    plan = _layout(subject, frame).plan
    scales = scales_of(subject, graph)
    return Stage(subject, graph, plan, scales, options, style, frame.zoom)


def _cell(stage: Stage) -> Iterator[Mark]:
    """From the back to the front."""
    ui, plan = stage.style.ui, stage.plan
    yield Rect(*plan.frame, ui.card, ui.border_strong, 1.5, 10)
    for strip in plan.strips:
        yield from draw_halo(stage, strip)
    yield from draw_wires(stage)
    for block in plan.blocks:
        yield from draw_block(stage, block)
    for strip in plan.strips:
        yield from draw_strip(stage, strip)
    for node in plan.nodes:
        yield from draw_node(stage, node)
    for note in plan.notes:
        yield from draw_note(stage, note)
    yield from draw_mask(stage)


def _foot(stage: Stage, frame: Frame) -> Iterator[Mark]:
    whole = stage.plan.width * frame.zoom
    x, width = max(frame.x, 0.0), min(whole, frame.width)
    unit = ringed_unit(stage, "h_prev") if stage.is_known("h_prev") else None
    if unit is None:
        unit = ringed_unit(stage, stage.subject.run.cell.gates[0])
    text = f"{sentence(stage.subject, stage.graph, unit)} {_remarks(stage)}".rstrip()
    y = stage.plan.height * frame.zoom
    yield from draw_foot(text, stage.scales, x, y, width, stage.style)


def _remarks(stage: Stage) -> str:
    """How many units share a cell and that some are forced, where it is so."""
    units = stage.subject.run.hidden_size
    widest = max(strip.box[2] for strip in stage.plan.strips)
    said = units_caption(units, units_per_cell(units, widest * stage.zoom))
    forced = any(stage.subject.forced(strip.name) is not None for strip in stage.plan.strips)
    parts = [said, "Forced values are underlined" if forced else ""]
    return " ".join(f"{part}." for part in parts if part)


FIGURE = AnatomyFigure()
