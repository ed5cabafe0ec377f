"""Everything that is settled before a mark is made: sizes, places, and what is visible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rnnviz.element import Element
from rnnviz.figures.ranges import Ranges, value_ranges
from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.unrolled.eliding import GAP, ElidedTimeline, elided_steps
from rnnviz.figures.unrolled.form import LARGEST_TEXT_SCALE, Form, form_of
from rnnviz.figures.unrolled.level import (
    SHARE,
    STEP,
    Level,
    furniture_scale,
    level_of,
    pitch,
    smallest_cards,
)
from rnnviz.figures.unrolled.operands import operands
from rnnviz.figures.unrolled.options import UnrolledOptions
from rnnviz.figures.unrolled.returned import current_steps, focused_steps, reached
from rnnviz.figures.unrolled.rooms import NONE, Rooms, rooms_of
from rnnviz.figures.unrolled.rows import CardPlan, card_plan
from rnnviz.figures.unrolled.sheet import FOOT, HEADER, Sheet, sheet_of
from rnnviz.figures.unrolled.timeline import Timeline
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import Trace
from rnnviz.scene.style import Style

GUTTER = 152.0  # px at scale 1 left of the first column
SLOT = 150.0  # px at scale 1 right of the last one, where h_n leaves
LEAST_TEXT = 10.5
_LEAST_GUTTER = 132.0


@dataclass(frozen=True)
class Layout:
    """The sizes of a picture, whatever part of it is visible.

    Attributes:
        scale: of everything but the time axis.
        compact: several sequences stand below each other, states only.
        sequences: those on show, from the top.
        rooms: what stands around the recurrent layers.
    """

    run: Trace
    level: Level
    scale: float
    timeline: Timeline
    card: CardPlan
    sheet: Sheet
    compact: bool
    sequences: range
    rooms: Rooms = NONE

    @property
    def elided(self) -> bool:
        """Whether steps are left out."""
        return isinstance(self.timeline, ElidedTimeline)

    @property
    def width(self) -> float:
        return self.timeline.end + SLOT * self.scale

    @property
    def block_height(self) -> float:
        return self.sheet.height * self.scale

    @property
    def height(self) -> float:
        return HEADER + self.block_height * len(self.sequences) + FOOT


def layout_of(view: View, options: UnrolledOptions, frame: Frame) -> Layout:
    """The layout of a view at a frame's zoom, in a pane of its size."""
    run = view.run
    compact = view.sequence is None and run.N != 1
    first = 0 if compact else min(view.sequence or 0, max(run.N - 1, 0))
    sequences = range(run.N) if compact else range(first, min(first + 1, run.N))
    kept = _kept(view, sequences) if options.elide else ()
    level = Level.CARDS if kept else level_of(frame.zoom, run.L)
    rooms = rooms_of(view.around)
    card = card_plan(run, gates=options.gates, compact=compact, returning=rooms.returning)
    sheet = sheet_of(run, card, level, compact=compact, rooms=rooms)
    opened = () if compact or not run.N else _opened(view, sequences.start, level)
    if kept:
        scale = max(frame.zoom, smallest_cards(len(kept)))
        timeline: Timeline = ElidedTimeline(
            GUTTER * scale, STEP * scale, STEP * scale, run.L, kept, GAP * scale
        )
        return Layout(run, level, scale, timeline, card, sheet, compact, sequences, rooms)
    scale = frame.zoom
    if level is not Level.CARDS:
        scale = _furniture(run, frame, len(opened), sheet.height * len(sequences))
    step = pitch(frame.zoom)
    gutter = max(GUTTER * scale, _LEAST_GUTTER if level is Level.RASTER else 0.0)
    timeline = Timeline(gutter, step, max(STEP * scale, step), run.L, opened)
    return Layout(run, level, scale, timeline, card, sheet, compact, sequences, rooms)


def _furniture(run: Trace, frame: Frame, opened: int, height: float) -> float:
    """The scale below the smallest cards: no wider as a whole than these were."""
    least = smallest_cards(run.L)
    beside = GUTTER + SLOT + STEP * opened
    before = (GUTTER + SLOT + STEP * run.L) * least
    left_over = before - (run.L - opened) * pitch(frame.zoom)
    room = (min(SHARE * frame.width, left_over), frame.height - HEADER - FOOT)
    return furniture_scale(least, (beside, height), room)


def _kept(view: View, sequences: range) -> tuple[int, ...]:
    """The steps that stay where the others are left out; none where there are few."""
    current = {t for n in sequences for t in focused_steps(view, n).values()}
    return elided_steps(view.run, sequences, current)


def _opened(view: View, sequence: int, level: Level) -> tuple[int, ...]:
    """The steps that stay cards where the others don't."""
    if level is Level.CARDS:
        return ()
    reach = 1 if level is Level.COLUMNS else 0
    opened = {
        t + offset
        for t in focused_steps(view, sequence).values()
        for offset in range(-reach, reach + 1)
    }
    return tuple(sorted(t for t in opened if 0 <= t < view.run.L))


@dataclass(frozen=True)
class Stage:
    """One sequence's block within a frame.

    Attributes:
        layout: the sizes.
        style, frame, options: as `build` was given them.
        sequence: row of the batch.
        top: where the block begins, px.
        span: the visible steps, [t0, t1).
        current: where the last step was, by layer and direction.
        ranges: of the colours.
        selection: the selected element, if it is of this sequence.
        ringed: the vectors that get a ring: the selected one and what it was computed from.
        around: what stands around the recurrent layers; None where nothing does.
    """

    layout: Layout
    style: Style
    frame: Frame
    options: UnrolledOptions
    sequence: int
    top: float
    span: tuple[int, int]
    current: Mapping[tuple[int, int], int]
    ranges: Ranges
    selection: Element | None
    ringed: frozenset[Element]
    around: Surroundings | None = None

    @cached_property
    def run(self) -> Trace:
        return self.layout.run

    @cached_property
    def timeline(self) -> Timeline:
        return self.layout.timeline

    @cached_property
    def card(self) -> CardPlan:
        return self.layout.card

    @cached_property
    def sheet(self) -> Sheet:
        return self.layout.sheet

    @cached_property
    def rooms(self) -> Rooms:
        return self.layout.rooms

    @cached_property
    def scale(self) -> float:
        return self.layout.scale

    @cached_property
    def compact(self) -> bool:
        return self.layout.compact

    @cached_property
    def length(self) -> int:
        """The sequence's own length."""
        return self.run.lengths[self.sequence]

    @cached_property
    def lit(self) -> frozenset[int]:
        """The current steps, of any layer and direction."""
        return frozenset(self.current.values())

    @cached_property
    def ringed_times(self) -> frozenset[int | None]:
        """The steps of what gets a ring; None among them where h_0 or h_n does."""
        return frozenset(element.t for element in self.ringed)

    @cached_property
    def form(self) -> Form:
        """The card in px."""
        return form_of(self.card, self.scale, self.style)

    def y(self, height: float) -> float:
        """A height of the sheet (scale 1) in px of the scene."""
        return self.top + height * self.scale

    def size(self, size: float) -> float:
        """A text size that scales with the picture, and stays readable."""
        return max(size * min(self.scale, LARGEST_TEXT_SCALE), LEAST_TEXT)

    def sees(self, top: float, bottom: float) -> bool:
        """Whether anything between two heights, px, is within the frame."""
        return bottom >= self.frame.y and top <= self.frame.y + self.frame.height

    def computed(self, layer: int, direction: int) -> tuple[int, int]:
        """The steps [t0, t1) of a layer and direction that are computed."""
        return self._computed[layer, direction]

    def spans(self, layer: int) -> tuple[tuple[int, int], ...]:
        """The computed steps of a layer, direction by direction."""
        return self._spans[layer]

    @cached_property
    def _spans(self) -> list[tuple[tuple[int, int], ...]]:
        directions = range(self.run.num_directions)
        return [
            tuple(self._computed[layer, direction] for direction in directions)
            for layer in range(self.run.num_layers)
        ]

    @cached_property
    def _computed(self) -> dict[tuple[int, int], tuple[int, int]]:
        return {
            (layer, direction): self._done(layer, direction)
            for layer in range(self.run.num_layers)
            for direction in range(self.run.num_directions)
        }

    def _done(self, layer: int, direction: int) -> tuple[int, int]:
        length = self.length
        done = min(self.run.steps_done(layer, direction), length)
        return (length - done, length) if direction else (0, done)

    def is_computed(self, layer: int, direction: int, t: int) -> bool:
        """Whether a step of a layer and direction is computed."""
        t0, t1 = self._computed[layer, direction]
        return t0 <= t < t1

    @cached_property
    def scored(self) -> tuple[int, int]:
        """The steps [t0, t1) at which the head has all that it needs."""
        if self.rooms.on in ("every", ""):
            spans = self.spans(self.run.num_layers - 1)
            first, last = max(t0 for t0, _ in spans), min(t1 for _, t1 in spans)
            return first, max(first, last)
        last = self.length - 1
        done = all(
            self.is_computed(self.run.num_layers - 1, direction, t)
            for direction in range(self.run.num_directions)
            for t in ((last,) if self.rooms.on == "last" else (last, 0))
        )
        return (last, self.length) if done else (last, last)

    def arrived(self, layer: int, direction: int) -> tuple[int, int]:
        """The steps [t0, t1) of a layer and direction whose gradients have come back."""
        return self._arrived[layer, direction]

    def has_arrived(self, layer: int, direction: int, t: int) -> bool:
        """Whether the gradients of a step of a layer and direction have come back."""
        if not self.rooms.returning:
            return False
        t0, t1 = self._arrived[layer, direction]
        return t0 <= t < t1

    @cached_property
    def _arrived(self) -> dict[tuple[int, int], tuple[int, int]]:
        assert self.around is not None
        steps = self.around.returned or 0
        return {lane: reached(self.run, steps, lane, self.length) for lane in self._computed}

    @cached_property
    def under_way(self) -> tuple[int, int, int] | None:
        """Layer, direction and t of the cell that is computed to an operation within it."""
        active = self.run.active
        if active is None or not self.run.progress.operation or self.layout.compact:
            return None
        t = active.t[self.sequence]
        return (active.layer, active.direction, t) if t >= 0 else None

    def is_begun(self, layer: int, direction: int, t: int) -> bool:
        """Whether a step of a layer and direction is computed, or has begun to be."""
        return self.under_way == (layer, direction, t) or self.is_computed(layer, direction, t)

    def cards(self) -> list[int]:
        """The visible steps that are drawn as cards."""
        t0, t1 = self.span
        if self.layout.level is Level.CARDS and not self.layout.elided:
            return list(range(t0, t1))
        return [t for t in self.timeline.opened if t0 <= t < t1]


def stages(
    view: View, options: UnrolledOptions, frame: Frame, style: Style, layout: Layout
) -> Iterator[Stage]:
    """The blocks that a frame shows, from the top."""
    run, height = layout.run, layout.block_height
    if not run.L:
        return
    first = max(0, int((frame.y - HEADER) // height))
    last = max(0, int((frame.y + frame.height - HEADER) // height) + 1)
    span = layout.timeline.span(frame.x, frame.x + frame.width)
    ranges = value_ranges(run, view.whole)
    for index in range(first, min(last, len(layout.sequences))):
        sequence = layout.sequences[index]
        selection = view.selection
        if selection is not None and selection.sequence not in (None, sequence):
            selection = None
        yield Stage(
            layout,
            style,
            frame,
            options,
            sequence,
            HEADER + index * height,
            span,
            current_steps(view, sequence),
            ranges,
            selection,
            operands(run, selection, sequence, layout.rooms),
            view.around,
        )
