"""The gradient of every unit over time, a row for each or for as many as a row can hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.gradients import flows
from rnnviz.figures.gradients.flows import Lane, Sizes
from rnnviz.figures.gradients.plot import AWAITED, padding, place
from rnnviz.figures.gradients.scale import Scale
from rnnviz.figures.gradients.subject import Subject
from rnnviz.figures.plots import Box
from rnnviz.model.gradients import Gradients
from rnnviz.scene.marks import Cells, Mark, Rect
from rnnviz.scene.pooling import bin_edges, pool_any, pool_largest
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_LEAST = 3.0  # px of a row
_GAP_FROM = 5.0  # px of a cell that stands apart from its neighbours


@dataclass(frozen=True, eq=False)
class Heat:
    """One picture of units over time.

    Attributes:
        sizes: (rows, columns), pooled by the largest.
        units: how many there are, T timesteps.
        key: the gradient that the cells are of; None where they are of another run.
        reached: (T,), where the way back has been.
        selected: the unit that is ringed; None for none.
    """

    sizes: Sizes
    crossed: NDArray[np.bool_] | None
    units: int
    length: int
    reached: NDArray[np.bool_]
    key: Element | None = None
    selected: int | None = None
    names: tuple[str, ...] = ()

    @property
    def merged(self) -> int:
        """How many units share a row, about."""
        return -(-self.units // max(len(self.sizes), 1))


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
    sizes, crossed = flows.matrix(found, tensor, lane, shown.sequence, shape)
    units = found.run.inputs(lane[0]).shape[-1] if tensor == "x" else _width(found, tensor)
    own = found is shown.found
    direction = None if tensor == "x" else lane[1]
    key = Element(f"grad_{tensor}", lane[0], direction, sequence=shown.sequence) if own else None
    return Heat(
        sizes,
        crossed,
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
    per_step = box.width / max(shown.run.L, 1)
    width = per_step * heat.length
    rows = max(len(heat.sizes), 1)
    marks: list[Mark] = [Rect(box.x, box.y, box.width, box.height, fill=style.ui.card)]
    gap = 1.0 if min(per_step, box.height / rows) >= _GAP_FROM else 0.0
    if heat.sizes.size:
        cells = Cells(
            box.x,
            box.y,
            width,
            box.height,
            scale.colors(heat.sizes, style),
            gap=gap,
            crossed=heat.crossed,
            key=heat.key,
            axes=("unit", "t"),
            stride=(heat.merged, -(-heat.length // heat.sizes.shape[1])),
        )
        marks += _by_arrival(cells, heat)
        marks += not_finite(cells, style)
    marks += padding(shown, box, style, named=False)
    role = style.role("gradient")
    marks.append(Rect(box.x, box.y, box.width, box.height, stroke=role.line, radius=2))
    return [*marks, *_labels(heat, box, style), *_ring(heat, box, style)]


def _by_arrival(cells: Cells, heat: Heat) -> list[Mark]:
    """The cells cut where the way back has come to; what has not arrived is faint."""
    count, crossed = cells.colors.shape[1], None if is_narrow(cells) else cells.crossed
    starts = bin_edges(heat.length, count)
    mask = np.logical_or.reduceat(heat.reached, starts) if len(heat.reached) else heat.reached
    edges = [0, *(np.flatnonzero(np.diff(mask)) + 1).tolist(), count]
    pitch = cells.width / count
    return [
        replace(
            cells,
            x=cells.x + start * pitch,
            width=(stop - start) * pitch,
            colors=cells.colors[:, start:stop],
            crossed=None if crossed is None else crossed[:, start:stop],
            opacity=1.0 if mask[start] else AWAITED,
            origin=(0, int(starts[start])),
        )
        for start, stop in pairwise(edges)
    ]


def not_finite(cells: Cells, style: Style) -> list[Mark]:
    """Hatches over columns whose crosses would be too narrow to be told apart."""
    if cells.crossed is None or not is_narrow(cells):
        return []
    pitch, color = cells.width / cells.crossed.shape[1], style.ui.error
    columns = np.flatnonzero(np.diff(cells.crossed.any(axis=0), prepend=False, append=False))
    return [
        Rect(cells.x + start * pitch, cells.y, (stop - start) * pitch, cells.height, hatch=color)
        for start, stop in columns.reshape(-1, 2).tolist()
    ]


def is_narrow(cells: Cells) -> bool:
    """Whether a cross has no room in a cell."""
    rows, columns = cells.colors.shape[:2]
    return bool(min(cells.width / columns, cells.height / rows) < _GAP_FROM)


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


def strip(
    shown: Subject, sizes: Sizes, reached: NDArray[np.bool_], box: Box, scale: Scale, style: Style
) -> list[Mark]:
    """What the loss owes to each input: one row below the tokens."""
    values = sizes[None, : shown.length]
    strange = ~np.isfinite(values)
    clean = np.where(strange, np.nan, values)
    pooled = pool_largest(clean, 1, max(1, int(box.width))).astype(np.float64)
    heat = Heat(
        pooled,
        pool_any(strange, *pooled.shape) if strange.any() else None,
        1,
        shown.length,
        reached[: shown.length],
    )
    width = box.width * shown.length / max(shown.run.L, 1)
    count = pooled.shape[1]
    cells = Cells(
        box.x,
        box.y,
        width,
        box.height,
        scale.colors(pooled, style),
        gap=1.0 if count and width / count >= _GAP_FROM else 0.0,
        crossed=heat.crossed,
        key=Element("grad_x", layer=0, sequence=shown.sequence),
        axes=("", "t"),
        stride=(1, -(-shown.length // max(count, 1))),
    )
    marks: list[Mark] = [Rect(box.x, box.y, box.width, box.height, fill=style.ui.card)]
    if count:
        marks += _by_arrival(cells, heat)
        marks += not_finite(cells, style)
    marks += padding(shown, box, style, named=False)
    marks.append(Rect(box.x, box.y, box.width, box.height, stroke=style.role("x").line, radius=2))
    if shown.cursor is not None:
        pitch = max(box.width / max(shown.run.L, 1), 3.0)
        x = place(shown.cursor, box, shown.run.L) - pitch / 2 - 0.5
        ink = style.current.line
        tall = box.height + 3
        marks.append(Rect(x, box.y - 1.5, pitch + 1, tall, stroke=ink, stroke_width=1.75, radius=2))
    return marks
