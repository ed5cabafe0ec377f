"""Sessions as files: what is written of a state, and what comes back of it."""

from rnnviz.session.saved.reading import Restored, restored
from rnnviz.session.saved.writing import Arrays, saved

__all__ = ["Arrays", "Restored", "restored", "saved"]
