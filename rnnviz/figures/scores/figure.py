"""Scores and loss as a figure: its size, its scene, and the frame that it is exported in."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.scores.foot import draw_foot
from rnnviz.figures.scores.grids import draw_grids
from rnnviz.figures.scores.layout import FOOT, Layout
from rnnviz.figures.scores.legend import draw_legend
from rnnviz.figures.scores.narrow import layout_of
from rnnviz.figures.scores.options import ScoresOptions
from rnnviz.figures.scores.overview import draw_overview
from rnnviz.figures.scores.stage import Stage
from rnnviz.figures.scores.subject import Subject, subject_of
from rnnviz.figures.scores.table import draw_table
from rnnviz.figures.scores.wires import draw_wires
from rnnviz.figures.selected import selection_rings
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.compose import scaled
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_LARGEST = 1.25
_PAGE = 4000.0  # px of a page: grids and rows stand side by side
_NOTHING = "There are no scores: add a head, or a loss with targets."


class ScoresFigure:
    """From the output to the loss, with the flattening made visible."""

    name = "scores"
    title = "Scores and loss"
    options_type = ScoresOptions
    zoom_range = (0.3, 64.0)

    def applies(self, view: View) -> bool:
        """Whether there is a head, or a loss."""
        return subject_of(view) is not None

    def extent(self, view: View, options: ScoresOptions, frame: Frame) -> Extent:
        """The size of all that is kept of the grids and the rows."""
        subject = subject_of(view)
        if subject is None:
            return Extent(frame.width, 80.0)
        layout = layout_of(subject, options, frame.width)
        zoom, row = frame.zoom, _row_now(subject, layout)
        here = None if row is None else (row * zoom, _low_now(subject, layout, row) * zoom)
        return Extent(layout.width * zoom, layout.height * zoom, None, here)

    def fit_zoom(self, view: View, options: ScoresOptions, width: float, height: float) -> float:
        """The zoom that shows all of it, if that can be read."""
        extent = self.extent(view, options, Frame(0, 0, width, height))
        fitting = min(width / extent.width, height / extent.height)
        return min(max(fitting, 1.0), _LARGEST)

    def build(self, view: View, options: ScoresOptions, frame: Frame, style: Style) -> Scene:
        """What a frame shows."""
        subject = subject_of(view)
        if subject is None:
            marks: list[Mark] = [label(_NOTHING, 24, 40, style.ui.text_secondary)]
        else:
            layout = layout_of(subject, options, frame.width)
            stage = Stage(subject, options, layout, style, frame.zoom)
            marks = list(_marks(stage, frame))
            marks += selection_rings(view.selection, marks, style)
        return Scene(
            frame.width,
            frame.height,
            scaled(marks, frame.zoom),
            background=style.background,
            title=_title(subject),
            x=frame.x,
            y=frame.y,
        )

    def legend(self, view: View, options: ScoresOptions, width: float, style: Style) -> Scene:
        """What cells, ring and hatch mean, and where the colours end."""
        subject = subject_of(view)
        if subject is None:
            return Scene(width, 0.0, ())
        return draw_legend(subject, options, width, style)

    def export_frame(self, view: View, options: ScoresOptions) -> Frame:
        """All of it, at 100 %."""
        extent = self.extent(view, options, Frame(0, 0, _PAGE, _PAGE))
        return Frame(0, 0, extent.width, extent.height)


def _row_now(subject: Subject, layout: Layout) -> float | None:
    """The top of the row that is read now, of the sequence on show; None where none is."""
    rows = subject.rows.sequences
    found = {
        int(rows[row]): top
        for row, top in zip(layout.kept.rows, layout.tops, strict=True)
        if subject.now[row]
    }
    return found.get(subject.view.sequence or 0, next(iter(found.values()), None))


def _low_now(subject: Subject, layout: Layout, row: float) -> float:
    """How far down it is that all of what is new can be seen: the loss too, once it is there."""
    if subject.loss_value is None or layout.foot is None:
        return row + layout.row
    return layout.foot + FOOT


def _marks(stage: Stage, frame: Frame) -> Iterator[Mark]:
    top, low = frame.y / frame.zoom, (frame.y + frame.height) / frame.zoom
    yield from draw_wires(stage)
    yield from draw_grids(stage)
    yield from draw_table(stage, top, low)
    yield from draw_foot(stage)
    yield from draw_overview(stage)


def _title(subject: Subject | None) -> str:
    if subject is None:
        return "Scores and loss"
    kind = {"cross_entropy": "cross-entropy", "mse": "mean squared error", "bce": "BCE"}
    loss = "" if subject.compared is None else f", {kind[subject.compared.loss.kind]}"
    shown = ", new − original" if subject.is_difference else ""
    return f"From {subject.name} to {'loss' if loss else 'probabilities'}{loss}{shown}"


FIGURE = ScoresFigure()
