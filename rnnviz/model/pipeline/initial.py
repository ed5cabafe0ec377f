"""An initial state: none, one for each sequence, or one vector for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from torch import Tensor

from rnnviz.errors import InputError
from rnnviz.model.binding import Initial
from rnnviz.model.pipeline.named import Named

if TYPE_CHECKING:
    from rnnviz.model.pipeline.form import Form
    from rnnviz.model.spec import ModelSpec
    from rnnviz.model.trace import Trace


class InitialState(NamedTuple):
    """An `hx` as the module takes it.

    Attributes:
        hx: None where none was given.
        vectors: what was broadcast, "h_0" and "c_0"; empty where nothing was.
    """

    hx: Initial
    vectors: dict[str, Tensor]

    @property
    def is_broadcast(self) -> bool:
        """Whether one vector was given for all sequences."""
        return bool(self.vectors)

    def named(self, run: Trace) -> dict[str, Named]:
        """`h_0` and `c_0` as the module takes them, zeros where none were given."""
        batch = () if run.unbatched else ("N",)
        names = {"h_0": (run.h_0, "H_out"), "c_0": (run.c_0, "H_cell")}
        return {
            name: Named(
                state.squeeze(1) if run.unbatched else state, ("D * num_layers", *batch, last)
            )
            for name, (state, last) in names.items()
            if state is not None
        } | {
            f"{name}_vector": Named(vector.detach().clone(), (names[name][1],))
            for name, vector in self.vectors.items()
        }


def read_initial(spec: ModelSpec | None, hx: Initial, form: Form) -> InitialState:
    """An `hx` in which a vector (H,) is made the state of every sequence, layer and direction.

    Raises:
        InputError: for an `hx` without recurrent layers, or a vector of another size.
    """
    if hx is None:
        return InitialState(None, {})
    if spec is None:
        raise InputError("hx", expected="None without a recurrent module", got=type(hx).__name__)
    states = (hx,) if isinstance(hx, Tensor) else tuple(hx)
    if not all(isinstance(state, Tensor) and state.dim() == 1 for state in states):
        return InitialState(hx, {})
    names = {"h_0": spec.output_size, "c_0": spec.hidden_size}
    if len(states) != (2 if spec.cell == "LSTM" else 1):
        return InitialState(hx, {})  # the trace says what is wrong with it
    vectors = dict(zip(names, states, strict=False))
    for name, vector in vectors.items():
        if len(vector) != names[name]:
            raise InputError(
                name, expected=f"{names[name]} numbers for every sequence", got=len(vector)
            )
    rows = spec.num_layers * spec.num_directions
    batch = (form.N,) if "N" in form.axes else ()
    spread = tuple(vector.expand(rows, *batch, len(vector)) for vector in states)
    return InitialState(spread[0] if len(spread) == 1 else (spread[0], spread[1]), vectors)
