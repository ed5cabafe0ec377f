"""`nn.Linear` on a batch with its numbers: H = X Wᵀ + b, one row for each vector."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.linear.drawing import draw
from rnnviz.figures.linear.layout import MARGIN, Layout, arrange
from rnnviz.figures.linear.options import LinearOptions, places
from rnnviz.figures.linear.subject import Subject, subject_of
from rnnviz.figures.linear.sums import activated_text, sum_text
from rnnviz.figures.matrix import Look
from rnnviz.figures.remarks import caption
from rnnviz.figures.scale_key import Scale, of_two_runs, scale_key, titled_of
from rnnviz.figures.selected import selection_rings
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.model.pipeline.named import shape_text
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label

_EXPORTS = (1000.0, 1300.0, 1600.0)  # px of a page; a wider one where it brings out numbers
_FOOT = 100.0
_WORDINGS = (
    "H = X Wᵀ + b: each table has a colour range of its own",
    "H = X Wᵀ + b: ranges differ",
    "H = X Wᵀ + b",
)
_NARROWEST = 640.0
_TRIES = 16


class LinearFigure:
    """Which numbers are multiplied and added up to each number that a Linear layer gives."""

    name = "linear"
    title = "Linear"
    options_type = LinearOptions
    zoom_range = (1.0, 256.0)  # at 100 % the pane is filled: nothing is gained further out

    def applies(self, view: View) -> bool:
        """Whether the model has an `nn.Linear` before or behind."""
        return bool(places(view))

    def extent(self, view: View, options: LinearOptions, frame: Frame) -> Extent:
        """The size of the whole content in a pane of the frame's size at its zoom."""
        layout = arrange(subject_of(view, options), frame)
        return Extent(layout.width, layout.low + _FOOT)

    def build(self, view: View, options: LinearOptions, frame: Frame, style: Style) -> Scene:
        """The marks that the frame shows."""
        subject = subject_of(view, options)
        layout = arrange(subject, frame)
        look = Look(style, frame, options.numbers, subject.is_difference)
        marks = (*draw(subject, layout, look), *_foot(subject, layout, look))
        return Scene(
            frame.width,
            frame.height,
            (*marks, *selection_rings(view.selection, marks, style)),
            background=style.background,
            title=titled_of(f"nn.Linear, {_where(subject)}", view),
            x=frame.x,
            y=frame.y,
        )

    def legend(self, view: View, options: LinearOptions, width: float, style: Style) -> Scene:
        """The colour range of each table."""
        subject = subject_of(view, options)
        compared = of_two_runs(view)
        wordings = (compared,) if compared else _WORDINGS
        return scale_key(wordings, _scales(subject, style), width, style)

    def export_frame(self, view: View, options: LinearOptions) -> Frame:
        """All of it, at 100 %, no wider than it needs."""
        subject = subject_of(view, options)
        for page in (*_EXPORTS, _EXPORTS[0]):
            frame = Frame(0, 0, page, 0)
            layout = arrange(subject, frame)
            if layout.is_numbered:
                break
        for _ in range(_TRIES):
            frame = Frame(0, 0, max(layout.right, _NARROWEST), 0)
            layout = arrange(subject, frame)
            if layout.right <= frame.width + 0.5:
                break
        return Frame(0, 0, frame.width, layout.low + _FOOT)


def _where(subject: Subject) -> str:
    return "in front" if subject.which == "front" else "the head"


def _scales(subject: Subject, style: Style) -> tuple[Scale, ...]:
    found = [Scale("X", subject.received.numbers.limit, style.signed)]
    found.append(Scale("W", subject.weight.limit, style.signed))
    if subject.bias is not None:
        found.append(Scale("b", subject.bias.limit, style.signed))
    found.append(Scale("H", subject.given.numbers.limit, style.signed))
    if subject.activated is not None:
        colors = style.signed if subject.is_difference else style.magnitude
        found.append(Scale(subject.activation, subject.activated.numbers.limit, colors))
    return tuple(found)


def _foot(subject: Subject, layout: Layout, look: Look) -> Iterator[Mark]:
    width, y = layout.width - 2 * MARGIN, layout.low + 30
    lines = [sum_text(subject, layout, width), activated_text(subject, layout)]
    if subject.is_difference:
        lines = ["Each Δ on its own: a difference of products is no product of differences.", ""]
    for line in (line for line in lines if line):
        yield label(elide(line, width, 13), MARGIN, y, look.style.ui.text, 13)
        y += 20
    yield from caption(_shapes(subject), MARGIN, y + 3, width, look.style)


def _shapes(subject: Subject) -> str:
    """From the batch to the stacked rows, and back."""
    before, after = subject.received.named, subject.given.named
    inner, out = subject.weight.values.shape
    rows = len(subject.given.numbers.values)
    stacked = ""
    if len(before.axes) != 2:
        stacked = f" stacked {shape_text((rows, inner))} → {shape_text((rows, out))} →"
    return (
        f"{before.legend} →{stacked} {after.legend}. nn.Linear keeps its weight as "
        f"(out_features, in_features) = ({out}, {inner}); b is added to every row."
    )


FIGURE = LinearFigure()
