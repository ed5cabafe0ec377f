"""What an encoder and a decoder computed, and its gradients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from torch import Tensor

from rnnviz.model.pipeline.backward import PipelineGradients, back_from_states
from rnnviz.model.pipeline.run import PipelineRun

if TYPE_CHECKING:
    from rnnviz.model.pipeline.encoder_decoder import SequenceToSequence


@dataclass(frozen=True, eq=False)
class SequenceToSequenceGradients:
    """The gradients of both halves.

    Attributes:
        encoder, decoder: of every tensor on the way, as of a `Pipeline`.
        weights: by the model's names, as `parameter.grad`; where source and target are looked up
            in the same table, the sum of both.
    """

    encoder: PipelineGradients
    decoder: PipelineGradients
    weights: dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class SequenceToSequenceRun:
    """A run of an encoder and a decoder.

    Attributes:
        model: the parts.
        encoder: the encoder's run.
        decoder: the decoder's, over all ids that it was fed: its tensors, its `run` and, with
            targets, its loss.
        forced: whether it was fed the targets.
    """

    model: SequenceToSequence
    encoder: PipelineRun
    decoder: PipelineRun
    forced: bool

    @property
    def choices(self) -> Tensor:
        """The likeliest id of each step, in the form of a batch."""
        assert self.decoder.predictions is not None
        return self.decoder.predictions

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many tokens each sequence chose before its `end`; all of them without one: (N,)."""
        form = self.decoder.form
        ended = form.grid(self.choices) == self.model.end
        return tuple(
            int(column.nonzero()[0]) if bool(column.any()) else form.L for column in ended.T
        )

    @property
    def loss(self) -> Tensor | None:
        """(): None without targets."""
        return self.decoder.loss

    def backward(self) -> SequenceToSequenceGradients:
        """The gradients of everything: through the decoder, the state, and the encoder.

        What was fed back is taken as it was: a choice has no gradient.

        Raises:
            UsageError: where the run has no loss.
        """
        after = self.decoder.backward()
        h_0 = after.tensors["h_0"].tensor
        handed = "c_n" in self.encoder.tensors and "c_0" in after.tensors
        c_0 = after.tensors["c_0"].tensor if handed else None
        before = back_from_states(self.encoder, h_0, c_0)
        return SequenceToSequenceGradients(before, after, self._weights(before, after))

    @cached_property
    def gradients(self) -> SequenceToSequenceGradients:
        """What `backward()` gives, computed once."""
        return self.backward()

    def code(self) -> str:
        """A PyTorch script that computes the same and prints the same numbers."""
        from rnnviz.model.pipeline.decoding_code import run_code

        return run_code(self)

    def _weights(self, before: PipelineGradients, after: PipelineGradients) -> dict[str, Tensor]:
        parts = {"recurrent": "encoder"}
        found = _renamed(before.weights, parts)
        target = "embedding" if self.model.embeddings_are_one else "target_embedding"
        for name, grad in _renamed(
            after.weights, {"recurrent": "decoder", "embedding": target}
        ).items():
            found[name] = found[name] + grad if name in found else grad
        order_of_parts = list(self.model.modules)
        order = sorted(found, key=lambda name: order_of_parts.index(name.partition(".")[0]))
        return {name: found[name] for name in order}


def _renamed(weights: dict[str, Tensor], parts: dict[str, str]) -> dict[str, Tensor]:
    split = ((name.partition("."), grad) for name, grad in weights.items())
    return {f"{parts.get(part, part)}.{rest}": grad for (part, _, rest), grad in split}
