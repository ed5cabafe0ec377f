"""The tokens of the sequence on show, that name the timesteps of a ruler."""

from __future__ import annotations

from rnnviz.figures.ruler.options import RulerOptions
from rnnviz.figures.view import View

_LONGEST = 12


def token_at(view: View, options: RulerOptions, t: int) -> str:
    """The token of a timestep; "" where the batch has none, or several sequences are on show."""
    around = view.around
    if around is None:
        return ""
    form = around.pr.form
    one = view.sequence is not None or form.N == 1
    if not one or options.rows == "sequences" or "ids" not in around.pr.tensors:
        return ""
    sequence = min(view.sequence or 0, form.N - 1)
    if not 0 <= t <= int(form.ends[sequence]):
        return ""
    ids = form.grid(around.pr.tensors["ids"].tensor)
    name = around.token(int(ids[t, sequence]))
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
