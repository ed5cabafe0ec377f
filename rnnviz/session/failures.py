"""What went wrong, sorted: the user's to mend, the machine's limits, or a bug."""

from __future__ import annotations

from rnnviz.errors import FieldError, RnnvizError


def message_of(error: BaseException) -> str:
    """What to say at a field: one line."""
    if isinstance(error, FieldError):
        return f"expected {error.expected}, got {error.got}"
    if is_shortage(error):
        return "there is not enough memory for this run"
    return str(error).partition("\n")[0] or type(error).__name__


def is_shortage(error: BaseException) -> bool:
    """Whether memory ran out, as Python or torch says it."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and "memory" in str(error)


def is_bug(error: BaseException) -> bool:
    """Whether nobody but a developer can do anything about it."""
    return not isinstance(error, RnnvizError) and not is_shortage(error)
