"""The weights of a run are those that the module's next call would use, however it keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, prune, spectral_norm, weight_norm

from rnnviz.model.trace import trace
from rnnviz.session.adoption import adopt_module
from rnnviz.session.binding import bind

NAME = "weight_hh_l0"


class Doubled(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return weight * 2


def by_weight_norm(module: Any) -> Tensor:
    result: Tensor = weight_norm(module, NAME).weight_hh_l0_g
    return result


def by_pruning(module: Any) -> Tensor:
    prune.l1_unstructured(module, NAME, 0.5)  # type: ignore[no-untyped-call]
    result: Tensor = module.weight_hh_l0_orig
    return result


def by_spectral_norm(module: Any) -> Tensor:
    result: Tensor = spectral_norm(module, NAME).weight_hh_l0_orig
    return result


def by_parametrized_weight_norm(module: Any) -> Tensor:
    parametrizations.weight_norm(module, NAME)
    result: Tensor = module.parametrizations.weight_hh_l0.original0
    return result


def by_parametrization(module: Any) -> Tensor:
    parametrize.register_parametrization(module, NAME, Doubled())
    result: Tensor = module.parametrizations.weight_hh_l0.original
    return result


WAYS = [
    by_weight_norm,
    by_pruning,
    by_spectral_norm,
    by_parametrized_weight_norm,
    by_parametrization,
]


def wrapped(way: Callable[[Any], Tensor], training: bool = False) -> Any:
    """A module that has been trained on since its last call."""
    torch.manual_seed(0)
    module = nn.GRU(3, 4).train(training)
    parameter = way(module)
    with torch.no_grad():
        parameter += torch.rand_like(parameter)
    return module


OLD = "ignore:`torch.nn.utils.weight_norm` is deprecated"


@pytest.mark.filterwarnings(OLD)
@pytest.mark.parametrize("way", WAYS)
def test_a_module_that_makes_its_weights_anew_at_every_call(way: Callable[[Any], Tensor]) -> None:
    module, values = wrapped(way), torch.randn(5, 2, 3)
    run = trace(module, values)
    torch.testing.assert_close(run.output, module(values)[0].detach())
    assert run.max_difference < 1e-6


def test_reading_the_weights_does_not_advance_their_norm() -> None:
    module, values = wrapped(by_spectral_norm, training=True), torch.randn(5, 2, 3)
    before = {name: buffer.clone() for name, buffer in module.named_buffers()}
    output = trace(module, values).output
    for name, buffer in module.named_buffers():
        assert torch.equal(buffer, before[name])
    torch.testing.assert_close(output, module(values)[0].detach())


def test_a_functional_call() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(3, 4)

        def forward(self, values: Tensor) -> tuple[Any, Tensor]:
            return trace(self.rnn, values).output, self.rnn(values)[0]

    module = Both()
    weights = {name: weight.detach() * 2 for name, weight in module.named_parameters()}
    output, expected = torch.func.functional_call(module, weights, (torch.randn(5, 2, 3),))
    torch.testing.assert_close(output, expected)


@pytest.mark.filterwarnings(OLD)
@pytest.mark.parametrize("way", WAYS)
def test_such_a_module_can_be_shown(way: Callable[[Any], Tensor]) -> None:
    module, values = wrapped(way), torch.randn(5, 2, 3)
    expected = module(values)[0].detach()
    torch.testing.assert_close(bind(adopt_module(module, values)).whole().output, expected)


def test_showing_a_module_draws_from_no_generator_of_the_caller() -> None:
    module, state = nn.LSTM(3, 4, num_layers=2, dropout=0.5), torch.get_rng_state()
    adopt_module(module, torch.ones(5, 3))
    assert torch.equal(torch.get_rng_state(), state)


def test_initial_states_in_a_list_can_be_shown() -> None:
    module, values = nn.LSTM(3, 4), torch.randn(5, 3)
    states: Any = [torch.randn(1, 4), torch.randn(1, 4)]
    run = bind(adopt_module(module, values, states)).whole()
    torch.testing.assert_close(run.output, module(values, states)[0].detach())
