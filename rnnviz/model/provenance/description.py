"""What the inspector says of one tensor or element of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from rnnviz.element import Element

Status = Literal["computed", "pending", "padding"]
Field = Literal["unit", "row", "column", "t", "sequence"]
Shape = tuple[int, ...]


class Symbol(NamedTuple):
    """A tensor's mathematical name, such as f with 3 below and (1) above; t counts from 1."""

    base: str
    sub: str = ""
    sup: str = ""


class Line(NamedTuple):
    """A line of PyTorch and the shape of what it gives."""

    code: str
    shape: Shape


_STATEMENTS = ("import ", "pr = ", "run = ", "gradients = ")


@dataclass(frozen=True, eq=False)
class Values:
    """The numbers on show and where in them the element lies.

    Attributes:
        array: the strip (features,), the path of a strip through time (L, features), or a
            parameter whole.
        index: of the element in `array`; None where the element is all of it.
        status: "pending" where the run has not come that far, "padding" where it never will.
        field: of `Element`, which tells the numbers of a strip apart.
        first: what that field is for the first of them.
    """

    array: NDArray[Any]
    index: tuple[int, ...] | None = None
    status: Status = "computed"
    field: Field = "unit"
    first: int = 0

    def with_status(self, status: Status) -> Values:
        """The same numbers, computed, pending or in padding."""
        return replace(self, status=status)


@dataclass(frozen=True, eq=False)
class Description:
    """One tensor or element of a run: its names, its numbers, and how PyTorch gives them.

    Attributes:
        element: what is described, its defaults filled in.
        title: in words ("Forget gate").
        subtitle: where it is ("layer 0 · t = 3"); t counts from 1.
        symbol: its mathematical name.
        role: whose colour it has: x h c y i f g o r z n.
        values: the numbers on show, NaN where unknown.
        index: of the element in `values`; None where it is all of them.
        status: "computed", "pending" (not yet) or "padding" (never).
        axes: names and sizes of the axes of `values`.
        shape_legend: the shape of the tensor in PyTorch ("(L, N, H_in) = (6, 1, 4)").
        code: lines of PyTorch, each of which evaluates once `setup` has run.
        code_results: the shape of what each line gives.
        setup: the statements that define the names in `code`, from `module`, `input` and `hx`.
        equation: LaTeX; None where there is none.
        equation_key: names the drawn equation, `resources/equations/<key>.svg`.
        note: what people stumble over here, in a sentence or two.
        field, first: which field of `Element` counts the numbers of the strip, and from where.
    """

    element: Element
    title: str
    subtitle: str
    symbol: Symbol
    role: str
    values: NDArray[Any]
    index: tuple[int, ...] | None
    status: Status
    axes: tuple[tuple[str, int], ...]
    shape_legend: str
    code: tuple[str, ...]
    code_results: tuple[Shape, ...]
    setup: tuple[str, ...]
    equation: str | None
    equation_key: str | None
    note: str | None
    field: Field = "unit"
    first: int = 0

    @property
    def expressions(self) -> tuple[Line, ...]:
        """The lines of code that give numbers, without the statements that these need."""
        lines = map(Line, self.code, self.code_results)
        return tuple(line for line in lines if not self.is_statement(line.code))

    @staticmethod
    def is_statement(code: str) -> bool:
        """Whether a line gives no number, but makes a name that the lines after it need."""
        return code.startswith(_STATEMENTS)

    def element_at(self, position: int) -> Element:
        """The element that a number of the strip on show stands for."""
        place: dict[str, Any] = {self.field: self.first + position}
        return self.element._replace(**place)
