"""From step to step: the loop of the folded cell, the chain of the unrolled ones, and between.

Every link of the chain is the loop, opened: both are the same path, whose points are carried
from where they lie in the one to where they lie in the other. Forward links leave a cell on its
right; reverse ones on its left.
"""

from __future__ import annotations

from dataclasses import replace

from rnnviz.figures.folded.cells import state_name, units_of
from rnnviz.figures.folded.names import symbol_runs
from rnnviz.figures.folded.page import CARD, LOOP_TOP, STRIP, Lane
from rnnviz.figures.folded.stage import Stage
from rnnviz.figures.folded.vectors import strip, strip_box, strip_width
from rnnviz.figures.folded.wires import curve, dots, line, weight
from rnnviz.scene.geometry import BEND
from rnnviz.scene.marks import Anchor, Mark, Rect, Segment, Text
from rnnviz.scene.text import label, math_runs, text_width

Point = tuple[float, float]
Half = list[Point]  # where a half of a link begins, its bend's four points, and where it ends

_ROUND = 13.0
_DELAY = 10.0
_BREAK = 17.0  # from the dots' middle to the wires beside them
_LABEL = 14.0
_WORDS = 11.5


def loop(stage: Stage, lane: Lane) -> list[Mark]:
    """The folded cell's loop: what leaves it comes back one step later."""
    marks: list[Mark] = []
    for tensor in stage.page.rows:
        start = _side(lane, stage.folded)
        out, back = _loop(stage, lane, tensor, start)
        marks += [*_paths(stage, tensor, out, back), _delay(stage, out[-1])]
        if tensor == "h":
            marks += weight(stage, "hh", lane, *_box_in_loop(stage, lane, start))
        marks += _loop_names(stage, lane, tensor, start)
    return marks + _words(stage, lane)


def link(stage: Stage, lane: Lane, place: int) -> list[Mark]:
    """What passes from one column's cell to the next one's in the lane's direction."""
    page = stage.page
    source, target = (place + 1, place) if lane.direction else (place, place + 1)
    skipped = page.shown[place + 1] - page.shown[place] > 1
    t = page.shown[source]
    marks: list[Mark] = []
    for tensor in page.rows:
        known = stage.is_known(tensor, lane, t)
        start, end = _side(lane, stage.column(source)), _side(lane, stage.column(target))
        folded = _loop(stage, lane, tensor, start)
        opened, middle = _chain(stage, lane, tensor, start, end, skipped=skipped)
        halves = [_between(a, b, stage.openness) for a, b in zip(folded, opened, strict=True)]
        marks += _paths(stage, tensor, *halves, known=known)
        if stage.openness < 1:
            marks.append(_delay(stage, halves[0][-1], 1 - stage.openness))
        if skipped:
            last = page.shown[target] + (1 if lane.direction else -1)
            done = known and stage.is_known(tensor, lane, last)
            at_wire = page.wire(lane, tensor)
            marks += dots(stage, middle, at_wire, tensor, stage.settled, known=done)
        if tensor == "h":
            at_loop = _box_in_loop(stage, lane, start)
            beside = _inner(lane, end) - _sign(lane) * page.gap / 2
            at = _point(at_loop, (beside, page.wire(lane, tensor)), stage.openness)
            marks += weight(stage, "hh", lane, *at)
    return marks


def ends(stage: Stage, lane: Lane) -> list[Mark]:
    """What enters the first cell, h_0, and what leaves the last one."""
    page, opacity, sign = stage.page, stage.settled, _sign(lane)
    if not opacity or not page.shown:
        return []
    end = len(page.shown) - 1
    first, last = (end, 0) if lane.direction else (0, end)
    enters = _inner(lane, _side(lane, stage.column(first)))
    leaves = _side(lane, stage.column(last))
    marks: list[Mark] = []
    for tensor in page.rows:
        y = page.wire(lane, tensor)
        start = enters - sign * page.gap
        points = [(start, y), (enters, y)]
        marks.append(line(stage, points, tensor, opacity=opacity))
        if tensor == "h":
            marks += weight(stage, "hh", lane, (start + enters) / 2, y, opacity=opacity)
        marks += _initial(stage, lane, tensor, start, opacity)
        known = stage.is_known(tensor, lane, page.shown[last])
        out = [(leaves, y), (leaves + sign * page.spacing.tail, y)]
        marks.append(line(stage, out, tensor, known=known, opacity=opacity))
    return marks


def _sign(lane: Lane) -> int:
    """1 to the right, −1 to the left."""
    return -1 if lane.direction else 1


def _side(lane: Lane, x: float) -> float:
    """The side on which a state leaves a cell that begins at x."""
    return x if lane.direction else x + CARD


def _inner(lane: Lane, side: float) -> float:
    """The other side, on which a state enters it, given the one on which it leaves."""
    return side + CARD if lane.direction else side - CARD


def _loop(stage: Stage, lane: Lane, tensor: str, side: float) -> tuple[Half, Half]:
    """The two halves of a loop at a cell's side: to the box that delays, and back from it."""
    page, sign = stage.page, _sign(lane)
    low, top = page.wire(lane, tensor), page.row_top(lane, tensor) + LOOP_TOP
    far, middle = side + sign * page.loop, (top + low) / 2
    near = far - sign * _ROUND
    return (
        [(side, top), *_bend((near, top), (far, middle), (far, top))],
        [*_bend((far, middle), (near, low), (far, low)), (side, low)],
    )


def _chain(
    stage: Stage, lane: Lane, tensor: str, start: float, end: float, *, skipped: bool
) -> tuple[tuple[Half, Half], float]:
    """The same halves in a straight line, and the middle of what is left out between them."""
    page, sign = stage.page, _sign(lane)
    y, enters = page.wire(lane, tensor), _inner(lane, end)
    middle = (start + enters - sign * page.gap) / 2 if skipped else (start + enters) / 2
    if skipped:
        middle += sign * 2
    pause = sign * _BREAK if skipped else 0.0
    first, second = middle - pause, middle + pause
    return (
        (
            [(start, y), *([(first, y)] * 4)],
            [*([(second, y)] * 4), (enters, y)],
        ),
        middle,
    )


def _bend(start: Point, end: Point, corner: Point) -> list[Point]:
    first, second = _point(start, corner, BEND), _point(end, corner, BEND)
    return [start, first, second, end]


def _point(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _between(start: Half, end: Half, share: float) -> Half:
    return [_point(a, b, share) for a, b in zip(start, end, strict=True)]


def _paths(stage: Stage, tensor: str, out: Half, back: Half, *, known: bool = True) -> list[Mark]:
    """The two halves drawn: out of a cell, and into one."""
    (begin, a, b, c, d), (e, f, g, h, finish) = out, back
    first: tuple[Segment, ...] = (("M", *begin), ("L", *a), ("C", *b, *c, *d))
    second: tuple[Segment, ...] = (("M", *e), ("C", *f, *g, *h), ("L", *finish))
    return [
        curve(stage, first, tensor, known=known, arrow=False),
        curve(stage, second, tensor, known=known),
    ]


def _delay(stage: Stage, at: Point, opacity: float = 1.0) -> Rect:
    """The box that holds a state for one step."""
    x, y = at
    half, ink = _DELAY / 2, stage.style.ui.accent
    return Rect(x - half, y - half, _DELAY, _DELAY, ink, radius=1.5, opacity=opacity)


def _box_in_loop(stage: Stage, lane: Lane, side: float) -> Point:
    reach = (stage.page.loop - _ROUND + 6) / 2
    return side + _sign(lane) * reach, stage.page.wire(lane, "h")


def _loop_names(stage: Stage, lane: Lane, tensor: str, side: float) -> list[Mark]:
    """The state as it leaves, above the loop, and as it comes back, below."""
    page, sign = stage.page, _sign(lane)
    middle = side + sign * (page.loop - _ROUND + 6) / 2
    color = stage.style.role(tensor).text
    before = "t+1" if lane.direction else "t-1"
    drop = 11.0 if tensor == "h" else 0.0
    places = (
        ("t", page.row_top(lane, tensor) + LOOP_TOP - 6),
        (before, page.wire(lane, tensor) + drop + 15),
    )
    return [
        Text(
            middle,
            y,
            symbol_runs(f"{tensor}_{{{index}}}"),
            color,
            _LABEL,
            "math",
            400,
            anchor="middle",
        )
        for index, y in places
    ]


def _words(stage: Stage, lane: Lane) -> list[Mark]:
    """What the delay is, in words, once for each direction."""
    page, sign = stage.page, _sign(lane)
    if lane.layer != page.layers[0]:
        return []
    words = ("one step", "earlier" if lane.direction else "later")
    color = stage.style.ui.muted
    side = _side(lane, stage.folded)
    y = (page.row_top(lane, "h") + LOOP_TOP + page.wire(lane, "h")) / 2
    x = side + sign * (page.loop + _DELAY / 2 + 6)
    anchor: Anchor = "end" if lane.direction else "start"
    marks: list[Mark] = []
    beside = 1.0 if page.spacing.beside else max(0.0, 1 - 4 * stage.openness)
    if beside:
        for text, base in zip(words, (y - 2, y + 12), strict=True):
            marks.append(
                replace(label(text, x, base, color, _WORDS, anchor=anchor), opacity=beside)
            )
    if beside < 1:
        last = page.wire(lane, page.rows[-1]) + (33 if page.rows[-1] == "c" else 44)
        joined, begin = " ".join(words), side + sign * 8
        if lane.direction:  # to the left there may be less room than the words take
            begin = max(begin, text_width(joined, _WORDS) + 4)
        below = label(joined, begin, last, color, _WORDS, anchor=anchor)
        marks.append(replace(below, opacity=1 - beside))
    return marks


def _initial(stage: Stage, lane: Lane, tensor: str, face: float, opacity: float) -> list[Mark]:
    """The strip of h_0 or c_0, its face at `face`."""
    page, sign, run = stage.page, _sign(lane), stage.run
    width = min(strip_width(units_of(stage, tensor), run.hidden_size), page.spacing.start, STRIP)
    middle, y = face - sign * width / 2, page.wire(lane, tensor)
    values = stage.initial(tensor, lane)
    role = stage.style.role(tensor)
    key = stage.key(f"{tensor}_0", lane, None)
    marks = strip(stage, strip_box(middle, y, width), values, role, key, opacity=opacity)
    name = state_name(stage, lane, tensor, "0")
    marks.append(
        Text(middle, y - 17, name, role.text, 17.0, "math", anchor="middle", opacity=opacity)
    )
    if not values.any():
        color = stage.style.ui.muted
        place = (middle, y + 24)
        zero = math_runs("= 0")
        marks.append(Text(*place, zero, color, 14.0, "math", anchor="middle", opacity=opacity))
    return marks
