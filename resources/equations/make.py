"""Draws the equations that rnnviz shows: `python resources/equations/make.py`.

Each equation becomes `<key>.svg`, its letters as paths: ink in
`currentColor`, the tensors in the colours of their roles in the light theme. The `inks` of its
entry in `index.json` say which colour stands for which role, "text" being the ink, so that a
theme puts its own in their place. `width` and `height` are px.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import ziamath

from rnnviz.model.provenance import all_equations
from rnnviz.resource import resource_path

FOLDER = Path(__file__).resolve().parent
SIZE = 18  # px, of displayed mathematics
INK = "currentColor"

_TENSOR = re.compile(r"(?<![A-Za-z\\])([xhcifgorzn])_(?:t|\{t[+-]1\})(?:\^\{[^}]*\})?")
_BREAKS = (r" + W_{h", r" + r_t \odot ")  # where a long equation goes on in a second line
_SPACING = {
    r"\tanh": r"\mathrm{tanh}",
    r"\odot": r"\,\odot\,",
}  # as ziamath leaves too much or none


def main() -> int:
    """Draws every equation and removes what is no longer one."""
    equations = all_equations()
    draw(equations, FOLDER)
    for path in FOLDER.glob("*.svg"):
        if path.stem not in equations:
            path.unlink()
    return 0


def draw(equations: dict[str, str], folder: Path) -> None:
    """Draws equations, given as LaTeX by key, into a folder with its index."""
    ziamath.config.svg2 = False  # QtSvg draws no <symbol>
    ziamath.config.precision = 2
    colors = _light_colors()
    index = {}
    for key, latex in sorted(equations.items()):
        svg, index[key] = _drawn(latex, colors)
        (folder / f"{key}.svg").write_text(svg + "\n", encoding="utf-8")
    text = json.dumps(index, indent=1, ensure_ascii=False)
    (folder / "index.json").write_text(text + "\n", encoding="utf-8")


def _light_colors() -> dict[str, str]:
    tokens = json.loads(resource_path("theme", "tokens.json").read_text(encoding="utf-8"))
    light = tokens["color"]["light"]
    return {letter: light["role"][letter]["text"] for letter in "xhcifgorzn"}


def _drawn(latex: str, colors: dict[str, str]) -> tuple[str, dict[str, Any]]:
    inks = {INK: "text"}

    def color(match: re.Match[str]) -> str:
        letter = match[1]
        inks[colors[letter]] = letter
        return rf"\textcolor{{{colors[letter]}}}{{{match[0]}}}"

    source = _TENSOR.sub(color, _in_lines(latex))
    for command, spaced in _SPACING.items():
        source = source.replace(command, spaced)
    drawn = ziamath.Latex(source, size=SIZE, color=INK)
    attributes = drawn.svgxml().attrib
    size = {side: float(attributes[side]) for side in ("width", "height")}
    return drawn.svg(), {"latex": latex, **size, "inks": inks}


def _in_lines(latex: str) -> str:
    """A long equation in two lines: what comes from x, and what comes from h."""
    if "+ b_" not in latex and "+ r_t" not in latex:
        return latex
    start = min(latex.index(mark) for mark in _BREAKS if mark in latex)
    left, right = latex[:start].split(" = ", 1)
    return rf"\begin{{align*}}{left} &= {right} \\ &\quad {latex[start:]}\end{{align*}}"


if __name__ == "__main__":
    sys.exit(main())
