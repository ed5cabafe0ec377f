"""The parameters of a whole model: their names and shapes, and how many numbers they hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.session.surrounding import weight_shapes

if TYPE_CHECKING:
    from rnnviz.session.state import Document


def parameters(document: Document) -> dict[str, tuple[int, ...]]:
    """The shape of every parameter, as `named_parameters` lists them.

    Of recurrent layers alone by PyTorch's names, of a whole model with the part before them.
    """
    shapes = weight_shapes(document)
    if not document.is_plain:
        return shapes
    return {name.removeprefix("recurrent."): shape for name, shape in shapes.items()}


def parameter_count(document: Document) -> int:
    """Numbers in all of them together."""
    return sum(math.prod(shape) for shape in weight_shapes(document).values())


def parameter_listing(document: Document) -> str:
    """A line for each: `weight_ih_l0  (10, 100)`."""
    found = parameters(document)
    width = max((len(name) for name in found), default=0)
    return "\n".join(f"{name:{width}}  {_shape_text(shape)}" for name, shape in found.items())


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"
