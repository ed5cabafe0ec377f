"""Sequence to sequence: an encoder reads, hands its state over, and a decoder writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from rnnviz.errors import InputError, SpecError, UsageError
from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Initial
from rnnviz.model.pipeline.embedding import (
    Embedding,
    OneHot,
    module_of,
    read_batch,
    vocabulary_size,
)
from rnnviz.model.pipeline.handing_over import check_handing_over, check_tokens
from rnnviz.model.pipeline.head import Head
from rnnviz.model.pipeline.loss import Loss
from rnnviz.model.pipeline.named import Named
from rnnviz.model.pipeline.pipeline import Pipeline
from rnnviz.model.spec import ModelSpec

if TYPE_CHECKING:
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
    from rnnviz.model.pipeline.decoding import Decoder
    from rnnviz.model.pipeline.form import Lengths
    from rnnviz.model.spec import Recurrent


@dataclass(frozen=True, eq=False, init=False)
class SequenceToSequence:
    """An encoder, a decoder that begins where it ended, and what stands before and behind.

    Args:
        encoder: a `torch.nn.RNN`, `LSTM` or `GRU` of one direction, or its `ModelSpec`.
        decoder: another, of as many layers and the same H_out; where only one of them is an
            LSTM, c is not handed over, and begins at zero.
        embedding: of the source, as a `Pipeline` takes it.
        head: a `Head` on every timestep, or an `nn.Linear`, with a score for each token.
        start: the id that the decoder is fed first.
        end: the id with which a sequence ends.
        target_embedding: of what the decoder is fed, `nn.Embedding` or `OneHot`; the same as of
            the source if None.
        loss: a `Loss` of class ids.

    Attributes:
        encoding: the encoder's part, a `Pipeline`.
        decoding: the decoder's.

    Raises:
        SpecError: where the parts do not fit each other.
    """

    encoding: Pipeline
    decoding: Pipeline
    start: int
    end: int

    def __init__(
        self,
        encoder: Recurrent | ModelSpec,
        decoder: Recurrent | ModelSpec,
        embedding: Embedding,
        head: Head | nn.Linear,
        start: int,
        end: int,
        target_embedding: nn.Embedding | OneHot | None = None,
        loss: Loss | str = "cross_entropy",
    ) -> None:
        target = embedding if target_embedding is None else target_embedding
        if not isinstance(target, nn.Embedding | OneHot):
            raise SpecError(
                "target_embedding",
                expected="nn.Embedding or OneHot, which choices can be fed to",
                got=type(target).__name__,
            )
        parts = {
            "encoding": Pipeline(embedding, encoder),
            "decoding": Pipeline(target, decoder, head, loss),
            "start": start,
            "end": end,
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)
        check_handing_over(self)
        check_tokens(self, vocabulary_size(target))

    @property
    def batch_first(self) -> bool:
        """Whether N stands before L."""
        return self.encoding.batch_first

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights and of every value."""
        return self.encoding.dtype

    @property
    def embeddings_are_one(self) -> bool:
        """Whether source and target are looked up in the same table."""
        return module_of(self.encoding.embedding) is module_of(self.decoding.embedding)

    @property
    def modules(self) -> dict[str, nn.Module]:
        """By part: "embedding", "encoder", "target_embedding" if another, "decoder", "head"."""
        first, second = self.encoding.modules, self.decoding.modules
        parts: dict[str, nn.Module | None] = {
            "embedding": first.get("embedding"),
            "encoder": first["recurrent"],
            "target_embedding": None if self.embeddings_are_one else second.get("embedding"),
            "decoder": second["recurrent"],
            "head": second["head"],
        }
        return {name: module for name, module in parts.items() if module is not None}

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The live parameters, such as "encoder.weight_ih_l0"."""
        for part, module in self.modules.items():
            for name, parameter in module.named_parameters():
                yield f"{part}.{name}", parameter

    def parameters(self) -> Iterator[nn.Parameter]:
        """The live parameters, each once, as an optimizer takes them."""
        yield from {id(parameter): parameter for _, parameter in self.named_parameters()}.values()

    def decoder(
        self,
        source: Any,
        targets: Any = None,
        lengths: Lengths = None,
        steps: int | None = None,
        teacher_forcing: bool | None = None,
    ) -> Decoder:
        """The decoder after the source was read, to be stepped one timestep at a time.

        Args:
            source: ids (or vectors) of the source, as a `Pipeline` takes them.
            targets: ids that the decoder is to give, `end` included, in the form of a batch; a
                position with the loss's `ignore_index` does not count.
            lengths: of each source, where it is padded.
            steps: at most how many; as many as the targets have, or twice the source's, if None.
            teacher_forcing: whether the decoder is fed the targets rather than its own choices;
                if None, whether there are targets.

        Raises:
            InputError: for what does not fit.
            UsageError: where choices are to be fed back in train mode with dropout.
        """
        from rnnviz.model.pipeline.decoding import Decoder

        return Decoder(self, source, targets, lengths, steps, teacher_forcing)

    def run(
        self,
        source: Any,
        targets: Any = None,
        lengths: Lengths = None,
        steps: int | None = None,
        teacher_forcing: bool | None = None,
    ) -> SequenceToSequenceRun:
        """The whole of it: `decoder(…)`, stepped to its end."""
        return self.decoder(source, targets, lengths, steps, teacher_forcing).run()

    def forward(
        self, source: Any, lengths: Lengths = None, targets: Any = None
    ) -> dict[str, Named]:
        """By calling the live modules, with gradients.

        Returns:
            The decoder's tensors under teacher forcing; without targets those of the encoder.
        """
        found = self.encoding.forward(source, lengths=lengths)
        if targets is None:
            return found
        wanted = self.read_targets(targets)
        return self.decoding.forward(self.fed(wanted), self.hand_over(found))

    def forward_loss(self, source: Any, targets: Any, lengths: Lengths = None) -> Tensor:
        """The loss under teacher forcing by calling the live modules, with gradients: ()."""
        found = self.encoding.forward(source, lengths=lengths)
        wanted = self.read_targets(targets)
        return self.decoding.forward_loss(self.fed(wanted), wanted, self.hand_over(found))

    def code(self) -> str:
        """The lines of PyTorch that make these very modules, weights included."""
        from rnnviz.model.pipeline.decoding_code import modules_code

        return modules_code(self)

    def hand_over(self, encoded: dict[str, Named]) -> Initial:
        """The decoder's `hx`, from the tensors of the encoder."""
        h_n = encoded["h_n"].tensor
        decoder = self.decoding.spec
        assert decoder is not None
        if decoder.cell != "LSTM":
            return h_n
        if "c_n" in encoded:
            return h_n, encoded["c_n"].tensor
        return h_n, h_n.new_zeros(*h_n.shape[:-1], decoder.hidden_size)

    @plain_arithmetic()
    def read_targets(self, targets: Any) -> Tensor:
        """Targets as int64, in the form in which they were given.

        Raises:
            InputError: for an id outside the vocabulary.
        """
        ids = torch.as_tensor(targets, device="cpu")
        loss = self.decoding.loss
        ignored = ids == (-100 if loss is None else loss.ignore_index)
        safe = torch.where(ignored, self.end, ids)
        try:
            read_batch(self.decoding.embedding, safe, self.dtype)
        except InputError as problem:
            got = str(problem.got).replace("ids", "targets")
            raise InputError("targets", expected=problem.expected, got=got) from None
        return ids.long()

    def fed(self, targets: Tensor) -> Tensor:
        """What teacher forcing feeds: `start`, and every target but the last, one later."""
        loss = self.decoding.loss
        ignored = targets == (-100 if loss is None else loss.ignore_index)
        safe = torch.where(ignored, self.end, targets)
        at = 1 if targets.dim() == 2 and self.batch_first else 0
        first = torch.full_like(safe.narrow(at, 0, 1), self.start)
        return torch.cat([first, safe.narrow(at, 0, safe.shape[at] - 1)], dim=at)

    def check_eval(self) -> None:
        """Refuse to feed choices back through masks that every step would draw anew.

        Raises:
            UsageError: in train mode with dropout.
        """
        module, spec = self.decoding.recurrent, self.decoding.spec
        assert module is not None
        assert spec is not None
        if module.training and spec.dropout and spec.num_layers > 1:
            raise UsageError("decoder: expected eval mode, or dropout 0, to be stepped")
