"""Pictures of a run without a window: for a notebook, a slide or a paper."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal

from rnnviz.display import draw_offscreen
from rnnviz.errors import UsageError
from rnnviz.figures.choices import make_options
from rnnviz.figures.picture import picture
from rnnviz.figures.view import View
from rnnviz.model.differences import difference_run
from rnnviz.model.schedule import Progress, checked_position, checked_progress
from rnnviz.model.trace import Trace
from rnnviz.scene.marks import Scene
from rnnviz.writers import svg_text, write

Showing = Literal["new", "old", "difference"]
_SHOWING = ("new", "old", "difference")


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture that shows itself in Jupyter and saves itself.

    Attributes:
        scene: its marks.
        transparent: it has no background.
    """

    scene: Scene
    transparent: bool = False

    def save(self, path: str | PathLike[str], dpi: float = 300) -> None:
        """Write the picture as .png, .svg or .pdf, by the path's ending.

        Args:
            path: where to; replaced as a whole or left as it was.
            dpi: of a PNG, 10 to 2400; at 96 a px of the scene is a pixel.

        Raises:
            FileError: where the path cannot be written or ends in something else.
            UsageError: for another dpi.
        """
        if isinstance(dpi, bool) or not isinstance(dpi, numbers.Real):
            raise UsageError(f"dpi: expected a number, got {dpi!r}")
        draw_offscreen()
        write(self.scene, path, dpi=dpi, transparent=self.transparent)

    def _repr_svg_(self) -> str:
        return svg_text(self.scene)


def figure(
    run: Trace,
    name: str = "unrolled",
    step: int | None = None,
    *,
    cell: int = 0,
    operation: int = 0,
    sequence: int | None = 0,
    transparent: bool = False,
    padding_value: float = 0.0,
    original: Trace | None = None,
    showing: Showing = "new",
    **options: Any,
) -> Picture:
    """A picture of a run.

    Args:
        run: what `trace` returned, or a Stepper's `trace`.
        name: "unrolled", "folded", "anatomy", "weights", "trajectories" or "packed".
        step: the Stepper's position, 0 before the first step; None for the run as it stands.
        cell: cells of the next step that are computed too, in the Stepper's order.
        operation: operations inside the next cell that are computed too.
        sequence: the row of the batch; None shows all.
        transparent: leave the white background out.
        padding_value: what stands beyond a sequence's length where "packed" shows what the
            padded tensor would have answered.
        original: the run before its weights, input or clamps were changed.
        showing: "new" is `run` itself, "old" the original, "difference" run − original.
        options: of the figure, by name.

    Raises:
        UsageError: for a figure, step, cell, operation, sequence or option that doesn't exist,
            or an original that `run` cannot be compared with.
    """
    return picture_of(
        run,
        name,
        (step, cell, operation),
        options,
        sequence=sequence,
        transparent=transparent,
        padding_value=padding_value,
        compared=(original, showing),
    )


def picture_of(
    run: Trace,
    name: str,
    place: tuple[int | None, int, int],
    options: Mapping[str, Any],
    *,
    sequence: int | None,
    transparent: bool,
    padding_value: float,
    compared: tuple[Trace | None, Showing] = (None, "new"),
) -> Picture:
    """As `figure`, whatever the options are called.

    `place` is step, cell and operation; `compared` the original, and which run is shown.
    """
    if not isinstance(run, Trace):
        raise UsageError(f"run: expected what `trace` returned, got a {type(run).__name__}")
    original, showing = compared
    shown, whole = _chosen(run_at(run, *place), run, original, showing)
    is_row = isinstance(sequence, numbers.Integral) and not isinstance(sequence, bool)
    if sequence is not None and not (is_row and 0 <= sequence < max(run.N, 1)):
        raise UsageError(f"sequence: expected 0 to {run.N - 1}, got {sequence!r}")
    view = View(shown, whole, sequence, None, padding_value, original, showing)
    chosen = make_options(name, view, options)
    return Picture(picture(view, name, chosen, transparent=transparent), transparent)


def export(
    run: Trace,
    path: str | PathLike[str],
    /,
    figure: str = "unrolled",
    step: int | None = None,
    dpi: float = 300,
    transparent: bool = False,
    sequence: int | None = 0,
    padding_value: float = 0.0,
    cell: int = 0,
    operation: int = 0,
    original: Trace | None = None,
    showing: Showing = "new",
    **options: Any,
) -> None:
    """Write a picture of a run as .png, .svg or .pdf, by the path's ending.

    Args:
        run: what `trace` returned, or a Stepper's `trace`.
        path: where to.
        figure: "unrolled", "folded", "anatomy", "weights", "trajectories" or "packed".
        step: the Stepper's position, 0 before the first step; None for the run as it stands.
        cell: cells of the next step that are computed too, in the Stepper's order.
        operation: operations inside the next cell that are computed too.
        dpi: of a PNG.
        transparent: leave the white background out.
        sequence: the row of the batch; None shows all.
        padding_value: what stands beyond a sequence's length where "packed" shows what the
            padded tensor would have answered.
        original: the run before its weights, input or clamps were changed.
        showing: "new" is `run` itself, "old" the original, "difference" run − original.
        options: of the figure, by name.

    Raises:
        UsageError: for a figure, step, cell, operation, sequence or option that doesn't exist,
            or an original that `run` cannot be compared with.
        FileError: where the path cannot be written.
    """
    made = picture_of(
        run,
        figure,
        (step, cell, operation),
        options,
        sequence=sequence,
        transparent=transparent,
        padding_value=padding_value,
        compared=(original, showing),
    )
    made.save(path, dpi)


def _chosen(
    shown: Trace, whole: Trace, original: Trace | None, showing: Showing
) -> tuple[Trace, Trace]:
    """Of a run and its original, what is shown up to now, and the whole of it."""
    if showing not in _SHOWING:
        known = ", ".join(_SHOWING)
        raise UsageError(f"showing: expected one of {known}, got {showing!r}")
    if original is None:
        if showing == "new":
            return shown, whole
        raise UsageError(f"original: expected the run to compare with, to show {showing!r}")
    if not isinstance(original, Trace):
        got = type(original).__name__
        raise UsageError(f"original: expected what `trace` returned, got a {got}")
    try:
        difference = difference_run(whole, original)
    except UsageError as error:
        raise UsageError(f"original: the two runs differ in {error}") from None
    if showing == "new":
        return shown, whole
    place = min(shown.progress, original.progress)
    if showing == "old":
        return original.at(place), original
    return difference.at(place), difference


def run_at(run: Trace, step: int | None, cell: int = 0, operation: int = 0) -> Trace:
    """A run at a place of its Stepper.

    Args:
        run: the whole of it, or as far as it is computed.
        step: whole steps; None for the run as it stands.
        cell: cells of the next step.
        operation: operations inside the next cell.

    Raises:
        UsageError: for a place that there is not, or that the run has not reached.
    """
    if step is None:
        if cell or operation:
            name, value = ("cell", cell) if cell else ("operation", operation)
            raise UsageError(f"{name}: expected a step with it, got {value!r} alone")
        return run
    whole = checked_position(step, run.position)
    place = checked_progress(Progress(whole, cell, operation), run.schedule, len(run.operations))
    if place > run.progress:
        raise UsageError(
            f"operation: expected a place up to {tuple(run.progress)}, got {tuple(place)}"
        )
    return run.at(place)
