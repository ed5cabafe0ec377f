"""The page: where everything lies, settled before a mark is made; px at a zoom of 100 %."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rnnviz.figures.elision import elided, kept_steps
from rnnviz.figures.folded.names import SYMBOLS, superscript, symbol_runs, with_superscript
from rnnviz.figures.folded.options import FoldedOptions
from rnnviz.figures.view import View
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Text
from rnnviz.scene.text import runs_width

CARD = 92.0
STRIP = 66.0
STRIP_HEIGHT = 15.0
BOX_HEIGHT = 22.0
BOX_SIZE = 14.0  # of the symbol in a weight's box
HEAD = 52.0  # title and colour bar
PAGE = 1440.0  # the widest exported page: six steps stand on it as they are
MOST = 12  # steps on a page of any width

_FIRST = 64.0  # from the top of the diagram down to the first card
_MERGE = 16.0  # more of it where two directions meet above the cards
_RISE = 78.0  # between a card and what is below it
_SPLIT = 16.0  # more of it where an input parts, or an output passes
_ROW = 80.0  # from h to c within a card
_CARD_HEIGHT = 66.0
_AXIS = 46.0  # from the lower edge of x to the time axis
_AXIS_LABELS = 28.0
_PASSING = 16.0
_NARROWEST = 640.0  # of a page
_TITLED = 420.0  # the second title, and the colour bar beside it

WIRE = 45.5  # from the top of a row of a card to its wire
LOOP_TOP = 17.0


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far apart things stand on a page.

    Attributes:
        margin: around everything.
        side: room for the spaces of the vectors, left of the folded cell.
        loop: how far the loop reaches beyond the cell.
        beside: room for the words at the loop.
        equals: width of the sign between both diagrams.
        start: the strip of h_0.
        gap: between cards, beside the box on their wire.
        dots: more room where steps are left out.
        tail: the arrow that leaves the last card.
    """

    margin: float
    side: float
    loop: float
    beside: float
    equals: float
    start: float
    gap: float
    dots: float
    tail: float


ROOMY = Spacing(28, 32, 76, 62, 46, 66, 22, 48, 32)
TIGHT = Spacing(16, 26, 64, 0, 44, 50, 18, 40, 24)


@dataclass(frozen=True, slots=True)
class Lane:
    """One layer and direction: a row of cells; `top` is where its cards begin."""

    layer: int
    direction: int
    top: float


@dataclass(frozen=True)
class Page:
    """The layout of a diagram.

    Attributes:
        run, sequence: what is on show.
        spacing: roomy or tight.
        shown: the timesteps that have a column, ascending.
        lanes: from the top; `layers` are those on show.
        box: width of the boxes of weights.
        card: height of a card.
        folded: left edge of the folded cell, the diagram being open.
        columns: left edge of each column.
        width: of the whole page.
        x_top: top of the input strips.
        bottom: of the diagram.
    """

    run: Trace
    sequence: int
    spacing: Spacing
    shown: tuple[int, ...]
    lanes: tuple[Lane, ...]
    layers: tuple[int, ...]
    box: float
    card: float
    folded: float
    columns: tuple[float, ...]
    width: float
    x_top: float
    bottom: float

    @property
    def length(self) -> int:
        """Of the sequence."""
        return self.run.lengths[self.sequence] if self.run.N else 0

    @property
    def both(self) -> bool:
        """Whether there is a reverse direction."""
        return self.run.num_directions == 2

    @property
    def gap(self) -> float:
        """Between two cards that follow one another."""
        return _gap(self.run, self.spacing, self.box)

    @property
    def loop(self) -> float:
        """How far the loop reaches beyond the folded cell."""
        return max(self.spacing.loop, self.box + 34)

    @property
    def middle(self) -> float:
        """Left edge of the folded cell where it stands alone, in the middle."""
        return (self.width - CARD) / 2

    @property
    def unrolled(self) -> float:
        """Where the unrolled half begins."""
        return self.folded + CARD + self.loop + self.spacing.beside + self.spacing.equals

    @property
    def axis(self) -> float:
        """The height of the time axis."""
        return self.x_top + STRIP_HEIGHT + _AXIS

    @property
    def rows(self) -> tuple[str, ...]:
        """The states within a card, from the top."""
        return ("h", "c") if self.run.cell.has_c else ("h",)

    def row_top(self, lane: Lane, tensor: str) -> float:
        """Where a state's part of a card begins."""
        return lane.top + (_ROW if tensor == "c" else 0.0)

    def wire(self, lane: Lane, tensor: str) -> float:
        """The height at which h or c passes from step to step."""
        return self.row_top(lane, tensor) + WIRE

    def below(self, lane: Lane) -> Lane | None:
        """The lane under a lane; None under the lowest."""
        place = self.lanes.index(lane) + 1
        return self.lanes[place] if place < len(self.lanes) else None


def page_of(view: View, options: FoldedOptions, width: float) -> Page:
    """The page that a pane of a width shows best.

    Where some page fits, one with all steps on it before one that leaves some out, then a roomy
    one, then the one with the most steps; else the narrowest.
    """
    run = view.run
    sequence = min(view.sequence or 0, max(run.N - 1, 0))
    layers = _layers(run, options)
    box = _box_width(run, layers, options.symbols)
    length = run.lengths[sequence] if run.N else 0
    least = min(length, 4 if run.num_directions == 2 else 3)
    fitting = [
        (count == length, spacing is ROOMY, count)
        for spacing in (TIGHT, ROOMY)
        for count in range(least, min(length, MOST) + 1)
        if _width(run, spacing, box, count, length) <= width + 0.5
    ]
    _, roomy, count = max(fitting, default=(False, False, least))
    return _placed(run, sequence, layers, box, ROOMY if roomy else TIGHT, count)


def current_steps(run: Trace, sequence: int) -> dict[tuple[int, int], int]:
    """Where the last step was, by layer and direction, for a sequence that advanced."""
    return {
        (advance.layer, advance.direction): advance.t[sequence]
        for advance in run.current
        if run.N and advance.t[sequence] >= 0
    }


def _layers(run: Trace, options: FoldedOptions) -> tuple[int, ...]:
    if options.layer is None:
        return tuple(reversed(range(run.num_layers)))
    return (min(options.layer, run.num_layers - 1),)


def _box_width(run: Trace, layers: tuple[int, ...], symbols: str) -> float:
    names = SYMBOLS[symbols]
    wide = 0.0
    for layer in layers:
        for direction in range(run.num_directions):
            index = superscript(run, layer, direction)
            for name in (names.input, names.hidden):
                runs = symbol_runs(with_superscript(name, index))
                wide = max(wide, runs_width(Text(0, 0, runs, "", BOX_SIZE, "math")))
    return max(wide + 13.0, 34.0)


def _dots(run: Trace, spacing: Spacing, count: int, length: int) -> float:
    """The room that all ellipses of a page take together."""
    return spacing.dots * (1 + run.num_directions) if length > count else 0.0


def _folded(run: Trace, spacing: Spacing, box: float) -> float:
    if run.num_directions == 1:
        return spacing.margin + spacing.side
    return spacing.margin + max(spacing.loop, box + 34) + spacing.beside


def _first_column(run: Trace, spacing: Spacing, box: float) -> float:
    loop = max(spacing.loop, box + 34) + spacing.beside
    unrolled = _folded(run, spacing, box) + CARD + loop + spacing.equals
    return unrolled + spacing.start + _gap(run, spacing, box)


def _gap(run: Trace, spacing: Spacing, box: float) -> float:
    """Between two cards; wires pass there where both directions share an input."""
    return box + spacing.gap + (_PASSING if run.num_directions == 2 else 0.0)


def _width(run: Trace, spacing: Spacing, box: float, count: int, length: int) -> float:
    gap = _gap(run, spacing, box)
    tail = spacing.tail if run.num_directions == 1 else gap + spacing.start
    columns = count * CARD + max(count - 1, 0) * gap + _dots(run, spacing, count, length)
    first = _first_column(run, spacing, box)
    titled = first - gap - spacing.start + _TITLED + spacing.margin
    return max(first + columns + tail + spacing.margin, titled, _NARROWEST)


def _placed(
    run: Trace, sequence: int, layers: tuple[int, ...], box: float, spacing: Spacing, count: int
) -> Page:
    length = run.lengths[sequence] if run.N else 0
    lit = current_steps(run, sequence)
    shown = kept_steps(length, [t for (layer, _), t in lit.items() if layer in layers], count)
    lanes, bottom = _lanes(run, layers)
    card = _CARD_HEIGHT + (_ROW if run.cell.has_c else 0.0)
    return Page(
        run,
        sequence,
        spacing,
        shown,
        lanes,
        layers,
        box,
        card,
        _folded(run, spacing, box),
        _columns(run, spacing, box, shown, count, length),
        _width(run, spacing, box, count, length),
        bottom,
        bottom + STRIP_HEIGHT + _AXIS + _AXIS_LABELS,
    )


def _columns(
    run: Trace, spacing: Spacing, box: float, shown: tuple[int, ...], count: int, length: int
) -> tuple[float, ...]:
    """The left edges; the first and last column stay where they are whatever is left out."""
    left_out = elided(shown)
    dots = _dots(run, spacing, count, length) / max(sum(left_out), 1)
    gap = _gap(run, spacing, box)
    spare = (count - len(shown)) * (CARD + gap) / max(len(left_out), 1)
    x = _first_column(run, spacing, box)
    found = [x] if shown else []
    for skipped in left_out:
        x += CARD + gap + spare + (dots if skipped else 0.0)
        found.append(x)
    return tuple(found)


@lru_cache(maxsize=32)
def _heights(
    layers: tuple[int, ...], directions: int, *, has_c: bool
) -> tuple[tuple[Lane, ...], float]:
    card = _CARD_HEIGHT + (_ROW if has_c else 0.0)
    both = directions == 2
    top = HEAD + _FIRST + (_MERGE if both else 0.0)
    lanes = []
    for layer in layers:
        for direction in range(directions):
            lanes.append(Lane(layer, direction, top))
            top += card + _RISE + (_SPLIT if both else 0.0)
        top += _MERGE if both and layer != layers[-1] else 0.0
    return tuple(lanes), top


def _lanes(run: Trace, layers: tuple[int, ...]) -> tuple[tuple[Lane, ...], float]:
    """The lanes from the top, and where the input strips begin."""
    return _heights(layers, run.num_directions, has_c=run.cell.has_c)
