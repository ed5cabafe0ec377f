"""A pipeline, and a run of one, as the PyTorch that computes the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from rnnviz.model.pipeline.embedding import OneHot, module_of
from rnnviz.model.pipeline.keeping import leaf_line, lines_before_backward
from rnnviz.model.pipeline.literals import tensor_code
from rnnviz.model.pipeline.redraw import Redrawn, construction, redraw
from rnnviz.model.pipeline.script import script

if TYPE_CHECKING:
    from rnnviz.model.pipeline.head import Head
    from rnnviz.model.pipeline.loss import Loss
    from rnnviz.model.pipeline.pipeline import Pipeline
    from rnnviz.model.pipeline.run import PipelineRun

_PRINTED = ("embedded", "output", "h_n", "c_n", "scores", "probabilities", "loss")


def modules_code(pipeline: Pipeline) -> str:
    """A script that makes the modules of a pipeline, weights included."""
    weights = {name: weight.detach() for name, weight in pipeline.weights().items()}
    return script(_modules(pipeline, weights, redraw(pipeline)))


def run_code(pr: PipelineRun, batch: str = "") -> str:
    """A script that makes the modules of a run and its batch, and prints the same numbers.

    Its variables bear the names of the run's tensors.

    Args:
        pr: the run.
        batch: an expression that makes its batch; "" to find one.
    """
    pipeline = pr.pipeline
    given = next(iter(pr.tensors.values())).tensor
    targets = pr.tensors.get("targets")
    drawn = redraw(pipeline, given, None if targets is None else targets.tensor)
    if batch:
        drawn = replace(drawn, batch=batch, targets="")
    lines = _modules(pipeline, _weights(pr), drawn)
    lines += ["", *_given(pr, drawn), "", *generator_lines(pr), *_forward(pr)]
    lines += ["", *_prints(pr)]
    return script(lines)


def load_lines(part: str, weights: dict[str, Tensor], drawn: Redrawn) -> list[str]:
    """Lines that put weights into a module which was drawn otherwise."""
    lines = []
    for name, weight in weights.items():
        known = drawn.weights.get(f"{part}.{name}")
        if known is None or known.dtype != weight.dtype or not torch.equal(known, weight.cpu()):
            lines.append(f"    {part}.{name}.copy_({tensor_code(weight, f'{part}.{name}')})")
    return ["with torch.no_grad():", *lines] if lines else []


def _weights(pr: PipelineRun) -> dict[str, Tensor]:
    """All weights of a run, in the order of the parts."""
    recurrent = {} if pr.run is None else pr.run.weights
    found = pr.weights | {f"recurrent.{name}": weight for name, weight in recurrent.items()}
    parts = list(pr.pipeline.modules)
    return dict(sorted(found.items(), key=lambda item: parts.index(item[0].partition(".")[0])))


def _modules(pipeline: Pipeline, weights: dict[str, Tensor], drawn: Redrawn) -> list[str]:
    lines = [] if pipeline.seed is None else [f"torch.manual_seed({pipeline.seed})"]
    for part, module in pipeline.modules.items():
        if part == "recurrent" and pipeline.recurrent_seed is not None:
            lines.append(f"torch.manual_seed({pipeline.recurrent_seed})")
        lines.append(f"{part} = {construction(module)}")
    for part in pipeline.modules:
        named = {
            name.partition(".")[2]: weight
            for name, weight in weights.items()
            if name.startswith(f"{part}.")
        }
        lines += load_lines(part, named, drawn)
    if pipeline.loss is not None:
        lines.append(f"criterion = {criterion_code(pipeline.loss, pipeline.head)}")
    return lines


def criterion_code(loss: Loss, head: Head | None) -> str:
    """The expression that makes the loss's own module."""
    if loss.kind == "mse":
        name = "MSELoss"
    elif loss.kind == "bce":
        activated = head is not None and loss.takes_probabilities(head.activation)
        name = "BCELoss" if activated else "BCEWithLogitsLoss"
    else:
        name = "CrossEntropyLoss"
    arguments = [] if loss.weight is None else [f"weight={tensor_code(loss.weight)}"]
    if loss.takes_classes and loss.ignore_index != -100:
        arguments.append(f"ignore_index={loss.ignore_index}")
    if loss.reduction != "mean":
        arguments.append(f"reduction={loss.reduction!r}")
    if loss.label_smoothing:
        arguments.append(f"label_smoothing={loss.label_smoothing}")
    return f"nn.{name}({', '.join(arguments)})"


def _given(pr: PipelineRun, drawn: Redrawn) -> list[str]:
    """The batch, the initial state and the targets."""
    name, named = next(iter(pr.tensors.items()))
    lines = [f"{name} = {drawn.batch or tensor_code(named.tensor, name)}  # {named.legend}"]
    if pr.form.lengths is not None:
        lines.append(f"lengths = torch.tensor({list(pr.form.lengths)})")
    if pr.run is not None and pr.run.initial_given:
        for state in ("h_0", "c_0"):
            lines += _initial(pr, state) if state in pr.tensors else []
    if "targets" in pr.tensors:
        targets = pr.tensors["targets"]
        code = drawn.targets or tensor_code(targets.tensor, "targets")
        lines.append(f"targets = {code}  # {targets.legend}")
    return lines


def _initial(pr: PipelineRun, state: str) -> list[str]:
    named = pr.tensors[state]
    vector = pr.tensors.get(f"{state}_vector")
    if vector is None:
        return [f"{state} = {tensor_code(named.tensor, state)}  # {named.legend}"]
    shape = ", ".join(str(size) for size in named.tensor.shape)
    return [
        f"{state}_vector = {tensor_code(vector.tensor)}",
        f"{state} = {state}_vector.expand({shape}).contiguous()  # {named.legend}",
    ]


def generator_lines(pr: PipelineRun) -> list[str]:
    """The line that sets the state from which dropout masks were drawn, if they were."""
    state = None if pr.run is None else pr.run.buffers.binding.generator
    return [] if state is None else [f"torch.set_rng_state({tensor_code(state.cpu)})"]


def _forward(pr: PipelineRun) -> list[str]:
    lines = _in_front(pr)
    current = list(pr.tensors)[len(lines)]
    lines[1 if "one_hot" in pr.tensors else 0 : 0] = leaf_line(pr)
    if pr.run is not None:
        lines += _recurrent(pr, current)
        current = "output"
    if pr.pipeline.head is not None:
        lines += _head(pr, pr.pipeline.head, current)
        current = "scores"
    if "probabilities" in pr.tensors:
        how = _probabilities(pr)
        lines.append(_said(pr, "probabilities", f"{current}.{how}"))
    return lines + (_losing(pr) if "loss" in pr.tensors else [])


def _in_front(pr: PipelineRun) -> list[str]:
    embedding = pr.pipeline.embedding
    first = next(iter(pr.tensors))
    if isinstance(embedding, OneHot):
        dtype = pr.tensors["one_hot"].tensor.dtype
        rows = f"nn.functional.one_hot(ids, {embedding.num_classes}).to({dtype})"
        lines = [_said(pr, "one_hot", rows)]
        if embedding.linear is not None:
            lines.append(_said(pr, "embedded", "embedding(one_hot)"))
        return lines
    if module_of(embedding) is None:
        return []
    return [_said(pr, "embedded", f"embedding({first})")]


def _recurrent(pr: PipelineRun, received: str) -> list[str]:
    assert pr.run is not None
    form, lines = pr.form, []
    if form.lengths is not None:
        lines = [
            "packed = nn.utils.rnn.pack_padded_sequence(",
            f"    {received}, lengths, batch_first={form.batch_first}, enforce_sorted=False",
            ")",
        ]
        received = "packed"
    elif not form.axes:
        received = f"{received}.unsqueeze(0)"
    hx = ""
    if pr.run.initial_given:
        hx = ", (h_0, c_0)" if "c_0" in pr.tensors else ", h_0"
    final = "(h_n, c_n)" if "c_n" in pr.tensors else "h_n"
    lines.append(f"output, {final} = recurrent({received + hx})")
    if form.lengths is not None:
        lines += [
            "output, _ = nn.utils.rnn.pad_packed_sequence(",
            f"    output, batch_first={form.batch_first}, total_length={form.L}",
            ")",
        ]
    elif not form.axes:
        lines.append("output = output.squeeze(0)")
    lines[-1] += f"  # {pr.tensors['output'].legend}"
    return lines


def _head(pr: PipelineRun, head: Head, current: str) -> list[str]:
    lines: list[str] = []
    if head.on == "last":
        lines, current = [_said(pr, "last", _last(pr, current))], "last"
    elif head.on == "h_n":
        assert pr.pipeline.spec is not None
        d = pr.pipeline.spec.num_directions
        tail = "transpose(0, 1).flatten(1)" if "N" in pr.form.axes else "flatten()"
        lines, current = [_said(pr, "final", f"h_n[-{d}:].{tail}")], "final"
    return [*lines, _said(pr, "scores", f"head({current})")]


def _last(pr: PipelineRun, current: str) -> str:
    form = pr.form
    if "L" not in form.axes:
        return current
    if form.lengths is None:
        return f"{current}[:, -1]" if form.batch_first else f"{current}[-1]"
    rows = f"torch.arange({form.N})"
    return (
        f"{current}[{rows}, lengths - 1]" if form.batch_first else f"{current}[lengths - 1, {rows}]"
    )


def _probabilities(pr: PipelineRun) -> str:
    head, loss = pr.pipeline.head, pr.pipeline.loss
    if head is not None and head.activation is not None:
        return "softmax(dim=-1)" if head.activation == "softmax" else "sigmoid()"
    assert loss is not None
    return "softmax(dim=-1)" if loss.takes_classes else "sigmoid()"


def _losing(pr: PipelineRun) -> list[str]:
    loss = pr.pipeline.loss
    assert loss is not None
    name = next(key for key in pr.tensors if key.startswith("flat_"))
    source = name.removeprefix("flat_")
    if source == "output" and "output" not in pr.tensors:
        source = next(key for key in ("embedded", "one_hot", "input") if key in pr.tensors)
    classes = pr.tensors[name].tensor.shape[-1]
    shape = "-1" if loss.takes_classes else f"-1, {classes}"
    lines = [
        _said(pr, name, f"{source}.reshape(-1, {classes})"),
        _said(pr, "flat_targets", f"targets.reshape({shape})"),
    ]
    every = pr.pipeline.head is None or pr.pipeline.head.on == "every"
    arguments = f"{name}, flat_targets"
    if pr.form.lengths is not None and every:
        lines += _leave_out_padding(pr, loss)
        if not loss.takes_classes:
            arguments = f"{name}[kept], flat_targets[kept]"
    kept = lines_before_backward(pr)
    return [*lines, f"loss = criterion({arguments})", *kept, "loss.backward()"]


def _leave_out_padding(pr: PipelineRun, loss: Loss) -> list[str]:
    t = f"torch.arange({pr.form.L})"
    valid = f"({t} < lengths[:, None])" if pr.form.batch_first else f"({t}[:, None] < lengths)"
    lines = [f"kept = {valid}.flatten()"]
    if loss.takes_classes:
        lines.append(f"flat_targets = flat_targets.where(kept, {loss.ignore_index})")
    return lines


def _said(pr: PipelineRun, name: str, expression: str) -> str:
    return f"{name} = {expression}  # {pr.tensors[name].legend}"


def _prints(pr: PipelineRun) -> list[str]:
    names = [name for name in _PRINTED if name in pr.tensors]
    lines = [f'print("{name}", {name}.detach())' for name in names]
    if "loss" in pr.tensors:
        live = pr.pipeline.named_parameters()
        frozen = {name for name, weight in live if not weight.requires_grad}
        lines += [
            f'print("{name}.grad", {name}.grad)' for name in _weights(pr) if name not in frozen
        ]
    return lines
