"""From the ids being read to what they pick, and on to where it is put."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.lookup.cards import card_box
from rnnviz.figures.lookup.grid import LANE, MOST_WIRES
from rnnviz.figures.lookup.layout import HEADER, Part
from rnnviz.figures.lookup.subject import Subject
from rnnviz.figures.matrix import Look
from rnnviz.figures.stacked import PITCH
from rnnviz.scene.geometry import Point, rounded
from rnnviz.scene.marks import Mark, Path, Segment

_ROUND = 5.0
_ENTRY = 22.0  # px above a table whose columns are picked, where the wires arrive


def draw_wires(subject: Subject, part: Part, look: Look) -> Iterator[Mark]:
    """A wire for each row of the current step: into the table, and out of it."""
    for lane, row in enumerate(_wired(subject, part)):
        sequence, t = part.rows.place(row)
        id_ = int(subject.ids[t, sequence])
        y = part.y + (part.rows.axis.place(row) or 0.0) + PITCH / 2
        if part.way == "column":
            found = _by_column(subject, part, id_, (sequence, t), (lane, y))
        else:
            found = _by_row(subject, part, id_, (sequence, t), (lane, y))
        for segments in found:
            yield Path(segments, look.style.role("x").line, 1.5, arrow=True)


def _wired(subject: Subject, part: Part) -> list[int]:
    """The lit rows whose id and whose row of the table are on show."""
    axis = part.across if part.way == "column" else part.down
    found = []
    for row in part.rows.lit:
        sequence, t = part.rows.place(row)
        seen = part.grid is None or card_box(subject, part, sequence, t) is not None
        if seen and axis.place(int(subject.ids[t, sequence])) is not None:
            found.append(row)
    return found[:MOST_WIRES]


def _by_row(
    subject: Subject, part: Part, id_: int, place: tuple[int, int], wire: tuple[int, float]
) -> Iterator[tuple[Segment, ...]]:
    lane, y = wire
    at = part.down.place(id_)
    assert at is not None
    picked = part.y + at + part.down.cell / 2
    left = part.table_x - part.names
    if part.grid is None:
        assert part.codes is not None
        start: tuple[Segment, ...] = (("M", part.codes_x + part.codes.length + 2, y),)
    else:
        start = _leaving(subject, part, place, lane)
    yield (*start, _curve(_end(start), (left, picked)))
    out = part.table_x + part.across.length + 3
    end = part.result_x - part.labels - 8
    yield (("M", out, picked), _curve((out, picked), (end, y)))


def _by_column(
    subject: Subject, part: Part, id_: int, place: tuple[int, int], wire: tuple[int, float]
) -> Iterator[tuple[Segment, ...]]:
    """In from above, out below: the column falls and lies down as a row."""
    lane, y = wire
    at = part.across.place(id_)
    assert at is not None
    x = part.table_x + at + part.across.cell / 2 + _aside(subject, part, id_, place)
    points = _leaving_points(subject, part, place, lane)
    assert part.grid is not None
    turn = part.grid.right + 14 + LANE * lane
    above = part.top + HEADER - 12 + LANE * lane
    yield rounded(
        [*points, (turn, points[-1][1]), (turn, above), (x, above), (x, part.y - _ENTRY)], _ROUND
    )
    low = part.y + part.down.length
    below, out = low + 10 + LANE * lane, part.result_x - part.labels - 20 - LANE * lane
    end = part.result_x - part.labels - 8
    yield rounded([(x, low + 2), (x, below), (out, below), (out, y), (end, y)], _ROUND)


def _aside(subject: Subject, part: Part, id_: int, place: tuple[int, int]) -> float:
    """Wires of one column beside one another."""
    alike = [
        row
        for row in _wired(subject, part)
        if int(subject.ids[tuple(reversed(part.rows.place(row)))]) == id_
    ]
    places = [part.rows.place(row) for row in alike]
    return 6.0 * (places.index(place) - (len(places) - 1) / 2)


def _leaving(
    subject: Subject, part: Part, place: tuple[int, int], lane: int
) -> tuple[Segment, ...]:
    points = _leaving_points(subject, part, place, lane)
    if len(points) == 1:
        return (("M", *points[0]),)
    return rounded(points, _ROUND)


def _leaving_points(subject: Subject, part: Part, place: tuple[int, int], lane: int) -> list[Point]:
    """From a card to the grid's right edge, in the lane below where other cards are in the way."""
    grid, box = part.grid, card_box(subject, part, *place)
    assert grid is not None
    assert box is not None
    x, y, width, height = box
    if x + width > grid.right - 2:
        return [(x + width, y + height / 2)]
    across_steps = subject.form.batch_first or len(subject.form.axes) < 2
    low = y + height + 4 + LANE * (_turn(subject, part, place) if across_steps else lane)
    middle = x + width / 2
    return [(middle, y + height), (middle, low), (grid.right + 6, low)]


def _turn(subject: Subject, part: Part, place: tuple[int, int]) -> int:
    """Which of the wires of its sequence one is, those to its right counted first."""
    sequence, t = place
    places = (part.rows.place(row) for row in _wired(subject, part))
    return sum(other == sequence and later > t for other, later in places)


def _end(segments: tuple[Segment, ...]) -> Point:
    last = segments[-1]
    assert last[0] != "Z"
    return float(last[-2]), float(last[-1])


def _curve(start: Point, end: Point) -> Segment:
    middle = (start[0] + end[0]) / 2
    return ("C", middle, start[1], middle, end[1], *end)
