"""The difference of two runs of a pipeline, as a run of its own."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.errors import UsageError
from rnnviz.model.differences import difference_run
from rnnviz.model.pipeline.named import Named
from rnnviz.model.pipeline.run import PipelineRun

_DISCRETE = ("ids", "one_hot", "targets", "flat_targets", "counts")


def have_same_tensors(new: PipelineRun, old: PipelineRun) -> bool:
    """Whether two runs have the same tensors and weights of the same shapes."""
    return (new.run is None) == (old.run is None) and _shapes(new) == _shapes(old)


def difference_of(new: PipelineRun, old: PipelineRun) -> PipelineRun:
    """Every number of `new` less that of `old`; ids and targets are those of `new`.

    Raises:
        UsageError: where the two have not the same tensors of the same shapes.
    """
    if not have_same_tensors(new, old):
        raise UsageError("difference: expected two runs of one model on batches of one shape")
    tensors = {
        name: named
        if name in _DISCRETE or not named.tensor.is_floating_point()
        else Named(named.tensor - old.tensors[name].tensor, named.axes)
        for name, named in new.tensors.items()
    }
    weights = {name: weight - old.weights[name] for name, weight in new.weights.items()}
    run = None
    if new.run is not None and old.run is not None:
        run = difference_run(new.run, old.run)
    return replace(new, tensors=tensors, weights=weights, run=run)


def _shapes(pr: PipelineRun) -> dict[str, tuple[int, ...]]:
    tensors = {name: tuple(named.tensor.shape) for name, named in pr.tensors.items()}
    return tensors | {name: tuple(weight.shape) for name, weight in pr.weights.items()}
