"""What a text is made of: its words, or its characters."""

from __future__ import annotations

import re

from rnnviz.errors import InputError

UNITS = ("words", "characters")
LONGEST_SHOWN = 24


def split(text: str, by: str = "words") -> list[str]:
    """A text's tokens: its words, which white space parts, or its characters.

    Raises:
        InputError: where `by` is neither.
    """
    check_choice("by", by, UNITS)
    return text.split() if by == "words" else list(text)


def spaced(text: str) -> str:
    """A text with its punctuation parted from its words, and in lower case.

    So word-vector files and most vocabularies have them: "Hello, world" as "hello , world".
    """
    return " ".join(re.findall(r"\w+(?:['’-]\w+)*|[^\w\s]", text.lower()))


def shown(value: object) -> str:
    """A value as an error tells it, in one line, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def check_choice(field: str, value: str, choices: tuple[str, ...]) -> None:
    """Refuse what is none of the choices.

    Raises:
        InputError: in that case.
    """
    if value not in choices:
        raise InputError(field, expected=f"one of {', '.join(choices)}", got=shown(value))
