"""Somebody's own pipeline in the window: the same tensors, bit for bit."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import rnnviz
from rnnviz.errors import InputError, SpecError
from rnnviz.model.pipeline import PipelineRun
from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.opened import of_pipeline
from rnnviz.session.pipeline_adoption import adopt_pipeline
from rnnviz.session.running import run_of


def same(pipeline: rnnviz.Pipeline, batch: Any, **given: Any) -> None:
    wanted = pipeline.run(batch, **given)
    found = run_of(adopt_pipeline(pipeline, batch, **given))
    assert isinstance(found, PipelineRun)
    assert wanted.tensors.keys() - found.tensors.keys() <= {"h_0_vector", "c_0_vector"}
    for name, named in found.tensors.items():
        other = wanted.tensors[name]
        assert named.axes == other.axes
        assert torch.equal(*(_counting(pr, name) for pr in (found, wanted)))


def _counting(pr: PipelineRun, name: str) -> torch.Tensor:
    """A tensor without what lies at padding, where anything may stand."""
    if name in ("h_0", "c_0", "h_n", "c_n", "loss") or pr.form.lengths is None:
        return pr.tensors[name].tensor
    if name in ("last", "final") or "L" not in " ".join(pr.tensors[name].axes):
        return pr.tensors[name].tensor
    return pr.grid(name)[pr.form.valid]


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("lengths", [None, [2, 3]])
@pytest.mark.parametrize("on", ["every", "last", "h_n"])
def test_words_to_loss(batch_first: bool, lengths: list[int] | None, on: str) -> None:
    torch.manual_seed(0)
    module = nn.LSTM(5, 6, bidirectional=True, batch_first=batch_first)
    pipeline = rnnviz.Pipeline(
        nn.Embedding(4, 5, padding_idx=1),
        module,
        rnnviz.Head(nn.Linear(12, 3), on=on),
        "cross_entropy",
    )
    ids = torch.randint(4, (2, 3) if batch_first else (3, 2))
    targets = torch.randint(3, ids.shape if on == "every" else (2,))
    same(pipeline, ids, targets=targets, lengths=lengths)


def test_other_fronts_and_losses() -> None:
    torch.manual_seed(0)
    same(rnnviz.Pipeline(nn.Linear(3, 4)), torch.randn(2, 3, 3))
    one_hot = rnnviz.OneHot(4, nn.Linear(4, 5, bias=False))
    same(rnnviz.Pipeline(one_hot, nn.GRU(5, 6)), torch.tensor([0, 3, 2]))
    regression = rnnviz.Pipeline(nn.Linear(2, 3), nn.RNN(3, 4), nn.Linear(4, 1), "mse")
    x = torch.randn(5, 2, 2)
    same(regression, x, targets=torch.randn(5, 2, 1), hx=torch.randn(1, 2, 4))
    same(regression, x, targets=torch.randn(5, 2, 1), hx=torch.randn(4))


def test_it_opens_in_a_session() -> None:
    torch.manual_seed(0)
    pipeline = rnnviz.Pipeline(nn.Embedding(2, 3), nn.GRU(3, 4), nn.Linear(4, 2), "cross_entropy")
    session = Session(ImmediateRunner())
    words = rnnviz.Vocabulary(("no", "yes"))
    ids = torch.tensor([0, 1, 1])
    session.open_several(
        of_pipeline(pipeline, ids, targets=torch.tensor([1, 1, 0]), vocabulary=words)
    )
    state = session.state
    assert not state.problems
    assert state.document.unbatched
    assert state.pr is not None
    assert state.pr.loss is not None
    assert state.has_way_back
    around = state.view().around
    assert around is not None
    assert [around.token(i) for i in (0, 1)] == ["no", "yes"]


def test_what_the_window_has_not_is_refused() -> None:
    loss = rnnviz.Loss("cross_entropy", label_smoothing=0.1)
    pipeline = rnnviz.Pipeline(nn.Embedding(2, 3), nn.GRU(3, 4), nn.Linear(4, 2), loss)
    with pytest.raises(SpecError, match="loss"):
        adopt_pipeline(pipeline, torch.tensor([0, 1]))
    plain = rnnviz.Pipeline(nn.Embedding(2, 3), nn.GRU(3, 4))
    with pytest.raises(InputError, match="ids"):
        adopt_pipeline(plain, torch.tensor([0, 2]))
