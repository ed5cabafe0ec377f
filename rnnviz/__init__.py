"""See every number of a real torch.nn.RNN, LSTM or GRU, one timestep at a time.

The names below are imported when they are first used: `import rnnviz` alone imports neither
torch nor numpy nor Qt.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.errors import FileError as FileError
    from rnnviz.errors import InputError as InputError
    from rnnviz.errors import RnnvizError as RnnvizError
    from rnnviz.errors import SpecError as SpecError
    from rnnviz.errors import UsageError as UsageError
    from rnnviz.model.clamps import Clamp as Clamp
    from rnnviz.model.differences import difference_run as difference_run
    from rnnviz.model.sequences import PackingPlan as PackingPlan
    from rnnviz.model.spec import ModelSpec as ModelSpec
    from rnnviz.model.stepper import Stepper as Stepper
    from rnnviz.model.trace import Trace as Trace
    from rnnviz.model.trace import trace as trace
    from rnnviz.notebook import show as show
    from rnnviz.pictures import export as export
    from rnnviz.pictures import figure as figure

__version__ = "0.1.0"

_HOMES = {
    "Clamp": "rnnviz.model.clamps",
    "FileError": "rnnviz.errors",
    "InputError": "rnnviz.errors",
    "ModelSpec": "rnnviz.model.spec",
    "PackingPlan": "rnnviz.model.sequences",
    "RnnvizError": "rnnviz.errors",
    "SpecError": "rnnviz.errors",
    "Stepper": "rnnviz.model.stepper",
    "Trace": "rnnviz.model.trace",
    "UsageError": "rnnviz.errors",
    "difference_run": "rnnviz.model.differences",
    "export": "rnnviz.pictures",
    "figure": "rnnviz.pictures",
    "show": "rnnviz.notebook",
    "trace": "rnnviz.model.trace",
}

__all__ = [
    "Clamp",
    "FileError",
    "InputError",
    "ModelSpec",
    "PackingPlan",
    "RnnvizError",
    "SpecError",
    "Stepper",
    "Trace",
    "UsageError",
    "difference_run",
    "export",
    "figure",
    "show",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
