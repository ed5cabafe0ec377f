"""The lookup: which row of a table each id of a batch picks, three ways to write it."""

from __future__ import annotations

from rnnviz.figures.lookup.figure import FIGURE
from rnnviz.figures.lookup.options import LookupOptions

__all__ = ["FIGURE", "LookupOptions"]
