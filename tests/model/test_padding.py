"""What a padded run gets wrong, against torch's own padded and packed runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.model.padding import is_quick, known_without_packing, without_packing
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import Trace, trace

LENGTHS = (3, 5, 1, 4)


def padded_batch(features: int = 3, padding_value: float = 0.0) -> Tensor:
    torch.manual_seed(3)
    values = torch.randn(max(LENGTHS), len(LENGTHS), features, dtype=torch.float64)
    for sequence, length in enumerate(LENGTHS):
        values[length:, sequence] = padding_value
    return values


def packed_run(module: Any, hx: Any = None) -> Trace:
    packed = pack_padded_sequence(padded_batch(), torch.tensor(LENGTHS), enforce_sorted=False)
    return trace(module, packed, hx)


def modules() -> list[Any]:
    torch.manual_seed(5)
    both: dict[str, Any] = {"num_layers": 2, "bidirectional": True, "dtype": torch.float64}
    return [
        torch.nn.RNN(3, 4, nonlinearity="relu", **both),
        torch.nn.GRU(3, 4, batch_first=True, dtype=torch.float64),
        torch.nn.LSTM(3, 4, proj_size=2, **both),
        torch.nn.LSTM(3, 4, num_layers=3, bias=False, dtype=torch.float64),
    ]


@pytest.mark.parametrize("module", modules(), ids=lambda module: str(module))
@pytest.mark.parametrize("padding_value", [0.0, 1.0, -2.5])
def test_is_what_torch_makes_of_the_padded_tensor(module: Any, padding_value: float) -> None:
    module.eval()
    answer = without_packing(packed_run(module), padding_value)
    padded = padded_batch(padding_value=padding_value)
    packed = pack_padded_sequence(padded, torch.tensor(LENGTHS), enforce_sorted=False)
    given = padded.transpose(0, 1) if module.batch_first else padded
    with torch.no_grad():
        right, (*_, right_h) = module(packed)[0], _states(module(packed)[1])
        wrong, (*_, wrong_h) = module(given)[0], _states(module(given)[1])
    directions = 2 if module.bidirectional else 1
    h_n = (right_h - wrong_h).abs().amax(-1).reshape(-1, directions, len(LENGTHS))
    np.testing.assert_allclose(answer.h_n, h_n.numpy(), atol=1e-12)
    output, _ = pad_packed_sequence(right)
    wrong = wrong.transpose(0, 1) if module.batch_first else wrong
    gap = (output - wrong).abs().reshape(max(LENGTHS), len(LENGTHS), directions, -1).amax(-1)
    for sequence, length in enumerate(LENGTHS):
        expected = gap[:length, sequence].amax(0).numpy()
        np.testing.assert_allclose(answer.output[:, sequence], expected, atol=1e-12)
    assert (answer.c_n is not None) == isinstance(module, torch.nn.LSTM)


def _states(final: Any) -> tuple[Tensor, ...]:
    return (final[1], final[0]) if isinstance(final, tuple) else (final,)


def test_the_longest_sequence_is_the_same_in_one_direction() -> None:
    answer = without_packing(packed_run(torch.nn.GRU(3, 4, dtype=torch.float64)))
    wrong = [answer.is_wrong(value) for value in answer.final_states(0).tolist()]
    assert wrong == [True, False, True, True]
    assert not any(answer.is_wrong(value) for value in answer.output[0].tolist())


def test_the_reverse_direction_begins_in_padding() -> None:
    module = torch.nn.GRU(3, 4, bidirectional=True, dtype=torch.float64)
    answer = without_packing(packed_run(module), 1.0)
    wrong = [answer.is_wrong(value) for value in answer.output[1].tolist()]
    assert wrong == [True, False, True, True]


def test_is_measured_once_and_known_from_any_position() -> None:
    module = torch.nn.RNN(3, 4, dtype=torch.float64)
    packed = pack_padded_sequence(padded_batch(), torch.tensor(LENGTHS), enforce_sorted=False)
    stepper = Stepper(module, packed)
    assert known_without_packing(stepper.trace, 1.0) is None
    first = without_packing(stepper.trace, 1.0)
    stepper.step()
    assert without_packing(stepper.trace, 1.0) is first
    assert known_without_packing(stepper.trace, 0.0) is None


def test_uses_given_initial_states_and_the_masks_that_were_drawn() -> None:
    torch.manual_seed(1)
    module = torch.nn.LSTM(3, 4, num_layers=2, dropout=0.5, dtype=torch.float64)
    hx = (torch.randn(2, 4, 4, dtype=torch.float64), torch.randn(2, 4, 4, dtype=torch.float64))
    run = packed_run(module.train(), hx)
    answer = without_packing(run)
    assert not answer.is_wrong(float(answer.output.max()))
    assert answer.final_states(0)[1] <= answer.tolerance


def test_draws_from_no_generator() -> None:
    run = packed_run(torch.nn.GRU(3, 4, dtype=torch.float64))
    before = torch.get_rng_state()
    without_packing(run)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_padded_run_has_nothing_to_lose() -> None:
    run = trace(torch.nn.LSTM(3, 4), torch.randn(5, 2, 3))
    answer = without_packing(run)
    assert answer.h_n.max() == 0.0
    assert answer.output.max() == 0.0


def test_equal_nan_counts_nothing() -> None:
    values = torch.randn(4, 2, 3)
    values[1, 0, 0] = float("nan")
    answer = without_packing(trace(torch.nn.RNN(3, 4), values))
    assert answer.h_n.max() == 0.0


def test_an_empty_batch() -> None:
    answer = without_packing(trace(torch.nn.RNN(3, 4), torch.zeros(4, 0, 3)))
    assert answer.h_n.shape == (1, 1, 0)


def test_large_runs_are_not_quick() -> None:
    small = trace(torch.nn.RNN(3, 4), torch.randn(4, 2, 3))
    assert is_quick(small)
    assert not is_quick(trace(torch.nn.RNN(3, 4), torch.randn(3000, 1, 3)))
