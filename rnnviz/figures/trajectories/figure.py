"""How every unit moves over time, and the path of the whole state."""

from __future__ import annotations

from rnnviz.figures.colorbar import colorbar, end_labels
from rnnviz.figures.compared import (
    DIFFERENCE,
    ORIGINAL,
    shown_title,
    shown_words,
    spread_words,
)
from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories import closest, cloud, cursor, density, heatmap, lines, path
from rnnviz.figures.trajectories.layout import (
    LEAST,
    Layout,
    PanelGeometry,
    arrange,
    t_limits,
    t_range,
    value_range,
)
from rnnviz.figures.trajectories.moving import Over, Plate, plate, widened
from rnnviz.figures.trajectories.options import DIRECTIONS, TrajectoriesOptions
from rnnviz.figures.trajectories.pages import on_whole_px
from rnnviz.figures.trajectories.plane import Plane, plane
from rnnviz.figures.trajectories.rows import Row, rows_of
from rnnviz.figures.trajectories.series import Series, series
from rnnviz.figures.trajectories.strokes import GHOST, Plot, strokes
from rnnviz.figures.trajectories.time_axis import TimeAxis
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.marks import Clip, Mark, Rect, Run, Scene, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

_EXPORT = (1000.0, 750.0)
_LEGEND = 32.0
_NAMES = {
    "h": "Hidden state",
    "c": "Cell state",
    "i": "Input gate",
    "f": "Forget gate",
    "g": "Candidate",
    "o": "Output gate",
    "r": "Reset gate",
    "z": "Update gate",
    "n": "Candidate",
}


class _Drawing:
    """One frame of the figure, gathered mark by mark."""

    def __init__(
        self, view: View, options: TrajectoriesOptions, frame: Frame, style: Style
    ) -> None:
        self.options, self.style, self.compared = options, style, shown_words(view)
        self.spread = spread_words(view)
        self.series: Series = series(view, options)
        self.layout: Layout = arrange(self.series, options, frame)
        asked = t_range(self.series, options)
        self.x_range = on_whole_px(self.series, asked, self.layout.lines.width)
        self.seen = TimeAxis(self.layout.lines, self.x_range)
        self.values = value_range(self.series, options)
        self.overlaid = options.arrangement == "overlaid"
        self.plane: Plane = plane(self.series, options, self.layout)
        self.message = self._message()
        self.rows: tuple[Row, ...] = ()
        if not self.message:
            self.rows = rows_of(self.series, self.layout, self.overlaid, self.values)

    def marks(self) -> list[Mark]:
        if self.message:
            return [*self._empty(self.layout.lines, self.message), *self._titles(), *self._path()]
        return [*self._lines(), *self._raster(), *self._over(), *self._path()]

    def plate(self) -> Plate | None:
        """What goes along with the timesteps; None where little is painted at once."""
        if self.message or not self.series.stable:
            return None
        self.layout, wide = widened(self.layout, self.seen)
        self.x_range = wide.x_range
        marks = (*self._plotted(), *self._cells())
        return plate(self.layout, wide, marks, self.style.background)

    def over(self, asked: TrajectoriesOptions) -> Over:
        """What stays, or moves in its own way, where other timesteps were seen before."""
        layout, ink = self.layout, self.style.background
        before = on_whole_px(self.series, t_range(self.series, asked), layout.lines.width)
        low = layout.heatmap.low + 3
        gone = cursor.cursor(self.series, layout, before, self._blocked(), self.style)
        erased: list[Mark] = [Rect(layout.left, low, layout.values - layout.left, 27, fill=ink)]
        erased += [
            Rect(mark.x - 1, mark.y - 1, mark.width + 2, mark.height + 2, fill=ink)
            for mark in gone
            if isinstance(mark, Rect)
        ]
        marks = [*self._edges(), heatmap.frame(self.series, layout, self.style)]
        marks += heatmap.ring(self.series, layout, self.style)
        marks += cursor.axis(layout, self.x_range, self.style) + self._cursor()
        marks += lines.mark(self.series, layout, self.rows, self.x_range, self.style)
        scenes = (Scene(layout.width, layout.height, tuple(some)) for some in (erased, marks))
        return Over(self.seen, layout.lines, layout.heatmap, *scenes)

    def _message(self) -> str:
        shown = self.series
        if shown.missing:
            return shown.missing
        if not shown.length:
            return "This sequence has no timesteps."
        if shown.complete and not shown.any_finite:
            return f"{shown.tensor} is not finite at any timestep: there is no line to draw."
        return ""

    def _lines(self) -> list[Mark]:
        return [*self._plotted(), *self._edges()]

    def _plotted(self) -> list[Mark]:
        shown, layout, style = self.series, self.layout, self.style
        marks = lines.paper(layout, self._bands(), style)
        if density.is_dense(shown, self.overlaid):
            marks += density.density(shown, layout, self.x_range, self.values, style)
        marks += lines.grid(shown, layout, self.rows, self.overlaid, self.values, style)
        marks += cursor.padding(shown, layout.lines, self.x_range, style, 8)
        plot = Plot(TimeAxis(layout.lines, self.x_range), self.rows, self.overlaid, style)
        return marks + strokes(shown, plot, self.seen.box.width)

    def _bands(self) -> list[tuple[float, float]]:
        first, last = self.seen.x_range
        return cursor.bands(self.layout, self.x_range, last - first)

    def _edges(self) -> list[Mark]:
        return lines.border(self.series, self.layout, self.rows, self.overlaid, self.style)

    def _raster(self) -> list[Mark]:
        shown, layout, style = self.series, self.layout, self.style
        marks = [*self._cells(), heatmap.frame(shown, layout, style)]
        marks += heatmap.row_labels(shown, layout, style) + heatmap.ring(shown, layout, style)
        return marks + heatmap.column(shown, layout, style)

    def _cells(self) -> list[Mark]:
        shown, box, style = self.series, self.layout.heatmap, self.style
        marks: list[Mark] = [Rect(box.x, box.y, box.width, box.height, fill=style.ui.card)]
        marks += heatmap.raster(shown, self.layout, self.x_range, style)
        return marks + cursor.padding(shown, box, self.x_range, style, 0)

    def _over(self) -> list[Mark]:
        """Words, axis and cursor."""
        shown, layout, style = self.series, self.layout, self.style
        titles = self._titles()
        marks = titles + cursor.axis(layout, self.x_range, style) + self._cursor()
        marks += lines.values_at_cursor(shown, layout, self.rows, self.overlaid, style)
        marks += lines.mark(shown, layout, self.rows, self.x_range, style)
        foot = self._foot()
        room = layout.values - layout.left
        marks.append(
            label(elide(foot, room, 11), layout.left, layout.height - 13, style.ui.muted, 11)
        )
        return marks

    def _cursor(self) -> list[Mark]:
        """The cursor, and where the lines are at it."""
        shown, layout, style = self.series, self.layout, self.style
        marks = cursor.cursor(shown, layout, self.x_range, self._blocked(), style)
        return marks + lines.dots_at_cursor(shown, layout, self.rows, self.x_range, style)

    def _foot(self) -> str:
        shown = self.series
        parts = [f"{DIFFERENCE}.", self.spread] if shown.is_difference else []
        if shown.cursor is None:
            parts.append("Nothing is computed yet: all steps are faint.")
        elif shown.stop - shown.first < shown.length:
            look = "faint" if shown.complete else "blank"
            parts.append(f"Steps not computed yet are {look}.")
        if shown.length < shown.steps:
            parts.append("Padding is hatched.")
        if not self.plane.message and path.shows_cloud(shown, self.plane, self.layout):
            parts.append(cloud.WORDS)
        return " ".join(parts)

    def _blocked(self) -> tuple[tuple[float, float], ...]:
        """Where words stand between the two panels."""
        layout = self.layout
        words, note = "All units over time", heatmap.caption(self.series, layout)
        width = text_width(words, 12, weight=600) + 18 + text_width(note, 11)
        return (layout.left, layout.left + width), (self._bar_left() - 40, layout.values)

    def _bar_left(self) -> float:
        box = self.layout.heatmap
        return box.right - min(128.0, 0.27 * box.width)

    def _titles(self) -> list[Mark]:
        layout, ink, muted = self.layout, self.style.ui.text, self.style.ui.muted
        shown = self.series
        left, y = layout.left, 31.0
        title = f"{_NAMES[shown.tensor]} of each unit"
        if shown.is_difference:
            title = f"Δ {title[0].lower()}{title[1:]}"
        elif self.compared == ORIGINAL:
            title += ", original"
        marks: list[Mark] = [label(title, left, y, ink, 12, weight=600)]
        count = len(self.rows)
        after = left + text_width(title, 12, weight=600) + 18
        at = f"at t = {shown.cursor + 1}" if shown.cursor is not None else ""
        end = layout.values - text_width(at, 11) - 12
        if count:
            note = lines.caption(shown, count, self.overlaid, self.values)
            marks.append(label(elide(note, end - after, 11), after, y, muted, 11))
        if at:
            marks.append(label(at, layout.values, y, muted, 11, anchor="end"))
        return marks + self._raster_title() if count else marks

    def _raster_title(self) -> list[Mark]:
        layout, style = self.layout, self.style
        y = layout.heatmap.y - 15
        words = "All units over time"
        after = layout.left + text_width(words, 12, weight=600) + 18
        ends = end_labels(self.series.limit, self.series.signed)
        x = self._bar_left()
        width = layout.heatmap.right - text_width(ends[1], 11) - 7 - x
        room = x - text_width(ends[0], 11) - 20 - after
        note = elide(heatmap.caption(self.series, layout), room, 11)
        return [
            label(words, layout.left, y, style.ui.text, 12, weight=600),
            label(note, after, y, style.ui.muted, 11),
            *colorbar(x, y - 8, width, heatmap.colormap(self.series, style), ends, style),
        ]

    def _path(self) -> list[Mark]:
        """The path and what stands below it, which stays where the timesteps are panned."""
        shown, plane = self.series, self.plane
        if shown.ghost is not None:
            return self._drawn_path()
        ranges = plane.x_range, plane.y_range, plane.x_label, plane.y_label, plane.message
        moment = shown.first, shown.stop, shown.cursor
        key = ("path", self.layout, ranges, moment, self.style)
        return shown.drawn(key, self._drawn_path)

    def _drawn_path(self) -> list[Mark]:
        layout, style, shown = self.layout, self.style, self.plane
        box, muted = layout.path, style.ui.muted
        words = "Path of the difference" if self.series.is_difference else "Path in state space"
        marks: list[Mark] = [label(words, box.x, 31, style.ui.text, 12, weight=600)]
        if shown.message:
            return marks + self._empty(box, shown.message)
        note = shown.y_label
        fits = text_width(words, 12, weight=600) + 14 + text_width(note, 11) <= box.width
        if fits:
            marks.append(label(note, box.right, 31, muted, 11, anchor="end"))
        else:
            marks.append(label(note, box.x, 51, muted, 11))
        marks += path.paper(self.series, shown, layout, style)
        marks += path.axes(shown, layout, style)
        marks += path.path(self.series, shown, layout, style)
        marks.append(Rect(box.x, box.y, box.width, box.height, stroke=style.ui.border, radius=8))
        middle = box.x + box.width / 2
        x_label = elide(shown.x_label, box.width, 11)
        marks.append(label(x_label, middle, box.low + 33, muted, 11, anchor="middle"))
        marks += path.time_bar(self.series, layout, style)
        return marks + closest.closest(self.series, layout, style)

    def _empty(self, box: Box, message: str) -> list[Mark]:
        """A panel that says why it holds nothing."""
        style = self.style
        marks: list[Mark] = [
            Rect(
                box.x,
                box.y,
                box.width,
                box.height,
                fill=style.ui.card,
                stroke=style.ui.border,
                radius=8,
            )
        ]
        rows = _wrapped(message, box.width - 32)
        top = box.y + box.height / 2 - 9 * (len(rows) - 1) + 4
        middle = box.x + box.width / 2
        for index, row in enumerate(rows):
            y = top + 18 * index
            marks.append(label(row, middle, y, style.ui.muted, 12, anchor="middle"))
        return marks


def _wrapped(text: str, width: float) -> list[str]:
    rows = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        if text_width(longer, 12) <= width or not rows[-1]:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


class Trajectories:
    """What each unit does over time, and whether the state returns to the same places."""

    name = "trajectories"
    title = "Trajectories"
    options_type = TrajectoriesOptions
    zoom_range = (1.0, 1.0)

    def extent(self, view: View, options: TrajectoriesOptions, frame: Frame) -> Extent:
        """The pane itself, or the least size that the panels need."""
        return Extent(max(frame.width, LEAST[0]), max(frame.height, LEAST[1]))

    def build(self, view: View, options: TrajectoriesOptions, frame: Frame, style: Style) -> Scene:
        """The marks, laid out in the frame's pane."""
        return Scene(
            frame.width,
            frame.height,
            tuple(_Drawing(view, options, frame, style).marks()),
            background=style.background,
            title=shown_title("Trajectories", view),
            x=frame.x,
            y=frame.y,
        )

    def plate(
        self, view: View, options: TrajectoriesOptions, frame: Frame, style: Style
    ) -> Plate | None:
        """What goes along where a long run is panned and zoomed in time; None of a short one."""
        return _Drawing(view, options, frame, style).plate()

    def over(
        self,
        view: View,
        options: TrajectoriesOptions,
        frame: Frame,
        style: Style,
        before: TrajectoriesOptions,
    ) -> Over:
        """What lies over such a plate.

        Args:
            before: the options of the frame in which it is shown.
        """
        return _Drawing(view, options, frame, style).over(before)

    def legend(self, view: View, options: TrajectoriesOptions, width: float, style: Style) -> Scene:
        """Which tensor, layer, direction and sequence the panels follow."""
        shown = series(view, options)
        role = style.role(shown.tensor)
        parts = [words] if (words := shown_words(view)) else []
        parts.append(f"layer {shown.layer}")
        if view.run.num_directions == 2:
            parts.append(DIRECTIONS[shown.direction][1].lower())
        if view.run.N > 1:
            parts.append(f"sequence {shown.sequence}")
        parts.append(f"{view.run.kind}, hidden_size {view.run.hidden_size}")
        name = _NAMES[shown.tensor]
        after = 34 + text_width(name, 11) + 12
        ghost: list[Mark] = []
        if shown.ghost is not None:
            ghost = [
                Rect(after, 14.5, 12, 2, fill=style.ui.muted, opacity=GHOST),
                label("original", after + 19, 20, style.ui.text_secondary, 11),
            ]
            after += 19 + text_width("original", 11) + 12
        marks: tuple[Mark, ...] = (
            *ghost,
            Rect(0, 14, 12, 3, fill=role.line, radius=1.5),
            Text(19, 20, (Run(shown.tensor, italic=True),), role.text, 15, font="math"),
            label(name, 34, 20, style.ui.text_secondary, 11),
            label(
                elide(" · ".join(parts), width - after, 11),
                after,
                20,
                style.ui.muted,
                11,
            ),
        )
        clip = Clip(0, 0, width, _LEGEND, marks)
        return Scene(width, _LEGEND, (clip,), background=style.background, title="Trajectories")

    def export_frame(self, view: View, options: TrajectoriesOptions) -> Frame:
        """A pane of the size that the panels were drawn for."""
        return Frame(0, 0, *_EXPORT)

    def panels(
        self, view: View, options: TrajectoriesOptions, frame: Frame
    ) -> dict[str, PanelGeometry]:
        """The panels that can be panned and zoomed: "lines", "heatmap" and "path".

        A panel that holds a message instead of a plot is left out.
        """
        shown = series(view, options)
        layout = arrange(shown, options, frame)
        found: dict[str, PanelGeometry] = {}
        if shown.length and not shown.missing and (not shown.complete or shown.any_finite):
            found |= _time_panels(shown, options, layout)
        state = plane(shown, options, layout)
        if not state.message:
            found["path"] = PanelGeometry(
                _rect(layout.path),
                state.x_range,
                state.y_range,
                state.x_limits,
                state.y_limits,
                "path_range",
                "path_range",
            )
        return found


def _rect(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.width, box.height


def _time_panels(
    shown: Series, options: TrajectoriesOptions, layout: Layout
) -> dict[str, PanelGeometry]:
    x_range, limits = t_range(shown, options), t_limits(shown)
    overlaid = options.arrangement == "overlaid"
    found = rows_of(shown, layout, overlaid, value_range(shown, options))
    units = (0.0, float(shown.units))
    if overlaid:
        edge = 8 / (layout.lines.height - 16)
        low, high = value_range(shown, options)
        reach = (high - low) * edge
        y_range = low - reach, high + reach
        y_limits = shown.low - reach, shown.high + reach
    else:
        y_range = y_limits = 0.0, float(max(len(found), 1))
    return {
        "lines": PanelGeometry(
            _rect(layout.lines),
            x_range,
            y_range,
            limits,
            y_limits,
            "t_range",
            "value_range" if overlaid else "",
        ),
        "heatmap": PanelGeometry(_rect(layout.heatmap), x_range, units, limits, units, "t_range"),
    }


FIGURE = Trajectories()
