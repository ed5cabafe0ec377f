"""What can be chosen about the picture of a lookup."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.view import View
from rnnviz.model.pipeline.embedding import OneHot

WAYS = ("table", "one_hot", "column")
_NAMES = {
    "table": "table[ids]",
    "one_hot": "one-hot × Linear",
    "column": "weight[:, id]",
    "all": "all three",
}


def ways(view: View) -> tuple[str, ...]:
    """What can be shown: one-hot rows that nothing is made of are only looked up."""
    embedding = None if view.around is None else view.around.pr.pipeline.embedding
    if isinstance(embedding, OneHot) and embedding.linear is None:
        return ("table",)
    return (*WAYS, "all")


def _choices(view: View) -> list[tuple[str, str]]:
    return [(way, _NAMES[way]) for way in ways(view)]


@dataclass(frozen=True)
class LookupOptions:
    """Options of the lookup.

    Attributes:
        show: "table" picks rows of a table, "one_hot" multiplies rows with a single 1, "column"
            indexes a Linear's weight; "all" shows the three and whether they agree.
        numbers: values are written into cells that are large enough.
    """

    show: str = field(default="table", metadata={"label": "Show", "choices": _choices})
    numbers: bool = field(default=True, metadata={"label": "Numbers"})
