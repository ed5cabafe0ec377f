"""What can be chosen about the picture of a Linear layer."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import nn

from rnnviz.figures.view import View
from rnnviz.model.pipeline.embedding import module_of

_NAMES = {"front": "In front", "head": "Head"}


def places(view: View) -> tuple[str, ...]:
    """Where the model has an `nn.Linear`: "front", "head", or both."""
    if view.around is None:
        return ()
    pipeline = view.around.pr.pipeline
    found = ("front",) if isinstance(module_of(pipeline.embedding), nn.Linear) else ()
    return (*found, "head") if pipeline.head is not None else found


def _choices(view: View) -> list[tuple[str, str]]:
    return [(place, _NAMES[place]) for place in places(view)]


@dataclass(frozen=True)
class LinearOptions:
    """Options of the Linear layer.

    Attributes:
        which: "front" of the recurrent layers, or "head"; one that is not there counts as the
            other.
        numbers: values are written into cells that are large enough.
    """

    which: str = field(default="front", metadata={"label": "Which", "choices": _choices})
    numbers: bool = field(default=True, metadata={"label": "Numbers"})
