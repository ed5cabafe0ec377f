"""The scene of a frame: blocks, then what is pinned to its edges."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import partial

from rnnviz.figures.compared import shown_title
from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.unrolled import columns, headings, raster
from rnnviz.figures.unrolled.around_bands import outer_bands
from rnnviz.figures.unrolled.beside_bands import besides
from rnnviz.figures.unrolled.cards import cards
from rnnviz.figures.unrolled.edges import inputs, outputs
from rnnviz.figures.unrolled.eliding import Passing, gap_dots
from rnnviz.figures.unrolled.ends import SUFFIXES, end, end_visible
from rnnviz.figures.unrolled.footline import footline
from rnnviz.figures.unrolled.front import given_box
from rnnviz.figures.unrolled.header import badge, header, slabs
from rnnviz.figures.unrolled.lanes import lane_wires
from rnnviz.figures.unrolled.level import Level
from rnnviz.figures.unrolled.options import UnrolledOptions
from rnnviz.figures.unrolled.page import Page
from rnnviz.figures.unrolled.places import wire_height
from rnnviz.figures.unrolled.rings import rings
from rnnviz.figures.unrolled.rises import rises
from rnnviz.figures.unrolled.sheet import HEADER, Lane
from rnnviz.figures.unrolled.stage import Layout, Stage, layout_of, stages
from rnnviz.figures.unrolled.surroundings import returns, surroundings
from rnnviz.figures.view import Frame, View
from rnnviz.scene.marks import Clip, Mark, Rect, Scene
from rnnviz.scene.style import Style


def picture(view: View, options: UnrolledOptions, frame: Frame, style: Style) -> Scene:
    """What a frame shows of a run."""
    body, over = content(view, options, frame, frame, style), pinned(view, options, frame, style)
    seen = opening(frame)
    marks = body.marks
    if seen != frame:
        marks = (Clip(seen.x, seen.y, seen.width, seen.height, marks),)
    return replace(body, marks=(*marks, *over.marks), title=over.title)


def content(view: View, options: UnrolledOptions, frame: Frame, part: Frame, style: Style) -> Scene:
    """The blocks, as far as a part of the plane shows them, laid out for a frame."""
    blocks = stages(view, options, part, style, layout_of(view, options, frame))
    marks = tuple(mark for stage in blocks for mark in _block(stage))
    return Scene(part.width, part.height, marks, style.background, x=part.x, y=part.y)


def pinned(view: View, options: UnrolledOptions, frame: Frame, style: Style) -> Scene:
    """The names of rows and columns, and the line at the bottom."""
    layout = layout_of(view, options, frame)
    blocks = list(stages(view, options, frame, style, layout))
    marks = (
        *_pinned(layout, blocks, frame, style),
        *_header(layout, blocks, frame, style),
        *badge(layout, frame, style),
        *footline(layout, view, frame, style),
    )
    title = shown_title(_title(layout), view)
    return Scene(frame.width, frame.height, marks, title=title, x=frame.x, y=frame.y)


def opening(frame: Frame) -> Frame:
    """What is not kept for the names that are pinned to a frame's edges."""
    left = headings.PINNED_WIDTH if headings.is_pinned(frame) else 0.0
    top = HEADER if frame.y > 0 else 0.0
    x, y = frame.x + left, frame.y + top
    return Frame(x, y, frame.width - left, frame.height - top, frame.zoom)


def _title(layout: Layout) -> str:
    back = ", back through time" if layout.rooms.returning else ""
    return f"Unrolled graph, nn.{layout.run.kind}{back}"


def _block(stage: Stage) -> list[Mark]:
    """One sequence, from the back to the front."""
    marks = slabs(stage)
    if stage.layout.level is Level.COLUMNS:
        marks += columns.columns(stage)
    elif stage.layout.level is Level.RASTER:
        marks += raster.rasters(stage)
        for band in outer_bands(stage):
            marks += raster.band_images(stage, band)
        marks += besides(stage)
    steps, page = stage.cards(), Page(stage)
    if steps:
        marks += _rises(stage, page, steps)
        marks += _lanes(stage, page, steps)
        marks += _edges(stage, page, steps)
    if stage.around is not None:
        marks += _surroundings(stage, stage.around, steps)
    for lane in stage.sheet.lanes:
        if _sees(stage, lane.top, lane.bottom):
            marks += _ends(stage, page, lane)
    if stage.layout.elided:
        marks += gap_dots(stage, _passing(stage))
    return marks + rings(stage)


def _surroundings(stage: Stage, around: Surroundings, steps: list[int]) -> Iterator[Mark]:
    page = Page(stage, around.pr, (around.vocabulary, around.classes, around.gradients))
    yield from surroundings(stage, page, steps)
    if stage.rooms.returning:
        page = Page(stage, around.gradients)
        yield from returns(stage, page, steps, _around(stage, steps))


def _passing(stage: Stage) -> list[Passing]:
    """What stands in every column, or passes from one to the next."""
    sheet, states = stage.sheet, stage.card.states
    half, top = sheet.row_height / 2, stage.run.num_layers - 1
    both = tuple((top, direction) for direction in range(stage.run.num_directions))
    found = [
        Passing(stage.y(sheet.output + half), "y", both),
        Passing(stage.y(sheet.input + half), "x"),
    ]
    if stage.rooms.on == "every" and sheet.scored is not None:
        middle = sheet.scored.top + sheet.scored.height * 0.7
        found.append(Passing(stage.y(middle), "y", both))
    if sheet.given is not None:
        found.append(Passing(given_box(stage, 0)[1] + given_box(stage, 0)[3] / 2, "x"))
    for lane in sheet.lanes:
        own = ((lane.layer, lane.direction),)
        found += [Passing(wire_height(stage, lane, row.tensor), row.tensor, own) for row in states]
    return found


def _rises(stage: Stage, page: Page, steps: list[int]) -> Iterator[Mark]:
    sheet, layers = stage.sheet, stage.run.num_layers
    for layer in range(layers + 1):
        top = sheet.output if layer == layers else sheet.lane(layer, 0).top
        bottom = sheet.lane(layer - 1, 0).top if layer else sheet.input
        if _sees(stage, top, bottom):
            near = [near for near in (layer - 1, layer) if 0 <= near < layers]
            make = partial(rises, stage, layer)
            yield from page.pieces(("rise", layer), steps, make, partial(_wired, stage, near))


def _lanes(stage: Stage, page: Page, steps: list[int]) -> Iterator[Mark]:
    around = _around(stage, steps)
    for lane in stage.sheet.lanes:
        if not _sees(stage, lane.top, lane.bottom):
            continue
        own = partial(_wired, stage, [lane.layer])
        wires, drawn = partial(lane_wires, stage, lane), partial(cards, stage, lane)
        yield from page.pieces(("wire", lane), around, wires, own)
        yield from page.pieces(("card", lane), steps, drawn, partial(_card, stage, lane))


def _card(stage: Stage, lane: Lane, t: int) -> Hashable:
    """What the card of a step shows: how much is computed, and that it is the current one."""
    lit = stage.current.get((lane.layer, lane.direction), -1)
    begun = stage.under_way == (lane.layer, lane.direction, t)
    operations = stage.run.progress.operation if begun else 0
    return operations, _known(stage, [lane.layer], lit, t)


def _known(stage: Stage, layers: list[int], lit: int, t: int) -> Hashable:
    """What of some layers is computed at a step, and whether it is the current one."""
    begun = stage.under_way
    here = begun if begun is not None and begun[2] == t and begun[0] in layers else None
    return (
        t == lit,
        here,
        *(first <= t < last for layer in layers for first, last in stage.spans(layer)),
    )


def _wired(stage: Stage, layers: list[int], t: int) -> Hashable:
    """What of some layers is computed at a step, and what its wires stand out for."""
    chosen = stage.selection
    near = chosen is not None and (t in stage.ringed_times or None in stage.ringed_times)
    return (chosen.vector() if chosen and near else None), _known(stage, layers, -1, t)


def _ends(stage: Stage, page: Page, lane: Lane) -> Iterator[Mark]:
    for suffix in SUFFIXES:
        if end_visible(stage, lane, suffix):
            yield from page.kept(("end", lane, suffix), partial(end, stage, lane, suffix))


def _around(stage: Stage, steps: list[int]) -> list[int]:
    """The steps and their neighbours, whose arrows reach into the frame."""
    if stage.layout.level is Level.RASTER:
        return []
    around = {t + offset for t in steps for offset in (-1, 0, 1)}
    return sorted(t for t in around if 0 <= t < stage.run.L)


def _edges(stage: Stage, page: Page, steps: list[int]) -> Iterator[Mark]:
    sheet, last = stage.sheet, stage.run.num_layers - 1
    for name, top, make, layer in (
        ("in", sheet.input, inputs, 0),
        ("out", sheet.output, outputs, last),
    ):
        if _sees(stage, top, top + sheet.row_height):
            state = partial(_known, stage, [layer], -1)
            yield from page.pieces(name, steps, partial(make, stage), state)


def _sees(stage: Stage, top: float, bottom: float) -> bool:
    return stage.sees(stage.y(top - 20), stage.y(bottom + 20))


def _pinned(layout: Layout, blocks: list[Stage], frame: Frame, style: Style) -> list[Mark]:
    names = [mark for stage in blocks for mark in headings.headings(stage)]
    if not headings.is_pinned(frame):
        return names
    return [*headings.margin(layout, frame, style), *names]


def _header(layout: Layout, blocks: list[Stage], frame: Frame, style: Style) -> list[Mark]:
    if not blocks:
        return []
    lit = _lit(blocks)
    y = max(frame.y, 0.0)
    marks = header(layout, lit, blocks[0].span, y, style)
    if headings.is_pinned(frame):
        left = frame.x + headings.PINNED_WIDTH
        marks = [Clip(left, y, frame.x + frame.width - left, HEADER, tuple(marks))]
    if frame.y <= 0:
        return marks
    back = Rect(frame.x, y, frame.width, HEADER, fill=style.ui.canvas)
    line = Rect(frame.x, y + HEADER - 1, frame.width, 1, fill=style.ui.border)
    return [back, line, *marks]


def _lit(blocks: list[Stage]) -> dict[int, str]:
    """The current steps that all blocks share, with the arrow of their direction."""
    both = blocks[0].run.num_directions == 2
    found: dict[int, str] = {}
    for direction, arrow in enumerate("←→" if blocks[0].rooms.returning else "→←"):
        steps = {t for stage in blocks for (_, d), t in stage.current.items() if d == direction}
        if len(steps) == 1:
            t = steps.pop()
            found[t] = "" if not both or t in found else arrow
    return found
