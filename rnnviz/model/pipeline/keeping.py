"""Which tensors of a script keep their `.grad`, as torch keeps it of leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from rnnviz.model.pipeline.run import PipelineRun

_LEAVES = ("input", "one_hot")


def kept(pr: PipelineRun) -> list[str]:
    """The tensors that a loss depends on and autograd follows, from the batch to the loss."""
    return [] if pr.loss is None else [*leaf(pr), *_made(pr)]


def leaf(pr: PipelineRun) -> list[str]:
    """The tensor in front of which there is nothing to learn; none of a table of vectors."""
    return [name for name in _LEAVES if name in pr.tensors][:1] if pr.loss is not None else []


def leaf_line(pr: PipelineRun) -> list[str]:
    """The statement that makes autograd follow that tensor."""
    return [f"{name}.requires_grad_()" for name in leaf(pr)]


def lines_before_backward(pr: PipelineRun) -> list[str]:
    """The statements that let the tensors in between keep their gradients."""
    return keeping_lines([name for name in kept(pr) if name not in _LEAVES])


def keeping_lines(names: list[str]) -> list[str]:
    """Statements for these tensors, none of them a leaf."""
    several = f"{', '.join(names)}{',' * (len(names) == 1)}"
    return [f"for tensor in ({several}):", "    tensor.retain_grad()"] if names else []


def _made(pr: PipelineRun) -> Iterator[str]:
    head = pr.pipeline.head
    follows = bool(leaf(pr))
    if "embedded" in pr.tensors:
        follows = follows or learns(pr.pipeline.modules.get("embedding"))
        yield from ["embedded"] * follows
    if pr.run is not None:
        follows = follows or learns(pr.pipeline.recurrent)
        yield from ["h_n" if head is not None and head.on == "h_n" else "output"] * follows
    if head is None:
        yield from _flat(pr) * follows
        return
    yield from [name for name in ("last", "final") if name in pr.tensors] * follows
    if follows or learns(head.linear):
        yield "scores"
        yield from ["probabilities"] * ("flat_probabilities" in pr.tensors)
        yield from _flat(pr)


def _flat(pr: PipelineRun) -> list[str]:
    return [n for n in ("flat_scores", "flat_probabilities", "flat_output") if n in pr.tensors]


def learns(module: nn.Module | None) -> bool:
    """Whether a module has a parameter that is not frozen."""
    return module is not None and any(weight.requires_grad for weight in module.parameters())
