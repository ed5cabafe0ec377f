"""The operations inside a cell as data: what each takes, what it gives, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from torch import Tensor
from torch.nn.functional import linear

if TYPE_CHECKING:
    from rnnviz.model.cells.base import Parameters

Verb = Literal[
    "linear_ih",
    "linear_hh",
    "add",
    "sigmoid",
    "tanh",
    "relu",
    "multiply",
    "complement",
    "project",
]
Force = Callable[[str, Tensor], Tensor]
ACTIVATIONS: frozenset[Verb] = frozenset({"sigmoid", "tanh", "relu"})


class Operation(NamedTuple):
    """One operation inside a cell.

    Names of tensors: `x`, `h_prev` and `c_prev` enter; of a gate q, `ih_q` is its part of
    W_ih x + b_ih, `hh_q` of W_hh h + b_hh, `a_q` their sum before activation and `q` the gate;
    products are named as they are written, such as `f*c`.

    Attributes:
        name: unique in its cell.
        verb: what is done. "linear_ih" and "linear_hh" multiply by a weight and add its bias,
            all gates at once; "add" adds the first half of what it takes to the second;
            "complement" is (1 − first) ⊙ second; "project" multiplies by `weight_hr`.
        takes, gives: the tensors, (rows, width) each.
        latex: what it gives, in short.
    """

    name: str
    verb: Verb
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    latex: str


def gate_sums(
    gates: Sequence[str], *, bias: bool, added: Sequence[str] | None = None
) -> tuple[Operation, ...]:
    """W_ih x + b_ih, W_hh h + b_hh, and the sum of both for the gates that are simply `added`."""
    b_ih, b_hh = (" + b_{ih}", " + b_{hh}") if bias else ("", "")
    plain = tuple(gates if added is None else added)
    ih, hh = tuple(f"ih_{gate}" for gate in gates), tuple(f"hh_{gate}" for gate in gates)
    parts = (*(f"ih_{gate}" for gate in plain), *(f"hh_{gate}" for gate in plain))
    sums = tuple(f"a_{gate}" for gate in plain)
    return (
        Operation("ih", "linear_ih", ("x",), ih, rf"W_{{ih}} x_t{b_ih}"),
        Operation("hh", "linear_hh", ("h_prev",), hh, rf"W_{{hh}} h_{{t-1}}{b_hh}"),
        Operation("a", "add", parts, sums, "a_t"),
    )


def perform(
    operation: Operation, tensors: dict[str, Tensor], parameters: Parameters
) -> dict[str, Tensor]:
    """What an operation gives, from the tensors (rows, width) that there are already."""
    taken = [tensors[name] for name in operation.takes]
    results = _results(operation.verb, taken, len(operation.gives), parameters)
    return dict(zip(operation.gives, results, strict=True))


def perform_all(
    operations: Sequence[Operation],
    entering: dict[str, Tensor],
    parameters: Parameters,
    force: Force | None = None,
) -> dict[str, Tensor]:
    """Every tensor of a cell, from those that enter it.

    Args:
        entering: `x` (rows, in_features), `h_prev` (rows, H_out), and of LSTM `c_prev`.
        force: gives each tensor as it is to be used further on.
    """
    tensors = dict(entering)
    for operation in operations:
        given = perform(operation, tensors, parameters)
        if force is not None:
            given = {name: force(name, values) for name, values in given.items()}
        tensors.update(given)
    return tensors


def _results(
    verb: Verb, taken: list[Tensor], count: int, parameters: Parameters
) -> Sequence[Tensor]:
    if verb == "linear_ih":
        return linear(taken[0], parameters.weight_ih, parameters.bias_ih).chunk(count, dim=-1)
    if verb == "linear_hh":
        return linear(taken[0], parameters.weight_hh, parameters.bias_hh).chunk(count, dim=-1)
    if verb == "add":
        return [taken[index] + taken[index + count] for index in range(count)]
    if verb == "project":
        assert parameters.weight_hr is not None  # only a cell with one has this operation
        return [linear(taken[0], parameters.weight_hr)]
    return [_ELEMENTWISE[verb](*taken)]


_ELEMENTWISE: dict[Verb, Callable[..., Tensor]] = {
    "sigmoid": lambda a: a.sigmoid(),
    "tanh": lambda a: a.tanh(),
    "relu": lambda a: a.relu(),
    "multiply": lambda first, second: first * second,
    "complement": lambda first, second: (1 - first) * second,
}
