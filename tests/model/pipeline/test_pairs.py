"""What people take for the same, side by side."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.errors import InputError, SpecError
from rnnviz.model.pipeline import OneHot
from rnnviz.model.pipeline.arrangements import arrange, pair_labels
from rnnviz.model.pipeline.linear import linear_product
from rnnviz.model.pipeline.lookup import look_up
from rnnviz.model.pipeline.pairs import projection_beside_linear
from tests.model.pipeline.test_pipeline import close

FLOAT = torch.float64


def test_a_projection_is_no_linear_layer_behind() -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 8, proj_size=2, dtype=FLOAT)
    both = projection_beside_linear(lstm, torch.randn(5, 2, 3, dtype=FLOAT))
    assert both.fed_back == (2, 8)
    first, second = both.shapes
    assert first["recurrent.weight_hh_l0"] == (32, 2)
    assert second["recurrent.weight_hh_l0"] == (32, 8)
    assert first["recurrent.weight_hr_l0"] == second["head.weight"] == (2, 8)
    gaps = both.difference.abs().amax(dim=(1, 2))
    assert gaps[0] < 1e-15  # from zeros nothing is fed back yet
    assert (gaps[1:] > 1e-4).all()


@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_it_is_one_whose_weight_hh_is_the_product(seed: int, bias: bool, padded: bool) -> None:
    torch.manual_seed(seed)
    lstm = nn.LSTM(3, 5, proj_size=2, bias=bias, dtype=FLOAT)
    batch, lengths = torch.randn(4, 2, 3, dtype=FLOAT), [2, 4] if padded else None
    both = projection_beside_linear(lstm, batch, lengths, weight_hh="product")
    gap = both.difference
    assert bool(gap.isnan().any()) == padded
    close(gap.nan_to_num(0.0), torch.zeros_like(gap))


def test_only_one_layer_with_a_projection_is_compared() -> None:
    batch = torch.randn(4, 2, 3)
    with pytest.raises(SpecError, match="proj_size: expected at least 1, got 0"):
        projection_beside_linear(nn.LSTM(3, 5), batch)
    with pytest.raises(SpecError, match="module: expected one layer and one direction"):
        projection_beside_linear(nn.LSTM(3, 5, 2, proj_size=2), batch)
    with pytest.raises(SpecError, match="weight_hh: expected 'drawn' or 'product'"):
        projection_beside_linear(nn.LSTM(3, 5, proj_size=2), batch, weight_hh="zero")


@given(st.integers(1, 6), st.integers(1, 6))
def test_where_view_and_transpose_put_each_token(L: int, N: int) -> None:  # noqa: N803
    batch = torch.arange(N * L).view(N, L)
    both = arrange(batch)
    assert torch.equal(both.view.tensor, batch.view(L, N))
    assert torch.equal(both.transpose.tensor, batch.T)
    for arrangement in both:
        for t in range(L):
            for n in range(N):
                came = arrangement.sequences[t, n], arrangement.timesteps[t, n]
                assert arrangement.tensor[t, n] == batch[came]
    assert bool(both.transpose.right.all())
    assert bool(both.view.right.all()) == (L == 1 or N == 1)


def test_two_sequences_of_three_are_interleaved_by_view() -> None:
    both = arrange(torch.tensor([[1, 2, 3], [3, 2, 1]]))
    assert both.view.tensor.tolist() == [[1, 2], [3, 3], [2, 1]]
    assert both.view.mixed == ((0, 0, 1), (0, 1, 1))
    assert both.view.right.tolist() == [[True, False], [False, False], [False, True]]
    assert both.transpose.mixed == ((0, 0, 0), (1, 1, 1))
    with pytest.raises(InputError, match=r"batch: expected \(N, L, \*\), got \(3\)"):
        arrange(torch.ones(3))


def test_labels_batch_by_batch_against_scores_time_by_time() -> None:
    wrong = pair_labels(3, 2)
    assert wrong.scores == ((0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2))
    assert wrong.labels == ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2))
    assert wrong.right == (True, False, False, False, False, True)
    assert wrong.right_count == 2
    assert (
        pair_labels(3, 2, labels="time").right_count
        == pair_labels(3, 2, scores="batch").right_count
        == 6
    )
    with pytest.raises(InputError, match="labels: expected 'time' or 'batch'"):
        pair_labels(3, 2, labels="row")


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 4))
def test_the_three_lookups_agree(seed: int, V: int, E: int) -> None:  # noqa: N803
    torch.manual_seed(seed)
    table, ids = nn.Embedding(V, E), torch.randint(V, (2, 3))
    linear = nn.Linear(V, E, bias=False)
    with torch.no_grad():
        linear.weight.copy_(table.weight.T)
    found = look_up(table, ids)
    assert found.agree
    assert torch.equal(found.by_embedding, table(ids))
    assert torch.equal(look_up(OneHot(V, linear), ids).by_linear, found.by_index)
    assert torch.equal(look_up(table.weight, ids).by_index, found.by_index)
    assert int(found.counts.sum()) == 6
    assert found.named()["one_hot"].tensor.sum() == 6


@given(st.integers(0, 2**32), st.lists(st.integers(1, 3), max_size=3), st.booleans())
def test_linear_is_one_product(seed: int, shape: list[int], bias: bool) -> None:
    torch.manual_seed(seed)
    linear, batch = nn.Linear(3, 2, bias=bias).double(), torch.randn(*shape, 3, dtype=FLOAT)
    found = linear_product(linear, batch)
    close(found.output, linear(batch))
    for row, place in enumerate(found.places):
        assert torch.equal(found.X[row], batch[place])
        for feature in range(2):
            b = 0.0 if found.b is None else found.b[feature]
            close(found.terms(row, feature).sum() + b, found.H[row, feature])
    with pytest.raises(InputError, match="3 features in the last axis"):
        linear_product(linear, torch.ones(2, 4))
