"""The history as a value: names, merging, bounds."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from rnnviz.session import history as module
from rnnviz.session.examples import load_example
from rnnviz.session.history import BURST, LONGEST, Entry, History, Snapshot
from rnnviz.session.state import Document

DOCUMENT = load_example("lstm")


def snapshot(document: Document = DOCUMENT) -> Snapshot:
    return Snapshot(document, None, None, "new", MappingProxyType({}))


def entry(name: str, key: object = None, time: float = 0.0) -> Entry:
    return Entry(name, snapshot(), None, key, time)


def test_what_is_done_is_undone_and_redone_by_name() -> None:
    history = History().record(entry("one")).record(entry("two"))
    assert (history.undo_name, history.redo_name) == ("two", "")
    now = snapshot()
    history, came_back = history.undo(now)
    assert came_back.name == "two"
    assert (history.undo_name, history.redo_name) == ("one", "two")
    history, again = history.redo(snapshot())
    assert again.snapshot is now
    assert (history.undo_name, history.redo_name) == ("two", "")


def test_another_change_forgets_what_was_undone() -> None:
    history, _ = History().record(entry("one")).undo(snapshot())
    assert history.record(entry("other")).redo_name == ""


def test_a_number_held_to_step_is_one_change() -> None:
    first = entry("set hidden_size to 9", "hidden_size", 1.0)
    history = History().record(first)
    history = history.record(entry("set hidden_size to 10", "hidden_size", 1.0 + BURST / 2))
    history = history.record(entry("set hidden_size to 11", "hidden_size", 1.0 + BURST))
    assert len(history.past) == 1
    assert history.undo_name == "set hidden_size to 11"
    assert history.past[0].snapshot is first.snapshot


def test_changes_apart_in_time_or_place_stay_apart() -> None:
    history = History().record(entry("a", "x", 1.0)).record(entry("b", "x", 1.0 + 2 * BURST))
    history = history.record(entry("c", "y", 1.0 + 2 * BURST)).record(entry("d", None, 1.0))
    assert len(history.record(entry("e", None, 1.0)).past) == 5


def test_what_was_redone_is_not_merged_into() -> None:
    history = History().record(entry("a", "x"))
    history, _ = history.undo(snapshot())
    history, _ = history.redo(snapshot())
    assert len(history.record(entry("b", "x")).past) == 2


def test_the_oldest_changes_are_forgotten() -> None:
    history = History()
    for number in range(LONGEST + 5):
        history = history.record(entry(str(number)))
    assert len(history.past) == LONGEST
    assert history.past[0].name == "5"


def test_large_inputs_are_kept_for_fewer_changes(monkeypatch: object) -> None:
    values = np.zeros((1, 1000, 1))
    monkeypatch.setattr(module, "LARGEST", 3 * values.nbytes)  # type: ignore[attr-defined]
    history = History()
    for number in range(5):
        document = replace(DOCUMENT, values=values.copy())
        history = history.record(replace(entry(str(number)), snapshot=snapshot(document)))
    assert [kept.name for kept in history.past] == ["2", "3", "4"]
    shared = replace(DOCUMENT, values=values)
    for number in range(9):
        history = history.record(replace(entry(str(number)), snapshot=snapshot(shared)))
    assert len(history.past) > 9
