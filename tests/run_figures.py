"""The figures that any run of recurrent layers can be shown in."""

from __future__ import annotations

from rnnviz.session.state import FIRST_FIGURES

RUN_FIGURES = (*FIRST_FIGURES, "gradients")
