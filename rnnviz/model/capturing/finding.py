"""The recurrent modules inside a model."""

from __future__ import annotations

from typing import NamedTuple

from torch import nn

Cell = nn.RNNCell | nn.LSTMCell | nn.GRUCell

RECURRENT = (nn.RNN, nn.LSTM, nn.GRU)
CELLS = (nn.RNNCell, nn.LSTMCell, nn.GRUCell)


class Found(NamedTuple):
    """A recurrent module inside a model.

    Attributes:
        name: its qualified name, as `named_modules` has it; "" for the model itself.
        module: `nn.RNN`, `nn.LSTM`, `nn.GRU`, or one of their cells.
    """

    name: str
    module: nn.Module

    @property
    def is_cell(self) -> bool:
        """Whether it computes one timestep a call."""
        return isinstance(self.module, CELLS)

    @property
    def text(self) -> str:
        """Name and kind: "encoder.rnn: nn.LSTM(4, 8)"."""
        kind = next(kind.__name__ for kind in (*RECURRENT, *CELLS) if isinstance(self.module, kind))
        sizes = f"{self.module.input_size}, {self.module.hidden_size}"
        return f"{self.name or 'the model'}: nn.{kind}({sizes})"


def find_recurrent(model: nn.Module) -> tuple[Found, ...]:
    """Every recurrent module and cell inside a model, in the order of `named_modules`.

    One that several names lead to is found once, under the first.
    """
    return tuple(
        Found(name, module)
        for name, module in model.named_modules()
        if isinstance(module, (*RECURRENT, *CELLS))
    )
