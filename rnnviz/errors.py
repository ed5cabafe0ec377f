"""The kinds of error that rnnviz raises, in the user's words."""

from __future__ import annotations


class RnnvizError(Exception):
    """Anything that rnnviz can say plainly: one line, no traceback needed."""


class FieldError(RnnvizError, ValueError):
    """A value that does not fit where it was given.

    Attributes:
        field: the name of the field, spelled PyTorch's way.
        expected: what would have fitted.
        got: what was given instead.
    """

    def __init__(self, field: str, *, expected: str, got: object) -> None:
        super().__init__(f"{field}: expected {expected}, got {got}")
        self.field = field
        self.expected = expected
        self.got = got


class SpecError(FieldError):
    """A model that torch would refuse, or that no machine holds."""


class InputError(FieldError):
    """An input, an initial state or lengths that do not fit the module."""


class FileError(RnnvizError):
    """A file that cannot be read or written: what, where, why."""


class UsageError(RnnvizError):
    """A figure, an example, a step or an option that does not exist."""
