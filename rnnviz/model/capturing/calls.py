"""Hooks that note what recurrent modules receive and give, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils.hooks import RemovableHandle

from rnnviz.model.capturing.finding import Found

States = tuple[Tensor, ...]


class Call(NamedTuple):
    """One call of a recurrent module.

    Attributes:
        input: what it was given, on the CPU; a PackedSequence stays one.
        states: `h_0`, or `h_0` and `c_0`; () where it was given none.
        given: what it gave as its states, likewise.
    """

    input: Tensor | PackedSequence
    states: States
    given: States


class Watch:
    """While it is on, notes every call of some modules; nothing of the model is changed.

    Attributes:
        calls: of each module, by its name, in the order in which they were made.
    """

    def __init__(self, modules: Iterable[Found]) -> None:
        self._modules = tuple(modules)
        self._handles: list[RemovableHandle] = []
        self.calls: dict[str, list[Call]] = {found.name: [] for found in self._modules}

    def __enter__(self) -> Self:
        for found in self._modules:
            note = _Note(self.calls[found.name], found.is_cell)
            handle = found.module.register_forward_hook(note, with_kwargs=True)
            self._handles.append(handle)
        return self

    def __exit__(self, *_: object) -> None:
        while self._handles:
            self._handles.pop().remove()


class _Note:
    """The hook of one module."""

    def __init__(self, calls: list[Call], is_cell: bool) -> None:
        self._calls, self._is_cell = calls, is_cell

    def __call__(
        self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any
    ) -> None:
        given = dict(zip(("input", "hx"), args, strict=False)) | dict(kwargs)
        final = output if self._is_cell else output[1]
        self._calls.append(Call(_kept(given["input"]), _states(given.get("hx")), _states(final)))


def _states(states: Any) -> States:
    if states is None:
        return ()
    return tuple(_kept(state) for state in ((states,) if isinstance(states, Tensor) else states))


def _kept(values: Any) -> Any:
    """A copy on the CPU, which what the model does later leaves as it is."""
    if isinstance(values, PackedSequence):
        indices = (None if part is None else _kept(part) for part in values[2:])
        return PackedSequence(_kept(values.data), _kept(values.batch_sizes), *indices)
    with torch.no_grad():
        return values.detach().to("cpu", copy=True)
