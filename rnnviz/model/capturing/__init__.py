"""What recurrent modules inside any model really receive, taken by hooks."""

from rnnviz.model.capturing.calls import Watch
from rnnviz.model.capturing.capture import Capture, capture, chosen, runs_of
from rnnviz.model.capturing.finding import Found, find_recurrent

__all__ = ["Capture", "Found", "Watch", "capture", "chosen", "find_recurrent", "runs_of"]
