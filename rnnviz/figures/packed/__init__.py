"""The packed batch: which sequences run at this step, where that data is, and why sort."""

from __future__ import annotations

from rnnviz.figures.packed.figure import FIGURE
from rnnviz.figures.packed.options import PackedOptions

__all__ = ["FIGURE", "PackedOptions"]
