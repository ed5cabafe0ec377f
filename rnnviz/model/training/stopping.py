"""Where a training leaves the numbers: which tensor is the first that is not finite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz.element import Element
from rnnviz.errors import RnnvizError
from rnnviz.model.trace import trace
from rnnviz.model.training.batch import Batch

Found = tuple[str, Any]  # a name and what bears it


class TrainingError(RnnvizError):
    """A training that left the numbers.

    Attributes:
        step: the step at which it did; the first is 1.
        tensor: the first that is not finite: "input", a weight by its name, a tensor on the
            way to the loss, a weight's gradient as "recurrent.weight_hh_l0.grad".
        snapshot: the step of the snapshot that the weights were put back to.
    """

    def __init__(self, step: int, tensor: str, snapshot: int) -> None:
        super().__init__(
            f"training stopped at step {step}: {tensor} is the first tensor that is not finite; "
            f"the weights are those after step {snapshot}"
        )
        self.step = step
        self.tensor = tensor
        self.snapshot = snapshot


def all_finite(values: object) -> bool:
    """Whether no tensor in it holds NaN or infinity; what is no tensor of numbers does not."""
    if isinstance(values, PackedSequence):
        return all_finite(values.data)
    if isinstance(values, Tensor):
        return not values.is_floating_point() or bool(values.detach().isfinite().all())
    if isinstance(values, Mapping):
        return all(all_finite(value) for value in values.values())
    if isinstance(values, tuple | list):
        return all(all_finite(value) for value in values)
    return True


def first_of_batch(batch: object) -> str | None:
    """What of a batch is not finite, if anything."""
    if isinstance(batch, Batch):
        return _first([("input", batch.input), ("target", batch.target)])
    return _first([("batch", batch)])


def first_weight(modules: nn.Module) -> str | None:
    """The first weight that is not finite, if any."""
    return _first(list(modules.state_dict().items()))


def first_computed(
    modules: nn.Module,
    loss: Callable[[Any], Tensor],
    batch: Any,
    tensors: Callable[[Any], Mapping[str, Tensor]] | None,
) -> str:
    """The first tensor on the way to a loss that is not finite; it is computed once more.

    Args:
        tensors: gives those that are computed behind the modules too, in their order.
    """
    found: list[Found] = []
    with torch.no_grad():
        with _watching(modules, found):
            loss(batch)
        if tensors is not None and _first(found) is None:
            found = list(tensors(batch).items())
    return _first(found) or "loss"


def first_gradient(modules: nn.Module, loss: Callable[[Any], Tensor], batch: Any) -> str:
    """The first gradient on the way back that is not finite; it is computed once more."""
    arrived: list[Found] = []
    handles = []
    for name, parameter in modules.named_parameters():
        if parameter.requires_grad:
            note = partial(_note, arrived, f"{name}.grad")
            handles.append(parameter.register_hook(note))  # type: ignore[no-untyped-call]
    try:
        loss(batch).backward()  # type: ignore[no-untyped-call]
    finally:
        for handle in handles:
            handle.remove()
        modules.zero_grad()
    return _first(arrived) or "grad"


def _note(arrived: list[Found], name: str, grad: Tensor) -> None:
    arrived.append((name, grad.detach().clone()))


def _first(found: list[Found]) -> str | None:
    return next((name for name, values in found if not all_finite(values)), None)


@contextmanager
def _watching(modules: nn.Module, outputs: list[Found]) -> Iterator[None]:
    """Within, the outputs of the innermost modules are noted as they are computed."""
    handles = [
        module.register_forward_hook(partial(_note_output, outputs, name))
        for name, module in modules.named_modules()
        if not any(True for _ in module.children())
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _note_output(
    outputs: list[Found], name: str, module: nn.Module, inputs: tuple[Any, ...], output: Any
) -> None:
    place = f"{name}.output" if name else "output"
    if isinstance(module, nn.RNN | nn.LSTM | nn.GRU) and not all_finite(output):
        place = _inside(name, module, inputs) or place
    outputs.append((place, output))


def _inside(name: str, module: nn.RNN | nn.LSTM | nn.GRU, inputs: tuple[Any, ...]) -> str | None:
    """Which state of a recurrent module it was; None where its run cannot be had again."""
    if module.training and module.dropout:
        return None  # other masks would be drawn
    try:
        element = trace(module, *inputs).first_not_finite
    except RnnvizError:
        return None
    return None if element is None else _state_text(name, element)


def _state_text(name: str, element: Element) -> str:
    direction = ", reverse" if element.direction else ""
    prefix = f"{name}." if name else ""
    return f"{prefix}{element.tensor}[{element.t}] of layer {element.layer}{direction}"
