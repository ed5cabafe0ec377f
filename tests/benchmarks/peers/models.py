"""The same LSTM in three spellings, and its input.

Tools that record torch's operations see nothing inside a fused `nn.LSTM`: they are given a loop.
rnnviz is given the `nn.LSTM` of the same weights.
"""

from __future__ import annotations

import torch
from torch import nn

HIDDEN = 32
WIDE = 128


class CellLoop(nn.Module):
    """A loop over an `nn.LSTMCell`; (T, 1, H) to every h_t, (T, 1, H)."""

    def __init__(self, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(hidden, hidden)

    def step(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        h_t, c_t = self.cell(x, (h, c))
        return h_t, c_t

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        h = values.new_zeros(values.shape[1:])
        c = values.new_zeros(values.shape[1:])
        states = []
        for x in values.unbind():
            h, c = self.step(x, h, c)
            states.append(h)
        return torch.stack(states)


class WrittenOut(CellLoop):
    """The same loop, its cell written out gate by gate."""

    def step(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        cell = self.cell
        a = x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
        i, f, g, o = a.chunk(4, dim=-1)
        c_t = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c_t.tanh(), c_t


def build(model: str) -> CellLoop:
    """The loop of a name (`cell`, `gates`, or `wide`, of hidden_size 128), always the same."""
    torch.manual_seed(0)
    if model == "gates":
        return WrittenOut().eval()
    return CellLoop(WIDE if model == "wide" else HIDDEN).eval()


def fused(loop: CellLoop) -> nn.LSTM:
    """The `nn.LSTM` of the loop's weights."""
    hidden = loop.cell.hidden_size
    module = nn.LSTM(hidden, hidden).eval()
    module.load_state_dict({f"{name}_l0": value for name, value in loop.cell.state_dict().items()})
    return module


def noise(loop: CellLoop, steps: int, seed: int) -> torch.Tensor:
    """An input of (T, 1, H)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(steps, 1, loop.cell.hidden_size, generator=generator)
