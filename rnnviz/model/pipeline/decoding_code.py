"""Sequence to sequence as the PyTorch that computes the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from rnnviz.model.pipeline.code import criterion_code, generator_lines, load_lines
from rnnviz.model.pipeline.embedding import Embedding, OneHot, module_of
from rnnviz.model.pipeline.keeping import keeping_lines, learns
from rnnviz.model.pipeline.literals import tensor_code
from rnnviz.model.pipeline.redraw import Redrawn, construction
from rnnviz.model.pipeline.script import script

if TYPE_CHECKING:
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
    from rnnviz.model.pipeline.encoder_decoder import SequenceToSequence


def modules_code(model: SequenceToSequence) -> str:
    """A script that makes the modules, weights included."""
    target = "embedding" if model.embeddings_are_one else "target_embedding"
    found: dict[str, Tensor] = {}
    for pipeline, parts in (
        (model.encoding, {"recurrent": "encoder"}),
        (model.decoding, {"recurrent": "decoder", "embedding": target}),
    ):
        for name, weight in pipeline.weights().items():
            part, _, rest = name.partition(".")
            found[f"{parts.get(part, part)}.{rest}"] = weight.detach()
    return script(_modules(model, found))


def run_code(run: SequenceToSequenceRun) -> str:
    """A script that makes the modules and the source, decodes, and prints the same numbers.

    Its variables bear the names of the decoder's tensors; those of the encoder's output and
    final state are `encoded` and the decoder's `h_0` and `c_0`.
    """
    lines = _modules(run.model, _weights(run))
    lines += ["", *_given(run), "", *_encode(run), ""]
    lines += generator_lines(run.decoder)
    lines += _forced(run) if run.forced else _fed_back(run)
    lines += _lose(run) if run.loss is not None else []
    names = ["encoded", "scores", "probabilities", "choices"] + ["loss"] * (run.loss is not None)
    lines += ["", *(f'print("{name}", {name}.detach())' for name in names)]
    if run.loss is not None:
        live = run.model.named_parameters()
        frozen = {name for name, weight in live if not weight.requires_grad}
        lines += [
            f'print("{name}.grad", {name}.grad)' for name in _weights(run) if name not in frozen
        ]
    return script(lines)


def _modules(model: SequenceToSequence, weights: dict[str, Tensor]) -> list[str]:
    lines = [f"{part} = {construction(module)}" for part, module in model.modules.items()]
    for part in model.modules:
        named = {n.partition(".")[2]: w for n, w in weights.items() if n.startswith(f"{part}.")}
        lines += load_lines(part, named, Redrawn())
    if model.decoding.loss is not None:
        lines.append(f"criterion = {criterion_code(model.decoding.loss, model.decoding.head)}")
    return lines


def _weights(run: SequenceToSequenceRun) -> dict[str, Tensor]:
    assert run.encoder.run is not None
    assert run.decoder.run is not None
    found = {f"encoder.{name}": weight for name, weight in run.encoder.run.weights.items()}
    found |= {f"decoder.{name}": weight for name, weight in run.decoder.run.weights.items()}
    target = "embedding" if run.model.embeddings_are_one else "target_embedding"
    for name, weight in run.decoder.weights.items():
        part, _, rest = name.partition(".")
        found[f"{target if part == 'embedding' else part}.{rest}"] = weight
    return found | run.encoder.weights


def _given(run: SequenceToSequenceRun) -> list[str]:
    source = next(iter(run.encoder.tensors.values()))
    lines = [f"source = {tensor_code(source.tensor)}  # {source.legend}"]
    if run.encoder.form.lengths is not None:
        lines.append(f"lengths = torch.tensor({list(run.encoder.form.lengths)})")
    if "targets" in run.decoder.tensors:
        targets = run.decoder.tensors["targets"]
        lines.append(f"targets = {tensor_code(targets.tensor)}  # {targets.legend}")
    return lines


def _encode(run: SequenceToSequenceRun) -> list[str]:
    model, form = run.model, run.encoder.form
    received = _embedded(model.encoding.embedding, "embedding", "source", model.dtype)
    lines = generator_lines(run.encoder)
    if form.lengths is not None:
        lines += [
            "packed = nn.utils.rnn.pack_padded_sequence(",
            f"    {received}, lengths, batch_first={form.batch_first}, enforce_sorted=False",
            ")",
        ]
        received = "packed"
    first, second = model.encoding.spec, model.decoding.spec
    assert first is not None
    assert second is not None
    state = "(h_0, c_0)" if first.cell == "LSTM" else "h_0"
    lines.append(f"encoded, {state} = encoder({received})")
    if form.lengths is not None:
        lines += [
            "encoded, _ = nn.utils.rnn.pad_packed_sequence(",
            f"    encoded, batch_first={form.batch_first}, total_length={form.L}",
            ")",
        ]
    lines[-1] += f"  # {run.encoder.tensors['output'].legend}"
    if second.cell == "LSTM" and first.cell != "LSTM":
        lines.append(f"c_0 = h_0.new_zeros(*h_0.shape[:-1], {second.hidden_size})")
    return lines


def _forced(run: SequenceToSequenceRun) -> list[str]:
    """The whole decoder at once, on the targets one later."""
    model, ids = run.model, run.decoder.tensors["ids"]
    loss = model.decoding.loss
    assert loss is not None
    at = 1 if run.decoder.form.batch_first else 0
    length = ids.tensor.shape[at]
    return [
        f"safe = torch.where(targets == {loss.ignore_index}, {model.end}, targets)",
        f"first = torch.full_like(safe.narrow({at}, 0, 1), {model.start})",
        f"ids = torch.cat([first, safe.narrow({at}, 0, {length - 1})], dim={at})  # {ids.legend}",
        f"output, _ = decoder({_looked_up(run, 'ids')}, {_state(run)})",
        f"scores = head(output)  # {run.decoder.tensors['scores'].legend}",
        *_chosen(run),
    ]


def _fed_back(run: SequenceToSequenceRun) -> list[str]:
    """A loop in which every step is fed the choice of the one before."""
    model, ids = run.model, run.decoder.tensors["ids"]
    at = 1 if run.decoder.form.batch_first else 0
    first = ids.tensor.narrow(at, 0, 1)
    return [
        f"fed = torch.full({tuple(first.shape)}, {model.start})",
        f"state, steps = {_state(run)}, []",
        f"for _ in range({ids.tensor.shape[at]}):",
        f"    output, state = decoder({_looked_up(run, 'fed')}, state)",
        "    steps.append(head(output))",
        "    fed = steps[-1].argmax(dim=-1)",
        f"scores = torch.cat(steps, dim={at})  # {run.decoder.tensors['scores'].legend}",
        *_chosen(run),
    ]


def _chosen(run: SequenceToSequenceRun) -> list[str]:
    head = run.model.decoding.head
    how = "sigmoid()" if head is not None and head.activation == "sigmoid" else "softmax(dim=-1)"
    lines = [f"probabilities = scores.{how}"] if "probabilities" in run.decoder.tensors else []
    return [*lines, "choices = scores.argmax(dim=-1)"]


def _lose(run: SequenceToSequenceRun) -> list[str]:
    flat = run.decoder.tensors["flat_scores"]
    return [
        f"flat_scores = scores.reshape(-1, {flat.tensor.shape[-1]})  # {flat.legend}",
        "loss = criterion(flat_scores, targets.reshape(-1))",
        *keeping_lines(kept(run)),
        "loss.backward()",
    ]


def kept(run: SequenceToSequenceRun) -> list[str]:
    """The tensors of the script that keep their `.grad`."""
    model = run.model
    front, encoder = module_of(model.encoding.embedding), model.encoding.recurrent
    follows = learns(front) or learns(encoder)
    names = ["h_0"] * follows
    if model.decoding.spec is not None and model.decoding.spec.cell == "LSTM":
        names += ["c_0"] * (follows and "c_n" in run.encoder.tensors)
    follows = follows or learns(module_of(model.decoding.embedding))
    follows = follows or learns(model.decoding.recurrent)
    names += ["output"] * (follows and run.forced)
    head = model.decoding.head
    follows = follows or (head is not None and learns(head.linear))
    return names + ["scores", "flat_scores"] * follows


def _state(run: SequenceToSequenceRun) -> str:
    return "(h_0, c_0)" if "c_0" in run.decoder.tensors else "h_0"


def _looked_up(run: SequenceToSequenceRun, ids: str) -> str:
    model = run.model
    name = "embedding" if model.embeddings_are_one else "target_embedding"
    return _embedded(model.decoding.embedding, name, ids, model.dtype)


def _embedded(embedding: Embedding, name: str, ids: str, dtype: torch.dtype) -> str:
    if isinstance(embedding, OneHot):
        rows = f"nn.functional.one_hot({ids}, {embedding.num_classes}).to({dtype})"
        return rows if embedding.linear is None else f"{name}({rows})"
    module: nn.Module | None = module_of(embedding)
    return ids if module is None else f"{name}({ids})"
