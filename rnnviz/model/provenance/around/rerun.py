"""The statements that, after the copied script, run the model again in the open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.model.pipeline.embedding import OneHot, module_of
from rnnviz.model.provenance.around.whole import Half, Whole

if TYPE_CHECKING:
    from rnnviz.model.pipeline.embedding import Embedding
    from rnnviz.model.pipeline.head import Head
    from rnnviz.model.pipeline.loss import Loss


def statements(whole: Whole) -> list[str]:
    """Lines that end in `gradients`; none where the same numbers would not come out again.

    Masks of dropout would be drawn anew, and a module cannot be told to hold values.
    """
    run = whole.pr.run
    if run is not None and (run.masks or run.clamps):
        return []
    if whole.half is None:
        return ["import rnnviz", f"pr = {_pipeline(whole)}", "gradients = pr.backward()"]
    halves = (whole.half.run.encoder.run, whole.half.run.decoder.run)
    if any(half is not None and (half.masks or half.clamps) for half in halves):
        return []
    return [
        "import rnnviz",
        f"run = {_sequence_to_sequence(whole.half)}",
        f"gradients = run.gradients.{whole.half.side}",
    ]


def _pipeline(whole: Whole) -> str:
    pr, pipeline = whole.pr, whole.pr.pipeline
    recurrent, head = pipeline.recurrent, _head(pipeline.head)
    assert pipeline.loss is not None
    parts = [_embedding(pipeline.embedding, "embedding")]
    parts += ["None" if recurrent is None else "recurrent", head, _loss(pipeline.loss)]
    theirs = recurrent is not None and bool(recurrent.batch_first)
    if pipeline.batch_first != theirs:
        parts.append(f"batch_first={pipeline.batch_first}")
    batch = next(iter(pr.tensors))
    given = [f"{batch}.detach()" if batch == "input" else batch, "targets"]
    if pr.run is not None and pr.run.initial_given:
        given.append("hx=(h_0, c_0)" if "c_0" in pr.tensors else "hx=h_0")
    if pr.form.lengths is not None:
        given.append("lengths=lengths")
    return f"rnnviz.Pipeline({', '.join(parts)}).run({', '.join(given)})"


def _sequence_to_sequence(half: Half) -> str:
    model, run = half.run.model, half.run
    target = "embedding" if model.embeddings_are_one else "target_embedding"
    loss, front = model.decoding.loss, model.encoding.embedding
    assert loss is not None
    parts = ["encoder", "decoder", _embedding(front, "embedding"), _head(model.decoding.head)]
    parts += [str(model.start), str(model.end)]
    if model.decoding.embedding is not front:
        parts.append(_embedding(model.decoding.embedding, target))
    parts.append(f"loss={_loss(loss)}")
    given = ["source", "targets"]
    if run.encoder.form.lengths is not None:
        given.append("lengths=lengths")
    if not run.forced:
        given.append("teacher_forcing=False")
    return f"rnnviz.SequenceToSequence({', '.join(parts)}).run({', '.join(given)})"


def _embedding(embedding: Embedding, name: str) -> str:
    if not isinstance(embedding, OneHot):
        return "None" if module_of(embedding) is None else name
    return f"rnnviz.OneHot({embedding.num_classes}{f', {name}' * (embedding.linear is not None)})"


def _head(head: Head | None) -> str:
    if head is None or (head.on == "every" and head.activation is None):
        return "None" if head is None else "head"
    more = [f"activation={head.activation!r}"] if head.activation is not None else []
    return f"rnnviz.Head({', '.join(['head', repr(head.on), *more])})"


def _loss(loss: Loss) -> str:
    more = [f"ignore_index={loss.ignore_index}"] * (loss.ignore_index != -100)
    more += [f"reduction={loss.reduction!r}"] * (loss.reduction != "mean")
    more += ["weight=criterion.weight"] * (loss.weight is not None)
    more += [f"label_smoothing={loss.label_smoothing}"] * bool(loss.label_smoothing)
    kind = repr(loss.kind).replace("'", '"')
    return f"rnnviz.Loss({', '.join([kind, *more])})" if more else kind
