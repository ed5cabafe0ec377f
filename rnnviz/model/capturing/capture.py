"""From the calls of a model's recurrent modules to runs that can be looked into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import SpecError, UsageError
from rnnviz.model.binding import Initial, same_bits
from rnnviz.model.capturing.calls import Call, States, Watch
from rnnviz.model.capturing.finding import Found, find_recurrent

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent

_FULL = {"RNNCell": nn.RNN, "LSTMCell": nn.LSTM, "GRUCell": nn.GRU}


class Capture(NamedTuple):
    """A recurrent module inside a model, with what it really received.

    Attributes:
        name: its qualified name; "" for the model itself.
        text: name, kind and sizes, and which run of several.
        module: it itself; of a cell in a loop, an `nn.RNN`, `LSTM` or `GRU` with its weights.
        input: as `module` takes it: of a loop (L, N, H_in), or (L, H_in) without a batch.
        hx: likewise.
    """

    name: str
    text: str
    module: Recurrent
    input: Tensor | PackedSequence
    hx: Initial


def capture(model: nn.Module, batch: Any, names: Sequence[str] | None = None) -> list[Capture]:
    """Runs a model once on a batch, and takes what its recurrent modules receive.

    The run is without gradients. Hooks are taken away again, and buffers and torch's generators
    put back, so that the model is as before.

    Args:
        model: any module.
        batch: its argument; a tuple or list of them, or a dict of keyword arguments.
        names: of the modules that are wanted; None for all.

    Raises:
        SpecError: where there is no recurrent module inside it, or none of such a name.
        UsageError: where the call reaches none of them.
    """
    wanted = chosen(model, names)
    with Watch(wanted) as watch, _as_it_was(model), torch.no_grad():
        _call(model, batch)
    found = runs_of(wanted, watch.calls)
    if not found:
        reached = ", ".join(each.text for each in wanted)
        raise UsageError(f"the model's forward calls none of its recurrent modules: {reached}")
    return found


def chosen(model: nn.Module, names: Sequence[str] | None) -> tuple[Found, ...]:
    """The recurrent modules of a model that are wanted.

    Raises:
        SpecError: where there are none.
    """
    found = find_recurrent(model)
    if not found:
        kind = type(model)
        raise SpecError(
            "module",
            expected="a torch.nn.RNN, LSTM or GRU, or a model with one or their cells inside",
            got=f"{kind.__module__}.{kind.__qualname__}",
        )
    if names is None:
        return found
    known = {each.name: each for each in found}
    for name in names:
        if name not in known:
            raise SpecError("name", expected=f"one of {', '.join(known)}", got=name)
    return tuple(known[name] for name in names)


def runs_of(modules: Sequence[Found], calls: Mapping[str, Sequence[Call]]) -> list[Capture]:
    """The runs that some calls make up: each a run, and those of a cell in a loop together."""
    captures = []
    for found in modules:
        made = calls[found.name]
        runs = list(_loops(made)) if found.is_cell else [[call] for call in made]
        for number, run in enumerate(runs, start=1):
            which = f", run {number} of {len(runs)}" if len(runs) > 1 else ""
            captures.append(_capture(found, f"{found.text}{which}", run))
    return captures


def _capture(found: Found, text: str, calls: Sequence[Call]) -> Capture:
    first, module = calls[0], found.module
    dtype = next(module.parameters()).dtype  # under autocast what goes in may be of another
    states = [state.to(dtype) for state in first.states]
    if not found.is_cell:
        return Capture(found.name, text, module, first.input.to(dtype), _hx(states))  # type: ignore[arg-type]
    steps = torch.stack([call.input for call in calls]).to(dtype)  # type: ignore[misc]
    hx = _hx([state.unsqueeze(0) for state in states])
    return Capture(found.name, text, _unrolled(module), steps, hx)


def _hx(states: Sequence[Tensor]) -> Initial:
    if not states:
        return None
    return states[0] if len(states) == 1 else (states[0], states[1])


def _loops(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """The calls of a cell in groups, in each of which a call goes on from the one before."""
    group: list[Call] = []
    for call in calls:
        if group and not _goes_on(group[-1], call):
            yield group
            group = []
        group.append(call)
    if group:
        yield group


def _goes_on(before: Call, after: Call) -> bool:
    same = before.input.shape == after.input.shape  # type: ignore[union-attr]
    return same and _equal(before.given, after.states)


def _equal(first: States, second: States) -> bool:
    return len(first) == len(second) and all(map(same_bits, first, second))


def _unrolled(cell: nn.Module) -> Recurrent:
    """The module that computes a cell at every timestep, with the cell's weights."""
    kind = next(full for name, full in _FULL.items() if isinstance(cell, getattr(nn, name)))
    options = {"nonlinearity": cell.nonlinearity} if isinstance(cell, nn.RNNCell) else {}
    weight: Any = cell.weight_ih
    with torch.random.fork_rng(devices=[]):
        module: Recurrent = kind(
            cell.input_size, cell.hidden_size, bias=bool(cell.bias), dtype=weight.dtype, **options
        )
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(getattr(cell, name.removesuffix("_l0")))
    return module.train(cell.training)


def _call(model: nn.Module, batch: Any) -> Any:
    if isinstance(batch, Mapping):
        return model(**batch)
    several = isinstance(batch, tuple | list) and not isinstance(batch, PackedSequence)
    return model(*batch) if several else model(batch)


@contextmanager
def _as_it_was(model: nn.Module) -> Iterator[None]:
    """Puts buffers, such as running means, and the state of torch's generators back."""
    kept = [(buffer, buffer.clone()) for buffer in model.buffers()]
    try:
        with torch.random.fork_rng():
            yield
    finally:
        with torch.no_grad():
            for buffer, before in kept:
                buffer.copy_(before)
