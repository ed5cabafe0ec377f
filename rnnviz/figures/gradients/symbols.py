"""∂L/∂h_t as it is written in titles and tables, each letter in its own hue."""

from __future__ import annotations

from rnnviz.scene.marks import Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import runs_width

_LETTERS = {"weight_ih": ("W", "ih"), "weight_hh": ("W", "hh"), "weight_hr": ("W", "hr")}
_BIASES = {"bias_ih": ("b", "ih"), "bias_hh": ("b", "hh")}


def letter_of(tensor: str) -> tuple[str, str]:
    """A tensor's letter and its index: h and t, W and hh."""
    return (_LETTERS | _BIASES).get(tensor, (tensor, "t"))


def letter_runs(tensor: str, color: str | None = None, timed: bool = True) -> tuple[Run, ...]:
    """h_t or W_hh; without its t where that goes without saying."""
    letter, index = letter_of(tensor)
    runs = (Run(letter, color, italic=True),)
    if index == "t" and not timed:
        return runs
    return *runs, Run(index, color, italic=True, shift="sub")


def size_symbol(tensor: str, style: Style, unit: str = "") -> tuple[Run, ...]:
    """|∂L/∂h_t|, or of one unit |∂L/∂h_t[j]|."""
    ink, red = style.ui.text_secondary, style.role("gradient").text
    hue = style.role(tensor).text
    inner = (Run("[", ink), Run(unit, ink, italic=True), Run("]", ink)) if unit else ()
    # The letters of the quotient lean, the bars stand.
    quotient = (Run("∂L", red, italic=True), Run("/", ink), Run("∂", red, italic=True))
    return (Run("|", ink), *quotient, *letter_runs(tensor, hue), *inner, Run("|", ink))


def jacobian_runs(end: int, color: str) -> tuple[Run, ...]:
    """∂h_T/∂h_t, T being the timestep at index `end`."""
    top = Run("∂h", color, italic=True), Run(str(end + 1), color, shift="sub")
    low = Run("∂h", color, italic=True), Run("t", color, italic=True, shift="sub")
    return *top, Run("/", color), *low


def set_math(runs: tuple[Run, ...], x: float, y: float, style: Style, size: float = 14.0) -> Text:
    """Runs in the mathematical font."""
    return Text(x, y, runs, style.ui.text_secondary, size, font="math")


def math_width(runs: tuple[Run, ...], size: float = 14.0) -> float:
    """How wide they are set."""
    return runs_width(Text(0, 0, runs, "#000000", size, font="math"))
