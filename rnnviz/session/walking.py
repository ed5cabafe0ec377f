"""Steps through a run: what the window waits for, and what runs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.session.runner import Cancel
from rnnviz.session.state import Badge, Document

if TYPE_CHECKING:
    from rnnviz.model.stepper import Stepper
    from rnnviz.model.trace import Trace
    from rnnviz.session.binding import Bound

FAR = 64  # steps; a seek over more takes the whole run's states where they are known
_MULTIPLICATIONS = 5e9  # that a step does in a second, cautiously
_CELL_SECONDS = 1e-4  # that one cell takes however small it is


@dataclass(frozen=True, eq=False)
class Moment:
    """A run at a position, and how it compares with torch there."""

    run: Trace
    badge: Badge


@dataclass(frozen=True, eq=False)
class Prepared:
    """A run that can be stepped, and the moment it begins with."""

    bound: Bound
    stepper: Stepper
    moment: Moment


def prepare(document: Document, position: int, cancel: Cancel) -> Prepared:
    """Build a document's module and step to a near position; a far one waits at 0."""
    from rnnviz.session.binding import bind

    bound = bind(document)
    cancel.check()
    stepper = bound.stepper()
    cancel.check()
    target = min(position, stepper.total)
    moment = walk(stepper, target if target <= FAR else 0, None, cancel)
    cancel.check()
    return Prepared(bound, stepper, moment)


def walk(stepper: Stepper, position: int, whole: Trace | None, cancel: Cancel) -> Moment:
    """Take a Stepper to a position, or as far as it came when cancelled, and compare there."""
    from rnnviz.session.badge import make_badge

    if whole is not None and position - stepper.position > FAR:
        stepper.adopt(whole)
        stepper.seek(position)
    elif position <= stepper.position:
        stepper.seek(position)
    while stepper.position < position and not cancel.is_set():
        stepper.step()
    run = stepper.trace
    return Moment(run, make_badge(run, whole))


def step_seconds(document: Document) -> float:
    """How long one step takes, roughly."""
    spec = document.spec
    cells = spec.num_layers * spec.num_directions
    return cells * _CELL_SECONDS + spec.parameter_count * max(document.N, 1) / _MULTIPLICATIONS
