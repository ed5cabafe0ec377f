"""Full searches for garbage are made at rest, and else hardly ever."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from rnnviz.ui.collecting import RestingCollector, spare_collector

Counts = tuple[int, int, int]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    made: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: made.append(1))
    return made


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[RestingCollector]:
    parent = QObject()
    yield RestingCollector(parent)
    parent.deleteLater()


@pytest.mark.parametrize(
    ("before", "now", "searched"),
    [
        ((500, 3, 8), (520, 3, 8), 1),  # nothing goes on
        ((500, 3, 8), (40, 4, 8), 0),  # much was made
        ((500, 3, 8), (90, 3, 8), 0),
        ((500, 3, 2), (500, 3, 2), 0),  # there is next to nothing to search
    ],
)
def test_it_searches_what_was_put_off_when_nothing_goes_on(
    collector: RestingCollector,
    searches: list[int],
    monkeypatch: pytest.MonkeyPatch,
    before: Counts,
    now: Counts,
    searched: int,
) -> None:
    counts = iter((before, now))
    monkeypatch.setattr(gc, "get_count", lambda: next(counts))
    collector.look()
    searches.clear()
    collector.look()
    assert len(searches) == searched


def test_it_waits_while_a_button_is_held(
    collector: RestingCollector, searches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gc, "get_count", lambda: (500, 3, 8))
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
    collector.look()
    collector.look()
    assert not searches


def test_what_is_loaded_is_spared_and_full_searches_are_rare() -> None:
    threshold = gc.get_threshold()
    try:
        spare_collector()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[:2] == threshold[:2]
        assert gc.get_threshold()[2] > 100
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
