"""Above everything: which half is which, the steps' numbers, and the current one's tab."""

from __future__ import annotations

from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.decoder.layout import Layout, Stage
from rnnviz.figures.decoder.sheet import CARD_WIDTH, HEADER, TAB
from rnnviz.figures.decoder.story import Story
from rnnviz.figures.decoder.track import Track
from rnnviz.scene.geometry import BEND
from rnnviz.scene.marks import Font, Mark, Path, Rect, Run, Segment, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, math_runs, runs_width, text_width

_SIZE, _RADIUS, _SIDE = 15.0, 8.0, 6.0
_ROOM = 36.0  # px from one number to the next


def slab(stage: Stage) -> list[Mark]:
    """The lit slab behind the current step's column."""
    current = stage.story.current(stage.sequence)
    if current is None:
        return []
    half, t = current
    x, width = slab_span(stage.layout.track(half), t, stage.scale)
    top = TAB[0] if not stage.sheet.title else stage.top
    low = stage.y(stage.sheet.height) - 4
    ui = stage.style.ui
    box = x, top, width, low - top
    return [Rect(*box, stage.style.current.fill, ui.border, radius=_RADIUS)]


def slab_span(track: Track, t: int, scale: float) -> tuple[float, float]:
    """x and width of the slab behind a step's column."""
    width = track.width(t)
    side = min(_SIDE * scale, width * 0.05)
    return track.left(t) + side, width - 2 * side


def header(stage: Stage, y: float) -> list[Mark]:
    """The names of both halves, and their steps' numbers, at a height."""
    marks: list[Mark] = []
    for half in stage.halves:
        marks += _title(stage.layout, stage.story, half, y, stage.style, stage.frame.x)
        marks += _numbers(stage, half, y)
    current = stage.story.current(stage.sequence)
    if current is not None and len(stage.layout.sequences) == 1:
        marks += _tab(stage, *current, y)
    return marks


def manner(story: Story) -> str:
    """How the decoder is fed."""
    forced = story.decoded.forced
    return "is fed the targets (teacher forcing)" if forced else "is fed its own choices"


def _title(
    layout: Layout, story: Story, half: Half, y: float, style: Style, left: float
) -> list[Mark]:
    track = layout.track(half)
    room = layout.encoder.end + 150 * layout.scale if not half.prefix else layout.width
    x = max(track.left(0) + (STEP_SIDE * layout.scale), left + 14)
    if not half.prefix:
        x = max(20.0, left + 14) if layout.narrow else x
    name = "Decoder" if half.prefix else "Encoder"
    marks: list[Mark] = [label(name, x, y + 24, style.ui.text, 14, weight=600)]
    x += text_width(name, 14, weight=600) + 10
    code = half.run.spec.code()
    said = manner(story) if half.prefix else "reads, and hands its last state over"
    words = elide(code, max(room - x, 0.0), 11.5, "mono")
    marks.append(label(words, x, y + 24, style.ui.muted, 11.5, font="mono"))
    x += text_width(words, 11.5, "mono") + 12
    if text_width(said, 12) <= room - x:
        marks.append(label(said, x, y + 24, style.ui.text_secondary, 12))
    return marks


STEP_SIDE = (134.0 - CARD_WIDTH) / 2


def _numbers(stage: Stage, half: Half, y: float) -> list[Mark]:
    track = stage.layout.track(half)
    size = min(max(_SIZE * stage.scale, 12.0), 20.0)
    current = stage.story.current(stage.sequence)
    own = current is not None and current[0] is half
    lit = current[1] if own and current is not None else None
    one = len(stage.layout.sequences) == 1
    blocked = None
    if lit is not None and one:
        x, width = slab_span(track, lit, stage.scale)
        blocked = (x - 8, x + width + 8)
    marks: list[Mark] = []
    for t in _labelled(track, stage.span(half)):
        if one and t == lit:
            continue
        wide = track.width(t) >= 48
        runs = math_runs(f"t = {t + 1}") if wide else (Run(str(t + 1)),)
        reached = half.is_begun(0, t, stage.sequence)
        color = stage.style.ui.text_secondary if reached else stage.style.ui.disabled
        x, font = track.center(t), "math" if wide else "ui"
        kind: Font = "math" if font == "math" else "ui"
        text = Text(x, y + 59, runs, color, size if wide else 11, kind, anchor="middle")
        reach = runs_width(text) / 2
        if blocked is None or x + reach < blocked[0] or x - reach > blocked[1]:
            marks.append(text)
    return marks


def _labelled(track: Track, span: tuple[int, int]) -> list[int]:
    """The steps that bear a number."""
    if track.pitch >= _ROOM:
        return list(range(*span))
    every = next((n for n in (2, 5, 10, 20, 50, 100, 200, 500) if n * track.pitch >= _ROOM), 1000)
    return [t for t in range(*span) if t == 0 or (t + 1) % every == 0]


def _tab(stage: Stage, half: Half, t: int, y: float) -> list[Mark]:
    track = stage.layout.track(half)
    x, width = slab_span(track, t, stage.scale)
    size = min(max(_SIZE * stage.scale, 12.0), 20.0)
    color = stage.style.current.text
    text = Text(x + width / 2, y + 59, math_runs(f"t = {t + 1}"), color, size, "math")
    text = Text(text.x, text.y, text.runs, color, size, "math", anchor="middle")
    over = max(0.0, runs_width(text) + 12 - width)
    shape = _shape(x - over / 2, y + TAB[0], width + over, TAB[1])
    return [Path(shape, fill=stage.style.current.line), text]


def _shape(x: float, y: float, width: float, height: float) -> tuple[Segment, ...]:
    r, c = _RADIUS, _RADIUS * (1 - BEND)
    return (
        ("M", x, y + height),
        ("L", x, y + r),
        ("C", x, y + c, x + c, y, x + r, y),
        ("L", x + width - r, y),
        ("C", x + width - c, y, x + width, y + c, x + width, y + r),
        ("L", x + width, y + height),
        ("Z",),
    )


def behind_header(stage: Stage) -> list[Mark]:
    """What a header that stays at the top of a frame is written on."""
    frame, ui = stage.frame, stage.style.ui
    return [
        Rect(frame.x, frame.y, frame.width, HEADER, ui.canvas),
        Rect(frame.x, frame.y + HEADER - 1, frame.width, 1, ui.border),
    ]
