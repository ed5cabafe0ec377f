"""The path of a state through a plane: points, axes, and what there is to see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.trajectories.layout import Layout, within
from rnnviz.figures.trajectories.options import Range, TrajectoriesOptions
from rnnviz.figures.trajectories.series import Series
from rnnviz.model.dynamics import Projection, principal_components

_memo = Memo()
_found = Memo(4)


@dataclass(frozen=True, eq=False)
class Plane:
    """A path in two dimensions.

    Attributes:
        points: `(T, 2)`, NaN where not known or not finite.
        x_label, y_label: what the axes are.
        x_limits, y_limits: what there is to see; the visible part is `x_range`, `y_range`.
        message: why there is no path, "" where there is one.
        ghost: `(T, 2)`, the path of the run before it was edited, where it lies behind this one.
    """

    points: NDArray[np.float64]
    x_label: str = ""
    y_label: str = ""
    x_limits: Range = (-1.0, 1.0)
    y_limits: Range = (-1.0, 1.0)
    x_range: Range = (-1.0, 1.0)
    y_range: Range = (-1.0, 1.0)
    message: str = ""
    ghost: NDArray[np.float64] | None = None


_NOTHING = np.empty((0, 2))


def plane(series: Series, options: TrajectoriesOptions, layout: Layout) -> Plane:
    """The path that the options ask for, or the reason why there is none."""
    message = _obstacle(series, options)
    if message:
        return Plane(_NOTHING, message=message)
    if options.path == "units":
        return _of_units(series, options, layout)
    return _of_components(series, options, layout)


def _obstacle(series: Series, options: TrajectoriesOptions) -> str:
    if series.missing:
        return series.missing
    if series.units == 1:
        return "One unit has no plane to move in: its line shows all of it."
    if series.length == 1:
        return "One timestep is a single point: a path needs two."
    if options.path == "pca" and not series.complete:
        return "The path is drawn once the whole run is known."
    if series.complete and not series.any_finite:
        return f"{series.tensor} is not finite at any timestep."
    return ""


def _of_units(series: Series, options: TrajectoriesOptions, layout: Layout) -> Plane:
    last = series.units - 1
    x, y = min(max(options.unit_x, 0), last), min(max(options.unit_y, 0), last)
    points = _finite(series.values[:, [x, y]])
    if not np.isfinite(points).any():
        return Plane(_NOTHING, message=f"{series.tensor} is not finite at any timestep.")
    ghost = None if series.ghost is None else _finite(series.ghost[:, [x, y]])
    return _framed(Plane(points, f"unit {x}", f"unit {y}", ghost=ghost), options, layout)


def _of_components(series: Series, options: TrajectoriesOptions, layout: Layout) -> Plane:
    compute = partial(principal_components, series.values)
    found: Projection = _memo.get(series.source, series.identity, compute, 16 * series.values.size)
    # The same plane each time, so that what follows from its points can be kept with them.
    shown = _memo.get(series.source, (*series.identity, "plane"), partial(_shown, series, found))
    if shown.message:
        return shown
    if series.ghost is not None:
        shown = replace(shown, ghost=_projected(series.ghost, found))
    return _framed(shown, options, layout)


def _shown(series: Series, found: Projection) -> Plane:
    """The plane of the first two components, without limits."""
    if not np.isfinite(found.points).any():
        return Plane(_NOTHING, message=f"{series.tensor} is not finite at any timestep.")
    if not found.explained.any():
        return Plane(_NOTHING, message=_still(series))
    x, y = (round(100 * float(share)) for share in found.explained[:2])
    names = f"first component, {x} % of variance", f"second component, {y} %"
    return Plane(found.points[:, :2], *names)


def _finite(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Points `(T, 2)`, NaN where either of them is not finite."""
    finite = points.astype(np.float64)
    finite[~np.isfinite(finite).all(axis=1)] = np.nan
    return finite


def _projected(states: NDArray[np.floating], found: Projection) -> NDArray[np.float64]:
    """Other states on the same axes, `(T, 2)`."""
    with np.errstate(invalid="ignore"):
        return _finite((states.astype(np.float64) - found.mean) @ found.components[:2].T)


def _still(series: Series) -> str:
    if series.is_difference and not series.values.any():
        return f"Nothing differs: {series.letter} is 0 at every timestep."
    return "The state stands still: nothing varies over time."


def _framed(shown: Plane, options: TrajectoriesOptions, layout: Layout) -> Plane:
    """The plane with its limits, one scale for both axes, and its visible part."""
    limits = _limits(shown, layout.path.width / layout.path.height)
    wished = options.path_range or (None, None)
    x_range, y_range = (
        within(wish, edge, least=1e-9) for wish, edge in zip(wished, limits, strict=True)
    )
    x_limits, y_limits = limits
    return replace(shown, x_limits=x_limits, y_limits=y_limits, x_range=x_range, y_range=y_range)


def _limits(shown: Plane, aspect: float) -> tuple[Range, Range]:
    """What there is to see; of the same points it is looked for but once."""
    if shown.ghost is not None:
        return _equal_limits(np.concatenate([shown.points, shown.ghost]), aspect)
    return _found.get(shown.points, aspect, partial(_equal_limits, shown.points, aspect))


def _equal_limits(points: NDArray[np.float64], aspect: float) -> tuple[Range, Range]:
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    middle = low + (high - low) / 2
    half = float(max((high - low)[0] / aspect, (high - low)[1])) / 2 * 1.16 or 1.0
    x, y = float(middle[0]), float(middle[1])
    return (x - half * aspect, x + half * aspect), (y - half, y + half)
