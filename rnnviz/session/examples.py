"""The examples that come with rnnviz, each a JSON file in resources/examples."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from rnnviz.errors import UsageError
from rnnviz.resource import resource_path

if TYPE_CHECKING:
    from rnnviz.session.state import Document

DEFAULT = "hello"


@dataclass(frozen=True)
class Example:
    """An example as its file states it.

    Attributes:
        key: what the command line calls it.
        title: what it is, in one line.
        name: what the window calls it.
        group: the heading that it is listed under.
        shapes: its tensors in their order, such as "ids (2, 4) → embedded (2, 4, 4)".
        teaches: what there is to be seen, in one sentence.
        parts: what its document is made of; `rnnviz.session.example_documents` says how.
        position: how many steps are already computed when it opens, of a decoder too.
        figure: the figure that it opens on.
        options: of figures, by their names, as far as they are not the usual ones.
        order: its place in the list.
    """

    key: str
    title: str
    name: str
    group: str
    shapes: str
    teaches: str
    parts: dict[str, Any]
    position: int = 0
    figure: str = "unrolled"
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    order: int = 0

    @classmethod
    def of(cls, key: str, stated: dict[str, Any]) -> Example:
        """An example of what its file states."""
        own = {name: stated[name] for name in cls.__dataclass_fields__ if name in stated}
        parts = {name: value for name, value in stated.items() if name not in own}
        return cls(key=key, parts=parts, **own)

    def document(self) -> Document:
        """The example as a document."""
        from rnnviz.session.example_documents import document_of

        return document_of(self.name, self.parts)


@cache
def examples() -> dict[str, Example]:
    """All examples by key, in the order they are listed."""
    files = resource_path("examples").glob("*.json")
    found = [Example.of(file.stem, json.loads(file.read_text("utf-8"))) for file in files]
    return {example.key: example for example in sorted(found, key=lambda e: e.order)}


def grouped_examples() -> dict[str, tuple[Example, ...]]:
    """All examples by the heading that they are listed under, in the order they are listed."""
    groups: dict[str, tuple[Example, ...]] = {}
    for example in examples().values():
        groups[example.group] = (*groups.get(example.group, ()), example)
    return groups


def example_keys() -> tuple[str, ...]:
    """The keys of all examples, the first one that opens first."""
    return tuple(examples())


def get_example(key: str) -> Example:
    """An example by its key.

    Raises:
        UsageError: where there is none, naming those there are.
    """
    if key not in examples():
        known = ", ".join(example_keys())
        raise UsageError(f"there is no example {key!r}: expected one of {known}")
    return examples()[key]


def load_example(key: str) -> Document:
    """An example's document.

    Raises:
        UsageError: where there is none.
    """
    return get_example(key).document()
