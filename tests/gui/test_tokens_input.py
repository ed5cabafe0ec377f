"""The input as it would be typed."""

from __future__ import annotations

import math

from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.fitted_targets import IGNORED, default_targets
from rnnviz.ui.tokens_input import text_of


def test_what_stands_beyond_a_length_is_no_token() -> None:
    session = Session(ImmediateRunner())
    session.open_example("reverse")
    session.set_length(0, 2)
    session.set_value(0, 3, 0, math.nan)
    document = session.state.document
    assert not session.state.problems
    assert text_of(document).splitlines()[0] == "c a"
    assert default_targets(document)[0].tolist() == [5, 3, 8, IGNORED, 6, IGNORED]
