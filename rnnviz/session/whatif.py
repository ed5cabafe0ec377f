"""What if a number were another one: edits of single weights, and values held during a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import InputError, SpecError
from rnnviz.session.state import Document, InitialStates, WeightEdit

if TYPE_CHECKING:
    from rnnviz.model.clamps import Clamp
    from rnnviz.model.spec import ModelSpec


def with_weight(
    document: Document, name: str, row: int, column: int | None, value: float
) -> Document:
    """One number of a weight or bias; infinity and NaN are numbers too.

    Raises:
        SpecError: where there is no such element.
    """
    _check_element(document, name, row, column)
    edit = WeightEdit(name, int(row), None if column is None else int(column), float(value))
    others = tuple(known for known in document.weight_edits if known.place != edit.place)
    return replace(document, weight_edits=(*others, edit))


def with_clamp(document: Document, clamp: Clamp) -> Document:
    """Something held at a value; of the same thing held before, the value alone changes.

    Raises:
        InputError: where there is no such tensor, layer, timestep, sequence or unit.
    """
    _check(document, clamp)
    others = tuple(known for known in document.clamps if place_of(known) != place_of(clamp))
    return replace(document, clamps=(*others, clamp))


def without_clamp(document: Document, clamp: Clamp) -> Document:
    """The same thing let go.

    Raises:
        InputError: where it is not held.
    """
    kept = tuple(known for known in document.clamps if place_of(known) != place_of(clamp))
    if kept == document.clamps:
        raise InputError("clamp", expected="one that is in force", got=clamp.tensor)
    return replace(document, clamps=kept)


def place_of(clamp: Clamp) -> tuple[object, ...]:
    """What a clamp holds, whatever its value."""
    return clamp.tensor, clamp.layer, clamp.direction, clamp.t, clamp.sequence, clamp.unit


def with_fitting_clamps(document: Document) -> Document:
    """The document with those clamps alone whose place it still has."""
    fitting = tuple(clamp for clamp in document.clamps if _fits(document, clamp))
    return document if fitting == document.clamps else replace(document, clamps=fitting)


def _fits(document: Document, clamp: Clamp) -> bool:
    try:
        _check(document, clamp)
    except InputError:
        return False
    return True


def _check(document: Document, clamp: Clamp) -> None:
    from rnnviz.model.clamps import check_clamps

    # A packed run is as long as its longest sequence, a padded one as long as its padding.
    timesteps = max(document.lengths, default=0) if document.packed else document.L
    check_clamps((clamp,), document.spec, timesteps, document.N)


def same_document(first: Document, second: Document) -> bool:
    """Whether two documents are the same, every number bit for bit."""
    return first is second or all(
        _same(getattr(first, field.name), getattr(second, field.name)) for field in fields(first)
    )


_EDITED = {
    "values",
    "initial",
    "weight_edits",
    "clamps",
    "fill",
    "seed",
    "targets",
    "weights",
    "weights_from",
}


def is_edit_of(document: Document, other: Document) -> bool:
    """Whether two documents differ at most in numbers: of the input, states, weights, clamps."""
    return _shapes(document) == _shapes(other) and all(
        _same(getattr(document, field.name), getattr(other, field.name))
        for field in fields(document)
        if field.name not in _EDITED
    )


def _shapes(document: Document) -> tuple[object, ...]:
    targets = document.targets
    return document.values.shape, None if targets is None else (targets.shape, targets.dtype)


def _bits(numbers: NDArray[Any]) -> NDArray[Any]:
    """The numbers as what they are written in, of which NaN, too, is equal to itself."""
    return np.ascontiguousarray(numbers).view(f"u{numbers.itemsize}")


def _same(first: object, second: object) -> bool:
    if first is second:
        return True
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        same_form = (first.shape, first.dtype) == (second.shape, second.dtype)
        return same_form and np.array_equal(_bits(first), _bits(second))
    if isinstance(first, InitialStates) and isinstance(second, InitialStates):
        return all(
            _same(getattr(first, name), getattr(second, name)) for name in ("kind", "h_0", "c_0")
        )
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(_same(first[k], second[k]) for k in first)
    return type(first) is type(second) and bool(first == second)


def parameter_shapes(spec: ModelSpec) -> dict[str, tuple[int, ...]]:
    """The shape of every weight and bias, by PyTorch's names, in PyTorch's order."""
    from rnnviz.model.weight_names import weight_names

    rows = spec.gate_count * spec.hidden_size
    above = spec.num_directions * spec.output_size
    shapes: dict[str, tuple[int, ...]] = {}
    for name in weight_names(spec):
        kind, _, place = name.rpartition("_l")
        shapes[name] = {
            "weight_ih": (rows, above if int(place.partition("_")[0]) else spec.input_size),
            "weight_hh": (rows, spec.output_size),
            "weight_hr": (spec.proj_size, spec.hidden_size),
        }.get(kind, (rows,))
    return shapes


def _check_element(document: Document, name: str, row: int, column: int | None) -> None:
    from rnnviz.session.surrounding import weight_shapes

    shapes = {
        known.removeprefix("recurrent."): shape for known, shape in weight_shapes(document).items()
    }
    if name not in shapes:
        raise SpecError("weight", expected=f"one of {', '.join(shapes)}", got=name)
    shape = shapes[name]
    if (column is None) != (len(shape) == 1):
        wanted = "a row and a column" if len(shape) == 2 else "a row alone"
        raise SpecError(name, expected=wanted, got=_place(row, column))
    for axis, index, size in zip(("row", "column"), (row, column), shape, strict=False):
        if index is None or not 0 <= index < size:
            raise SpecError(name, expected=f"{axis} 0 to {size - 1}", got=index)


def _place(row: int, column: int | None) -> str:
    return f"[{row}]" if column is None else f"[{row}, {column}]"
