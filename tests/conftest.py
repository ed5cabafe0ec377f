"""What every test gets: one torch thread, no display, nobody's settings touched."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import pytest
import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile(
    "rnnviz", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rnnviz")


@pytest.fixture(autouse=True)
def private_folders(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and logs of a test go to its own folder."""
    monkeypatch.setenv("RNNVIZ_HOME", str(tmp_path))


@pytest.fixture(scope="session", autouse=True)
def application(qapp: object) -> None:
    """The one application of the process, there before a test that only writes a picture.

    Such a test would make one of another kind, which windows cannot live in.
    """
