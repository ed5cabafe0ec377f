"""The examples that come with rnnviz, each a JSON file in resources/examples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from rnnviz.errors import UsageError
from rnnviz.model.spec import ModelSpec
from rnnviz.resource import resource_path
from rnnviz.session.state import Document

DEFAULT = "lstm"


@dataclass(frozen=True)
class Example:
    """An example as its file states it.

    Attributes:
        key: what the command line calls it.
        title: what it shows, in one line.
        name: what the window calls it.
        model: arguments of `ModelSpec`.
        input: `values` as nested lists (sequence, timestep, feature), or `fill`, `seed` and
            `lengths`; and the document's `packed`, `enforce_sorted`, `padding_value`.
        position: how many steps are already computed when it opens.
        figure: the figure that it opens on.
        order: its place in the list.
    """

    key: str
    title: str
    name: str
    model: dict[str, Any]
    input: dict[str, Any]
    position: int = 0
    figure: str = "unrolled"
    order: int = 0

    def document(self) -> Document:
        """The example as a document."""
        import numpy as np

        from rnnviz.files.sequences import Sequences
        from rnnviz.session.fills import fill_values

        spec = ModelSpec(**self.model)
        data = dict(self.input)
        padding_value = float(data.get("padding_value", 0.0))
        if "values" in data:
            tables = [np.array(table, dtype=np.float64) for table in data.pop("values")]
            sequences = Sequences.padded(tables, padding_value)
            values, lengths = sequences.values, sequences.lengths
        else:
            lengths = tuple(data.pop("lengths"))
            shape = (len(lengths), max(lengths), spec.input_size)
            values = fill_values(data["fill"], shape, data["seed"])
        return Document(spec, values, lengths, title=self.name, **data)


@cache
def examples() -> dict[str, Example]:
    """All examples by key, in the order they are listed."""
    files = resource_path("examples").glob("*.json")
    found = [Example(key=file.stem, **json.loads(file.read_text("utf-8"))) for file in files]
    return {example.key: example for example in sorted(found, key=lambda e: e.order)}


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
