"""What a person may choose of the unrolled graph."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class UnrolledOptions:
    """Toggles of the unrolled graph.

    Attributes:
        gates: the gates' strips within each card.
        shapes: the shapes on the first column's wires.
        elide: of a long run the first steps, the current ones with their neighbours and the
            last, with dots for the others, so that they fit a page as cards.
    """

    gates: bool = field(default=True, metadata={"label": "Gates"})
    shapes: bool = field(default=True, metadata={"label": "Shapes"})
    elide: bool = field(default=False, metadata={"label": "Elide"})
