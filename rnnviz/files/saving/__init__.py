"""Saving what a file of the user's own can hold: weights, and the values of any tensor."""

from __future__ import annotations

from rnnviz.files.saving.arrays import save_array
from rnnviz.files.saving.atomic import save_bytes, save_pieces, write_atomically
from rnnviz.files.saving.weights import save_weights

__all__ = ["save_array", "save_bytes", "save_pieces", "save_weights", "write_atomically"]
