"""What can be chosen about the picture of a packed batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_VALUES = (0.0, 1.0, -1.0)


def _padding_values(_view: object) -> list[tuple[Any, str]]:
    return [(value, str(value).replace("-", "\u2212")) for value in _VALUES]


@dataclass(frozen=True)
class PackedOptions:
    """Options of the packed batch.

    Attributes:
        without_packing: measure and show what the padded tensor would have answered.
        padding_value: what stands beyond the sequences' ends in that comparison; any number.
    """

    without_packing: bool = field(default=True, metadata={"label": "Without packing"})
    padding_value: float = field(
        default=0.0, metadata={"label": "padding_value", "choices": _padding_values}
    )
