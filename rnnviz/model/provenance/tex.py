"""A dissection as LaTeX, for a page or for a typesetter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rnnviz.model.provenance.arithmetic import Dissection
from rnnviz.model.provenance.expressions import PARTIAL, Token, Tokens
from rnnviz.model.provenance.words import spoken

Paint = Callable[[str, str], str]

_FUNCTIONS = {
    "σ": r"\sigma",
    "tanh": r"\tanh",
    "ReLU": r"\mathrm{ReLU}",
    "exp": r"\exp",
    "log": r"\log",
}
_OPERATORS = {"⊙": r" \odot ", "·": r" \cdot ", "−": "-", "²": "^{2}", "Σ": r"\sum "}
_EXPONENT = re.compile(r"(-?[\d.]+)e([+-])0*(\d+)")


def latex(dissection: Dissection, numbers: bool) -> str:
    """The equation of one number, to be set in display mathematics.

    Args:
        numbers: with the numbers in it, evaluated step by step, where they are known; else in
            symbols.

    Returns:
        One line, or an `aligned` block with one line for each side.
    """
    shown = numbers and dissection.is_known
    sides = dissection.in_numbers if shown else dissection.in_symbols
    tex = set_sides([(side,) for side in sides[1:]], sides[0])
    if not dissection.is_forced:
        return tex
    return rf"{tex} \quad \text{{forced to }} {_number(spoken(dissection.value))}"


def set_sides(
    lines: Sequence[Sequence[Tokens]],
    left: Tokens,
    paint: Paint | None = None,
    env: str = "aligned",
) -> str:
    """LaTeX of an equation whose sides are broken into lines.

    Args:
        lines: the sides of each line.
        left: the first of all.
        paint: gives a symbol its colour: LaTeX and role in, LaTeX out.
        env: the environment that aligns several lines.
    """
    rights = [" = ".join(set_tokens(side, paint) for side in line) for line in lines]
    first = set_tokens(left, paint)
    if len(rights) == 1:
        return f"{first} = {rights[0]}"
    body = r" \\ &= ".join(rights)
    return rf"\begin{{{env}}} {first} &= {body} \end{{{env}}}"


def set_tokens(tokens: Tokens, paint: Paint | None = None) -> str:
    """LaTeX of a part of an equation."""
    return "".join(_set_token(token, paint) for token in tokens).strip()


def _set_token(token: Token, paint: Paint | None) -> str:
    if token.kind == "number":
        return _number(token.text)
    if token.kind == "function":
        return _FUNCTIONS[token.text]
    if token.kind == "symbol":
        return _symbol(token, paint)
    return re.sub(r" ?([⊙·−²Σ]) ?", _operator, token.text)


def _operator(found: re.Match[str]) -> str:
    return _OPERATORS[found[1]] if found[1] != "−" or found[0] == "−" else " - "


def _symbol(token: Token, paint: Paint | None) -> str:
    letter = _letter(token.text)
    symbol = f"{letter}_{{{token.sub}}}" if token.sub else letter
    painted = symbol if paint is None or not token.role else paint(symbol, token.role)
    return f"{painted}{token.behind}"


def _letter(text: str) -> str:
    if text.startswith(PARTIAL):
        return rf"\partial L / \partial {_letter(text.removeprefix(PARTIAL))}"
    return text if len(text) == 1 else rf"\mathrm{{{text}}}".replace("_", r"\_")


def _number(text: str) -> str:
    text = text.replace("−", "-")
    if text in ("NaN", "∞", "-∞"):
        return {"NaN": r"\mathrm{NaN}", "∞": r"\infty", "-∞": r"-\infty"}[text]
    return _EXPONENT.sub(
        lambda found: rf"{found[1]} \cdot 10^{{{found[2].strip('+')}{found[3]}}}", text
    )
