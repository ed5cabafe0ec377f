"""The gradient of every unit over time, a row for each or for as many as a row can hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.gradients import flows
from rnnviz.figures.gradients.flows import Lane, Pooled, Sizes
from rnnviz.figures.gradients.raster import raster
from rnnviz.figures.gradients.scale import Scale
from rnnviz.figures.gradients.subject import Subject
from rnnviz.figures.plots import Box
from rnnviz.model.gradients import Gradients
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_LEAST = 3.0  # px of a row


@dataclass(frozen=True, eq=False)
class Heat:
    """One picture of units over time.

    Attributes:
        pooled: sizes, as many as the box can show.
        units: how many there are.
        length: of the sequence, T.
        key: the gradient that the cells are of; None where they are of another run.
        reached: (T,), where the way back has been.
        selected: the unit that is ringed; None for none.
    """

    pooled: Pooled
    units: int
    length: int
    reached: NDArray[np.bool_]
    key: Element | None = None
    selected: int | None = None

    @property
    def sizes(self) -> Sizes:
        return self.pooled.sizes

    @property
    def merged(self) -> int:
        """How many units share a row."""
        return self.pooled.stride[0]


def read_heat(
    shown: Subject,
    found: Gradients,
    reached: NDArray[np.bool_],
    tensor: str,
    lane: Lane,
    box: Box,
) -> Heat:
    """What a box of that size shows of a gradient."""
    shape = max(1, int(box.height / _LEAST)), max(1, int(box.width))
    pooled = flows.matrix(found, tensor, lane, shown.sequence, shape)
    units = found.run.inputs(lane[0]).shape[-1] if tensor == "x" else _width(found, tensor)
    own = found is shown.found
    direction = None if tensor == "x" else lane[1]
    key = Element(f"grad_{tensor}", lane[0], direction, sequence=shown.sequence) if own else None
    return Heat(
        pooled,
        units,
        shown.length,
        reached[: shown.length],
        key,
        selected_unit(shown, tensor, units) if own else None,
    )


def _width(found: Gradients, tensor: str) -> int:
    return found.run.hidden_size if tensor == "c" else found.run.output_size


def selected_unit(shown: Subject, tensor: str, units: int) -> int | None:
    """The unit of what is shown that is selected, of the state itself or of its gradient."""
    chosen = shown.view.selection
    if chosen is None or chosen.unit is None or chosen.unit >= units:
        return None
    if chosen.tensor.removeprefix("grad_") == "x" or tensor == "x":
        alike = chosen.tensor.removeprefix("grad_") == tensor
    else:
        alike = True
    here = (chosen.layer, chosen.direction or 0) == shown.lane
    return chosen.unit if alike and here else None


def drawn(shown: Subject, heat: Heat, box: Box, scale: Scale, style: Style) -> list[Mark]:
    """The cells, their frame and row labels, and the ring of the selected unit."""
    marks = raster(shown, heat.pooled, heat.reached, box, (heat.units, heat.key), scale, style)
    role = style.role("gradient")
    marks.append(Rect(box.x, box.y, box.width, box.height, stroke=role.line, radius=2))
    return [*marks, *_labels(heat, box, style), *_ring(heat, box, style)]


def _labels(heat: Heat, box: Box, style: Style) -> list[Mark]:
    """The first and the last unit, and the selected one."""
    height = box.height / max(heat.units, 1)
    step = max(1, int(np.ceil(14 / height)))
    ends = {0, heat.units - 1} if heat.units * height >= 26 else {0}
    step = heat.units if step > 1 else 1
    wanted = sorted(ends | set(range(0, heat.units, step)))
    chosen = heat.selected
    if chosen is not None:
        wanted = [u for u in wanted if abs(u - chosen) * height >= 13]
        wanted.append(chosen)
    return [
        label(
            str(unit),
            box.x - 10,
            min(max(box.y + (unit + 0.5) * height + 4, box.y + 9), box.low - 1),
            style.ui.text if unit == chosen else style.ui.muted,
            11,
            weight=600 if unit == chosen else 400,
            anchor="end",
        )
        for unit in wanted
    ]


def _ring(heat: Heat, box: Box, style: Style) -> list[Mark]:
    if heat.selected is None:
        return []
    height = box.height / max(heat.units, 1)
    tall = max(height, 4.0)
    y = box.y + (heat.selected + 0.5) * height - tall / 2
    ink = style.ui.text
    return [
        Rect(box.x - 1.5, y - 0.5, box.width + 3, tall + 1, stroke=ink, stroke_width=1.75, radius=3)
    ]


def awaited(box: Box, text: str, style: Style) -> list[Mark]:
    """A box whose numbers are not there yet."""
    role = style.role("gradient")
    return [
        Rect(box.x, box.y, box.width, box.height, fill=style.ui.card),
        Rect(box.x, box.y, box.width, box.height, stroke=role.line, dash=(3, 3), radius=2),
        label(
            text,
            box.x + box.width / 2,
            box.y + box.height / 2 + 4,
            style.ui.muted,
            11.5,
            anchor="middle",
        ),
    ]
