"""The loop of a training: a loss, its gradients, an update; once more."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from rnnviz.errors import InputError, SpecError, UsageError
from rnnviz.model.arithmetic import one_thread
from rnnviz.model.memory import format_bytes, memory_limit
from rnnviz.model.training import stopping
from rnnviz.model.training.batch import Batch
from rnnviz.model.training.optimizers import Optimizer
from rnnviz.model.training.records import Record, Snapshot
from rnnviz.model.training.spec import TrainingSpec
from rnnviz.model.training.stopping import TrainingError
from rnnviz.model.training.task import Task
from rnnviz.model.training.trainable import Trainable, batches_of, layout_of, modules_of

_WORTH_THREADS = 1_000_000  # parameters

LossOf = Callable[[Any], Tensor]
Progress = Callable[[int, int], object]


def train(
    model: nn.Module | Mapping[str, nn.Module] | Trainable,
    data: Task | Batch | Iterable[Any],
    *,
    loss: LossOf | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    **choices: Any,
) -> Training:
    """Begins a training in place; each `next()` of what it returns does one step.

    Args:
        model: a `Pipeline`, a module, or several by name: what is trained is theirs.
        data: a task, whose batches are drawn in the pipeline's layout and dtype; one batch that
            is shown at every step; or batches of any kind, one a step.
        loss: a batch's loss, a tensor () that depends on the parameters; of a pipeline its own.
        progress: told after each step how many are done, and of how many.
        cancelled: asked before each step whether to end there.
        choices: those of `TrainingSpec`: optimizer, lr, steps, clip, seed, batch_size, every.

    Raises:
        SpecError: for choices that are none, or snapshots that no machine holds.
        InputError: for weights that are not finite.

    Example:
        >>> training = train(pipeline, Copy(), optimizer="adam", lr=0.01, steps=200, seed=0)
        >>> for record in training:
        ...     print(record.step, record.loss)
        >>> training.restore(100)
    """
    spec = TrainingSpec(**choices)
    if isinstance(data, Task) and (changes := layout_of(model)):
        data = replace(data, **changes)
    modules, found = modules_of(model)
    if loss is None and (loss := found) is None:
        raise SpecError("loss", expected="a function of a batch, for torch modules", got=None)
    tensors = None if found is not loss else getattr(found, "tensors", None)
    return Training(modules, loss, batches_of(data, spec), spec, progress, cancelled, tensors)


class Training(Iterator[Record]):
    """A training under way: iterate over it for a record of each step.

    Between two steps the modules are as they were in every respect but their weights and
    gradients: their mode is put back, and torch's own generator too; dropout draws from a stream
    that follows from the seed.

    Attributes:
        spec: the choices.
        parameter_names: of what is trained, in the order of `Record.grad_norms`.
        records: of the steps done.
        snapshots: of step 0, of every so many steps, and of the end.
        failure: what ended it where it left the numbers; else None.
    """

    def __init__(
        self,
        modules: nn.Module,
        loss: LossOf,
        batches: Iterator[Any],
        spec: TrainingSpec,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        tensors: Callable[[Any], Mapping[str, Tensor]] | None = None,
    ) -> None:
        self.spec = spec
        self.records: list[Record] = []
        self.failure: TrainingError | None = None
        self._modules, self._loss, self._batches = modules, loss, batches
        self._progress, self._cancelled, self._tensors = progress, cancelled, tensors
        named = [(name, each) for name, each in modules.named_parameters() if each.requires_grad]
        self.parameter_names = tuple(name for name, _ in named)
        self._parameters = [parameter for _, parameter in named]
        self._check()
        self._optimizer = Optimizer(spec.optimizer, self._parameters, spec.lr)
        self._generator_state = torch.Generator().manual_seed(spec.seed).get_state()
        self._threads = _threads_for(self._parameters)
        self._ended = False
        self.snapshots = [Snapshot.of(0, modules)]

    @property
    def step(self) -> int:
        """How many steps are done."""
        return len(self.records)

    @property
    def losses(self) -> tuple[float, ...]:
        """The loss of each step."""
        return tuple(record.loss for record in self.records)

    def __next__(self) -> Record:
        """Does one step.

        Raises:
            StopIteration: after the last step, or when it is cancelled.
            TrainingError: where it leaves the numbers; the weights are put back to the last
                snapshot of which they were good.
        """
        if self._ended or self.step == self.spec.steps or self._is_cancelled():
            self._end()
            raise StopIteration
        try:
            batch = next(self._batches)
        except StopIteration:
            self._end()
            raise
        record = self._advance(batch)
        self.records.append(record)
        if self.step % self.spec.every == 0 or self.step == self.spec.steps:
            self.snapshots.append(Snapshot.of(self.step, self._modules))
        if self._progress is not None:
            self._progress(self.step, self.spec.steps)
        return record

    def run(self) -> Training:
        """Does all steps that are left.

        Raises:
            TrainingError: as each of them.
        """
        for _ in self:
            pass
        return self

    def restore(self, step: int) -> Snapshot:
        """Puts the weights back to those of the last snapshot up to a step, and returns it.

        A training that goes on from there keeps what its optimizer remembers.

        Raises:
            UsageError: for a step that is not done.
        """
        if not 0 <= step <= self.step:
            raise UsageError(f"step: expected 0 to {self.step}, got {step}")
        snapshot = next(each for each in reversed(self.snapshots) if each.step <= step)
        self._modules.load_state_dict(snapshot.weights)
        return snapshot

    def _advance(self, batch: Any) -> Record:
        with self._own_stream():
            loss = self._forward(batch)
            if not loss.isfinite():
                self._fail(batch, gradients=False)
            loss.backward()  # type: ignore[no-untyped-call]
            record = self._clip(loss.item(), batch)
            self._optimizer.step()
        self._check_update()
        return record

    def _forward(self, batch: Any) -> Tensor:
        for parameter in self._parameters:
            parameter.grad = None
        loss = self._loss(batch)
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            raise InputError("loss", expected="a tensor ()", got=_kind(loss))
        if not loss.requires_grad:
            raise _independent_loss()
        return loss

    def _clip(self, loss: float, batch: Any) -> Record:
        """Measures the gradients, and clips them as `clip_grad_norm_` does."""
        grads = [each.grad for each in self._parameters if each.grad is not None]
        if not grads:
            raise _independent_loss()
        norms = [torch.linalg.vector_norm(grad) for grad in grads]
        total = torch.linalg.vector_norm(torch.stack(norms))
        if not total.isfinite() and not stopping.all_finite(grads):
            self._fail(batch, gradients=True)
        scale = 1.0
        if self.spec.clip is not None:
            factor = torch.clamp(self.spec.clip / (total + 1e-6), max=1.0)
            for grad in grads:
                grad.mul_(factor)
            scale = factor.item()
        values = iter(torch.stack(norms).tolist())
        each = tuple(0.0 if p.grad is None else next(values) for p in self._parameters)
        return Record(self.step + 1, loss, total.item(), each, scale)

    def _check_update(self) -> None:
        sizes = torch.stack([torch.linalg.vector_norm(each.detach()) for each in self._parameters])
        if sizes.isfinite().all() or stopping.all_finite(self._parameters):
            return
        wrong = zip(self.parameter_names, self._parameters, strict=True)
        self._stop(next(name for name, each in wrong if not stopping.all_finite(each)), self.step)

    def _fail(self, batch: Any, gradients: bool) -> NoReturn:
        """Says which tensor was the first, and stops."""
        torch.set_rng_state(self._generator_state)  # the same dropout once more
        if gradients:
            self._stop(stopping.first_gradient(self._modules, self._loss, batch), self.step)
        if (found := stopping.first_of_batch(batch)) is not None:
            self._stop(found, self.step)
        found = stopping.first_weight(self._modules) or stopping.first_computed(
            self._modules, self._loss, batch, self._tensors
        )
        self._stop(found, max(0, self.step - 1))

    def _stop(self, tensor: str, good: int) -> NoReturn:
        """Puts the weights back to the last snapshot up to step `good`, and raises."""
        self._ended = True
        while self.snapshots[-1].step > good:
            self.snapshots.pop()
        self._modules.load_state_dict(self.snapshots[-1].weights)
        self.failure = TrainingError(self.step + 1, tensor, self.snapshots[-1].step)
        raise self.failure

    def _end(self) -> None:
        if not self._ended and self.snapshots[-1].step != self.step:
            self.snapshots.append(Snapshot.of(self.step, self._modules))
        self._ended = True

    def _is_cancelled(self) -> bool:
        return self._cancelled is not None and self._cancelled()

    @contextmanager
    def _own_stream(self) -> Iterator[None]:
        """Within, modules are in train mode and torch's generator is this training's own."""
        training = [(module, module.training) for module in self._modules.modules()]
        theirs = torch.get_rng_state()
        torch.set_rng_state(self._generator_state)
        self._modules.train()
        try:
            with self._threads(), torch.inference_mode(False), torch.enable_grad():
                yield
            self._generator_state = torch.get_rng_state()
        finally:
            torch.set_rng_state(theirs)
            for module, mode in training:
                module.training = mode

    def _check(self) -> None:
        if not self._parameters:
            raise SpecError("model", expected="parameters that require gradients", got="none")
        held = self._modules.state_dict()
        for name, value in held.items():
            if not stopping.all_finite(value):
                raise InputError(name, expected="finite numbers", got="NaN or infinity")
        for module in self._modules.modules():
            if getattr(module, "sparse", False):
                raise SpecError("sparse", expected="False", got=True)
        needed = sum(each.nbytes for each in held.values()) * self.spec.snapshot_steps()
        if needed > memory_limit():
            least = math.ceil(self.spec.every * needed / memory_limit())
            raise SpecError(
                "every",
                expected=f"at least {least}, so that snapshots fit in memory",
                got=f"{self.spec.every}, with which they take {format_bytes(needed)}",
            )


def _threads_for(parameters: list[nn.Parameter]) -> Callable[[], AbstractContextManager[None]]:
    """One thread for a small model, whose steps cost more in waiting than in computing."""
    count = sum(parameter.numel() for parameter in parameters)
    return one_thread if count < _WORTH_THREADS else nullcontext


def _independent_loss() -> InputError:
    return InputError("loss", expected="one that depends on a parameter", got="a constant")


def _kind(value: object) -> str:
    return f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
