"""The symbols of the weights: PyTorch's, the textbook's, or those with x, h and y in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rnnviz.model.trace import Trace
from rnnviz.scene.axes import MINUS
from rnnviz.scene.marks import Run
from rnnviz.scene.style import Style
from rnnviz.scene.text import math_runs

_WEIGHT = re.compile(r"([Wb])_\{([ih])(\w)\}")
_TOKENS = re.compile(
    r"\\mathrm\{(?P<word>\w+)\}|\\(?P<command>[a-z]+)|\\,|[_^](?:\{(?P<index>[^{}]*)\}|(?P<one>\w))"
    r"|(?P<letter>[A-Za-z])|(?P<sign>.)"
)
_COMMANDS = {"tanh": "tanh", "sigma": "σ", "odot": "⊙"}
_SIGNS = {"-": MINUS}
_ROLES = frozenset("xhcifgorzn")


@dataclass(frozen=True, slots=True)
class Symbols:
    """One way to name the weights.

    Attributes:
        input, hidden, projection: `W_{ih}`, `W_{hh}` and `W_{hr}` of a whole layer.
        first, second: letters of a gate's share of the input and of the recurrent weights, to
            which the gate's name is added.
        origin: what stands for the input in a double index; "" where indices are single.
    """

    input: str
    hidden: str
    projection: str
    first: str
    second: str
    origin: str

    def title(self, *, projected: bool) -> str:
        """The names in plain letters, as a choice shows them."""
        names = [self.input, self.hidden, *([self.projection] if projected else [])]
        return ", ".join(name.replace("{", "").replace("}", "") for name in names)

    def rewritten(self, latex: str, gates: tuple[str, ...]) -> str:
        """An equation of a cell, its weights named in this way.

        Args:
            gates: of the cell, to tell a gate's rows of `weight_hh` from the projection.
        """

        def renamed(found: re.Match[str]) -> str:
            letter, origin, gate = found.groups()
            if letter == "b":
                return f"b_{{{self.origin if origin == 'i' and self.origin else origin}{gate}}}"
            if gate == "r" and "r" not in gates:
                return self.projection
            if gates == ("h",):
                return self.input if origin == "i" else self.hidden
            return f"{self.first if origin == 'i' else self.second}{gate}}}"

        return _WEIGHT.sub(renamed, latex.replace(r"\, ", ""))


SYMBOLS = {
    "pytorch": Symbols("W_{ih}", "W_{hh}", "W_{hr}", "W_{i", "W_{h", "i"),
    "textbook": Symbols("U", "W", "V", "U_{", "W_{", ""),
    "xh": Symbols("W_{xh}", "W_{hh}", "W_{hy}", "W_{x", "W_{h", "x"),
}


def superscript(run: Trace, layer: int, direction: int) -> str:
    """What tells the symbols of one layer and direction from those of others: "(1)←"."""
    number = f"({layer})" if run.num_layers > 1 else ""
    arrow = ("→", "←")[direction] if run.num_directions == 2 else ""
    return number + arrow


def with_superscript(symbol: str, index: str) -> str:
    """A symbol with an index above it, where there is one."""
    return f"{symbol}^{{{index}}}" if index else symbol


@lru_cache(maxsize=4096)
def symbol_runs(symbol: str, color: str | None = None) -> tuple[Run, ...]:
    """The runs of a symbol: `W_{hh}^{(1)}`."""
    return math_runs(symbol, color)


def equation_runs(latex: str, style: Style | None = None) -> tuple[Run, ...]:
    """A line of mathematics as text; with a style, its vectors in the hues of their roles."""
    runs: list[Run] = []
    color: str | None = None
    for token in _TOKENS.finditer(latex):
        index = token["index"] or token["one"]
        if index:
            shift = "^" if token.group().startswith("^") else "_"
            runs += math_runs(f"{shift}{{{index}}}", color)
        elif token["letter"]:
            letter = token["letter"]
            color = style.role(letter).text if style and letter in _ROLES else None
            runs.append(Run(letter, color, italic=True))
        else:
            color = None
            sign = token["sign"] or ""
            word = token["word"] or _COMMANDS.get(token["command"] or "") or _SIGNS.get(sign, sign)
            if word:
                runs.append(Run(word, italic=False))
    return tuple(_joined(runs))


def _joined(runs: list[Run]) -> list[Run]:
    """Neighbours of one style as one run, so that spaces and brackets are set together."""
    found: list[Run] = []
    for run in runs:
        if found and found[-1][1:] == run[1:]:
            found[-1] = run._replace(text=found[-1].text + run.text)
        else:
            found.append(run)
    return found
