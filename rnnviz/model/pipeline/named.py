"""A tensor that says what each of its axes is."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Named(NamedTuple):
    """A tensor with the names of its axes.

    Attributes:
        tensor: in the form in which torch's modules take or return it.
        axes: one name an axis: "N", "L", "E", "D * H_out", and a product such as "N * L" where
            two axes were made one.
    """

    tensor: Tensor
    axes: tuple[str, ...]

    @property
    def sizes(self) -> dict[str, int]:
        """The size of every axis by its name."""
        return dict(zip(self.axes, self.tensor.shape, strict=True))

    @property
    def legend(self) -> str:
        """Names and sizes, such as "(N, L, E) = (2, 4, 5)"."""
        return f"({', '.join(self.axes)}) = {shape_text(self.tensor.shape)}"


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as errors write it: "(2, 4)", without the comma of a Python tuple."""
    return f"({', '.join(str(size) for size in shape)})"


def place_text(name: str, index: tuple[int, ...]) -> str:
    """One number of a tensor as Python would write it: "ids[1, 2]"."""
    return f"{name}[{', '.join(str(i) for i in index)}]" if index else name
