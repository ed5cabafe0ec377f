"""Cards: one timestep of one layer, its states, gates and gradients as strips in a frame."""

from __future__ import annotations

from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.decoder.layout import Box, Stage
from rnnviz.figures.decoder.norms import norm_text
from rnnviz.figures.decoder.sheet import CARD_WIDTH, STRIP, Row
from rnnviz.figures.decoder.vectors import gate, vector
from rnnviz.figures.strips import empty_strip, future_dash, padding_box
from rnnviz.scene.marks import Mark, Rect, Run, Text

_LETTER = 11.0  # middle of the letters' column, at scale 1


def card(stage: Stage, half: Half, layer: int, t: int) -> list[Mark]:
    """One card: computed, under way, to come, or padding."""
    box = card_box(stage, half, layer, t)
    if t >= half.length(stage.sequence):
        return [padding_box(box, stage.style, radius=8 * stage.scale)]
    marks = _frame(stage, half, layer, t, box)
    number = 1 if half.prefix else 0
    own = [row for row in stage.layout.card.states if row.tensor == "h" or half.run.cell.has_c]
    for row in (*own, *stage.layout.card.gates[number]):
        marks += _strip(stage, half, layer, t, row)
    for row in stage.layout.card.gradients:
        if row.tensor == "h" or half.run.cell.has_c:
            marks += _gradient(stage, half, layer, t, row)
    return marks


def card_box(stage: Stage, half: Half, layer: int, t: int) -> Box:
    """The place of a card."""
    left, right = stage.edges(half, t)
    return (
        left,
        stage.y(stage.sheet.lanes[layer]),
        right - left,
        stage.layout.card.height * (stage.scale),
    )


def strip_box(stage: Stage, half: Half, layer: int, t: int, row: Row) -> Box:
    """The place of a strip within a card."""
    k, (left, width) = stage.scale, STRIP
    units = half.run.output_size if row.tensor == "h" else half.run.hidden_size
    share = units / half.run.hidden_size
    x = stage.layout.track(half).center(t) - CARD_WIDTH * k / 2
    y = stage.y(stage.sheet.lanes[layer] + row.top)
    return x + left * k, y, width * k * min(share, 1.0), row.height * k


def _frame(stage: Stage, half: Half, layer: int, t: int, box: Box) -> list[Mark]:
    ui, radius = stage.style.ui, 8.0 * stage.scale
    if not half.is_begun(layer, t, stage.sequence):
        dash = future_dash(stage.style)
        return [Rect(*box, None, ui.border_strong, 1.0, radius, dash)]
    lit = stage.lit(half, t)
    stroke, weight = (ui.accent, 1.75) if lit else (ui.border_strong, 1.25)
    return [Rect(*box, ui.card, stroke, weight, radius)]


def _strip(stage: Stage, half: Half, layer: int, t: int, row: Row) -> list[Mark]:
    box, n = strip_box(stage, half, layer, t, row), stage.sequence
    key = half.key(row.tensor, n, layer, t)
    known = half.is_known(row.tensor, layer, t, n)
    color = stage.style.role(row.tensor).text if known else stage.style.ui.disabled
    marks: list[Mark] = [_letter(stage, box, (Run(row.tensor, italic=True),), color)]
    if not known:
        return [empty_strip(box, stage.style, key=key), *marks]
    values = half.vector(row.tensor, layer, t, n)
    if row.tensor in half.run.cell.sigmoid_gates and not stage.story.is_difference:
        return [*marks, *gate(stage, box, values, row.tensor, key)]
    return [*marks, *vector(stage, box, values, row.tensor, key)]


def _gradient(stage: Stage, half: Half, layer: int, t: int, row: Row) -> list[Mark]:
    """∂L/∂h_t or ∂L/∂c_t and its norm, where the view has come back to it."""
    box, n = strip_box(stage, half, layer, t, row), stage.sequence
    key = half.gradient_key(row.tensor, n, layer, t)
    known = half.came_back(t, n)
    color = stage.style.role("gradient").text if known else stage.style.ui.disabled
    runs = (Run("∂"), Run(row.tensor, italic=True))
    marks: list[Mark] = [_letter(stage, box, runs, color)]
    if not known:
        return [empty_strip(box, stage.style, key=key), *marks]
    values = half.gradient(row.tensor, layer, n, t, t + 1)[0]
    marks += vector(stage, box, values, "gradient", key)
    x, y = box[0] + STRIP[1] * stage.scale, box[1] + box[3] + 11.5 * max(stage.scale, 0.85)
    return [*marks, norm_text(stage, values, row.tensor, (x, y))]


def _letter(stage: Stage, box: Box, runs: tuple[Run, ...], color: str) -> Text:
    k, size = stage.scale, stage.size(13.0 if len(runs) == 1 else 12.0)
    x, y = box[0] - (STRIP[0] - _LETTER) * k, box[1] + box[3] / 2 + 0.26 * size
    return Text(x, y, runs, color, size, "math", anchor="middle")
