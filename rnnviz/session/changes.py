"""What was changed since the original run: each change in words, and how to take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.session.state import Document, WeightEdit
from rnnviz.session.whatif import place_of, with_clamp, without_clamp
from rnnviz.session.wording import clamp_place, clamp_text, input_place, input_text, number

_FEW = 6  # numbers of one tensor that are told one by one

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Change:
    """One difference between two documents.

    Attributes:
        text: "weight_hh_l0[3, 2] → 0.5".
        revert: the document without it.
    """

    text: str
    revert: Callable[[Document], Document]


def changes(document: Document, original: Document) -> tuple[Change, ...]:
    """All numbers that differ, those of one kind together."""
    return (
        *_clamps(document, original),
        *_weights(document, original),
        *_given(document, original),
        *_initial(document, original),
        *_input(document, original),
        *_targets(document, original),
    )


def kept_changes(document: Document) -> tuple[Change, ...]:
    """What is in force with nothing to compare with: clamps and edited weights."""
    return (*_clamps(document, None), *_weights(document, None))


def _clamps(document: Document, original: Document | None) -> Iterator[Change]:
    before = {place_of(clamp): clamp for clamp in (original.clamps if original else ())}
    for clamp in document.clamps:
        known = before.pop(place_of(clamp), None)
        if known is None:
            yield Change(clamp_text(clamp, document), partial(without_clamp, clamp=clamp))
        elif known != clamp:
            yield Change(clamp_text(clamp, document), partial(with_clamp, clamp=known))
    for clamp in before.values():
        yield Change(f"{clamp_place(clamp, document)} let go", partial(with_clamp, clamp=clamp))


def _weights(document: Document, original: Document | None) -> Iterator[Change]:
    before = {edit.place: edit for edit in (original.weight_edits if original else ())}
    for edit in document.weight_edits:
        known = before.pop(edit.place, None)
        if known != edit:
            text = f"{edit.place} → {number(edit.value)}"
            yield Change(text, partial(_with_edit, place=edit.place, edit=known))
    for edit in before.values():
        text = f"{edit.place} as it was built"
        yield Change(text, partial(_with_edit, place=edit.place, edit=edit))


def _given(document: Document, original: Document) -> Iterator[Change]:
    """Whole weights that others stand in place of, as after a training."""
    names = {**document.weights, **original.weights}
    changed = [
        name for name in names if document.weights.get(name) is not original.weights.get(name)
    ]
    if changed:
        count = sum(names[name].size for name in changed)
        revert = partial(_with_weights_of, original=original)
        yield Change(f"{count} numbers of {len(changed)} weights", revert)


def _with_weights_of(document: Document, original: Document) -> Document:
    return replace(document, weights=original.weights)


def _targets(document: Document, original: Document) -> Iterator[Change]:
    now, then = document.targets, original.targets
    if now is then or now is None or then is None:
        return
    places = np.argwhere(now != then)
    revert = partial(_with_targets_of, original=original)
    if len(places) == 1:
        place = tuple(int(index) for index in places[0])
        told = ", ".join(map(str, place))
        yield Change(f"targets[{told}] → {number(float(now[place]))}", revert)
    elif len(places):
        yield Change(f"{len(places)} targets", revert)


def _with_targets_of(document: Document, original: Document) -> Document:
    return replace(document, targets=original.targets)


def _with_edit(document: Document, place: str, edit: WeightEdit | None) -> Document:
    """The document with one element of a weight edited so, or as it was built."""
    others = tuple(known for known in document.weight_edits if known.place != place)
    return replace(document, weight_edits=others if edit is None else (*others, edit))


def _initial(document: Document, original: Document) -> Iterator[Change]:
    now, then = document.initial, original.initial
    if now is then:
        return
    revert = partial(_with_initial_of, original=original)
    for name in ("h_0", "c_0"):
        values, before = getattr(now, name), getattr(then, name)
        if values is None:
            continue
        places = np.argwhere(_differ(values, np.zeros_like(values) if before is None else before))
        if len(places) == 1:
            place = tuple(int(index) for index in places[0])
            told = ", ".join(map(str, place))
            yield Change(f"{name}[{told}] → {number(float(values[place]))}", revert)
        elif len(places):
            yield Change(f"{len(places)} values of {name}", revert)


def _with_initial_of(document: Document, original: Document) -> Document:
    return replace(document, initial=original.initial)


def _input(document: Document, original: Document) -> Iterator[Change]:
    if document.values is original.values:
        return
    differ = _differ(document.values, original.values)
    count = np.count_nonzero(differ)
    if count > _FEW:
        yield Change(f"{count} input values", partial(_with_values, original=original))
        return
    # Of millions, the places of a few are found in a tenth of the time one after the other.
    places = np.unravel_index(np.flatnonzero(differ), differ.shape)
    for sequence, t, feature in zip(*(axis.tolist() for axis in places), strict=True):
        value = float(document.values[sequence, t, feature])
        text = f"{input_place(document, sequence, t, feature)} → {input_text(document, value)}"
        place = (sequence, t, feature)
        yield Change(text, partial(_with_values, original=original, place=place))


def _with_values(document: Document, original: Document, place: tuple[int, ...] = ()) -> Document:
    """The input as it was, all of it or one place."""
    values = document.values.copy()
    values[place] = original.values[place]
    return replace(document, values=values)


def _differ(values: Values, others: Values) -> NDArray[np.bool_]:
    """Where two arrays differ, bit for bit."""
    first, second = (np.ascontiguousarray(array).view(np.int64) for array in (values, others))
    return np.asarray(first != second)
