"""Recurrent stacks in a row: one of them on show, the others before and behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import SpecError
from rnnviz.model.spec import ModelSpec
from rnnviz.session.parts import StackPart
from rnnviz.session.state import Document, InitialStates

if TYPE_CHECKING:
    from rnnviz.session.runner import Cancel

Values = NDArray[np.float64]

_RECURRENT = "recurrent."


def check_stacks(document: Document) -> None:
    """See that each stack receives what the one before gives.

    Raises:
        SpecError: at the first that does not, or for parts that have no place beside it.
    """
    before, after = document.before, document.after
    if before and document.front is not None:
        raise SpecError("front", expected=f"none behind {before[-1].name}", got=document.front.kind)
    if after and (document.head or document.loss or document.decoder):
        raise SpecError("head", expected=f"none before {after[0].name}", got="one")
    if (before or after) and not document.recurrent:
        raise SpecError("recurrent", expected="recurrent layers, one stack of several", got="none")
    stacks = stacks_of(document)
    for giver, taker in pairwise(stacks):
        given = given_features(giver.spec)
        if given != taker.spec.input_size:
            field = "input_size" if taker is stacks[len(before)] else "hidden_size"
            raise SpecError(
                field,
                expected=f"the same features from {giver.name} to {taker.name}",
                got=f"{given} to {taker.spec.input_size}",
            )


def given_features(spec: ModelSpec) -> int:
    """Features that a stack puts out at a timestep: D * H_out."""
    return spec.num_directions * spec.output_size


def stacks_of(document: Document) -> tuple[StackPart, ...]:
    """All stacks in their order, the one on show among them; one where there is no row."""
    return (*document.before, shown_stack(document), *document.after)


def shown_stack(document: Document) -> StackPart:
    """The recurrent layers on show as a part of a row."""
    return StackPart(
        document.stack,
        document.spec,
        recurrent_weights(document),
        tuple(edit for edit in document.weight_edits if "." not in edit.name),
        document.clamps,
        document.initial,
    )


def recurrent_weights(document: Document) -> Mapping[str, Values]:
    """The numbers of the recurrent layers that are not drawn from the seed, by module's names."""
    own = (
        {}
        if document.module is None
        else {
            name: np.asarray(weight.detach().double().cpu().numpy())
            for name, weight in document.module.named_parameters()
        }
    )
    given = {
        name.removeprefix(_RECURRENT): values
        for name, values in document.weights.items()
        if name.startswith(_RECURRENT)
    }
    return MappingProxyType(own | given)


def with_stack(document: Document, index: int) -> Document:
    """The document with another of its stacks on show.

    Raises:
        IndexError: where there is none.
    """
    stacks = stacks_of(document)
    if not 0 <= index < len(stacks):
        raise IndexError(index)
    if index == len(document.before):
        return document
    return replace(
        of_stack(document, stacks[index]),
        before=stacks[:index],
        after=stacks[index + 1 :],
    )


def values_through(document: Document, cancel: Cancel | None = None) -> Values:
    """What the stack on show receives: the input through the stacks before it, (N, L, H_in).

    Raises:
        Cancelled: where nobody waits for it any more.
    """
    asked = _followed(document)
    for followed, values in _lately:
        if all(a is b or _same(a, b) for a, b in zip(followed, asked, strict=True)):
            return values
    values = _run_through(document, cancel)
    _lately[:] = [(asked, values)]
    return values


_lately: list[tuple[tuple[Any, ...], Values]] = []  # what was made last, and what it follows from


def _followed(document: Document) -> tuple[Any, ...]:
    """All that the stacks before follow from."""
    return (
        document.values,
        document.before,
        document.lengths,
        document.packed,
        document.enforce_sorted,
        document.training,
        document.padding_value,
    )


def _same(first: Any, second: Any) -> bool:
    return isinstance(first, bool | float) and first == second


def _run_through(document: Document, cancel: Cancel | None) -> Values:
    from rnnviz.session.binding import bind

    values, lengths = document.values, document.lengths
    padding = np.arange(document.L) >= np.asarray(lengths)[:, None]
    for stack in document.before:
        alone = replace(
            of_stack(document, stack), values=values, lengths=lengths, before=(), after=()
        )
        run = bind(alone).run(cancel)
        top, ways = run.num_layers - 1, range(run.num_directions)
        output = np.concatenate([run.states(top, way).h for way in ways], axis=2)
        values = output.swapaxes(0, 1).astype(np.float64)
        if document.packed:
            values = np.where(padding[:, :, None], 0.0, values)
        else:  # what follows on padding is computed like all else
            lengths = (document.L,) * document.N
    return values


def of_stack(document: Document, stack: StackPart) -> Document:
    """The document with another stack in the place of the one on show, the others as they are."""
    spec = stack.spec
    if spec.batch_first != document.spec.batch_first:
        spec = spec.with_changes(batch_first=document.spec.batch_first)
    weights = {f"{_RECURRENT}{name}": values for name, values in stack.weights.items()}
    others = {n: v for n, v in document.weights.items() if not n.startswith(_RECURRENT)}
    edits = tuple(edit for edit in document.weight_edits if "." in edit.name)
    return replace(
        document,
        stack=stack.name,
        spec=spec,
        module=None,
        weights=MappingProxyType(others | weights),
        weight_edits=stack.weight_edits + edits,
        clamps=stack.clamps,
        initial=stack.initial or InitialStates(),
    )
