"""Everything that is settled before a mark is made: sizes, places, and what is visible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.decoder.options import DecoderOptions
from rnnviz.figures.decoder.sheet import CARD_WIDTH, FOOT, HEADER, Card, Sheet, card_of, sheet_of
from rnnviz.figures.decoder.story import Story
from rnnviz.figures.decoder.track import STEP, Track
from rnnviz.figures.view import Frame
from rnnviz.scene.style import Style

GUTTER = 152.0  # px at scale 1 left of the encoder, where h_0 enters
BRIDGE = 190.0  # between both halves, where the state is handed over
SLOT = 132.0  # right of the decoder, where the loss stands
CARDS_FROM = 72.0  # px per step
_SHARE = 0.6  # of the pane that all but the narrow columns may take
_LARGEST_TEXT = 1.6  # closer up there is more room, and numbers fill it
_LEAST_TEXT = 10.5

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Layout:
    """The sizes of a picture, whatever part of it is visible.

    Attributes:
        narrow: most steps are columns rather than cards.
        scale: of everything but narrow columns.
        encoder, decoder: where their steps lie.
        card, sheet: the heights.
        sequences: those on show, from the top.
    """

    narrow: bool
    scale: float
    encoder: Track
    decoder: Track
    card: Card
    sheet: Sheet
    sequences: range

    @property
    def width(self) -> float:
        """Of the whole content, px."""
        return self.decoder.end + SLOT * self.scale

    @property
    def block_height(self) -> float:
        """Of one sequence, px."""
        return self.sheet.height * self.scale

    @property
    def height(self) -> float:
        """Of the whole content, px."""
        return HEADER + self.block_height * len(self.sequences) + FOOT

    def track(self, half: Half) -> Track:
        """The steps of a half."""
        return self.decoder if half.prefix else self.encoder


def layout_of(story: Story, options: DecoderOptions, frame: Frame) -> Layout:
    """The layout of a view at a frame's zoom, in a pane of its size."""
    chosen, count = story.view.sequence, story.encoder.run.N
    first = 0 if chosen is None else min(chosen, count - 1)
    sequences = range(count) if chosen is None else range(first, first + 1)
    narrow = STEP * frame.zoom < CARDS_FROM - 1e-9
    opened = _opened(story, sequences) if narrow else {}
    several, scale = len(sequences) > 1, frame.zoom
    if narrow:
        steps = story.encoder.run.L + story.decoder.run.L
        sheet = _heights(story, options, 1.0, narrow=True, several=several)[1]
        scale = _furniture(sheet.height * len(sequences), steps, len(opened), frame)
    card, sheet = _heights(story, options, scale, narrow=narrow, several=several)
    pitch, wide = STEP * frame.zoom, STEP * scale
    encoder = Track(GUTTER * scale, pitch, story.encoder.run.L, opened.get(""), wide)
    start = encoder.end + BRIDGE * scale
    decoder = Track(start, pitch, story.decoder.run.L, opened.get("decoder."), wide)
    return Layout(narrow, scale, encoder, decoder, card, sheet, sequences)


def _heights(
    story: Story, options: DecoderOptions, scale: float, *, narrow: bool, several: bool
) -> tuple[Card, Sheet]:
    """The card and the sheet, for one sequence alone or for several below each other."""
    cells = story.encoder.run.cell, story.decoder.run.cell
    states = ("h", "c") if any(cell.has_c for cell in cells) else ("h",)
    shown = options.gates and not several
    gates = [tuple(g for g in cell.gates if g != "h") if shown else () for cell in cells]
    card = card_of(states, (gates[0], gates[1]), returning=story.returning, scale=scale)
    losses, layers = story.targets is not None, story.encoder.run.num_layers
    return card, sheet_of(card, layers, losses=losses, narrow=narrow, titled=several, scale=scale)


def _opened(story: Story, sequences: range) -> dict[str, int]:
    """The step that stays a card where the others are narrow, by its half."""
    if len(sequences) != 1:
        return {}
    current = story.current(sequences.start)
    return {} if current is None else {current[0].prefix: current[1]}


def _furniture(natural: float, steps: int, opened: int, frame: Frame) -> float:
    """The scale of what is not squeezed: readable, and no wider as a whole than cards were."""
    least, pitch = CARDS_FROM / STEP, STEP * frame.zoom
    beside = GUTTER + BRIDGE + SLOT + STEP * opened
    before = (GUTTER + BRIDGE + SLOT + STEP * steps) * least
    left_over = before - (steps - opened) * pitch
    wide = min(_SHARE * frame.width, left_over) / beside
    high = (frame.height - HEADER - FOOT) / natural
    return min(max(min(wide, high), least), 1.0)


@dataclass(frozen=True, eq=False)
class Stage:
    """One sequence's block within a frame.

    Attributes:
        layout: the sizes.
        story: what is told.
        options, frame, style: as `build` was given them.
        sequence: row of the batch.
        top: where the block begins, px.
    """

    layout: Layout
    story: Story
    options: DecoderOptions
    frame: Frame
    style: Style
    sequence: int
    top: float

    @property
    def scale(self) -> float:
        """Of everything but narrow columns."""
        return self.layout.scale

    @property
    def sheet(self) -> Sheet:
        """The heights, at scale 1."""
        return self.layout.sheet

    @property
    def halves(self) -> tuple[Half, Half]:
        """Encoder and decoder."""
        return self.story.encoder, self.story.decoder

    def y(self, height: float) -> float:
        """A height of the sheet in px of the scene."""
        return self.top + height * self.scale

    def size(self, size: float) -> float:
        """A text size that scales with the picture, and stays readable."""
        return max(size * min(self.scale, _LARGEST_TEXT), _LEAST_TEXT)

    def span(self, half: Half) -> tuple[int, int]:
        """The visible steps [t0, t1) of a half."""
        x = self.frame.x
        return self.layout.track(half).span(x, x + self.frame.width)

    def cards(self, half: Half) -> list[int]:
        """The visible steps that are drawn as cards."""
        t0, t1 = self.span(half)
        if not self.layout.narrow:
            return list(range(t0, t1))
        opened = self.layout.track(half).opened
        return [opened] if opened is not None and t0 <= opened < t1 else []

    def is_card(self, half: Half, t: int) -> bool:
        """Whether a step is drawn as a card."""
        return not self.layout.narrow or self.layout.track(half).opened == t

    def edges(self, half: Half, t: int) -> tuple[float, float]:
        """The left and right side of a step's card, or of its column."""
        track = self.layout.track(half)
        if not self.is_card(half, t):
            return track.left(t), track.left(t) + track.width(t)
        reach = CARD_WIDTH * self.scale / 2
        return track.center(t) - reach, track.center(t) + reach

    def wire(self, layer: int, tensor: str, *, gradient: bool = False) -> float:
        """The height at which h or c of a layer runs, or its gradient runs back."""
        row = self.layout.card.row(tensor, gradient=gradient)
        return self.y(self.sheet.lanes[layer] + row.top + row.height / 2)

    @property
    def states(self) -> tuple[str, ...]:
        """h, and c where either half has one."""
        return tuple(row.tensor for row in self.layout.card.states)

    def lit(self, half: Half, t: int) -> bool:
        """Whether a step is the current one."""
        current = self.story.current(self.sequence)
        return current is not None and current[0] is half and current[1] == t


def stages(
    layout: Layout, story: Story, options: DecoderOptions, frame: Frame, style: Style
) -> Iterator[Stage]:
    """The blocks that a frame shows, from the top."""
    height = layout.block_height
    first = max(0, int((frame.y - HEADER) // height))
    last = max(0, int((frame.y + frame.height - HEADER) // height) + 1)
    for index in range(first, min(last, len(layout.sequences))):
        top = HEADER + index * height
        yield Stage(layout, story, options, frame, style, layout.sequences[index], top)
