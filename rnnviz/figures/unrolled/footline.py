"""The line under the picture: what is selected, and how to read it."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.colorbar import plain
from rnnviz.figures.compared import DIFFERENCE, FORCED, spread_words
from rnnviz.figures.unrolled.around_bands import losses_limit
from rnnviz.figures.unrolled.headings import LEFT
from rnnviz.figures.unrolled.level import Level
from rnnviz.figures.unrolled.operands import operands
from rnnviz.figures.unrolled.rooms import MOST_CLASSES
from rnnviz.figures.unrolled.stage import Layout
from rnnviz.figures.view import Frame, View
from rnnviz.model.provenance.words import title
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Mark
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

_SIZE = 11.0
_NAMES = {
    "x": "the input",
    "h": "the hidden state",
    "c": "the cell state",
    "i": "the input gate",
    "f": "the forget gate",
    "g": "the cell gate",
    "o": "the output gate",
    "r": "the reset gate",
    "z": "the update gate",
    "n": "the new gate",
    "output": "the output",
    "mask": "the dropout mask",
    "ids": "the token",
    "input": "what Linear takes",
    "scores": "the scores",
    "probabilities": "the probabilities",
    "targets": "the target",
    "losses": "the loss",
    "loss": "the loss",
    "grad_h": "the gradient of h",
    "grad_c": "the gradient of c",
    "grad_x": "the gradient of x",
    "grad_scores": "the gradient of the scores",
}


def footline(layout: Layout, view: View, frame: Frame, style: Style) -> list[Mark]:
    """One muted line at the bottom: the longest wording that fits."""
    x = max(frame.x, 0.0) + LEFT
    room = frame.x + frame.width - x - LEFT
    rings = len(operands(layout.run, view.selection, view.sequence or 0, layout.rooms)) > 1
    compared = " ".join(part for part in (_shown(view), spread_words(view)) if part)
    forced = FORCED if layout.run.clamps and layout.level is Level.CARDS else ""
    brief = f"{compared} {forced}".strip()
    readings = [f"{brief} {_reading(layout, view)}".strip(), *([brief] if brief else [])]
    wordings = _wordings(_selected(layout.run, view.selection), rings, readings)
    fitting = (words for words in wordings if text_width(words, _SIZE) <= room)
    text = next(fitting, elide(wordings[-1], room, _SIZE))
    return [label(text, x, layout.height - 12, style.ui.muted, _SIZE)] if text else []


def _shown(view: View) -> str:
    """What is shown of two runs, as a sentence."""
    if view.run.is_difference:
        return f"{DIFFERENCE}."
    return "The run before the edits." if view.showing == "old" else ""


def _wordings(selected: str, rings: bool, readings: list[str]) -> list[str]:
    """The line in full, then in ever fewer words."""
    if not selected:
        return readings
    named = f"Selected: {selected}."
    whole = f"Selected: {selected}; what it was computed from is ringed too."
    ringed = f"Selected: {selected}; its operands are ringed."
    ways = [whole, ringed] if rings else []
    fuller = [f"{way} {text}".rstrip() for text in readings for way in ways or [named]]
    if len(readings) > 1:
        fuller.append(f"{named} {readings[1]}")
    return [*fuller, *ways, named]


def _selected(run: Trace, element: Element | None) -> str:
    if element is None:
        return ""
    name = _NAMES.get(element.tensor) or title(run, element.tensor)
    name = f"{name[0].lower()}{name[1:]}"
    where = (
        ""
        if element.layer is None or element.tensor in ("x", "grad_x")
        else f" of layer {element.layer}"
    )
    when = "" if element.t is None else f" at t = {element.t + 1}"
    return f"{name}{where}{when}"


def _reading(layout: Layout, view: View) -> str:
    if not layout.sequences:
        return "This batch has no sequences (N = 0): there is nothing to unroll."
    if layout.compact:
        return ""
    parts = (_inner_reading(layout), _outer_reading(layout, view))
    return " ".join(part for part in parts if part)


def _outer_reading(layout: Layout, view: View) -> str:
    """How to read what stands around, and the way back."""
    rooms = layout.rooms
    if rooms.returning:
        if layout.level is not Level.CARDS:
            return "Below h its gradient, which dashed arrows carry back."
        both = "∂h and ∂c are ∂L/∂h and ∂L/∂c" if layout.run.cell.has_c else "∂h is ∂L/∂h"
        return f"Dashed arrows carry gradients back; {both}, each with its norm."
    if layout.level is Level.CARDS or view.around is None or rooms.on not in ("every", ""):
        return ""
    parts = []
    if rooms.loss:
        parts.append(f"the loss, darkest at {plain(losses_limit(view.around.pr))}")
    if rooms.bars and not layout.run.is_difference:
        of = "the target" if rooms.classes > MOST_CLASSES else "each class"
        parts.append(f"the probability of {of}, 1 in full colour")
    return f"On top {' and '.join(parts)}." if parts else ""


def _inner_reading(layout: Layout) -> str:
    if layout.level is Level.CARDS:
        masks = "Masks of dropout are filled where a unit passes." if layout.run.masks else ""
        dots = "Dots stand for steps that are left out." if layout.elided else ""
        parts = (_card_reading(layout.run), masks, dots)
        return " ".join(part for part in parts if part)
    if layout.level is Level.COLUMNS:
        size = "|Δc|" if layout.run.is_difference else "the size of c"
        states = f"h, and under it {size}" if layout.run.cell.has_c else "h"
        return f"Each column is a step: {states}, unit 0 on top."
    pooled = ", the value of largest size for several steps" if layout.timeline.pitch < 1 else ""
    return f"Each row is a unit of h, unit 0 on top{pooled}."


def _card_reading(run: Trace) -> str:
    if run.kind == "LSTM":
        return "Each card reads upwards: gates, cell state, hidden state."
    return "Each card reads upwards: gates, hidden state." if run.kind == "GRU" else ""
