"""What can be chosen about the picture of a packed batch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PackedOptions:
    """Options of the packed batch.

    Attributes:
        without_packing: measure and show what the padded tensor would have answered.
    """

    without_packing: bool = field(default=True, metadata={"label": "Without packing"})
