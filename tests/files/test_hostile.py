"""Nothing runs, nothing falls over: files that should do nothing but open, or be refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.files.hostile import corpus
from tests.files.opening import Outcome, open_all

LEAST = 150
LARGEST_MEGABYTES = 200
LONGEST = 400  # characters of a message without the path


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Outcome, bool]]:
    """What came of every file, and whether it may be opened."""
    folder = tmp_path_factory.mktemp("corpus")
    canary = tmp_path_factory.mktemp("canary") / "ran"
    cases = corpus(folder, canary)
    found = open_all([case.path for case in cases])
    assert not canary.exists()
    return list(zip(found, (case.harmless for case in cases), strict=True))


def test_every_file_is_opened_or_refused(outcomes: list[tuple[Outcome, bool]]) -> None:
    assert len(outcomes) > LEAST
    assert [o.error for o, _ in outcomes if not o.sound] == []
    assert [o.path for o, harmless in outcomes if o.opened and not harmless] == []
    assert [o.error for o, harmless in outcomes if harmless and not o.opened] == []


def test_a_refused_file_gets_one_plain_line(outcomes: list[tuple[Outcome, bool]]) -> None:
    for outcome in (o for o, _ in outcomes if not o.opened):
        assert outcome.error.isprintable(), outcome
        assert outcome.error.startswith(f"cannot read {Path(outcome.path).parents[-1]}"), outcome
        assert len(outcome.error) < LONGEST + len(outcome.path), outcome
        for foreign in ("weights_only", "Traceback", "pickle_module", "unpickl", "Errno"):
            assert foreign not in outcome.error, outcome


def test_a_refused_file_takes_little_memory(outcomes: list[tuple[Outcome, bool]]) -> None:
    assert max(o.megabytes for o, _ in outcomes if not o.opened) < LARGEST_MEGABYTES
