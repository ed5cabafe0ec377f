"""What can be chosen about the picture of view and transpose."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RowsOptions:
    """Options of view and transpose.

    Attributes:
        readings: what the module reads as each sequence, written out.
        labels: labels flattened one way against scores flattened the other.
    """

    readings: bool = field(default=True, metadata={"label": "Readings"})
    labels: bool = field(default=True, metadata={"label": "Labels"})
