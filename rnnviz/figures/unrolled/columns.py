"""Columns: a step and layer as an upright strip, on one lane line."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial

from rnnviz.figures.strips import crosses
from rnnviz.figures.unrolled.around_bands import outer_bands
from rnnviz.figures.unrolled.bands import FAINT, Band, bands, overlap
from rnnviz.figures.unrolled.beside_bands import besides
from rnnviz.figures.unrolled.groups import group_span, groups
from rnnviz.figures.unrolled.norms import norm_line
from rnnviz.figures.unrolled.page import Page
from rnnviz.figures.unrolled.places import end_box, ends_left, wire_height
from rnnviz.figures.unrolled.raster import band_images, stretch_surroundings
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import ink, straight
from rnnviz.scene.marks import Cells, Mark, Path, Segment

_STRIPS_FROM = 14.0  # px per step; columns that are narrower stand side by side
_SHARE = 0.62  # of a column's width that its strip takes
_WIDEST = 24.0
_GROUP = 8  # steps whose strips are one piece of the page
_REACH = 256  # steps: what runs along the columns begins and ends at multiples of it


def columns(stage: Stage) -> list[Mark]:
    """The bands of a block, step by step, and the lane lines behind them."""
    marks: list[Mark] = []
    page = Page(stage, stays=True)
    for lane in stage.sheet.lanes:
        if stage.sees(stage.y(lane.top), stage.y(lane.bottom)):
            if stage.timeline.pitch >= _STRIPS_FROM:
                marks += _lane_line(stage, lane)
            marks += _line_ends(stage, lane)
            marks += norm_line(stage, page, lane)
    for band in (*bands(stage), *outer_bands(stage)):
        if stage.timeline.pitch >= _STRIPS_FROM:
            marks += _band(stage, page, band)
        else:
            marks += band_images(stage, band, gap=1.0)
    return marks + besides(stage)


def _lane_line(stage: Stage, lane: Lane) -> list[Mark]:
    """The way of h through the columns, from where it enters to where it leaves."""
    y = wire_height(stage, lane, "h")
    marks: list[Mark] = []
    done = stage.computed(lane.layer, lane.direction)
    for stretch in stage.timeline.runs(*_within_reach(stage)):
        inside = overlap(stretch, (0, stage.length))
        for part, known in (
            (overlap(inside, done), True),
            (overlap(inside, (0, done[0])), False),
            (overlap(inside, (done[1], stage.length)), False),
        ):
            if part[1] > part[0]:
                pen = ink(stage, "h", computed=known)
                start = (stage.timeline.left(part[0]), y)
                end = (stage.timeline.left(part[1] - 1) + stage.timeline.pitch, y)
                marks.append(straight(start, end, pen, arrow=False))
    return marks


def _line_ends(stage: Stage, lane: Lane) -> list[Mark]:
    """From h_0 to the first column and from the last one to h_n; opened cards have their own."""
    y = wire_height(stage, lane, "h")
    marks: list[Mark] = []
    last = stage.length - 1
    for t, side in ((0, "left"), (last, "right")):
        if t in stage.timeline.opened or not stage.span[0] <= t < stage.span[1]:
            continue
        enters = (side == "left") == (lane.direction == 0)
        suffix = "_0" if enters else "_n"
        box = end_box(stage, lane, "h" + suffix)
        outer = box[0] + box[2] if ends_left(lane, "h" + suffix) else box[0]
        edge = stage.timeline.left(0) if side == "left" else stage.timeline.left(last + 1)
        known = enters or stage.is_computed(lane.layer, lane.direction, t)
        points = ((outer, y), (edge, y)) if enters else ((edge, y), (outer, y))
        marks.append(straight(*points, ink(stage, "h", computed=known)))
    return marks


def _within_reach(stage: Stage) -> tuple[int, int]:
    """The visible steps and some beside them: what reaches beyond the frame is kept when panned."""
    near = groups(stage, _REACH)
    return near.start * _REACH, min(near.stop * _REACH, stage.run.L)


def _band(stage: Stage, page: Page, band: Band) -> list[Mark]:
    """A band as upright strips with room between them, and what of it has no values."""
    marks: list[Mark] = []
    for stretch in stage.timeline.runs(*_within_reach(stage)):
        marks += stretch_surroundings(stage, band, stretch)
    if band.owner is not None:
        page = Page(stage, band.owner, stays=True)
    kind = ("band", band.key, band.first_unit)
    make, state = partial(_strips, stage, band), partial(_state, stage, band)
    return marks + page.pieces(kind, groups(stage, _GROUP), make, state)


def _state(stage: Stage, band: Band, group: int) -> Hashable:
    """Where the strips of a group of steps stand, and which of them there are."""
    span = group_span(stage, _GROUP, group)
    place = stage.timeline.left(span[0]), stage.timeline.left(span[1])
    stretches = tuple(stage.timeline.runs(*span))
    return place, stretches, overlap(span, band.known), overlap(span, band.used), band.end(stage)


def _strips(stage: Stage, band: Band, of: Sequence[int]) -> dict[int, list[Mark]]:
    """The strips of groups of steps, all but the opened ones."""
    return {group: _group(stage, band, group_span(stage, _GROUP, group)) for group in of}


def _group(stage: Stage, band: Band, span: tuple[int, int]) -> list[Mark]:
    width = min(stage.timeline.pitch * _SHARE, _WIDEST)
    marks: list[Mark] = []
    outlines: dict[float, list[Segment]] = {}
    for stretch in stage.timeline.runs(*span):
        t0, t1 = overlap(stretch, band.known)
        if t1 <= t0:
            continue
        values = band.fetch(t0, t1)
        colors, broken = band.colors(stage, values), crosses(values, band.stride)
        for index, t in enumerate(range(t0, t1)):
            x = stage.timeline.center(t) - width / 2
            opacity = 1.0 if band.used[0] <= t < band.used[1] else FAINT
            crossed = None if broken is None else broken[index][:, None]
            outlines.setdefault(opacity, []).extend(_outline(x, band.top, width, band.height))
            marks.append(
                Cells(
                    x,
                    band.top,
                    width,
                    band.height,
                    colors[:, index : index + 1],
                    crossed=crossed,
                    opacity=opacity,
                    key=band.key._replace(t=t),
                    axes=(band.row_axis, ""),
                    origin=(band.first_unit, 0),
                    stride=(band.stride, 1),
                )
            )
    color = stage.style.role(band.role).line
    return marks + [
        Path(tuple(segments), stroke=color, stroke_width=1.0, opacity=opacity)
        for opacity, segments in outlines.items()
    ]


def _outline(x: float, y: float, width: float, height: float) -> list[Segment]:
    return [
        ("M", x, y),
        ("L", x + width, y),
        ("L", x + width, y + height),
        ("L", x, y + height),
        ("Z",),
    ]
