"""The equations of the cell, and what each of their symbols is."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.folded.block import Block
from rnnviz.figures.folded.names import (
    SYMBOLS,
    equation_runs,
    superscript,
    symbol_runs,
    with_superscript,
)
from rnnviz.figures.folded.options import FoldedOptions
from rnnviz.figures.view import View
from rnnviz.model.cells import equations
from rnnviz.scene.compose import translate
from rnnviz.scene.marks import Mark, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, runs_width, text_width

_SINGLE, _SEVERAL = 20.0, 16.0  # sizes of a single equation, and of one of several
_LINE = 27.0
_GAP = 36.0  # between columns
_SYMBOL = 16.0
_NOTE = 11.5
_OVER = 16.0  # that a legend may be higher than the equations beside it
_ENTRY = 46.0  # height of a symbol with the words under it


def words(view: View, options: FoldedOptions, width: float, style: Style) -> Block:
    """Equations, and beside or below them their symbols, in a width."""
    entries = _entries(view, options, style)
    lines = _equations(view, options, style)
    beside = width - lines.width - _GAP
    legend = _flow(entries, beside)
    if legend.width <= beside and legend.height <= max(lines.height, _ENTRY) + _OVER:
        start = width - legend.width
        marks = [*lines.marks, *translate(legend.marks, start, 0.0)]
        height = max(lines.height, legend.height)
    else:
        legend = _flow(entries, width)
        marks = [*lines.marks, *translate(legend.marks, 0.0, lines.height + 12)]
        height = lines.height + 12 + legend.height
    return Block(tuple(marks), width, height)


def _equations(view: View, options: FoldedOptions, style: Style) -> Block:
    """The cell's own equations, in as few columns as leave three lines at most."""
    latex = _latex(view, options)
    size = _SINGLE if len(latex) == 1 else _SEVERAL
    texts = [Text(0, 0, equation_runs(line, style), style.ui.text, size, "math") for line in latex]
    rows = min(len(texts), 3 if len(texts) != 4 else 2)
    line = _LINE if len(texts) > 1 else 32.0
    marks: list[Mark] = []
    x = 0.0
    for start in range(0, len(texts), rows):
        column = texts[start : start + rows]
        for row, text in enumerate(column):
            marks.append(_moved(text, x, 20 + line * row))
        x += max(runs_width(text) for text in column) + _GAP
    return Block(tuple(marks), x - _GAP, line * rows)


def _latex(view: View, options: FoldedOptions) -> list[str]:
    """The equations in PyTorch's order, weights named as is chosen."""
    run = view.run
    spec = run.spec.with_changes(bias=run.spec.bias and options.biases)
    found = equations(spec)
    names = SYMBOLS[options.symbols]
    wanted = [name for name in (*run.cell.gates, "c", "h") if name in found]
    return [names.rewritten(found[name], run.cell.gates) for name in dict.fromkeys(wanted)]


def _entries(view: View, options: FoldedOptions, style: Style) -> list[Block]:
    return [_entry(symbol, note, style, mono=mono) for symbol, note, mono in _legend(view, options)]


def _legend(view: View, options: FoldedOptions) -> Iterator[tuple[str, str, bool]]:
    """Every symbol with its space, and what it is, or its name in PyTorch."""
    run, names = view.run, SYMBOLS[options.symbols]
    spec, gates = run.spec, len(run.cell.gates)
    layers = [options.layer] if options.layer is not None else list(range(run.num_layers))
    first = layers[0] or 0
    out = "P" if spec.proj_size else "H"
    above = ("2" if run.num_directions == 2 else "") + out
    if first == 0:
        yield "x_t ∈ ℝ^I", f"input, I = {spec.input_size}", False
    else:
        yield f"x_t ∈ ℝ^{{{above}}}", f"h of layer {first - 1}", False
    yield f"h_t ∈ ℝ^{out}", f"hidden state, {out} = {run.output_size}", False
    if run.cell.has_c:
        yield "c_t ∈ ℝ^H", f"cell state, H = {run.hidden_size}", False
    rows = f"{gates if gates > 1 else ''}H"
    reverse = ", _reverse" if run.num_directions == 2 else ""
    suffix = f"_l{first}{reverse}"
    several = len(layers) > 1
    input_space = "I" if first == 0 else above
    index = superscript(run, first, 0).rstrip("→")
    name = with_superscript(names.input, index)
    yield f"{name} ∈ ℝ^{{{rows}×{input_space}}}", f"weight_ih{suffix}", True
    if several:
        top = layers[-1] or 0
        index = f"({top})" if top == 1 else "(l)"
        later = f"_l{top}" if top == 1 else f"_l1 … _l{top}"
        later += reverse
        name = with_superscript(names.input, index)
        yield f"{name} ∈ ℝ^{{{rows}×{above}}}", f"weight_ih{later}", True
    index = "(l)" if several else index
    every = f"_l0 … _l{layers[-1]}{reverse}" if several else suffix
    name = with_superscript(names.hidden, index)
    yield f"{name} ∈ ℝ^{{{rows}×{out}}}", f"weight_hh{every}", True
    if spec.proj_size:
        name = with_superscript(names.projection, index)
        yield f"{name} ∈ ℝ^{{P×H}}", f"weight_hr{every}", True


def _entry(symbol: str, note: str, style: Style, *, mono: bool) -> Block:
    runs = _upright_spaces(symbol, style)
    text = Text(0, 17, runs, style.ui.text, _SYMBOL, "math")
    below = label(note, 0, 35, style.ui.muted, _NOTE, font="mono" if mono else "ui")
    width = max(runs_width(text), text_width(note, _NOTE, "mono" if mono else "ui"))
    return Block((text, below), width, _ENTRY)


def _upright_spaces(symbol: str, style: Style) -> tuple[Run, ...]:
    """A symbol and its space, vectors in the hue of their role."""
    letter = symbol[0]
    color = style.role(letter).text if letter in "xhc" else None
    left, sign, right = symbol.partition(" ∈ ")
    space = tuple(
        run._replace(italic=False) if run.text == "ℝ" else run for run in symbol_runs(right)
    )
    return (*symbol_runs(left, color), Run(sign, italic=False), *space)


def _flow(entries: list[Block], width: float) -> Block:
    """Entries in rows, evenly spaced where they fill one."""
    marks: list[Mark] = []
    x = y = widest = 0.0
    for entry in entries:
        if x and x + entry.width > width:
            x, y = 0.0, y + _ENTRY
        marks += translate(entry.marks, x, y)
        widest = max(widest, x + entry.width)
        x += entry.width + _GAP
    return Block(tuple(marks), widest, y + _ENTRY)


def _moved(text: Text, x: float, y: float) -> Text:
    return Text(x, y, text.runs, text.color, text.size, text.font)
