"""The marks of a scene: plain descriptions in px, painted in the order they are listed.

Every mark may carry a `key`, the tensor element it stands for, so that a click finds it.
Colours are `#RRGGBB`; transparency is `opacity`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element

Color = str
Font = Literal["ui", "mono", "math"]
Anchor = Literal["start", "middle", "end"]
Shift = Literal["", "sub", "sup"]
ElementField = Literal["", "unit", "t", "sequence", "row", "column"]

if TYPE_CHECKING:
    from dataclasses import dataclass as description
else:

    def description(*, eq: bool = True, **_: Any) -> Any:
        """A dataclass that the type checker keeps frozen.

        A picture is thousands of marks, made anew for every frame: setting the fields of a class
        that is frozen at run time costs four times as much.
        """
        return dataclass(slots=True, eq=eq, unsafe_hash=eq)


@description(frozen=True, slots=True)
class Rect:
    """A rectangle, perhaps rounded, filled, framed, dashed or hatched (45°, 1 px every 6 px)."""

    x: float
    y: float
    width: float
    height: float
    fill: Color | None = None
    stroke: Color | None = None
    stroke_width: float = 1.0
    radius: float = 0.0
    dash: tuple[float, ...] = ()
    hatch: Color | None = None
    opacity: float = 1.0
    key: Element | None = None


@description(frozen=True, slots=True)
class Circle:
    """A circle around (x, y)."""

    x: float
    y: float
    radius: float
    fill: Color | None = None
    stroke: Color | None = None
    stroke_width: float = 1.0
    opacity: float = 1.0
    key: Element | None = None


Segment = (
    tuple[Literal["M", "L"], float, float]
    | tuple[Literal["C"], float, float, float, float, float, float]
    | tuple[Literal["Z"]]
)


@description(frozen=True, slots=True)
class Path:
    """Lines and cubic curves; `arrow` puts a filled head at the end, its tip on the last point."""

    segments: tuple[Segment, ...]
    stroke: Color | None = None
    stroke_width: float = 1.0
    fill: Color | None = None
    dash: tuple[float, ...] = ()
    arrow: bool = False
    opacity: float = 1.0
    key: Element | None = None


@description(frozen=True, slots=True, eq=False)
class Polyline:
    """A line through many points `(n, 2)`; a NaN breaks it. Screen-width pen at any zoom."""

    points: NDArray[np.float64]
    stroke: Color
    stroke_width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    key: Element | None = None


class Run(NamedTuple):
    """A piece of text in one style; what is None is taken from its `Text`."""

    text: str
    color: Color | None = None
    italic: bool | None = None
    bold: bool | None = None
    shift: Shift = ""


@description(frozen=True, slots=True)
class Text:
    """One line of text; y is its baseline. `runs` are set one after another.

    `sub` and `sup` runs are set at 0.7 of the size, lowered by 0.22 or raised by 0.38 of it.
    `rotation` in degrees, clockwise, around (x, y).
    """

    x: float
    y: float
    runs: tuple[Run, ...]
    color: Color
    size: float = 12.0
    font: Font = "ui"
    weight: int = 400
    italic: bool = False
    anchor: Anchor = "start"
    rotation: float = 0.0
    opacity: float = 1.0
    key: Element | None = None


@description(frozen=True, slots=True, eq=False)
class Cells:
    """A matrix of coloured cells, from one strip to a raster of a whole run.

    Attributes:
        colors: `(rows, columns, 3)` uint8.
        gap: px left between cells (0: a plain raster, never smoothed).
        crossed: `(rows, columns)` bool, cells that hold NaN or infinity, drawn with a cross.
        axes: which index of `key` a row and a column stand for ("" for neither).
        origin: the index of the first row and column; `stride`: indices per row and column.
    """

    x: float
    y: float
    width: float
    height: float
    colors: NDArray[np.uint8]
    gap: float = 0.0
    crossed: NDArray[np.bool_] | None = None
    opacity: float = 1.0
    key: Element | None = None
    axes: tuple[ElementField, ElementField] = ("", "unit")
    origin: tuple[int, int] = (0, 0)
    stride: tuple[int, int] = (1, 1)


@description(frozen=True, slots=True, eq=False)
class Apertures:
    """A gate's strip: one window per unit, filled from the bottom, 0 shut and 1 open.

    Attributes:
        levels: `(n,)`, each 0 to 1; NaN or infinity is drawn with a cross.
    """

    x: float
    y: float
    width: float
    height: float
    levels: NDArray[np.float64]
    color: Color
    background: Color
    gap: float = 1.0
    opacity: float = 1.0
    key: Element | None = None
    axes: tuple[ElementField, ElementField] = ("", "unit")
    origin: tuple[int, int] = (0, 0)
    stride: tuple[int, int] = (1, 1)


@description(frozen=True, slots=True)
class Clip:
    """Marks of which only what lies in a rectangle is seen.

    Attributes:
        shift: px to the right by which they are seen moved; what is scrolled stays as it is.
    """

    x: float
    y: float
    width: float
    height: float
    marks: tuple[Mark, ...]
    shift: float = 0.0


Mark = Rect | Circle | Path | Polyline | Text | Cells | Apertures | Clip


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture, described.

    Attributes:
        x, y: top left corner of the visible part, in the marks' own px.
        width, height: size of the visible part in px.
        marks: in painting order.
        background: None is transparent.
        title: what the picture shows, for accessibility and the SVG's title.
    """

    width: float
    height: float
    marks: tuple[Mark, ...] = field(repr=False)
    background: Color | None = None
    title: str = ""
    x: float = 0.0
    y: float = 0.0
