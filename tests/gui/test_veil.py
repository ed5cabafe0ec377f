"""A refused edit leaves the last valid picture, dimmed and marked."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.golden import pixels
from tests.gui.conftest import Opener, session_of


@pytest.mark.parametrize("figure", ["unrolled", "trajectories"])
def test_the_last_valid_picture_is_dimmed(qtbot: QtBot, open_window: Opener, figure: str) -> None:
    window = open_window()
    assert window.bench is not None
    pane = window.bench.figure.canvas.parentWidget()
    assert pane is not None
    view, session = window.bench.figure, session_of(window)
    session.show_figure(figure)
    QApplication.processEvents()
    before = view.grab().toImage()
    assert not view.veil.isVisible()
    run = session.state.run
    session.set_model(hidden_size=0)
    assert session.state.problems
    assert session.state.run is run
    assert view.veil.isVisible()
    assert view.veil.geometry() == pane.rect()
    dimmed = view.grab().toImage()
    assert dimmed != before
    window.resize(window.width() + 40, window.height() + 30)
    QApplication.processEvents()
    assert view.veil.geometry() == pane.rect()
    window.resize(window.width() - 40, window.height() - 30)
    QApplication.processEvents()
    session.dismiss_problems()
    assert not view.veil.isVisible()
    # What lay beside the change is painted within a clip, which rounds a blended colour anew.
    again = pixels(view.grab().toImage())
    assert np.abs(again - pixels(before)).max() <= 2
