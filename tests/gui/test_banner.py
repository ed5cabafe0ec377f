"""The banner that names the first NaN or infinity."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from tests.gui.conftest import Opener


def test_it_names_the_first_and_leads_to_it(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("lstm")
    assert window.bench is not None
    session, banner = window.bench.session, window.bench.figure.banner
    assert not banner.isVisible()
    session.set_value(0, 4, 1, float("nan"))
    qtbot.waitUntil(banner.isVisible)
    assert banner.text.text() == "The first NaN is in x[1]: t = 5."
    banner.show_it.click()
    assert session.state.position == 5
    assert session.state.selection == Element("x", layer=0, t=4, sequence=0, unit=1)
    session.set_value(0, 4, 1, 0.5)
    qtbot.waitUntil(lambda: not banner.isVisible())
