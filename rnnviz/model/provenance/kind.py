"""What a kind of element has to tell: its numbers, and the facts about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor

from rnnviz.element import Element
from rnnviz.model.provenance.description import Line, Symbol, Values
from rnnviz.model.provenance.places import check_index
from rnnviz.model.trace import Trace, as_numpy


@dataclass(frozen=True)
class Facts:
    """What is said of an element beside its numbers; see `Description`.

    Attributes:
        axes: names of the axes of the numbers on show.
        subtitle: where the element's place alone would not say it.
    """

    title: str
    symbol: Symbol
    role: str
    axes: tuple[str, ...]
    legend: str
    code: list[Line] = field(default_factory=list)
    equation_key: str | None = None
    note: str | None = None
    subtitle: str | None = None


class Kind(NamedTuple):
    """A kind of element: how to find its numbers (quickly, for the cursor) and its facts."""

    values: Callable[[Trace, Element], Values]
    facts: Callable[[Trace, Element, Values], Facts]


def strip(values: Tensor, element: Element) -> Values:
    """A vector (features,), with the place of the element's unit in it."""
    check_index(element, "unit", values.shape[-1])
    return Values(as_numpy(values), None if element.unit is None else (element.unit,))


def along(run: Trace, grid: Callable[[slice], Tensor], element: Element) -> Values:
    """A strip of a grid, or its path through time where t is None.

    Args:
        grid: gives (T, N, features) of some timesteps: what a long run would have to work out of
            all the others is not asked for.
    """
    n, t = element.sequence or 0, element.t
    if t is None:
        whole = grid(slice(None))
        check_index(element, "unit", whole.shape[-1])
        return Values(as_numpy(whole[: run.lengths[n], n]))
    return strip(grid(slice(t, t + 1))[0, n], element)


def time_axes(element: Element, axis: str) -> tuple[str, ...]:
    """The axes of what `along` gives."""
    return ("L", axis) if element.t is None else (axis,)


def legend(run: Trace, axis: str, size: int) -> str:
    """The shape of input or output as the module takes and returns it."""
    if run.plan is not None:
        return f"data: (rows, {axis}) = ({run.plan.offsets[-1]}, {size})"
    if run.unbatched:
        return f"(L, {axis}) = ({run.L}, {size})"
    if run.spec.batch_first:
        return f"(N, L, {axis}) = ({run.N}, {run.L}, {size})"
    return f"(L, N, {axis}) = ({run.L}, {run.N}, {size})"


def state_axis(run: Trace, name: str) -> tuple[str, int]:
    """The features of h (H_out) or c (H_cell), by any of their names."""
    return ("H_out", run.output_size) if name[0] == "h" else ("H_cell", run.hidden_size)
