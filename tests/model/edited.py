"""Edits of a module and what is fed to it, as a person makes them: a number here and there."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.model.trace import Trace
from tests.model.runs import Case


@st.composite
def edits_of(draw: st.DrawFn, case: Case, run: Trace, most: int = 3) -> Case:
    """The case with up to `most` of its numbers changed."""
    edited = copied(case)
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(["weight", "weight", "x", "x", "initial"]))
        value = draw(st.floats(-2, 2))
        if kind == "weight":
            _set(draw, draw(st.sampled_from(list(edited.module.parameters()))).data, value)
        elif kind == "x":
            packed = isinstance(edited.input, PackedSequence)
            _set(draw, edited.input.data if packed else edited.input, value)
        else:
            edited = replace(edited, hx=edited.hx if edited.hx is not None else zeros(run))
            states = (edited.hx,) if isinstance(edited.hx, Tensor) else edited.hx
            _set(draw, draw(st.sampled_from(states)), value)
    return edited


def copied(case: Case) -> Case:
    """The same case on memory of its own."""
    return Case(
        copy.deepcopy(case.module),
        copy.deepcopy(case.input),
        copy.deepcopy(case.hx),
        case.generator,
    )


def zeros(run: Trace) -> Any:
    """The initial states that a run without any begins with."""
    states = [state.clone() for state in (run.h_0, run.c_0) if state is not None]
    if run.unbatched:
        states = [state.squeeze(1) for state in states]
    return states[0] if len(states) == 1 else tuple(states)


def _set(draw: st.DrawFn, values: Tensor, value: float) -> None:
    values[tuple(draw(st.integers(0, size - 1)) for size in values.shape)] = torch.tensor(
        value, dtype=values.dtype
    )
