"""What a recurrent module is made of: its cell and its sizes, checked where they are born."""

from __future__ import annotations

import numbers
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from rnnviz.errors import InputError, SpecError
from rnnviz.model.memory import format_bytes, memory_limit

if TYPE_CHECKING:  # torch takes seconds to import, and the panels and the command need none of it
    from torch import nn

    Recurrent = nn.RNN | nn.LSTM | nn.GRU

CELL_NAMES = ("RNN", "LSTM", "GRU")
NONLINEARITIES = ("tanh", "relu")
ITEM_SIZE = {"float32": 4, "float64": 8, "bfloat16": 2, "float16": 2}  # bytes, by dtype

_GATE_COUNT = {"RNN": 1, "LSTM": 4, "GRU": 3}
_TENSOR_OVERHEAD = 2048  # bytes that a Parameter object takes beside its values
_LARGEST_SIZE = 2**63 - 1
_SEEDS = range(-(2**63), 2**64)


@dataclass(frozen=True)
class ModelSpec:
    """The arguments of `torch.nn.RNN`, `LSTM` or `GRU`, its dtype and the seed of its weights.

    Args:
        cell: "RNN", "LSTM" or "GRU".
        input_size: H_in, features of an input at one timestep.
        hidden_size: H_cell, units of a layer.
        num_layers: stacked layers; each receives what the one below puts out.
        nonlinearity: "tanh" or "relu"; of an RNN alone.
        bias: whether `bias_ih` and `bias_hh` exist.
        batch_first: input and output are (N, L, H) instead of (L, N, H).
        dropout: probability of a zero between two layers, in train mode.
        bidirectional: a second set of weights reads each sequence from its end.
        proj_size: H_out where `weight_hr` projects h; 0 for none; of an LSTM alone.
        dtype: "float32", "float64", "bfloat16", "float16", or the torch.dtype itself.
        seed: what `torch.manual_seed` would be given before the module is made.

    Raises:
        SpecError: for what torch would refuse, and for sizes that this machine cannot hold.
    """

    cell: str
    input_size: int
    hidden_size: int
    num_layers: int = 1
    nonlinearity: str = "tanh"
    bias: bool = True
    batch_first: bool = False
    dropout: float = 0.0
    bidirectional: bool = False
    proj_size: int = 0
    dtype: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        if type(self.dtype).__module__ == "torch":
            object.__setattr__(self, "dtype", str(self.dtype).removeprefix("torch."))
        self._check_choices()
        self._check_sizes()
        self._check_projection()
        self._check_dropout()
        object.__setattr__(self, "dropout", float(self.dropout))
        _check_whole("seed", self.seed)
        if self.seed not in _SEEDS:
            raise SpecError("seed", expected="−2⁶³ to 2⁶⁴ − 1", got=_shown(self.seed))
        self._check_memory()

    @property
    def num_directions(self) -> int:
        """D: 2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """H_out: proj_size if set, else hidden_size."""
        return self.proj_size or self.hidden_size

    @property
    def gate_count(self) -> int:
        """How many blocks of hidden_size rows `weight_ih` and `weight_hh` have."""
        return _GATE_COUNT[self.cell]

    @property
    def parameter_count(self) -> int:
        """Numbers in all weights and biases together."""
        return _parameter_count(self, self.input_size, self.hidden_size, self.num_layers)

    @property
    def parameter_bytes(self) -> int:
        """Bytes of all weights and biases together."""
        return self.parameter_count * ITEM_SIZE[self.dtype]

    def trace_bytes(self, L: int, N: int) -> int:  # noqa: N803
        """Bytes that a trace of N sequences of L timesteps takes, estimated from above.

        It keeps the input, `output` and every layer's h and c, and needs the gates of one
        layer at a time.
        """
        states = self.output_size + (self.hidden_size if self.cell == "LSTM" else 0)
        states += self.hidden_size if self.proj_size else 0
        per_layer = self.num_directions * states
        at_a_time = self.num_directions * self.gate_count * self.hidden_size
        output = self.num_directions * self.output_size
        features = self.input_size + output + self.num_layers * per_layer + at_a_time
        return L * N * features * ITEM_SIZE[self.dtype]

    def check_trace_fits(self, L: int, N: int) -> None:  # noqa: N803
        """Refuse a run whose trace this machine cannot hold.

        Raises:
            InputError: with the estimate and the limit.
        """
        needed = self.trace_bytes(L, N)
        if needed > memory_limit():
            raise InputError(
                "input",
                expected=f"a run whose trace fits in {format_bytes(memory_limit())}",
                got=f"L = {L}, N = {N}, which take {format_bytes(needed)}",
            )

    def build(self) -> Recurrent:
        """The torch module itself, in eval mode, as it is after `torch.manual_seed(seed)`.

        No generator but its own is touched, so a script's random numbers stay as they were.
        """
        from rnnviz.model.building import build_module

        return build_module(self)

    @classmethod
    def of(cls, module: Recurrent) -> ModelSpec:
        """The spec of a module that exists; its seed cannot be known and is 0.

        Raises:
            SpecError: where it is no `torch.nn.RNN`, `LSTM` or `GRU` of a dtype shown here.
        """
        from rnnviz.model.building import read_module

        return read_module(module)

    def with_changes(self, **changes: Any) -> ModelSpec:
        """This spec with some fields changed, those that then no longer apply put back.

        So that an LSTM with proj_size becomes a GRU by `with_changes(cell="GRU")`.
        """
        if (cell := changes.get("cell", self.cell)) != self.cell:
            if cell != "RNN":
                changes.setdefault("nonlinearity", "tanh")
            if cell != "LSTM":
                changes.setdefault("proj_size", 0)
        return replace(self, **changes)

    def code(self) -> str:
        """The line of PyTorch that makes this module, its defaults left out."""
        arguments = [str(self.input_size), str(self.hidden_size)]
        for field in fields(self)[3:-2]:
            value = getattr(self, field.name)
            if value != field.default:
                arguments.append(f"{field.name}={value!r}")
        if self.dtype != "float32":
            arguments.append(f"dtype=torch.{self.dtype}")
        return f"nn.{self.cell}({', '.join(arguments)})"

    def script(self, training: bool = False) -> str:
        """A script that makes this very module, weights included."""
        mode = "train" if training else "eval"
        return (
            "import torch\n"
            "from torch import nn\n"
            "\n"
            f"torch.manual_seed({self.seed})\n"
            f"module = {self.code()}.{mode}()\n"
        )

    def _check_choices(self) -> None:
        _check_choice("cell", self.cell, CELL_NAMES)
        _check_choice("nonlinearity", self.nonlinearity, NONLINEARITIES)
        if self.cell != "RNN" and self.nonlinearity != "tanh":
            raise SpecError(
                "nonlinearity",
                expected=f"'tanh' (only nn.RNN has a choice, not nn.{self.cell})",
                got=_shown(self.nonlinearity),
            )
        _check_choice("dtype", self.dtype, tuple(ITEM_SIZE))
        for name in ("bias", "batch_first", "bidirectional"):
            if not isinstance(getattr(self, name), bool):
                raise SpecError(name, expected="True or False", got=_shown(getattr(self, name)))

    def _check_sizes(self) -> None:
        for name in ("input_size", "hidden_size", "num_layers"):
            value = getattr(self, name)
            _check_whole(name, value)
            if value < 1:
                raise SpecError(name, expected="at least 1", got=_shown(value))
            if value > _LARGEST_SIZE:
                raise SpecError(name, expected="at most 2⁶³ − 1", got=_shown(value))

    def _check_projection(self) -> None:
        _check_whole("proj_size", self.proj_size)
        if self.proj_size < 0:
            raise SpecError("proj_size", expected="at least 0", got=_shown(self.proj_size))
        if self.proj_size and self.cell != "LSTM":
            raise SpecError(
                "proj_size",
                expected=f"0 (only nn.LSTM has a projection, not nn.{self.cell})",
                got=_shown(self.proj_size),
            )
        if self.proj_size and self.proj_size >= self.hidden_size:
            raise SpecError(
                "proj_size",
                expected=f"less than hidden_size ({self.hidden_size})",
                got=_shown(self.proj_size),
            )

    def _check_dropout(self) -> None:
        value = self.dropout
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= value <= 1:
            raise SpecError("dropout", expected="a number from 0 to 1", got=_shown(value))

    def _check_memory(self) -> None:
        tensors = self.num_layers * self.num_directions * (5 if self.proj_size else 4)
        needed = self.parameter_bytes + tensors * _TENSOR_OVERHEAD
        if needed <= memory_limit():
            return
        name = _largest_field(self)
        raise SpecError(
            name,
            expected=f"a module whose parameters fit in {format_bytes(memory_limit())}",
            got=f"{getattr(self, name)}, with which they take {format_bytes(needed)}",
        )


def inapplicable(spec: ModelSpec) -> dict[str, str]:
    """The fields that mean nothing for this spec, with the reason, by PyTorch name."""
    reasons: dict[str, str] = {}
    if spec.cell != "RNN":
        reasons["nonlinearity"] = f"nn.{spec.cell} has no nonlinearity argument; only nn.RNN does"
    if spec.cell != "LSTM":
        reasons["proj_size"] = f"nn.{spec.cell} has no projection; only nn.LSTM does"
    if spec.num_layers == 1:
        reasons["dropout"] = "dropout acts between layers, and there is only one"
    return reasons


def _parameter_count(spec: ModelSpec, input_size: int, hidden_size: int, num_layers: int) -> int:
    output_size = min(spec.proj_size or hidden_size, hidden_size)
    rows = spec.gate_count * hidden_size
    fixed = rows * output_size + (2 * rows if spec.bias else 0)
    fixed += output_size * hidden_size if spec.proj_size else 0
    received = input_size + (num_layers - 1) * spec.num_directions * output_size
    return spec.num_directions * (num_layers * fixed + rows * received)


def _largest_field(spec: ModelSpec) -> str:
    """The size that is most to blame: without it the fewest parameters would be left."""
    sizes = {name: getattr(spec, name) for name in ("input_size", "hidden_size", "num_layers")}
    return min(sizes, key=lambda name: _parameter_count(spec, **{**sizes, name: 1}))


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in choices:
        named = ", ".join(repr(choice) for choice in choices[:-1])
        raise SpecError(name, expected=f"{named} or {choices[-1]!r}", got=_shown(value))


def _check_whole(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SpecError(name, expected="a whole number", got=_shown(value))


def _shown(value: object) -> str:
    """A value as an error names it: short, and with its type where that is what is wrong."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value.bit_length() <= 128 else f"a number of {value.bit_length()} bits"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
