"""Pictures of a run without a window: for a notebook, a slide or a paper."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

from rnnviz.display import draw_offscreen
from rnnviz.errors import UsageError
from rnnviz.figures import get_figure
from rnnviz.figures.choices import make_options
from rnnviz.figures.picture import picture
from rnnviz.figures.view import View, applies_to
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.tokens import Vocabulary
from rnnviz.scene.marks import Scene
from rnnviz.viewing import Naming, Place, Run, Showing, view_of
from rnnviz.writers import svg_text, write


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
    run: Run,
    name: str = "unrolled",
    step: int | None = None,
    *,
    cell: int = 0,
    operation: int = 0,
    back: int | None = None,
    sequence: int | None = 0,
    transparent: bool = False,
    padding_value: float = 0.0,
    original: Run | None = None,
    showing: Showing = "new",
    rival: PipelineRun | None = None,
    vocabulary: Vocabulary | None = None,
    classes: tuple[str, ...] | None = None,
    lesson: str = "",
    **options: Any,
) -> Picture:
    """A picture of a run.

    Args:
        run: what `trace`, `Pipeline.run` or `SequenceToSequence.run` returned, or a Stepper's
            `trace`.
        name: what is drawn; `rnnviz.figures.figure_names()` lists them.
        step: the Stepper's position, 0 before the first step; None for the run as it stands. Of
            an encoder and a decoder it goes on through the decoder.
        cell: cells of the next step that are computed too, in the Stepper's order.
        operation: operations inside the next cell that are computed too.
        back: steps back through time that are done; None for the pass forward alone.
        sequence: the row of the batch; None shows all.
        transparent: leave the white background out.
        padding_value: what stands beyond a sequence's length where "packed" shows what the
            padded tensor would have answered.
        original: the run before its weights, input or clamps were changed.
        showing: "new" is `run` itself, "old" the original, "difference" run − original.
        rival: another model's run on the same batch and targets, for "gradients".
        vocabulary: names the ids of the batch.
        classes: names of the classes; None for those of the vocabulary, where they are as many.
        lesson: what "sides" puts side by side: "vanilla", "identity" or "projection".
        options: of the figure, by name.

    Raises:
        UsageError: for a figure, step, cell, operation, sequence or option that doesn't exist,
            a figure that cannot show this run, or an original that `run` cannot be compared with.
    """
    view = view_of(
        run,
        Place(step, cell, operation, back),
        sequence=sequence,
        padding_value=padding_value,
        original=original,
        showing=showing,
        rival=rival,
        naming=Naming(vocabulary, tuple(classes or ()), lesson),
    )
    return picture_of(view, name, options, transparent)


def picture_of(view: View, name: str, options: Mapping[str, Any], transparent: bool) -> Picture:
    """A picture of a view, whatever the options are called.

    Raises:
        UsageError: for a figure or an option that doesn't exist, or does not apply.
    """
    if not applies_to(get_figure(name), view):
        raise UsageError(f"figure: {name!r} has nothing to show of this model")
    chosen = make_options(name, view, options)
    return Picture(picture(view, name, chosen, transparent=transparent), transparent)


def export(
    run: Run,
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
    original: Run | None = None,
    showing: Showing = "new",
    back: int | None = None,
    rival: PipelineRun | None = None,
    vocabulary: Vocabulary | None = None,
    classes: tuple[str, ...] | None = None,
    lesson: str = "",
    **options: Any,
) -> None:
    """Write a picture of a run as .png, .svg or .pdf, by the path's ending.

    Args:
        run: what `trace`, `Pipeline.run` or `SequenceToSequence.run` returned, or a Stepper's
            `trace`.
        path: where to.
        figure: what is drawn; `rnnviz.figures.figure_names()` lists them.
        step: the Stepper's position, 0 before the first step; None for the run as it stands. Of
            an encoder and a decoder it goes on through the decoder.
        cell: cells of the next step that are computed too, in the Stepper's order.
        operation: operations inside the next cell that are computed too.
        back: steps back through time that are done; None for the pass forward alone.
        dpi: of a PNG.
        sequence: the row of the batch; None shows all.
        transparent: leave the white background out.
        padding_value: what stands beyond a sequence's length where "packed" shows what the
            padded tensor would have answered.
        original: the run before its weights, input or clamps were changed.
        showing: "new" is `run` itself, "old" the original, "difference" run − original.
        rival: another model's run on the same batch and targets, for "gradients".
        vocabulary: names the ids of the batch.
        classes: names of the classes; None for those of the vocabulary, where they are as many.
        lesson: what "sides" puts side by side: "vanilla", "identity" or "projection".
        options: of the figure, by name.

    Raises:
        UsageError: for a figure, step, cell, operation, sequence or option that doesn't exist,
            a figure that cannot show this run, or an original that `run` cannot be compared with.
        FileError: where the path cannot be written.
    """
    view = view_of(
        run,
        Place(step, cell, operation, back),
        sequence=sequence,
        padding_value=padding_value,
        original=original,
        showing=showing,
        rival=rival,
        naming=Naming(vocabulary, tuple(classes or ()), lesson),
    )
    picture_of(view, figure, options, transparent).save(path, dpi)
