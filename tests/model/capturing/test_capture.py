"""What is captured of models that somebody else wrote."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import rnnviz
from rnnviz.errors import SpecError, UsageError
from rnnviz.model.capturing import capture, find_recurrent


class Tagger(nn.Module):
    """Packs what comes from a table, hands the hidden state on, and loops over a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(10, 4)
        self.encoder = nn.ModuleDict({"rnn": nn.LSTM(4, 5, num_layers=2, batch_first=True)})
        self.norm = nn.BatchNorm1d(5)
        self.second = nn.GRU(5, 3, bidirectional=True)
        self.cell = nn.LSTMCell(6, 4)
        self.never = nn.RNN(1, 1)

    def forward(self, ids: Tensor, lengths: Tensor, begin: Tensor | None = None) -> Tensor:
        packed = pack_padded_sequence(
            self.table(ids), lengths, batch_first=True, enforce_sorted=False
        )
        _, (h, _) = self.encoder["rnn"](packed)
        states = self.norm(h[-1])
        out, _ = self.second(states.expand(7, -1, -1), hx=begin)
        h, c = out.new_zeros(len(ids), 4), out.new_ones(len(ids), 4)
        for step in out:
            h, c = self.cell(step, (h, c))
        return h


def batch() -> dict[str, Any]:
    return {
        "ids": torch.randint(10, (3, 6)),
        "lengths": torch.tensor([4, 6, 2]),
        "begin": torch.randn(2, 3, 3),
    }


def test_every_recurrent_module_is_found_by_its_name() -> None:
    found = find_recurrent(Tagger())
    assert [each.name for each in found] == ["encoder.rnn", "second", "cell", "never"]
    assert found[0].text == "encoder.rnn: nn.LSTM(4, 5)"
    assert [each.is_cell for each in found] == [False, False, True, False]


def test_what_is_captured_is_what_the_model_computed() -> None:
    model, given = Tagger().eval(), batch()
    outputs: dict[str, Any] = {}
    for name in ("encoder.rnn", "second"):
        module = model.get_submodule(name)
        module.register_forward_hook(lambda _m, _a, out, name=name: outputs.update({name: out}))
    result = model(**given)
    encoder, second, cell = capture(model, given)
    assert isinstance(encoder.input, PackedSequence)
    run = rnnviz.trace(encoder.module, encoder.input, encoder.hx)
    assert torch.allclose(run.output.data, outputs["encoder.rnn"][0].data, atol=1e-6)
    assert second.hx is not None
    assert torch.equal(second.hx, given["begin"])  # type: ignore[arg-type]
    run = rnnviz.trace(second.module, second.input, second.hx)
    assert torch.allclose(run.output, outputs["second"][0], atol=1e-6)
    assert cell.input.shape == (7, 3, 6)  # type: ignore[union-attr]
    run = rnnviz.trace(cell.module, cell.input, cell.hx)
    assert torch.allclose(run.h_n[0], result, atol=1e-6)


def test_the_model_is_left_as_it_was() -> None:
    model, given = Tagger().train(), batch()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    capture(model, given)
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(state, torch.get_rng_state())
    assert not any(module._forward_hooks for module in model.modules())
    assert all(weight.grad is None for weight in model.parameters())

    given["lengths"] = None
    with pytest.raises(Exception, match=r".+"):
        capture(model, given)
    assert not any(module._forward_hooks for module in model.modules())


def test_a_loop_that_starts_again_is_two_runs() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.GRUCell(2, 3)

        def forward(self, x: Tensor) -> None:
            for _ in range(2):
                h = None
                for step in x:
                    h = self.cell(step, h)

    first, second = capture(Twice(), torch.randn(5, 2))
    assert (first.hx, second.hx) == (None, None)
    assert first.input.shape == second.input.shape == (5, 2)  # type: ignore[union-attr]
    assert second.text == "cell: nn.GRUCell(2, 3), run 2 of 2"


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_in_a_loop_is_the_module_with_its_weights(kind: Any, bias: bool) -> None:
    class Loop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = kind(2, 3, bias=bias, dtype=torch.float64)

        def forward(self, x: Tensor) -> Any:
            state = None
            for step in x:
                state = self.cell(step, state)
            return state

    model, x = Loop(), torch.randn(6, 4, 2, dtype=torch.float64)
    (found,) = capture(model, x)
    final = model(x)
    final = final[0] if isinstance(final, tuple) else final
    assert (rnnviz.trace(found.module, found.input, found.hx).h_n[0] - final).abs().max() < 1e-12


def test_autocast_is_taken_in_the_weights_type() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.GRU(2, 3))
    with torch.autocast("cpu", torch.bfloat16):
        (found,) = capture(model, torch.randn(4, 1, 2))
    assert found.input.dtype == torch.float32  # type: ignore[union-attr]


def test_what_cannot_be_captured_is_said() -> None:
    with pytest.raises(SpecError, match=r"one or their cells inside, got torch.*Linear"):
        capture(nn.Linear(1, 1), torch.ones(1))
    with pytest.raises(SpecError, match=r"one of encoder.rnn, second, cell, never, got other"):
        capture(Tagger(), batch(), ["other"])
    with pytest.raises(UsageError, match=r"calls none of .*never: nn.RNN\(1, 1\)"):
        capture(Tagger(), batch(), ["never"])
