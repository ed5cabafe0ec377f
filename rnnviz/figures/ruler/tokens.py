"""The tokens of the sequence on show, that name the timesteps of a ruler."""

from __future__ import annotations

from rnnviz.figures.ruler.options import RulerOptions
from rnnviz.figures.view import View

_LONGEST = 12


def token_at(view: View, options: RulerOptions, t: int) -> str:
    """The token of a timestep; "" where the batch has none, or several sequences are on show."""
    around = view.around
    one = view.sequence is not None or view.run.N == 1
    if around is None or not one or options.rows == "sequences" or "ids" not in around.pr.tensors:
        return ""
    sequence = min(view.sequence or 0, view.run.N - 1)
    if not 0 <= t < view.run.lengths[sequence]:
        return ""
    ids = around.pr.form.grid(around.pr.tensors["ids"].tensor)
    name = around.token(int(ids[t, sequence]))
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
