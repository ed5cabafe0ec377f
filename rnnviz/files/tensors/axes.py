"""Which axis of an array is which, and the batch of sequences that it is then."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import InputError
from rnnviz.files.sequences import Sequences
from rnnviz.files.tensors.stored import Array
from rnnviz.model.memory import format_bytes, memory_limit

LETTERS = "NLH"
NAMES = {"L": "timesteps", "N": "sequences", "H": "features"}


def choices(ndim: int) -> tuple[str, ...]:
    """What the axes of such an array can be, the likeliest first: "LNH", "NLH" and so on.

    An array of one axis is timesteps. Of two, timesteps and features, or sequences of one
    feature. More than three are none.
    """
    if not 1 <= ndim <= 3:
        return ()
    likeliest = {1: ("L",), 2: ("LH", "HL", "LN", "NL"), 3: ("LNH", "NLH")}[ndim]
    others = ("".join(order) for order in permutations(LETTERS, ndim))
    return (*likeliest, *(axes for axes in others if axes not in likeliest and "L" in axes))


def arranged(array: Array, axes: str) -> Sequences:
    """The sequences in an array.

    Args:
        array: real numbers.
        axes: a letter for each of its axes: L timesteps, N sequences, H features. L must be
            among them; without N there is one sequence, without H one feature.

    Returns:
        The values (N, L, H) in float64.

    Raises:
        InputError: where the letters or the array make no sequences.
    """
    if axes not in choices(array.ndim):
        raise InputError(
            "axes",
            expected=f"one of {', '.join(choices(array.ndim)) or 'no more than three axes'}",
            got=f"{axes} for shape {array.shape}",
        )
    if array.dtype.kind not in "fiub":
        raise InputError("input", expected="real numbers", got=f"dtype {array.dtype}")
    if array.size == 0:
        raise InputError("input", expected="no axis of size 0", got=f"shape {array.shape}")
    needed = 8 * math.prod(array.shape)
    if needed > memory_limit():
        raise InputError(
            "input",
            expected=f"an array that fits in {format_bytes(memory_limit())}",
            got=f"shape {array.shape}, which takes {format_bytes(needed)}",
        )
    values = _moved(array, axes)
    return Sequences(values, (values.shape[1],) * values.shape[0], unbatched="N" not in axes)


def _moved(array: Array, axes: str) -> NDArray[np.float64]:
    """The axes in the order N, L, H, those that are missing of size 1."""
    present = [axes.index(letter) for letter in LETTERS if letter in axes]
    missing = [place for place, letter in enumerate(LETTERS) if letter not in axes]
    moved = np.expand_dims(array.transpose(present), tuple(missing))
    return np.ascontiguousarray(moved, dtype=np.float64)
