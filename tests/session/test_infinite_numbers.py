"""Edits to infinity and NaN are compared in every figure, and nothing fails or warns."""

from __future__ import annotations

import math

import pytest

from rnnviz.figures import get_figure
from rnnviz.figures.view import Frame
from rnnviz.scene.style import load_style
from rnnviz.session import ImmediateRunner, Session

_PANE = Frame(0, 0, 900, 600)


@pytest.mark.parametrize("value", [math.inf, math.nan, 1e38])
@pytest.mark.parametrize("key", ["lstm", "cell-step", "reverse"])
def test_every_figure_compares(key: str, value: float) -> None:
    session, style = Session(ImmediateRunner()), load_style("light")
    session.open_example(key)
    session.set_weight("weight_hh_l0", 1, 1, value)
    session.set_weight("bias_ih_l0", 0, None, value)
    if not session.state.document.takes_ids:
        session.set_value(0, 0, 0, value)
    session.last()
    assert session.state.original is not None
    for showing in ("new", "old", "difference"):
        session.show_comparison(showing)
        state = session.state
        view = state.view()
        assert view.showing == showing
        for name in state.figures:
            figure, options = get_figure(name), state.options[name]
            assert figure.build(view, options, _PANE, style).marks, name
            figure.legend(view, options, _PANE.width, style)
