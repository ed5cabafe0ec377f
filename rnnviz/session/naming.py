"""What ids and classes of a document are called, and what is meant by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.errors import InputError
from rnnviz.figures.surroundings import shown_token
from rnnviz.session.fitted_targets import IGNORED, class_count

if TYPE_CHECKING:
    from rnnviz.session.state import Document

IGNORED_NAME = "ignored"  # torch's ignore_index
_SIGNS = {"␣": " ", "↵": "\n", "⇥": "\t"}


def token_name(document: Document, id_: int) -> str:
    """What an id of the input is called: its token, or the number itself."""
    known = document.vocabulary
    if known is not None and 0 <= id_ < len(known):
        return shown_token(known.tokens[id_])
    return str(id_)


def meant_token(text: str) -> str:
    """The token that is written so: white space has signs of its own."""
    return _SIGNS.get(text.strip(), text)


def class_names(document: Document) -> tuple[str, ...]:
    """The names of the classes; empty where they are only numbers."""
    if document.classes:
        return document.classes
    known = document.vocabulary
    return known.tokens if known is not None and len(known) == class_count(document) else ()


def class_name(document: Document, class_: int) -> str:
    """What a class is called: its name, the number itself, or "ignored"."""
    if class_ == IGNORED:
        return IGNORED_NAME
    names = class_names(document)
    return shown_token(names[class_]) if 0 <= class_ < len(names) else str(class_)


def class_of(document: Document, text: str) -> int:
    """The class that a name or a number means.

    Raises:
        InputError: where it means none.
    """
    names, given = class_names(document), text.strip().replace("−", "-")
    for name in (text, meant_token(text)):
        if name in names:
            return names.index(name)
    if given in ("", IGNORED_NAME):
        return IGNORED
    if given.lstrip("-").isdigit():
        return int(given)
    classes = f"a class 0 to {class_count(document) - 1}"
    wanted = f"{classes}, its name, or {IGNORED_NAME}" if names else f"{classes}, or {IGNORED_NAME}"
    raise InputError("targets", expected=wanted, got=repr(text))
