"""The whole model as its numbers are told of: the run, the way back, and how far both have come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from rnnviz.model.gradients import Gradients
    from rnnviz.model.pipeline import PipelineRun
    from rnnviz.model.pipeline.backward import PipelineGradients
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun


class Reach(Protocol):
    """How far a run has come, beyond its recurrent layers."""

    def has_output(self, t: int, sequence: int) -> bool:
        """Whether what the head reads at a timestep is there."""
        ...

    def has_scores(self, t: int, sequence: int) -> bool:
        """Whether the scores that stand at a timestep are there."""
        ...

    @property
    def has_loss(self) -> bool:
        """Whether everything that the loss depends on is there."""
        ...


@dataclass(frozen=True)
class Steps:
    """A run of which the first timesteps are done.

    Attributes:
        done, total: how many, and how many there are.
    """

    done: int
    total: int

    def has_output(self, t: int, sequence: int) -> bool:
        """Whether a timestep is done."""
        return t < self.done or self.has_loss

    def has_scores(self, t: int, sequence: int) -> bool:
        """Whether a timestep is done."""
        return t < self.done or self.has_loss

    @property
    def has_loss(self) -> bool:
        """Whether all are."""
        return self.done >= self.total


ALL = Steps(1, 1)


class Half(NamedTuple):
    """The side of an encoder and a decoder that a run is."""

    run: SequenceToSequenceRun
    side: Literal["encoder", "decoder"]


@dataclass(frozen=True, eq=False)
class Whole:
    """A run from the batch to the loss, and its gradients.

    Attributes:
        pr: the run, all of it computed.
        gradients: of its loss; None without one, and where they are not known.
        reach: how far the run is shown.
        returned: how many steps back the gradients are shown; None for all.
        tokens: names of the ids; empty where they are only numbers.
        classes: names of the C classes likewise.
        is_difference: whether every number is new − original.
        half: what the run is the encoder or the decoder of; None where it is all.
    """

    pr: PipelineRun
    gradients: PipelineGradients | None = None
    reach: Reach = ALL
    returned: int | None = None
    tokens: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    is_difference: bool = False
    half: Half | None = None

    @cached_property
    def recurrent(self) -> Gradients | None:
        """The gradients in the recurrent layers, all of them."""
        return None if self.gradients is None else self.gradients.recurrent

    @cached_property
    def arrived(self) -> Gradients | None:
        """The same as far as they are shown."""
        found = self.recurrent
        if found is None or self.returned is None:
            return found
        return found.at(min(self.returned, found.position))

    def class_name(self, index: int) -> str:
        """A class in words: 'l', or its number."""
        return f"{self.classes[index]!r}" if 0 <= index < len(self.classes) else str(index)

    def token_name(self, id_: int) -> str:
        """An id in words: 'l', or the number."""
        return f"{self.tokens[id_]!r}" if 0 <= id_ < len(self.tokens) else str(id_)
