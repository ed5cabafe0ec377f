"""Whether the parts of a pipeline fit one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.errors import SpecError
from rnnviz.model.building import read_module
from rnnviz.model.pipeline.embedding import check_embedding, width_of
from rnnviz.model.pipeline.head import Head
from rnnviz.model.pipeline.loss import Loss

if TYPE_CHECKING:
    from rnnviz.model.pipeline.pipeline import Pipeline


def check_kinds(pipeline: Pipeline) -> None:
    """Refuse parts that are no parts.

    Raises:
        SpecError: with the part's name.
    """
    check_embedding(pipeline.embedding)
    recurrent, head, loss = pipeline.recurrent, pipeline.head, pipeline.loss
    if recurrent is not None:
        read_module(recurrent)
    if head is not None and not isinstance(head, Head):
        raise SpecError("head", expected="a Head, an nn.Linear or None", got=_kind(head))
    if loss is not None and not isinstance(loss, Loss):
        raise SpecError("loss", expected="a Loss, its kind or None", got=_kind(loss))
    if pipeline.embedding is None and recurrent is None and head is None:
        raise SpecError("pipeline", expected="an embedding, recurrent or head", got="none")


def check_fit(pipeline: Pipeline) -> None:
    """Refuse parts that do not go together.

    Raises:
        SpecError: with the name of the size or choice.
    """
    recurrent, head = pipeline.recurrent, pipeline.head
    if recurrent is None and head is not None and head.on == "h_n":
        raise SpecError("on", expected="'every' or 'last' without recurrent", got="'h_n'")
    if pipeline.loss is not None:
        pipeline.loss.check_activation(None if head is None else head.activation)
    if recurrent is not None and pipeline.batch_first != bool(recurrent.batch_first):
        raise SpecError(
            "batch_first",
            expected=f"{recurrent.batch_first}, as of the recurrent module",
            got=pipeline.batch_first,
        )
    _check_sizes(pipeline)
    for name, parameter in pipeline.named_parameters():
        if parameter.dtype != pipeline.dtype:
            raise SpecError(name, expected=f"{pipeline.dtype}, as before it", got=parameter.dtype)


def _check_sizes(pipeline: Pipeline) -> None:
    width, spec, head = width_of(pipeline.embedding), pipeline.spec, pipeline.head
    if spec is not None:
        if width is not None and width != spec.input_size:
            raise SpecError(
                "input_size", expected=f"{width}, as the embedding gives", got=spec.input_size
            )
        width = spec.num_directions * spec.output_size
    if head is not None and width not in (None, head.linear.in_features):
        raise SpecError(
            "in_features", expected=f"{width}, as comes before", got=head.linear.in_features
        )
    classes = pipeline.classes
    weight = None if pipeline.loss is None else pipeline.loss.weight
    if weight is not None and classes is not None and tuple(weight.shape) != (classes,):
        raise SpecError("weight", expected=f"{classes} numbers", got=tuple(weight.shape))


def _kind(value: object) -> str:
    return type(value).__name__
