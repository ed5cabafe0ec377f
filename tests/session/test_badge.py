"""What the badge says of runs that match, differ, or part by chaos."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from rnnviz.element import Element
from rnnviz.model.clamps import Clamp
from rnnviz.model.comparison import Difference
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import trace
from rnnviz.session.badge import make_badge


def run(step: Difference, largest: Difference, whole: float, position: int = 4) -> Any:
    """A run of which only the differences matter."""
    return SimpleNamespace(
        kind="LSTM",
        position=position,
        tolerance=1e-5,
        value_scale=2.0,
        largest_step_difference_at=lambda step_number: step,
        largest_step_difference=largest,
        step_difference=largest.value,
        max_difference=whole,
        expressible=True,
    )


def test_real_run_matches() -> None:
    module, input = torch.nn.LSTM(3, 4), torch.randn(5, 1, 3)
    stepper, whole = Stepper(module, input), trace(module, input)
    assert make_badge(stepper.trace, None).status == "pending"
    assert make_badge(stepper.trace, whole).status == "matches"
    stepper.step()
    badge = make_badge(stepper.trace, None)
    assert badge.status == "matches"
    assert badge.tooltip == "The whole run is being compared."


def test_a_run_with_forced_values_is_compared_where_torch_can() -> None:
    module, input = torch.nn.LSTM(3, 4), torch.randn(5, 1, 3)
    forced = trace(module, input, clamps=(Clamp("f", 1.0),))
    badge = make_badge(forced, forced)
    assert badge.status == "matches"
    assert badge.text.startswith("matches torch.nn.LSTM where nothing is forced")
    assert "the whole run is not compared" in badge.tooltip


def test_step_that_differs_names_its_place() -> None:
    place = Difference(0.03, layer=1, direction=0, t=3, sequence=2, unit=5, tensor="c")
    badge = make_badge(run(place, place, 0.03), None)
    assert badge.status == "differs"
    assert badge.text == "differs from torch.nn.LSTM · max |Δ| 3.0e-02 at layer 1, t = 4"
    assert badge.element == Element("c", layer=1, direction=0, t=3, sequence=2, unit=5)


def test_difference_elsewhere_in_the_run_is_not_hidden() -> None:
    place = Difference(0.03, layer=0, t=9)
    fine = run(Difference(1e-8), Difference(1e-8), 0.0)
    badge = make_badge(fine, run(place, place, 0.03, position=10))
    assert badge.status == "differs"
    assert badge.text.endswith("at layer 0, t = 10")


@pytest.mark.parametrize(("value", "status"), [(1.9e-5, "matches"), (2.1e-5, "differs")])
def test_limit_grows_with_the_values(value: float, status: str) -> None:
    assert make_badge(run(Difference(value), Difference(value), value), None).status == status


def test_chaotic_network_is_said_to_be_one() -> None:
    fine = run(Difference(1e-8), Difference(2e-8), 2.0)
    badge = make_badge(fine, fine)
    assert badge.status == "matches"
    assert badge.text == "matches torch.nn.LSTM · max |Δ| 1.0e-08"
    assert "max |Δ| 2.0e+00 against torch.nn.LSTM itself" in badge.tooltip
    assert "chaotic" in badge.tooltip
    assert "chaotic" not in make_badge(fine, run(Difference(), Difference(), 1e-8)).tooltip


def test_a_kernel_that_loses_nan_is_not_said_to_be_chaos() -> None:
    fine = run(Difference(1e-8), Difference(1e-8), float("inf"))
    badge = make_badge(fine, fine)
    assert badge.status == "matches"
    assert "max |Δ| ∞ against torch.nn.LSTM itself" in badge.tooltip
    assert "fused kernel" in badge.tooltip
    assert "chaotic" not in badge.tooltip
