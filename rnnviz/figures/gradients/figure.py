"""How much of the loss reaches each step, and what carries it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.compared import shown_title
from rnnviz.figures.gradients import captions, carried, flows, glance, heat, plot, timeline
from rnnviz.figures.gradients.axis import axis_of
from rnnviz.figures.gradients.curves import (
    curves,
    rival_arrived,
    rival_tensors,
    state_tensors,
)
from rnnviz.figures.gradients.empty import empty
from rnnviz.figures.gradients.heat import Heat
from rnnviz.figures.gradients.layout import LEAST, arrange
from rnnviz.figures.gradients.numbers import factor_text
from rnnviz.figures.gradients.options import RIVALS, GradientsOptions
from rnnviz.figures.gradients.raster import strip
from rnnviz.figures.gradients.scale import Scale, scale_of
from rnnviz.figures.gradients.subject import Subject, gradients_of, read_subject
from rnnviz.figures.gradients.symbols import math_width, set_math, size_symbol
from rnnviz.figures.gradients.table import main_of, rival_of, table
from rnnviz.figures.gradients.words import caption_words, legend_words
from rnnviz.figures.plots import Box
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.marks import Clip, Mark, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

_EXPORT = (1000.0, 750.0)
_LEGEND = 32.0


class _Drawing:
    """One frame of the figure, gathered part by part."""

    def __init__(
        self, shown: Subject, options: GradientsOptions, frame: Frame, style: Style
    ) -> None:
        self.shown, self.options, self.style = shown, options, style
        self._blocked: list[tuple[tuple[float, float], ...]] = []
        count = 2 if self._second else 1
        self.layout = arrange(frame, count, timeline.has_tokens(shown))
        self.curves = curves(shown)
        drawn = [curve.values for curve in self.curves]
        drawn += [curve.unclipped for curve in self.curves if curve.unclipped is not None]
        self.axis = axis_of(
            (values[: shown.length] for values in drawn),
            options.scale == "log",
            self.layout.plot,
        )
        self.heat = self._own_heat()
        self.other = self._rival_heat()
        self.saliency = flows.norms(shown.found, "x", (0, 0), shown.sequence)
        sizes = [self.heat.sizes, self.saliency]
        if self.other is not None:
            sizes.append(self.other.sizes)
        self.scale: Scale = scale_of(sizes, options.scale == "log")

    @property
    def _second(self) -> bool:
        """Whether another cell is asked for."""
        return self.options.compare in RIVALS and self.options.compare != self.shown.run.kind

    def _own_heat(self) -> Heat:
        shown = self.shown
        reached = flows.reached(shown.arrived, shown.lane, shown.sequence)
        tensor, lane = shown.tensor, shown.lane
        if tensor == "x":
            if not flows.is_bearable(shown.run, lane[0]):
                lane = 0, lane[1]
            reached = flows.input_reached(shown.arrived, lane[0], shown.sequence)
        return heat.read_heat(shown, shown.found, reached, tensor, lane, self.layout.heats[0])

    def _rival_heat(self) -> Heat | None:
        shown = self.shown
        if shown.rival is None or len(self.layout.heats) < 2:
            return None
        found = shown.rival.gradients.recurrent
        assert found is not None
        layer = min(shown.layer, found.run.num_layers - 1)
        lane = layer, min(shown.direction, found.run.num_directions - 1)
        reached = flows.reached(rival_arrived(shown, found), lane, shown.sequence)
        tensor = rival_tensors(shown, found)[0]
        return heat.read_heat(shown, found, reached, tensor, lane, self.layout.heats[1])

    def marks(self) -> list[Mark]:
        """All marks, words and cursor above the rest."""
        shown, style, axis = self.shown, self.style, self.axis
        units = self._units()
        return [
            *plot.paper(axis, style),
            *plot.padding(shown, axis.box, style),
            *plot.lines(shown, self.curves, axis, style),
            *self._captions(),
            plot.border(axis.box, style),
            *self._title(),
            *units,
            *strip(shown, self.saliency, self._inputs(), self.layout.saliency, self.scale, style),
            *self._strip_name(),
            *plot.cursor(shown, (axis.box, *self.layout.heats), tuple(self._blocked), style),
            *plot.dots(shown, self.curves, axis, style),
            *timeline.tokens(shown, self.layout, style),
            *timeline.numbers(shown, self.layout, style),
            *table(shown, self.curves, axis, self.layout, style),
            *self._foot(),
        ]

    def _inputs(self) -> NDArray[np.bool_]:
        return flows.input_reached(self.shown.arrived, 0, self.shown.sequence)

    def _captions(self) -> list[Mark]:
        """In the plot: which way it flows, and the factors of the lines that count most."""
        shown, style = self.shown, self.style
        points = [
            plot.traced(curve.values[: shown.length], self.axis, shown.run.L)
            for curve in self.curves
        ]
        points += [
            plot.traced(curve.unclipped[: shown.length], self.axis, shown.run.L)
            for curve in self.curves
            if curve.unclipped is not None
        ]
        at = None
        if shown.cursor is not None:
            at = plot.place(shown.cursor, self.axis.box, shown.run.L)
        seen = (self.axis.y(curve.drawn[: shown.length]) for curve in self.curves)
        if not any(np.isfinite(line).any() for line in seen):
            return plot.nothing(shown, self.curves, self.axis.box, style)
        box = self.axis.box
        box = replace(box, width=box.width * shown.length / max(shown.run.L, 1))
        room = captions.Room(box, points, at)
        rightwards = shown.direction == 1
        words: tuple[str, ...] = ("the gradient flows back in time", "back in time")
        if rightwards:
            words = ("the reverse direction's gradient flows to later steps", "to later steps")
        marks = captions.flow_arrow(words, rightwards, room, style)
        if shown.options.quantity == "weights":
            return marks
        for curve in (main_of(self.curves), rival_of(shown, self.curves)):
            if curve is None or not shown.single:
                continue
            fitted = glance.decay(curve.arrived[: shown.length], shown.start, self.axis.floor)
            if fitted is not None:
                text = f"{caption_words(shown, curve)}: {factor_text(fitted.factor)}"
                line = self.curves.index(curve)
                marks += captions.line_caption(
                    f"{text} for each step back", line, room, curve.ink(style), style
                )
        return marks

    def _title(self) -> list[Mark]:
        shown, style, x, y = self.shown, self.style, self.layout.left, 31.0
        weights = shown.options.quantity == "weights"
        words = "Size of the gradient that reaches each step"
        if weights:
            words = "What each step adds to the gradient of each weight"
        marks: list[Mark] = [label(words, x, y, style.ui.text, 12, weight=600)]
        x += text_width(words, 12, weight=600) + 16
        end = self.layout.plot.right
        if weights:
            note = "its size; their sum over t is weight.grad"
            return [*marks, label(elide(note, end - x, 11), x, y, style.ui.muted, 11)]
        for tensor in reversed(state_tensors(shown, shown.run.cell.has_c)):
            runs = size_symbol(tensor, style)
            if x + math_width(runs) + 36 > end:
                break
            if len(marks) > 1:
                marks.append(label("and", x, y, style.ui.muted, 11))
                x += text_width("and", 11) + 10
            marks.append(set_math(runs, x, y, style))
            x += math_width(runs) + 10
        return marks

    def _units(self) -> list[Mark]:
        """The pictures of units, with their titles and what stands beside them."""
        shown, style, layout = self.shown, self.style, self.layout
        box = layout.heats[0]
        marks, start = self.scale.bar(box.right, box.y - 20, 120, style)
        marks += self._unit_title(box, f"{shown.run.kind}, ", shown.tensor, self.heat, start)
        self._blocked[0] = (*self._blocked[0], (start, box.right))
        marks += heat.drawn(shown, self.heat, box, self.scale, style)
        marks += carried.gate_bars(shown, self.heat, box, layout, style)
        if len(layout.heats) < 2:
            return marks
        box = layout.heats[1]
        if self.other is None or shown.rival is None:
            name = RIVALS[self.options.compare]
            self._blocked.append(((layout.left, layout.left + text_width(name, 12, weight=600)),))
            title = label(name, layout.left, box.y - 9, style.ui.text, 12, weight=600)
            return [*marks, title, *heat.awaited(box, f"{name} is being computed", style)]
        found = shown.rival.gradients.recurrent
        assert found is not None
        tensor = rival_tensors(shown, found)[0]
        name = f"{shown.rival.name.split(',')[0]}, "
        marks += self._unit_title(box, name, tensor, self.other, box.right)
        marks += heat.drawn(shown, self.other, box, self.scale, style)
        if shown.run.kind != "RNN":
            marks += carried.step_formulas(shown, layout, box.y - 9, style)
        return marks

    def _unit_title(self, box: Box, name: str, tensor: str, of: Heat, end: float) -> list[Mark]:
        style, x = self.style, self.layout.left
        y = box.y - (12 if box is self.layout.heats[0] else 9)
        words = f"{name}layer {self.shown.layer}"
        marks: list[Mark] = [label(words, x, y, style.ui.text, 12, weight=600)]
        x += text_width(words, 12, weight=600) + 14
        runs = size_symbol(tensor, style, "j")
        if x + math_width(runs) < end:
            marks.append(set_math(runs, x, y, style))
            x += math_width(runs) + 14
        noun = "features" if tensor == "x" else "units"
        note = f"all {of.units} {noun}{self._carrier(of)}"
        if of.merged > 1:
            note = f"{of.units} {noun}, {of.merged} per row, the largest"
        note = elide(note, end - x, 11)
        marks.append(label(note, x, y, style.ui.muted, 11))
        self._blocked.append(((self.layout.left, x + text_width(note, 11)),))
        return marks

    def _carrier(self, of: Heat) -> str:
        """Which unit has most of the gradient at the place on show, if one has nearly all."""
        t = self.shown.place
        if of.sizes.shape != (of.units, of.length) or of.units < 2 or not of.reached[t]:
            return ""
        sizes = of.sizes[:, t] ** 2
        total = float(sizes.sum())
        if not (np.isfinite(total) and total > 0):
            return ""
        unit = int(sizes.argmax())
        return f"; unit {unit} has nearly all of it" if sizes[unit] > 0.95 * total else ""

    def _strip_name(self) -> list[Mark]:
        box, runs = self.layout.saliency, size_symbol("x", self.style)
        return [set_math(runs, self.layout.left, box.low - 1, self.style, 11.5)]

    def _foot(self) -> list[Mark]:
        """At a glance: what happens on the way back."""
        shown, layout = self.shown, self.layout
        said = glance.sentences(
            shown, main_of(self.curves), rival_of(shown, self.curves), self.axis.floor
        )
        said += self._remarks()
        right = layout.side[0] + layout.side[1]
        text = elide(" ".join(said), right - layout.left, 11.5)
        ink = self.style.ui.text_secondary
        return [label(text, layout.left, layout.height - 13, ink, 11.5)]

    def _remarks(self) -> list[str]:
        shown, found = self.shown, list[str]()
        values = [c.values[: shown.length] for c in self.curves if c.group == "own"]
        strange = [np.flatnonzero(~np.isfinite(v)) for v in values]
        first = max((int(s[-1]) for s in strange if len(s)), default=None)
        if first is not None:
            found.insert(0, f"Not finite at t = {first + 1}: lines break there.")
        if shown.options.clip and shown.options.quantity != "weights":
            found.append("Clipping changes the weights' gradients, not these.")
        if shown.returning:
            found.append("What has not arrived is faint.")
        return found


class GradientsFigure:
    """How much of the loss reaches each step, and what carries it."""

    name = "gradients"
    title = "Gradients"
    options_type = GradientsOptions
    zoom_range = (1.0, 1.0)

    def extent(self, view: View, options: GradientsOptions, frame: Frame) -> Extent:
        """The pane itself, or the least size that the parts need."""
        if gradients_of(view) is None:  # a card stands in the middle of any pane
            return Extent(frame.width, frame.height)
        return Extent(max(frame.width, LEAST[0]), max(frame.height, LEAST[1]))

    def build(self, view: View, options: GradientsOptions, frame: Frame, style: Style) -> Scene:
        """The marks, laid out in the frame's pane."""
        shown = read_subject(view, options)
        if shown is None:
            marks = empty(view, frame, style)
        else:
            marks = _Drawing(shown, options, frame, style).marks()
        return Scene(
            frame.width,
            frame.height,
            tuple(marks),
            background=style.background,
            title=shown_title("Gradients", view),
            x=frame.x,
            y=frame.y,
        )

    def legend(self, view: View, options: GradientsOptions, width: float, style: Style) -> Scene:
        """The model, its loss and where it enters, and how the other cell came about."""
        text = elide(legend_words(view, read_subject(view, options)), width, 11)
        clip = Clip(0, 0, width, _LEGEND, (label(text, 0, 20, style.ui.muted, 11),))
        return Scene(width, _LEGEND, (clip,), background=style.background, title="Gradients")

    def export_frame(self, view: View, options: GradientsOptions) -> Frame:
        """A pane of the size that the parts were drawn for."""
        return Frame(0, 0, *_EXPORT)


FIGURE = GradientsFigure()
