"""The caption: what the diagram shows, in sentences that are true of this very run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnviz.figures.compared import DIFFERENCE
from rnnviz.figures.folded.block import Block
from rnnviz.figures.folded.names import SYMBOLS, equation_runs
from rnnviz.figures.folded.options import FoldedOptions
from rnnviz.figures.folded.page import STRIP
from rnnviz.figures.strips import units_per_cell
from rnnviz.figures.view import View
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, run_width, runs_width

_SIZE = 15.0
_LINE = 21.0
_HEAD, _HEAD_SIZE = "Figure 1.", 13.0
_MARKED = re.compile(r"\$([^$]*)\$|([^$]+)")
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def caption(view: View, options: FoldedOptions, width: float, style: Style) -> Block:
    """The caption in lines of a width."""
    text = " ".join(_sentences(view, options))
    ink = style.ui.text
    head = label(_HEAD, 0, 15, ink, _HEAD_SIZE, weight=600)
    indent = runs_width(head) + 6
    lines = _wrapped(list(_words(text)), width, indent)
    body = (
        Text(0 if row else indent, 15 + _LINE * row, runs, ink, _SIZE, "math")
        for row, runs in enumerate(lines)
    )
    return Block((head, *body), width, _LINE * len(lines) + 4)


def _sentences(view: View, options: FoldedOptions) -> Iterator[str]:
    """Its sentences, with `$mathematics$` in them."""
    run, folded = view.run, options.openness == 0
    yield f"{_title(run, options)}, {'folded' if folded else 'folded and unrolled'}."
    yield _sharing(run, options)
    if folded:
        yield "Empty strips stand for any step."
    else:
        squares = _squares(run)
        yield f"Coloured strips are vectors, {squares}; empty strips in (a) stand for any step."
    yield from _biases(run, options)
    yield from _values(view, folded)


def _title(run: Trace, options: FoldedOptions) -> str:
    kind = {"RNN": "recurrent", "LSTM": "LSTM", "GRU": "GRU"}[run.kind]
    both = "bidirectional " if run.num_directions == 2 else ""
    if options.layer is not None:
        return f"Layer {options.layer} of {_count(run.num_layers)} {both}{kind} layers"
    words = f"{_count(run.num_layers)} {both}{kind} layer{'s' if run.num_layers > 1 else ''}"
    return words[0].upper() + words[1:]


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def _sharing(run: Trace, options: FoldedOptions) -> str:
    names = SYMBOLS[options.symbols]
    both, several = run.num_directions == 2, run.num_layers > 1 and options.layer is None
    sentence = (
        "Each step applies the same two weight matrices to the new input and to the previous "
        "hidden state."
    )
    if both or several:
        whose = "direction of a layer" if both and several else "direction" if both else "layer"
        sentence = (
            f"Each {whose} applies the same two weight matrices at every step, to its input and "
            "to its previous hidden state."
        )
    if both:
        sentence += " In the reverse direction that is $h_{t+1}$."
    if run.spec.proj_size:
        return f"{sentence} ${names.projection}$ projects $o_t \\odot \\tanh(c_t)$ onto $h_t$."
    if run.kind == "LSTM":
        return f"{sentence} The cell state $c_t$ is carried beside it, by the gates alone."
    if run.kind == "GRU":
        previous = "{t-1}"
        return f"{sentence} The update gate $z_t$ also lets $h_{previous}$ through as it is."
    return sentence


def _squares(run: Trace) -> str:
    """What a square of a strip stands for: one component, or the largest of several."""
    longest = max(run.hidden_size, run.input_size)
    if units_per_cell(longest, STRIP) == 1:
        return "one square per component"
    return "one square per component, or for the largest of some neighbours where there are many"


def _biases(run: Trace, options: FoldedOptions) -> Iterator[str]:
    first = "x" if options.symbols == "xh" else "i"
    if not run.spec.bias:
        yield "There are no biases."
    elif not options.biases:
        yield f"Biases $b_{{{first}h}}$ and $b_{{hh}}$ are omitted."


def _values(view: View, folded: bool) -> Iterator[str]:
    run = view.run
    code = run.spec.code()
    if folded or not run.N:
        yield f"Model: {code}."
        return
    sequence = min(view.sequence or 0, run.N - 1)
    row = f", sequence {sequence} of {run.N}" if run.N > 1 else ""
    words = "Original values" if view.showing == "old" else "Values"
    words = DIFFERENCE if run.is_difference else words
    partly = run.position < run.total
    done = f"; {run.position} of {run.total} steps computed" if partly else ""
    yield f"{words}: {code}, $T = {run.lengths[sequence]}${row}{done}."


def _words(text: str) -> Iterator[tuple[Run, ...]]:
    """Words with the space behind them, each as runs that a line must not part."""
    word: list[Run] = []
    for found in _MARKED.finditer(text):
        formula, plain = found.groups()
        if formula:
            word += equation_runs(formula)
            continue
        for piece in re.findall(r"\S+\s*|\s+", plain):
            word.append(Run(piece, italic=False))
            if piece[-1].isspace():
                yield tuple(word)
                word = []
    if word:
        yield tuple(word)


def _wrapped(words: list[tuple[Run, ...]], width: float, indent: float) -> list[tuple[Run, ...]]:
    probe = Text(0, 0, (), "", _SIZE, "math")
    lines: list[list[Run]] = [[]]
    x = indent
    for word in words:
        wide = sum(run_width(run, probe) for run in word)
        last = word[-1]
        bare = (
            wide - run_width(last, probe) + run_width(last._replace(text=last.text.rstrip()), probe)
        )
        if x and x + bare > width:
            lines.append([])
            x = 0.0
        lines[-1] += word
        x += wide
    return [tuple(_joined(line)) for line in lines]


def _joined(runs: list[Run]) -> Iterator[Run]:
    """Neighbours of one style as one run."""
    before: Run | None = None
    for run in runs:
        if before is not None and before[1:] == run[1:]:
            before = before._replace(text=before.text + run.text)
            continue
        if before is not None:
            yield before
        before = run
    if before is not None:
        yield before._replace(text=before.text.rstrip())
