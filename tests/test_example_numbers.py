"""The numbers of the examples, against torch itself."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnviz.model.pipeline.lookup import look_up
from rnnviz.model.pipeline.vanilla import VanillaCell
from rnnviz.model.trace import trace
from rnnviz.session.asked import rival_of
from rnnviz.session.binding import Bound, bind
from rnnviz.session.examples import load_example
from rnnviz.session.runner import Cancel
from rnnviz.session.tasks import task_of
from tests.opened_examples import KEYS, opened, tensors, whole

ONE_HOT = ("one-hot", "one-hot-relu", "one-hot-view", "one-hot-view-relu")


def results(key: str) -> tuple[Bound, Any, Any]:
    """What torch's own module returns."""
    bound = bind(load_example(key))
    with torch.no_grad():
        output, state = bound.module(bound.input, bound.hx)
    return bound, output, state


def linear(key: str, part: str) -> nn.Linear:
    """The Linear layer of an example, without gradients."""
    module = whole(key).pipeline.modules[part]
    assert isinstance(module, nn.Linear)
    return module.requires_grad_(False)


@pytest.mark.parametrize("key", [key for key in KEYS if load_example(key).recurrent])
def test_recurrent_layers_equal_torch(key: str) -> None:
    bound, output, state = results(key)
    run = trace(bound.module, bound.input, bound.hx)
    data, expected = (
        (run.output.data, output.data)
        if isinstance(output, PackedSequence)
        else (run.output, output)
    )
    assert torch.allclose(data, expected, atol=1e-5)
    h_n = state[0] if isinstance(state, tuple) else state
    assert torch.allclose(run.h_n, h_n, atol=1e-5)
    assert run.matches


def test_embedding_pretrained() -> None:
    found, pr = tensors("embedding-pretrained"), whole("embedding-pretrained")
    ids = [[2, 4, 3, 1], [2, 0, 1, 1]]
    assert found["ids"].tolist() == ids
    assert torch.equal(found["embedded"], torch.tensor(ids)[..., None].expand(2, 4, 4).float())
    embedding: Any = pr.pipeline.embedding
    assert embedding.padding_idx == 1
    assert look_up(embedding, ids).agree


def test_hello_world() -> None:
    state = opened("hello-world")
    assert state.document.vocabulary is not None
    assert dict(state.document.vocabulary.ids) == {"hello": 0, "world": 1}
    torch.manual_seed(1)
    table = nn.Embedding(2, 5)(torch.tensor([0, 1]))
    assert torch.equal(tensors("hello-world")["embedded"], table.detach())


def test_linear_rows() -> None:
    found = tensors("linear")
    rows = [[1.0, 2, 2], [1, 3, 3], [1, 4, 4]]
    assert found["input"].tolist() == [[[n, n] for n in (1.0, 2.0, 3.0)]] * 2
    assert found["head.weight"].tolist() == [[0, 0], [0, 1], [1, 0]]
    assert found["head.bias"].tolist() == [1, 1, 1]
    assert found["scores"].tolist() == [rows, rows]


def test_linear_and_a_sigmoid() -> None:
    found = tensors("linear-sigmoid")
    assert torch.equal(found["input"], torch.arange(128.0).view(16, 8))
    expected = linear("linear-sigmoid", "head")(found["input"]).sigmoid()
    assert torch.allclose(found["probabilities"], expected)


@pytest.mark.parametrize("key", ONE_HOT)
def test_one_hot_by_view_and_by_transpose(key: str) -> None:
    found, spec = tensors(key), opened(key).document.spec
    sequences = functional.one_hot(torch.tensor([[1, 2, 3], [3, 2, 1]]), 4).float()
    if "view" in key:
        expected = torch.cat([sequences[0], sequences[1]]).view(3, 2, 4)
    else:
        expected = sequences.transpose(0, 1)
    assert torch.equal(found["one_hot"], expected)
    assert not found["h_0"].any()
    assert spec.nonlinearity == ("relu" if "relu" in key else "tanh")
    embedded = linear(key, "embedding")(expected)
    assert torch.allclose(found["embedded"], embedded)
    recurrent = whole(key).pipeline.recurrent
    assert recurrent is not None
    with torch.no_grad():
        output, h_n = recurrent(embedded, torch.zeros(1, 2, 5))
    assert torch.allclose(found["output"], output, atol=1e-6)
    assert torch.allclose(found["h_n"], h_n, atol=1e-6)


def test_embedding_is_what_one_hot_and_linear_are() -> None:
    ids = tensors("embedding-rnn")["ids"]
    assert ids.tolist() == torch.tensor([[1, 2, 3], [3, 2, 1]]).T.tolist()
    table: Any = whole("embedding-rnn").pipeline.embedding
    rows = functional.one_hot(ids, 4).float() @ table.weight.detach()
    assert torch.allclose(tensors("embedding-rnn")["embedded"], rows)


def test_directions_are_parted_by_view() -> None:
    found, run = tensors("bidirectional"), whole("bidirectional").run
    assert run is not None
    for direction in range(2):
        assert torch.equal(found["view"][:, :, direction], run.states(0, direction).h)


def test_next_word_scores() -> None:
    found = tensors("next-word")
    assert torch.allclose(found["probabilities"].sum(-1), torch.ones(3, 2))
    assert found["flat_targets"].tolist() == [2, 2, 3, 1, 0, 0]
    expected = functional.cross_entropy(found["flat_scores"], found["flat_targets"])
    assert torch.allclose(found["loss"], expected)


def test_two_classes() -> None:
    found, gradients = tensors("two-classes"), opened("two-classes").gradients
    assert set(found["targets"].flatten().tolist()) == {0, 1}
    assert torch.equal(found["flat_output"], found["output"].reshape(160, 2))
    module: Any = whole("two-classes").pipeline.recurrent
    output, _ = module(found["input"])
    loss = functional.cross_entropy(output.reshape(160, 2), found["flat_targets"])
    assert torch.allclose(found["loss"], loss, atol=1e-6)
    expected = torch.autograd.grad(loss, module.weight_hr_l1)[0]
    assert gradients is not None
    assert torch.allclose(gradients.weights["recurrent.weight_hr_l1"], expected, atol=1e-6)


@pytest.mark.parametrize(("key", "identity"), [("three-linears", False), ("identity", True)])
def test_three_linear_layers(key: str, identity: bool) -> None:
    found, outputs = tensors(key), []
    h = found["h_0_vector"].expand(8, 64)
    wi = functional.linear(found["input"], found["weight_ih_l0"], found["bias_ih_l0"])
    for x in wi.unbind(1):
        again = functional.linear(h, found["weight_hh_l0"], found["bias_hh_l0"])
        h = torch.tanh(x + (h if identity else again))
        outputs.append(functional.linear(h, found["head.weight"], found["head.bias"]))
    assert torch.allclose(found["scores"], torch.stack(outputs, 1), atol=1e-5)


@pytest.mark.parametrize("key", ["cell-step", "cell-ten"])
def test_the_cell_by_hand(key: str) -> None:
    found = tensors(key)
    cell = VanillaCell(
        found["weight_ih_l0"],
        found["weight_hh_l0"],
        found["head.weight"],
        found["bias_ih_l0"],
        found["head.bias"],
    )
    assert not found["bias_hh_l0"].any()
    h, scores = torch.zeros(8), []
    for x in found["input"].reshape(-1, 2):
        h, o = cell.step(x, h)
        assert o is not None
        scores.append(o)
    assert torch.allclose(found["scores"], torch.stack(scores).reshape(found["scores"].shape))
    assert torch.allclose(found["probabilities"], found["scores"].softmax(-1))


def test_hello_has_learned_its_letters() -> None:
    found = tensors("hello")
    likely = found["probabilities"].argmax(-1)
    assert torch.equal(likely, found["targets"])
    assert "".join("helo "[n] for n in found["ids"][0]) == "hello "


def test_recall_names_the_first_token_and_its_rival_does_not_reach_it() -> None:
    state, found = opened("recall"), tensors("recall")
    assert found["probabilities"].argmax().item() == found["ids"][0, 0].item()
    assert found["loss"] < 0.1
    rival = rival_of(state.document, "RNN", Cancel())
    assert rival.note == "trained likewise"
    assert state.gradients is not None
    along_c = state.gradients.recurrent.c(0, 0)[:, 0].norm(dim=-1)
    along_h = rival.gradients.recurrent.h(0, 0)[:, 0].norm(dim=-1)
    assert along_c[0] > 1e-3 * along_c[-1]
    assert along_h[0] < 1e-6 * along_h[-1]


def test_reverse_says_its_input_backwards_and_its_twin_can_be_trained_to() -> None:
    decoded = opened("reverse").decoded
    assert decoded is not None
    assert not decoded.forced
    assert torch.equal(decoded.choices[:5], tensors("reverse")["ids"].flip(0))
    assert decoded.lengths == (5, 5)
    untrained = opened("reverse-untrained")
    assert untrained.decoded is not None
    assert untrained.decoded.forced
    assert task_of(untrained.document).length == 5
    assert float(untrained.decoded.loss) > 1.0


def test_parameters_of_an_rnn() -> None:
    module = results("rnn-parameters")[0].module
    assert {name: tuple(weight.shape) for name, weight in module.named_parameters()} == {
        "weight_ih_l0": (10, 100),
        "weight_hh_l0": (10, 10),
        "bias_ih_l0": (10,),
        "bias_hh_l0": (10,),
    }


def test_batch_first_rnn() -> None:
    bound, output, h_n = results("batch-first-rnn")
    assert isinstance(bound.module, nn.RNN)
    assert bound.input.tolist() == [  # type: ignore[union-attr]
        [[11, 11], [12, 12]],
        [[21, 21], [22, 22]],
        [[31, 31], [32, 32]],
    ]
    assert (output.shape, h_n.shape) == ((3, 2, 5), (1, 3, 5))


def test_packed_rnn() -> None:
    bound, output, h_n = results("packed-rnn")
    packed = bound.input
    assert isinstance(packed, PackedSequence)
    assert packed.data.tolist() == [[n, n] for n in (11, 21, 31, 41, 12, 22)]
    assert packed.batch_sizes.tolist() == [4, 2]
    padded, lengths = pad_packed_sequence(output, padding_value=1.0)
    assert padded.shape == (2, 4, 6)
    assert lengths.tolist() == [2, 2, 1, 1]
    assert padded[1, 2:].eq(1.0).all()
    assert h_n.shape == (4, 4, 3)
    run = trace(bound.module, packed)
    assert run.plan is not None
    ours = run.plan.pad(run.output.data, padding_value=1.0)
    assert torch.allclose(torch.as_tensor(ours), padded, atol=1e-6)


def test_lstm() -> None:
    bound, output, (h_n, c_n) = results("lstm")
    assert isinstance(bound.module, nn.LSTM)
    assert (output.shape, h_n.shape, c_n.shape) == ((1, 6, 8), (2, 1, 8), (2, 1, 8))


def test_lstm_projection() -> None:
    bound, output, (h_n, c_n) = results("lstm-projection")
    assert bound.document.spec.code() == (
        "nn.LSTM(768, 8, num_layers=2, batch_first=True, proj_size=2)"
    )
    assert isinstance(bound.input, torch.Tensor)
    assert bound.input.shape == (16, 10, 768)
    assert (output.shape, h_n.shape, c_n.shape) == ((16, 10, 2), (2, 16, 2), (2, 16, 8))


def test_gru_unsorted() -> None:
    bound, output, _ = results("gru-unsorted")
    assert isinstance(bound.module, nn.GRU)
    assert bound.module.bidirectional
    assert isinstance(bound.input, PackedSequence)
    lengths = bound.document.lengths
    assert len(lengths) == 5
    assert list(lengths) != sorted(lengths, reverse=True)
    assert bound.input.sorted_indices is not None
    assert pad_packed_sequence(output)[1].tolist() == list(lengths)


def test_rnn_100() -> None:
    bound, output, h_n = results("rnn-100")
    assert isinstance(bound.input, torch.Tensor)
    assert bound.input.shape == (10, 3, 100)
    assert (output.shape, h_n.shape) == ((10, 3, 20), (1, 3, 20))
