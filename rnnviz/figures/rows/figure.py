"""View and transpose as a figure: its size, its scene, and the frame that it is exported in."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.rows.arrangements import layout_of
from rnnviz.figures.rows.cells import Stage
from rnnviz.figures.rows.grids import draw_arrows, draw_grids
from rnnviz.figures.rows.legend import draw_legend
from rnnviz.figures.rows.options import RowsOptions
from rnnviz.figures.rows.pairs import draw_pairs
from rnnviz.figures.rows.readings import draw_readings
from rnnviz.figures.rows.subject import Subject, subject_of
from rnnviz.figures.selected import selection_rings
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.compose import scaled
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_LARGEST = 1.25
_PAGE = 4000.0  # px of a page: the three grids stand side by side
_NOTHING = "This takes at least two sequences of two timesteps, of ids or of short vectors."


class RowsFigure:
    """Which sequence each row of a batch ends up in, by `view` and by `transpose`."""

    name = "rows"
    title = "View and transpose"
    options_type = RowsOptions
    zoom_range = (0.3, 6.0)

    def applies(self, view: View) -> bool:
        """Whether there are sequences that could be mixed up."""
        return subject_of(view) is not None

    def extent(self, view: View, options: RowsOptions, frame: Frame) -> Extent:
        """The size of all that is kept of the grids."""
        subject = subject_of(view)
        if subject is None:
            return Extent(frame.width, 80.0)
        layout = layout_of(subject, options, frame.width)
        return Extent(layout.width * frame.zoom, layout.height * frame.zoom)

    def fit_zoom(self, view: View, options: RowsOptions, width: float, height: float) -> float:
        """The zoom that shows all of it, if that can be read."""
        extent = self.extent(view, options, Frame(0, 0, width, height))
        fitting = min(width / extent.width, height / extent.height)
        return min(max(fitting, 1.0), _LARGEST)

    def build(self, view: View, options: RowsOptions, frame: Frame, style: Style) -> Scene:
        """The whole of it: it is small enough to be described at once."""
        subject = subject_of(view)
        if subject is None:
            marks: list[Mark] = [label(_NOTHING, 24, 40, style.ui.text_secondary)]
        else:
            layout = layout_of(subject, options, frame.width)
            marks = list(_marks(Stage(subject, options, layout, style)))
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

    def legend(self, view: View, options: RowsOptions, width: float, style: Style) -> Scene:
        """Whose letter is whose, and what is marked."""
        subject = subject_of(view)
        return Scene(width, 0.0, ()) if subject is None else draw_legend(subject, width, style)

    def export_frame(self, view: View, options: RowsOptions) -> Frame:
        """All of it, at 100 %."""
        extent = self.extent(view, options, Frame(0, 0, _PAGE, _PAGE))
        return Frame(0, 0, extent.width, extent.height)


def _marks(stage: Stage) -> Iterator[Mark]:
    yield from draw_arrows(stage)
    yield from draw_grids(stage)
    yield from draw_readings(stage)
    yield from draw_pairs(stage)


def _title(subject: Subject | None) -> str:
    if subject is None:
        return "View and transpose"
    return f"A batch of {subject.N} sequences laid out by view and by transpose"


FIGURE = RowsFigure()
