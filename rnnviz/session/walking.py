"""Steps through a run: what the window waits for, and what runs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.session.pacing import fitted
from rnnviz.session.runner import Cancel
from rnnviz.session.state import Badge, Document

if TYPE_CHECKING:
    from rnnviz.model.schedule import Progress
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
    """A run that can be stepped, and the moment it begins with.

    Attributes:
        whole: the whole run, where it is known already; not yet compared with torch.
    """

    bound: Bound
    stepper: Stepper
    moment: Moment
    whole: Trace | None = None


def prepare(
    document: Document,
    goal: Progress,
    cancel: Cancel,
    known: Trace | None = None,
    before: Trace | None = None,
) -> Prepared:
    """Build a document's module and step to a near position; a far one waits at 0.

    Args:
        known: the whole run, where it has been computed already.
        before: the whole run of a document of which this one is an edit: what cannot have
            changed is taken from it, so that the whole run is known at once.
    """
    from rnnviz.session.binding import bind, cancelling

    bound = bind(document)
    cancel.check()
    stepper = bound.stepper()
    cancel.check()
    whole = known
    if whole is None and before is not None:
        with cancelling():
            whole = stepper.edited(before, cancel.is_set)
    target = fitted(stepper.trace, goal)
    if whole is not None:
        _ = whole.first_not_finite  # asked for here, so that the window finds it computed
        stepper.adopt(whole, target.step)
        stepper.seek(target)
    elif target.step > FAR:
        target = target._replace(step=0, cell=0, operation=0)
    moment = walk(stepper, target, None, cancel)
    cancel.check()
    return Prepared(bound, stepper, moment, whole)


def walk(
    stepper: Stepper,
    goal: Progress,
    whole: Trace | None,
    cancel: Cancel,
    compared: Trace | None = None,
) -> Moment:
    """Take a Stepper to a place, or as far as it came when cancelled, and compare there.

    Args:
        whole: the whole run where it is known, for what lies far ahead.
        compared: the same where it has been compared with torch.
    """
    from rnnviz.session.badge import make_badge

    if whole is not None and goal.step - stepper.position > FAR:
        stepper.adopt(whole)
        stepper.seek(goal)
    elif goal <= stepper.progress:
        stepper.seek(goal)
    while stepper.progress < goal and not cancel.is_set():
        _advance(stepper, goal)
    run = stepper.trace
    return Moment(run, make_badge(run, compared))


def _advance(stepper: Stepper, goal: Progress) -> None:
    """The largest step that does not pass a place."""
    step, cell, _ = stepper.progress
    if step < goal.step:
        stepper.step()
    elif cell < goal.cell:
        stepper.step_layer()
    else:
        stepper.step_operation()


def step_seconds(document: Document) -> float:
    """How long one step takes, roughly."""
    spec = document.spec
    cells = spec.num_layers * spec.num_directions
    return cells * _CELL_SECONDS + spec.parameter_count * max(document.N, 1) / _MULTIPLICATIONS
