"""The ranges of the colours of a view, and what each of them holds for."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.ranges import value_ranges
from rnnviz.figures.unrolled.bars import scores_limit
from rnnviz.figures.unrolled.returned import gradient_limit
from rnnviz.figures.unrolled.rooms import rooms_of
from rnnviz.figures.unrolled.slices import limit_of
from rnnviz.figures.view import View
from rnnviz.scene.marks import Run, Text
from rnnviz.scene.style import Style

Scales = list[tuple[float, tuple[str, ...]]]  # ends of ranges, and what they hold for


def scales_of(view: View) -> Scales:
    """The ranges with what they hold for, those of states first."""
    run, ranges = view.run, value_ranges(view.run, view.whole)
    windows = () if run.is_difference else run.cell.sigmoid_gates
    signed = [gate for gate in run.cell.gates if gate not in windows and gate != "h"]
    names: dict[float, list[str]] = {}
    for name in ["h", *signed, "x", *(["c"] if run.cell.has_c else [])]:
        names.setdefault(ranges.limit(name), []).append(name)
    outer = list(_outer_scales(view))
    if run.is_difference and len(names) == 1 and not outer:
        return [(limit, ("Δ",)) for limit in names]
    return [*((limit, tuple(found)) for limit, found in names.items()), *outer]


def _outer_scales(view: View) -> Iterator[tuple[float, tuple[str, ...]]]:
    """The ranges of scores that are a strip, and of gradients that have come back."""
    rooms, around = rooms_of(view.around), view.around
    if around is None:
        return
    if rooms.raw:
        yield limit_of(around.pr, "input"), ("input",)
    if rooms.on and not rooms.bars:
        yield scores_limit(around.pr, rooms, view.run.is_difference), ("y",)
    if rooms.returning and around.gradients is not None:
        yield gradient_limit(around.gradients), ("∂h", "∂c") if view.run.cell.has_c else ("∂h",)
        if "scores" in around.gradients.tensors:
            yield gradient_limit(around.gradients, "scores"), ("∂y",)


def scale_names(names: tuple[str, ...], style: Style) -> Text:
    """The letters that a range holds for, in their hues."""
    runs: list[Run] = []
    for name in names:
        runs += [Run(",")] if runs else []
        if name in ("Δ", "input"):
            runs.append(Run(name, color=style.ui.text, italic=False))
            continue
        returned = name.startswith("∂")
        color = style.role("gradient" if returned else name).text
        runs += [Run("∂", color=color, italic=False)] if returned else []
        runs.append(Run(name[-1], color=color, italic=True))
    return Text(0, 0, tuple(runs), style.ui.text_secondary, 13, "math")
