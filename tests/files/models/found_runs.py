"""Runs of what was found in a file, by torch and by rnnviz, held against one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.files.found import FoundChain
from rnnviz.model.trace import trace


@dataclass(frozen=True)
class ChainRun:
    """What a chain gives.

    Attributes:
        output: of its last layer, as the module returns it.
        h_n: of all layers and directions, those of the first first.
        c_n: as many, of LSTMs alone.
    """

    output: np.ndarray
    h_n: list[np.ndarray]
    c_n: list[np.ndarray]


def run_chain(chain: FoundChain, values: np.ndarray) -> ChainRun:
    """A run of a chain from zeros, traced; torch's own modules agree."""
    x = torch.from_numpy(values)
    h_n: list[np.ndarray] = []
    c_n: list[np.ndarray] = []
    for stack in chain.stacks:
        module = stack.spec.build()
        weights = {name: torch.from_numpy(np.array(array)) for name, array in stack.weights.items()}
        module.load_state_dict(weights, strict=True)
        with torch.no_grad():
            expected, states = module(x)
            traced = trace(module, x)
        assert isinstance(traced.output, Tensor)
        tolerance = 1e-10 if x.dtype == torch.float64 else 1e-5
        torch.testing.assert_close(traced.output, expected, rtol=tolerance, atol=tolerance)
        h, c = states if isinstance(states, tuple) else (states, None)
        torch.testing.assert_close(traced.h_n, h, rtol=tolerance, atol=tolerance)
        h_n += list(traced.h_n.numpy())
        c_n += [] if c is None or traced.c_n is None else list(traced.c_n.numpy())
        x = traced.output
    return ChainRun(x.numpy(), h_n, c_n)


def close(one: np.ndarray, other: np.ndarray, tolerance: float = 1e-5) -> None:
    """Of one shape, and the same numbers."""
    assert one.shape == other.shape
    np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
