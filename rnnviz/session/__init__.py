"""The application's state and what can be done to it; imported when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.session.runner import ImmediateRunner as ImmediateRunner
    from rnnviz.session.runner import Runner as Runner
    from rnnviz.session.session import Session as Session
    from rnnviz.session.state import Badge as Badge
    from rnnviz.session.state import Document as Document
    from rnnviz.session.state import InitialStates as InitialStates
    from rnnviz.session.state import State as State

_HOMES = {
    "Badge": "rnnviz.session.state",
    "Document": "rnnviz.session.state",
    "ImmediateRunner": "rnnviz.session.runner",
    "InitialStates": "rnnviz.session.state",
    "Runner": "rnnviz.session.runner",
    "Session": "rnnviz.session.session",
    "State": "rnnviz.session.state",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
