"""Where an element lies in the tensors of a pipeline's run, as PyTorch has them."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.pipeline.form import Form
from rnnviz.model.pipeline.named import Named

GRADIENT = "grad_"
FEATURES = frozenset({"C", "E", "V", "H_in", "D * H_out"})
OF_STATES = frozenset({"h_0", "c_0", "h_n", "c_n"})


class Spot(NamedTuple):
    """A strip of numbers, or a single one, within a tensor.

    Attributes:
        tensor: as PyTorch has it.
        axes: the names of its axes.
        indices: of the strip, without the feature; of a single number, all of it.
        axis: the name of the strip's axis; "" of a single number.
    """

    tensor: Tensor
    axes: tuple[str, ...]
    indices: tuple[int, ...]
    axis: str

    @property
    def strip(self) -> Tensor:
        """The numbers of the strip."""
        return self.tensor[self.indices]


def settle(pr: PipelineRun, element: Element, named: Named) -> Element:
    """An element of a tensor over timesteps with its sequence and timestep filled in.

    Where the tensor has rows for the last timesteps alone, t is that of the sequence.

    Raises:
        UsageError: where there is no such sequence, timestep or row.
    """
    form, axes = pr.form, named.axes
    element = element._replace(layer=None, direction=None)
    if not axes:
        return Element(element.tensor)
    if element.row is not None:
        _check(element, "row", len(named.tensor))
        return element
    n = element.sequence or 0
    _check(element, "sequence", form.N)
    t = element.t
    if not has_time(named):
        t = int(form.ends[n])
    _check(element._replace(t=t), "t", form.L)
    return element._replace(sequence=n, t=t)


def spot(pr: PipelineRun, element: Element, named: Named) -> Spot:
    """Where a settled element with a timestep lies in a tensor."""
    axes = named.axes
    ends = 1 if axes and axes[-1] in FEATURES else 0
    leading = axes[: len(axes) - ends]
    if element.row is not None:
        index: tuple[int, ...] = (element.row,)
    else:
        n, t = element.sequence or 0, element.t or 0
        index = tuple(_position(pr.form, axis, n, t) for axis in leading)
    if ends:
        unit = element.unit if element.row is None else element.column
        width = named.tensor.shape[-1]
        if unit is not None and not 0 <= unit < width:
            raise UsageError(f"{element.tensor} has no element {unit}: there are {width}")
    return Spot(named.tensor, axes, index, axes[-1] if ends else "")


def has_time(named: Named) -> bool:
    """Whether a tensor has a row for each timestep, or only for each sequence."""
    rows = named.axes[: len(named.axes) - (named.axes[-1:] != () and named.axes[-1] in FEATURES)]
    return "L" in " ".join(rows).split()


def row_at(pr: PipelineRun, sequence: int, t: int) -> int:
    """The row of the flattened tensors at a sequence's timestep."""
    head = pr.pipeline.head
    if head is not None and head.on != "every":
        return sequence
    return _position(pr.form, "N * L", sequence, t)


def _position(form: Form, axis: str, n: int, t: int) -> int:
    if axis in ("N", "L"):
        return n if axis == "N" else t
    if "*" in axis or axis == "N * L":
        return n * form.L + t if form.batch_first else t * form.N + n
    return 0


def _check(element: Element, field: str, limit: int) -> None:
    index = getattr(element, field)
    if index is not None and not 0 <= index < limit:
        raise UsageError(f"{element.tensor} has no {field} {index}: there are {limit}")
