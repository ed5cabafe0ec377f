"""Files that were saved well and then changed at random."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.files.fuzz import KINDS, try_mutants

MUTANTS = 300


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutant_is_refused_or_gives_arrays(kind: str, tmp_path: Path) -> None:
    counts = try_mutants(kind, MUTANTS, tmp_path)
    assert counts["refused"] > 0
    assert counts["refused"] + counts["accepted"] == MUTANTS
