"""How the weights of each gate are spread, and how large each block is."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.colorbar import axis_bar
from rnnviz.figures.memo import Memo
from rnnviz.figures.weights.parameters import Parameter, Parameters
from rnnviz.scene.axes import format_value
from rnnviz.scene.marks import Mark, Path, Rect, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, math_runs

BINS = 25  # odd: zero is in the middle of one
PITCH = 58.0
_TALL = 42.0
_TOP = 46.0
_memo = Memo()


def counts(parameters: Parameters, gate: int, limit: float) -> NDArray[np.intp]:
    """How many weights of a gate, both matrices together, lie in each of the bins; `(BINS,)`.

    Of a difference, those count that differ.
    """
    total = np.zeros(BINS, dtype=np.intp)
    for kind in ("weight_ih", "weight_hh"):
        parameter = parameters.by_kind[kind]
        rows, difference = _rows(parameters, parameter, gate), parameters.is_difference
        compute = partial(_histogram, rows, limit, difference)
        total = total + _memo.get(
            parameter.owner, ("histogram", gate, limit), compute, parameter.values.size
        )
    return total


def _rows(parameters: Parameters, parameter: Parameter, gate: int) -> NDArray[np.floating]:
    hidden = parameters.hidden
    return parameter.values[gate * hidden : (gate + 1) * hidden]


def _histogram(values: NDArray[np.floating], limit: float, difference: bool) -> NDArray[np.intp]:
    counted = np.isfinite(values) & (values != 0) if difference else np.isfinite(values)
    return np.histogram(values[counted], BINS, (-limit, limit))[0]


def distribution(
    parameters: Parameters,
    place: tuple[float, float, float],
    selected: Element | None,
    style: Style,
) -> list[Mark]:
    """A histogram for every gate over one axis, the initial range dashed."""
    x, y, width = place
    limit = parameters.range
    left, across = x + 24, width - 28
    bottom = y + _TOP + len(parameters.gates) * PITCH
    about = "entries that differ" if parameters.is_difference else "weights, by gate"
    marks: list[Mark] = [
        label("Distribution", x, y + 31, style.ui.text, 12, weight=600),
        label(about, x + width, y + 31, style.ui.muted, 11, anchor="end"),
    ]
    for index, gate in enumerate(parameters.gates):
        base = y + _TOP + (index + 1) * PITCH - 8
        marks += _bars(counts(parameters, index, limit), gate, (left, base, across), style)
    middle, reach = left + across / 2, parameters.initial_range / limit * across / 2
    if reach <= across / 2 and not parameters.is_difference:
        for at in (middle - reach, middle + reach):
            line: tuple[tuple[str, float, float], ...] = (("M", at, y + 44), ("L", at, bottom - 8))
            marks.append(
                Path(line, stroke=style.ui.text_secondary, dash=(2, 3))  # type: ignore[arg-type]
            )
    if selected is not None:
        marks += _marker(parameters, selected, (left, y + _TOP, across), limit, style)
    marks += axis_bar(left, bottom, across, limit, style)
    if parameters.is_difference:
        return [*marks, label("new − original", left, bottom + 46, style.ui.muted, 11)]
    return marks + _note(parameters, left, bottom + 46, reach <= across / 2, style)


def _bars(
    counted: NDArray[np.intp], gate: str, place: tuple[float, float, float], style: Style
) -> list[Mark]:
    x, base, width = place
    role, step = style.role(gate), width / BINS
    heights = counted / max(int(counted.max()), 1) * _TALL
    marks: list[Mark] = [
        Rect(x + k * step + 0.5, base - height, step - 1, height, fill=role.line)
        for k, height in enumerate(np.maximum(heights, np.where(counted > 0, 1.0, 0.0)).tolist())
        if height > 0
    ]
    marks.append(Rect(x, base, width, 1, fill=style.ui.border_strong))
    letter = (Run(gate, italic=True),)
    marks.append(Text(x - 24, base - 6, letter, role.text, 17, font="math"))
    return marks


def _marker(
    parameters: Parameters,
    selected: Element,
    place: tuple[float, float, float],
    limit: float,
    style: Style,
) -> list[Mark]:
    """A pin at the selected weight's value, in its gate's row."""
    found = [p for p in parameters.owners() if p.name == selected.tensor]
    if not found or found[0].kind not in ("weight_ih", "weight_hh") or selected.row is None:
        return []
    values = found[0].values
    column = selected.column or 0
    if not (0 <= selected.row < values.shape[0] and 0 <= column < values.shape[1]):
        return []
    value = float(values[selected.row, column])
    if not np.isfinite(value):
        return []
    x, top, width = place
    base = top + (selected.row // parameters.hidden + 1) * PITCH - 8
    at = x + width * (value + limit) / (2 * limit)
    ink = style.ui.text
    head = (("M", at - 4, base - 28), ("L", at + 4, base - 28), ("L", at, base - 22), ("Z",))
    return [
        Rect(at - 1, base - 24, 2, 24, fill=ink),
        Path(head, fill=ink),  # type: ignore[arg-type]
    ]


def _note(parameters: Parameters, x: float, y: float, within: bool, style: Style) -> list[Mark]:
    words = "dashed: initial range" if within else "the initial range is wider:"
    marks: list[Mark] = [label(words, x, y, style.ui.muted, 11)]
    after = x + (118 if within else 142)
    number = format_value(parameters.initial_range, 2)
    runs = (Run("±1/√"), *math_runs("H"), Run(f" = {number}"))
    marks.append(Text(after, y, runs, style.ui.muted, 13, font="math"))
    return marks


def _norm(values: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.square(values, dtype=np.float64).sum()))


def sizes(parameters: Parameters, gate: int) -> list[float]:
    """Frobenius norms of a gate's two matrices, and the mean of its biases where it has any."""
    numbers = []
    for kind in ("weight_ih", "weight_hh"):
        parameter = parameters.by_kind[kind]
        compute = partial(_norm, _rows(parameters, parameter, gate))
        size = parameter.values.size
        numbers.append(_memo.get(parameter.owner, ("norm", gate), compute, size))
    biases = [p for p in parameters.owners() if p.is_bias]
    if biases:
        numbers.append(sum(float(_rows(parameters, p, gate).mean()) for p in biases))
    return numbers


def table(parameters: Parameters, place: tuple[float, float, float], style: Style) -> list[Mark]:
    """|W| of every block and the mean of its biases."""
    x, y, width = place
    has_bias = any(parameter.is_bias for parameter in parameters.owners())
    columns = [x + width * share for share in ((0.44, 0.72, 1.0) if has_bias else (0.6, 1.0))]
    heads = ["|W_i|", "|W_h|", "mean b"]
    before = (Run("Δ"),) if parameters.is_difference else ()
    title = "Difference of each block" if before else "Size of each block"
    marks: list[Mark] = [label(title, x, y + 12, style.ui.text, 12, weight=600)]
    for right, head in zip(columns, heads, strict=False):
        if head == "mean b":
            runs = (Run("mean "), *before, *math_runs("b"))
        else:
            runs = (Run("|"), *before, *math_runs(head[1:]))
        marks.append(Text(right, y + 36, runs, style.ui.muted, 12.5, font="math", anchor="end"))
    for index, gate in enumerate(parameters.gates):
        row = y + 42 + index * 23
        role = style.role(gate)
        marks += [
            Rect(x, row, width, 1, fill=style.ui.border),
            Rect(x, row + 6, 3.5, 13, fill=role.line, radius=1.5),
            Text(x + 14, row + 17, (Run(gate, italic=True),), role.text, 16, font="math"),
        ]
        for column, (right, value) in enumerate(
            zip(columns, sizes(parameters, index), strict=True)
        ):
            text = format_value(value, parameters.digits if before else 2)
            if before and value == 0:
                text = "0"
            elif column == 2 and value > 0:
                text = f"+{text}"
            marks.append(label(text, right, row + 17, style.ui.text, 12, anchor="end"))
    return marks
