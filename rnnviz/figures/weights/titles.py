"""What stands above the matrices: names, shapes, and what each one meets."""

from __future__ import annotations

from rnnviz.figures.colorbar import colorbar, end_labels
from rnnviz.figures.pools import stride
from rnnviz.figures.weights.layout import Block, Group, bias_label, title_width
from rnnviz.figures.weights.parameters import Parameters
from rnnviz.scene.marks import Mark, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, math_runs, runs_width, text_width

_WORDS = 11.0
_MATH = 13.5


def meets(parameters: Parameters, kind: str) -> tuple[str, str, str]:
    """What a matrix is multiplied with: words, a formula, and the formula's role."""
    if kind == "weight_ih":
        if parameters.layer == 0:
            return "from the input", "x_t", "x"
        below = f"layer {parameters.layer - 1}"
        both = parameters.run.num_directions == 2
        return f"from {'both directions of ' if both else ''}{below}", "x_t", "x"
    if kind == "weight_hh":
        if parameters.direction:
            return "from the hidden state that follows", "h_{t+1}", "h"
        return "from the previous hidden state", "h_{t-1}", "h"
    return "from the hidden state before projection", "h_t", "h"


def meets_width(parameters: Parameters, kind: str) -> float:
    """How wide the line below a title is, in px."""
    words, formula, _ = meets(parameters, kind)
    return text_width(words, _WORDS) + 5 + runs_width(_formula(0, 0, formula, "#000000"))


def _formula(x: float, y: float, formula: str, color: str) -> Text:
    return Text(x, y, math_runs(formula), color, _MATH, font="math")


def title(
    parameters: Parameters,
    group: Group,
    cell: float,
    at: tuple[float, float],
    scale: float | None,
    style: Style,
) -> list[Mark]:
    """Name, shape and meaning of a group.

    Args:
        cell: the height of a row.
        at: where the text begins, and the top of the header.
        scale: the end of the group's own colour range, None where all share one.
    """
    x, y = at
    weight, ink, muted = group.weight.parameter, style.ui.text, style.ui.muted
    after = x + text_width(weight.name, 12, "mono") + 10
    marks: list[Mark] = [
        label(weight.name, x, y + 31, ink, 12, font="mono", weight=600),
        label(weight.shape_text, after, y + 31, muted, 12, font="mono"),
    ]
    note = pooled_note(cell, group.weight)
    if note and text_width(note, _WORDS) <= note_room(group, x):
        marks.append(label(note, x + title_width(weight) + 12, y + 31, muted, _WORDS))
    words, formula, role = meets(parameters, weight.kind)
    after = x + text_width(words, _WORDS) + 5
    marks += [
        label(words, x, y + 48, muted, _WORDS),
        _formula(after, y + 48, formula, style.role(role).text),
    ]
    if group.bias is not None:
        start, _ = bias_label(group.weight, group.bias)
        name = group.bias.parameter.name
        marks.append(label(name, start, y + 69, ink, 11, font="mono"))
    if scale is not None:
        marks += _own_scale(scale, group, y, style)
    return marks


def _own_scale(scale: float, group: Group, y: float, style: Style) -> list[Mark]:
    ends = end_labels(scale, signed=True)
    room = text_width(ends[1], 10.5) + 7
    x = group.right - room - 40
    return list(colorbar(x, y + 8, 40, style.signed, ends, style, 10.5))


def pooled_note(cell: float, block: Block) -> str:
    """How many rows and columns a cell stands for, "" where it is one of each."""
    counts = (stride(cell), "rows"), (stride(block.cell), "columns")
    parts = [f"{count} {name}" for count, name in counts if count > 1]
    return f"{' × '.join(parts)} per cell" if parts else ""


def note_room(group: Group, x: float) -> float:
    """How much of a title's line is left for a note, in px."""
    return group.right - x - title_width(group.weight.parameter) - 12


def column_labels(
    parameters: Parameters, block: Block, y: float, visible: tuple[float, float], style: Style
) -> list[Mark]:
    """`x[0]` above every column where it fits, else the index of some."""
    kind = block.parameter.kind
    letter, role = ("x", "x") if kind == "weight_ih" else ("h", "h")
    color = style.role(role).text
    last = block.columns - 1
    first = max(0, int((visible[0] - block.x) / block.cell))
    stop = min(block.columns, int((visible[1] - block.x) / block.cell) + 1)
    named = text_width(f"{letter}[{last}]", 13, "math") + 4 <= block.cell
    step = 1 if named else label_step(last, block.cell, text_width(str(last), 11) + 8)
    marks: list[Mark] = []
    for column in range(-(-first // step) * step, stop, step):
        x = block.x + (column + 0.5) * block.cell
        half = 0 if named else text_width(str(column), 11) / 2
        if not visible[0] <= x <= visible[1] or x + half > max(block.right, block.x + 30):
            continue
        if named:
            runs = (Run(letter, italic=True), Run(f"[{column}]"))
            marks.append(Text(x, y, runs, color, 13, font="math", anchor="middle"))
        else:
            marks.append(label(str(column), x, y, color, 11, anchor="middle"))
    return marks


def label_step(last: int, cell: float, room: float) -> int:
    """Every how many indices one can be labelled, if a label takes `room` px."""
    if cell >= room:
        return 1
    wanted = 1.3 * room / cell
    return next((n * 10**k for k in range(9) for n in (1, 2, 5) if n * 10**k >= wanted), last + 1)
