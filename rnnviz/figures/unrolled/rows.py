"""What a card holds: which strips, and how high each lies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.model.trace import Trace

WIDTH = 108.0
STRIP_LEFT = 22.0
STRIP_WIDTH = 80.0
UNPROJECTED = "unprojected"
GRADIENT = "grad_"  # before the name of what a gradient is of

_STATE_HEIGHT = 16.0
_GATE_HEIGHT = 14.0
_STATE_STEP = 22.0
_GATE_STEP = 19.0
_MARGIN = 11.0
_COMPACT_MARGIN = 6.0
_PROJECTION_GAP = 9.0
_RETURNED_STEP = 33.0  # from one strip of gradients to the next, its size written between them
_RETURNED_STEP_COMPACT = 18.0


@dataclass(frozen=True, slots=True)
class Row:
    """One strip of a card, in px at scale 1.

    Attributes:
        tensor: `h`, `c`, a gate, or `unprojected` (h before `weight_hr`).
        top, height: place within the card.
        units: length of the vector.
        aperture: a gate in [0, 1] rather than signed values.
    """

    tensor: str
    top: float
    height: float
    units: int
    aperture: bool = False


@dataclass(frozen=True, slots=True)
class CardPlan:
    """The strips of every card of a run.

    Attributes:
        rows: from the top.
        height: of the card.
        divider: the line between states and gates, None where there are no gates.
        cells: units that a full strip holds (hidden_size).
        returned: the strips of the gradients that come back; none while the way forward is on
            show. `seam` is the line above them.
    """

    rows: tuple[Row, ...]
    height: float
    divider: float | None
    cells: int
    returned: tuple[Row, ...] = ()
    seam: float | None = None

    def row(self, tensor: str) -> Row | None:
        """The row of a tensor, None where the card doesn't show it."""
        rows = (*self.rows, *self.returned)
        return next((row for row in rows if row.tensor == tensor), None)

    @property
    def states(self) -> tuple[Row, ...]:
        """h, and c where there is one."""
        return tuple(row for row in self.rows if row.tensor in ("h", "c"))


def card_plan(
    run: Trace, *, gates: bool = True, compact: bool = False, returning: bool = False
) -> CardPlan:
    """The card of a run's cell; a compact one shows the states alone.

    Args:
        returning: whether it has room for the gradients of its states.
    """
    margin = _COMPACT_MARGIN if compact else _MARGIN
    rows = [Row("h", margin, _STATE_HEIGHT, run.output_size)]
    top = margin + _STATE_STEP
    if run.output_size != run.hidden_size and not compact:
        top += _PROJECTION_GAP - (_STATE_STEP - _STATE_HEIGHT)
        rows.append(Row(UNPROJECTED, top, _GATE_HEIGHT, run.hidden_size))
        top += _GATE_STEP + 1
    if run.cell.has_c:
        rows.append(Row("c", top, _STATE_HEIGHT, run.hidden_size))
        top += _STATE_STEP
    named = tuple(gate for gate in run.cell.gates if gate != "h")
    divider = top if gates and named and not compact else None
    if divider is not None:
        top += 5
        for gate in named:
            window = gate in run.cell.sigmoid_gates and not run.is_difference
            rows.append(Row(gate, top, _GATE_HEIGHT, run.hidden_size, window))
            top += _GATE_STEP
    bottom = rows[-1].top + rows[-1].height + margin
    plan = CardPlan(tuple(rows), bottom, divider, run.hidden_size)
    return _with_returned(plan, run, compact) if returning else plan


def _with_returned(plan: CardPlan, run: Trace, compact: bool) -> CardPlan:
    """The same card with strips for the gradients of its states below."""
    step = _RETURNED_STEP_COMPACT if compact else _RETURNED_STEP
    top = plan.height + (0.0 if compact else 4.0)
    rows = [Row("grad_h", top, _GATE_HEIGHT, run.output_size)]
    if run.cell.has_c:
        rows.append(Row("grad_c", top + step, _GATE_HEIGHT, run.hidden_size))
    bottom = rows[-1].top + step + (_COMPACT_MARGIN - 4 if compact else 3.0)
    return replace(plan, height=bottom, returned=tuple(rows), seam=plan.height - 4)
