"""The figures by name; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rnnviz.errors import UsageError

if TYPE_CHECKING:
    from rnnviz.figures.view import Figure

_MODULES = {
    "unrolled": "rnnviz.figures.unrolled",
    "folded": "rnnviz.figures.folded",
    "anatomy": "rnnviz.figures.anatomy",
    "weights": "rnnviz.figures.weights",
    "trajectories": "rnnviz.figures.trajectories",
    "packed": "rnnviz.figures.packed",
    "lookup": "rnnviz.figures.lookup",
    "linear": "rnnviz.figures.linear",
    "scores": "rnnviz.figures.scores",
    "rows": "rnnviz.figures.rows",
    "decoder": "rnnviz.figures.decoder",
    "sides": "rnnviz.figures.sides",
    "gradients": "rnnviz.figures.gradients",
}


def figure_names() -> tuple[str, ...]:
    """The figures that can be looked at and exported, in the order of their tabs."""
    return tuple(_MODULES)


def get_figure(name: str) -> Figure:
    """A figure by its name.

    Raises:
        UsageError: where there is none, naming those there are.
    """
    if name not in _MODULES:
        raise UsageError(
            f"there is no figure {name!r}: expected one of {', '.join(figure_names())}"
        )
    figure: Figure = import_module(_MODULES[name]).FIGURE
    return figure
