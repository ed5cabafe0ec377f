"""Recurrent layers in a dictionary of tensors, known by PyTorch's names and by their shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import SpecError
from rnnviz.files.found import FoundChain, FoundStack, LeftOut
from rnnviz.files.models.composing import Floats, UnsoundError, composed
from rnnviz.files.models.joining import SingleLayer, fit, join, stack_of
from rnnviz.files.models.naming import Group, grouped, shown_modules

NO_LAYER = "no recurrent layer has weights of this name"

_CELLS = {1: "RNN", 3: "GRU", 4: "LSTM"}  # by blocks of hidden_size rows
_FLOATS = ("float32", "float64")
_REVERSE = "_reverse"
_Module = tuple[str, bool]  # its name, and whether its layers have numbers; a cell's don't
_IN_A_ROW = re.compile(r"(?P<container>.*?)\.?(?P<number>0|[1-9][0-9]{0,3})", re.DOTALL)


def by_names(
    arrays: Mapping[str, NDArray[np.generic]], widened: Mapping[str, str] | None = None
) -> tuple[tuple[FoundChain, ...], tuple[LeftOut, ...]]:
    """The recurrent layers among tensors, and the rest with the reason.

    Args:
        arrays: by PyTorch's names, with prefixes of any depth.
        widened: of those that were of half precision in the file, which one.

    Returns:
        One chain for each module, those of a row of numbered modules that fit one another
        also as one; then the tensors that are part of none.
    """
    groups, others = grouped(arrays)
    shown = shown_modules(groups)
    left = [LeftOut(name, arrays[name].shape, NO_LAYER) for name in others]
    found: dict[_Module, tuple[SingleLayer, ...]] = {}
    chains: dict[_Module, FoundChain] = {}
    for group in groups:
        module = (group.module, group.numbered)
        name = shown[module]
        try:
            layers = _layers(group, name, arrays, widened or {})
            stack = _named(group, layers, name)
        except (UnsoundError, SpecError) as error:
            left += [LeftOut(part, arrays[part].shape, str(error)) for part in group.names]
            continue
        found[module] = layers
        chains[module] = FoundChain(stack.name, (stack,))
    order = {name: number for number, name in enumerate(arrays)}
    left.sort(key=lambda out: order[out.name])
    return tuple(_with_rows(found, chains)), tuple(left)


def _named(group: Group, layers: Sequence[SingleLayer], name: str) -> FoundStack:
    stack = stack_of(layers, name or f"nn.{layers[0].cell}")
    if group.numbered:
        return stack
    cell = f"nn.{stack.spec.cell}Cell"
    said = (
        *stack.said,
        f"{cell} has one layer, without a number: shown as one of nn.{stack.spec.cell}.",
    )
    return FoundStack(stack.name, stack.spec, stack.weights, said, stack.asked)


def _layers(
    group: Group,
    name: str,
    arrays: Mapping[str, NDArray[np.generic]],
    widened: Mapping[str, str],
) -> tuple[SingleLayer, ...]:
    """The layers of one module, from below.

    Raises:
        UnsoundError: where its tensors don't fit one another.
    """
    numbers = sorted({layer for layer, _ in group.weights})
    missing = next((n for n, number in enumerate(numbers) if n != number), None)
    if missing is not None:
        raise UnsoundError(f"layer {missing} of 0 to {numbers[-1]} is missing")
    layers: list[SingleLayer] = []
    for number in numbers:
        kinds = {kind: parts for (layer, kind), parts in group.weights.items() if layer == number}
        layer = _layer(name, _weights(kinds, arrays), _said(kinds, widened))
        if layers:
            _check_alike(layers[-1], layer, number)
        layers.append(layer)
    return tuple(layers)


def _weights(
    kinds: Mapping[str, Mapping[str, str]], arrays: Mapping[str, NDArray[np.generic]]
) -> dict[str, tuple[Floats, tuple[str, ...]]]:
    found = {}
    for kind, parts in kinds.items():
        tensors: dict[str, Floats] = {}
        for part, name in parts.items():
            array = arrays[name]
            if array.dtype.name not in _FLOATS:
                raise UnsoundError(f"{kind} holds {array.dtype.name} instead of real numbers")
            tensors[part] = array.astype(array.dtype.name, order="C")
        found[kind] = composed(kind, tensors)
    return found


def _said(kinds: Mapping[str, Mapping[str, str]], widened: Mapping[str, str]) -> tuple[str, ...]:
    names = [name for parts in kinds.values() for name in parts.values()]
    dtypes = dict.fromkeys(widened[name] for name in names if name in widened)
    return tuple(f"Widened from {dtype} to float32." for dtype in dtypes)


def _layer(
    name: str, weights: Mapping[str, tuple[Floats, tuple[str, ...]]], said: tuple[str, ...]
) -> SingleLayer:
    arrays = {kind: array for kind, (array, _) in weights.items()}
    forward = {kind: array for kind, array in arrays.items() if not kind.endswith(_REVERSE)}
    reverse = {
        kind.removesuffix(_REVERSE): array
        for kind, array in arrays.items()
        if kind.endswith(_REVERSE)
    }
    shapes = _shapes(forward)
    if reverse and (other := _difference(shapes, _shapes(reverse))) is not None:
        raise UnsoundError(f"{other} and {other}_reverse don't fit one another")
    if len({array.dtype for array in arrays.values()}) > 1:
        raise UnsoundError("its weights are of several dtypes")
    rows, input_size = shapes["weight_ih"]
    projection = shapes.get("weight_hr")
    hidden_size = projection[1] if projection else shapes["weight_hh"][1]
    return SingleLayer(
        name=name,
        cell=_CELLS[rows // hidden_size],
        input_size=input_size,
        hidden_size=hidden_size,
        directions=2 if reverse else 1,
        bias="bias_ih" in shapes,
        proj_size=projection[0] if projection else 0,
        nonlinearity=None,
        weights=arrays,
        said=(*said, *(sentence for _, sentences in weights.values() for sentence in sentences)),
    )


def _difference(
    one: Mapping[str, tuple[int, ...]], other: Mapping[str, tuple[int, ...]]
) -> str | None:
    kinds = (kind for kind in {**one, **other} if one.get(kind) != other.get(kind))
    return next(kinds, None)


def _shapes(arrays: Mapping[str, Floats]) -> dict[str, tuple[int, ...]]:
    """The shapes of one direction's weights, which fit one another.

    Raises:
        UnsoundError: where they don't.
    """
    shapes = {kind: array.shape for kind, array in arrays.items()}
    for kind in ("weight_ih", "weight_hh"):
        if kind not in shapes:
            raise UnsoundError(f"{kind} is missing")
    for kind, shape in shapes.items():
        if len(shape) != (2 if kind.startswith("weight") else 1) or 0 in shape:
            raise UnsoundError(f"{kind} has shape {shape}, which none has")
    rows, output_size = shapes["weight_hh"]
    if shapes["weight_ih"][0] != rows:
        raise UnsoundError(f"weight_ih has {shapes['weight_ih'][0]} rows and weight_hh {rows}")
    _check_cell(shapes, rows, output_size)
    biases = [kind for kind in ("bias_ih", "bias_hh") if kind in shapes]
    if len(biases) == 1:
        raise UnsoundError(f"{'bias_hh' if biases[0] == 'bias_ih' else 'bias_ih'} is missing")
    for kind in biases:
        if shapes[kind] != (rows,):
            raise UnsoundError(f"{kind} has {shapes[kind][0]} numbers and weight_hh {rows} rows")
    return shapes


def _check_cell(shapes: Mapping[str, tuple[int, ...]], rows: int, output_size: int) -> None:
    projection = shapes.get("weight_hr")
    if projection is None:
        if rows % output_size or rows // output_size not in _CELLS:
            raise UnsoundError(
                f"weight_hh has shape {(rows, output_size)}: no cell has so many rows"
            )
    elif projection[0] != output_size or rows != 4 * projection[1]:
        raise UnsoundError(
            f"weight_hr has shape {projection}, which does not fit weight_hh {(rows, output_size)}"
        )


def _check_alike(below: SingleLayer, layer: SingleLayer, number: int) -> None:
    """What torch's layers of one module have in common."""
    for field, word in (
        ("directions", "directions"),
        ("bias", "biases"),
        ("cell", "gates"),
        ("hidden_size", "units"),
        ("proj_size", "projections"),
        ("dtype", "numbers"),
    ):
        if getattr(layer, field) != getattr(below, field):
            raise UnsoundError(
                f"layer {number} has other {word} than layer {number - 1}".replace(
                    "other a ", "another "
                )
            )
    if layer.input_size != below.output_size:
        raise UnsoundError(
            f"layer {number} receives {layer.input_size} features, but layer {number - 1} gives "
            f"{below.output_size}"
        )


def _with_rows(
    found: Mapping[_Module, tuple[SingleLayer, ...]], chains: Mapping[_Module, FoundChain]
) -> Iterable[FoundChain]:
    """The chains, each row of them that can be one before the first of its own.

    A row is the modules of one list, "layers.0", "layers.1".
    """
    rows: dict[_Module, dict[int, _Module]] = {}
    for module in found:
        place = _IN_A_ROW.fullmatch(module[0])
        if place is not None:
            row = rows.setdefault((place["container"], module[1]), {})
            row[int(place["number"])] = module
    before: dict[_Module, FoundChain] = {}
    for (container, _), numbered in rows.items():
        modules = [numbered[number] for number in sorted(numbered)]
        layers = [layer for module in modules for layer in found[module]]
        if len(modules) > 1 and fit(layers):
            first = next(module for module in chains if module in modules)
            before[first] = _row(container, layers, [chains[module] for module in modules])
    for module, chain in chains.items():
        if module in before:
            yield before[module]
        yield chain


def _row(container: str, layers: Sequence[SingleLayer], chains: Sequence[FoundChain]) -> FoundChain:
    said = tuple(dict.fromkeys(s for chain in chains for stack in chain.stacks for s in stack.said))
    order = "Taken one after another in the order of their numbers, which the file does not say."
    stacks = tuple(
        FoundStack(stack.name, stack.spec, stack.weights, (*said, order), stack.asked)
        for stack in join(layers)
    )
    return FoundChain(container or " → ".join(chain.name for chain in chains), stacks)
