"""Sessions and recordings as files: what is written, and what comes back of it."""

from rnnviz.session.saved.reading import Restored, read_saved, restored
from rnnviz.session.saved.writing import Captured, saved, saved_recording

__all__ = ["Captured", "Restored", "read_saved", "restored", "saved", "saved_recording"]
