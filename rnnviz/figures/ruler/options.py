"""What a ruler's rows stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Rows = Literal["layers", "sequences"]


def _rows(_view: object) -> list[tuple[str, str]]:
    return [("layers", "layers"), ("sequences", "sequences of the top layer")]


@dataclass(frozen=True)
class RulerOptions:
    """Options of the ruler.

    Attributes:
        rows: "layers" of the sequence on show, or "sequences" of the top layer.
    """

    rows: Rows = field(default="layers", metadata={"label": "Rows", "choices": _rows})
