"""`view` beside `transpose`: which sequence each row of a batch ends up in."""

from rnnviz.figures.rows.figure import FIGURE
from rnnviz.figures.rows.options import RowsOptions

__all__ = ["FIGURE", "RowsOptions"]
