"""What can be chosen about the picture of scores and loss."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnviz.figures.view import View

ROWS = (12, 24, 60, 240)


def _orders(view: View) -> list[tuple[str, str]]:
    orders = [("flat", "As flattened"), ("sequence", "By sequence")]
    if view.around is not None and view.around.pr.losses is not None:
        orders.append(("loss", "Largest loss first"))
    return orders


def _most(_: View) -> list[tuple[int, str]]:
    return [(count, str(count)) for count in ROWS]


@dataclass(frozen=True)
class ScoresOptions:
    """Options of scores and loss.

    Attributes:
        probabilities: what softmax or sigmoid makes of each row.
        order: of the rows: "flat" as the loss takes them, "sequence" one sequence after
            another, "loss" the largest first.
        rows: how many at most are kept; the rest are an ellipsis.
    """

    probabilities: bool = field(default=True, metadata={"label": "Probabilities"})
    order: str = field(default="flat", metadata={"label": "Order", "choices": _orders})
    rows: int = field(default=24, metadata={"label": "Rows", "choices": _most})
