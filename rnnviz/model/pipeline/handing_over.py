"""Whether a decoder can take over from an encoder, and what it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from rnnviz.errors import InputError, SpecError
from rnnviz.model.pipeline.named import shape_text

if TYPE_CHECKING:
    from rnnviz.model.pipeline.encoder_decoder import SequenceToSequence


def check_handing_over(model: SequenceToSequence) -> None:
    """Refuse a decoder that cannot begin where the encoder ends.

    Raises:
        SpecError: with the size that differs.
    """
    first, second = model.encoding.spec, model.decoding.spec
    if first is None or second is None:
        missing = "encoder" if first is None else "decoder"
        raise SpecError(missing, expected="an nn.RNN, nn.LSTM or nn.GRU", got=None)
    for name, spec in (("encoder", first), ("decoder", second)):
        if spec.bidirectional:
            raise SpecError(name, expected="one direction", got=spec.code())
    both = first.cell == second.cell == "LSTM"
    sizes = [("num_layers", first.num_layers, second.num_layers)]
    sizes += [("h_0", first.output_size, second.output_size)]
    sizes += [("c_0", first.hidden_size, second.hidden_size)] if both else []
    sizes += [("batch_first", first.batch_first, second.batch_first)]
    for name, given, taken in sizes:
        if given != taken:
            raise SpecError(name, expected=f"{given} in the decoder, as in the encoder", got=taken)
    if first.dtype != second.dtype:
        raise SpecError("dtype", expected=f"{first.dtype} in the decoder", got=second.dtype)


def check_tokens(model: SequenceToSequence, count: int) -> None:
    """Refuse scores and ids that are not those of `count` tokens.

    Raises:
        SpecError: with the part that does not fit.
    """
    head = model.decoding.head
    if head is None or head.on != "every":
        got = None if head is None else repr(head.on)
        raise SpecError("head", expected="a Head on 'every' timestep", got=got)
    if head.linear.out_features != count:
        raise SpecError(
            "out_features",
            expected=f"{count}, a score for each token that can be fed back",
            got=head.linear.out_features,
        )
    loss = model.decoding.loss
    if loss is not None and not loss.takes_classes:
        raise SpecError("loss", expected="'cross_entropy'", got=repr(loss.kind))
    for name, token in (("start", model.start), ("end", model.end)):
        if not 0 <= token < count:
            raise SpecError(name, expected=f"an id from 0 to {count - 1}", got=token)


def check_target_shape(targets: Tensor, sequences: int | None, batch_first: bool) -> int:
    """L of the targets.

    Args:
        sequences: N of the source; None where it is unbatched.

    Raises:
        InputError: where the targets are of another number of sequences, or of none.
    """
    wanted = "(L,)" if sequences is None else ("(N, L)" if batch_first else "(L, N)")
    fits = targets.dim() == (1 if sequences is None else 2)
    at = 1 if batch_first and targets.dim() == 2 else 0
    if fits and sequences is not None:
        fits = targets.shape[1 - at] == sequences
    if not fits or targets.shape[at] == 0:
        if sequences is not None:
            wanted += f" with N = {sequences}"
        raise InputError("targets", expected=wanted, got=shape_text(tuple(targets.shape)))
    return targets.shape[at]
