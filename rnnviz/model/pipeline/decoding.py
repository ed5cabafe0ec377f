"""A decoder at work, one timestep at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from rnnviz.errors import InputError, UsageError
from rnnviz.model.binding import Initial
from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
from rnnviz.model.pipeline.encoder_decoder import SequenceToSequence
from rnnviz.model.pipeline.handing_over import check_target_shape
from rnnviz.model.pipeline.named import Named

if TYPE_CHECKING:
    from rnnviz.model.pipeline.form import Lengths


@dataclass(frozen=True, eq=False)
class DecoderStep:
    """One timestep of a decoder.

    Attributes:
        t: from 0.
        tensors: by name, as a `PipelineRun` of one timestep has them: `ids` that were fed,
            `embedded`, `h_0` and `c_0` (the states before), `output`, `h_n` and `c_n` (the
            states after), `scores`, `probabilities`; and `choices`, the likeliest ids.
        forced: whether `ids` were targets rather than the choices of the step before.
    """

    t: int
    tensors: dict[str, Named]
    forced: bool

    @property
    def choices(self) -> Tensor:
        """The likeliest id of each sequence: (N,), or () unbatched."""
        return self.tensors["choices"].tensor


class Decoder:
    """Steps through a decoder whose encoder has read its source.

    Attributes:
        model: the parts.
        encoder: the encoder's run; its `run` is a `Trace`, to be stepped as any other.
        targets: ids, in the form in which they were given; None without.
        teacher_forcing: whether the targets are fed rather than the choices.
        total: at most how many steps there are.
    """

    def __init__(
        self,
        model: SequenceToSequence,
        source: Any,
        targets: Any = None,
        lengths: Lengths = None,
        steps: int | None = None,
        teacher_forcing: bool | None = None,
    ) -> None:
        self.model = model
        self.teacher_forcing = targets is not None if teacher_forcing is None else teacher_forcing
        if self.teacher_forcing and targets is None:
            raise InputError("targets", expected="ids, to be fed to the decoder", got=None)
        self.encoder = model.encoding.run(source, lengths=lengths)
        if not self.encoder.form.axes:
            raise InputError("source", expected="a sequence", got="a single token")
        self.targets = None if targets is None else model.read_targets(targets)
        self.total = self._steps(steps)
        self._fed = None if self.targets is None else model.fed(self.targets)
        self._done: list[DecoderStep] = []
        self.position = 0

    def step(self) -> DecoderStep:
        """Computes the next timestep, and only that.

        Raises:
            StopIteration: past the end, or once every sequence has chosen its end.
            UsageError: in train mode with dropout.
        """
        if self.position >= self.total or self.ended:
            raise StopIteration
        if self.position == len(self._done):
            self.model.check_eval()
            self._done.append(self._compute(self.position))
        self.position += 1
        return self._done[self.position - 1]

    def __iter__(self) -> Iterator[DecoderStep]:
        return self

    def __next__(self) -> DecoderStep:
        return self.step()

    def back(self) -> None:
        """Goes back by one step; at the beginning it stays there."""
        self.position = max(self.position - 1, 0)

    def seek(self, position: int) -> None:
        """Goes to where `position` steps are done, or to the end if that comes before.

        Raises:
            UsageError: where there is no such position.
        """
        if not 0 <= position <= self.total:
            raise UsageError(f"position: expected 0 to {self.total}, got {position}")
        self.position = min(position, len(self._done))
        while self.position < position and not self.ended:
            self.step()

    @property
    def steps(self) -> tuple[DecoderStep, ...]:
        """The steps that are done."""
        return tuple(self._done[: self.position])

    @property
    def ended(self) -> bool:
        """Whether every sequence has chosen `end`, where choices are fed back without targets."""
        if self.teacher_forcing or self.targets is not None or not self.position:
            return False
        chosen = torch.stack([step.choices for step in self.steps])
        return bool((chosen == self.model.end).any(dim=0).all())

    @property
    def choices(self) -> Tensor:
        """The likeliest ids of the steps that are done, in the form of a batch."""
        return self._together([step.choices for step in self.steps])

    def run(self) -> SequenceToSequenceRun:
        """Goes on to the end; the decoder is then computed in the open as a whole.

        Raises:
            UsageError: where choices are to be fed back in train mode with dropout.
        """
        if self.teacher_forcing and not self._done:
            assert self._fed is not None
            fed = self._fed
            self.position = 0
        else:
            self.seek(self.total)
            fed = self._together([step.tensors["ids"].tensor.flatten() for step in self.steps])
        initial = self.model.hand_over(self.encoder.tensors)
        decoder = self.model.decoding.run(fed, self.targets, initial)
        return SequenceToSequenceRun(self.model, self.encoder, decoder, self.teacher_forcing)

    def _compute(self, t: int) -> DecoderStep:
        model, forced = self.model, self.teacher_forcing and t > 0
        at = 1 if self._batch_first else 0
        if self.teacher_forcing:
            assert self._fed is not None
            ids = self._fed.narrow(at, t, 1)
        elif t == 0:
            ids = torch.full(self._one_step(), model.start)
        else:
            ids = self._done[t - 1].choices.reshape(self._one_step())
        pr = model.decoding.run(ids, hx=self._state(t))
        assert pr.predictions is not None
        axes = ("N",) if "N" in self.encoder.form.axes else ()
        chosen = Named(pr.predictions.squeeze(at), axes)
        return DecoderStep(t, pr.tensors | {"choices": chosen}, forced)

    def _state(self, t: int) -> Initial:
        if t == 0:
            return self.model.hand_over(self.encoder.tensors)
        before = self._done[t - 1].tensors
        h_n = before["h_n"].tensor
        return (h_n, before["c_n"].tensor) if "c_n" in before else h_n

    def _together(self, steps: list[Tensor]) -> Tensor:
        """Ids of several timesteps in the form of a batch."""
        form = self.encoder.form
        if not steps:
            shape = (form.N,) if "N" in form.axes else ()
            return torch.zeros((0, *shape), dtype=torch.int64)
        ids = torch.stack([ids.flatten() for ids in steps])
        if "N" not in form.axes:
            return ids.squeeze(1)
        return ids.T if form.batch_first else ids

    @property
    def _batch_first(self) -> bool:
        return self.encoder.form.batch_first

    def _one_step(self) -> tuple[int, ...]:
        form = self.encoder.form
        if "N" not in form.axes:
            return (1,)
        return (form.N, 1) if form.batch_first else (1, form.N)

    def _steps(self, steps: int | None) -> int:
        form = self.encoder.form
        if self.targets is None:
            found = 2 * form.L if steps is None else steps
        else:
            sequences = form.N if "N" in form.axes else None
            found = check_target_shape(self.targets, sequences, form.batch_first)
            if steps not in (None, found):
                raise InputError("steps", expected=f"None or {found}, L of the targets", got=steps)
        if isinstance(found, bool) or not isinstance(found, int) or found < 1:
            raise InputError("steps", expected="a whole number of at least 1", got=found)
        return found
