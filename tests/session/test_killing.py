"""Processes that are killed while they write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.session.killing import KINDS, kill

KILLS = 60


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_process_leaves_one_whole_version(kind: str, tmp_path: Path) -> None:
    found = kill(kind, KILLS, tmp_path)
    assert found.total() == KILLS
    assert len(list(tmp_path.glob(".*.part"))) <= KILLS
