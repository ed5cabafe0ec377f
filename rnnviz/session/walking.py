"""Steps through a run: what the window waits for, and what runs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.session.pacing import fitted
from rnnviz.session.runner import Cancel
from rnnviz.session.state import Badge, Document
from rnnviz.session.wholes import Whole

if TYPE_CHECKING:
    from rnnviz.model.schedule import Progress
    from rnnviz.model.stepper import Stepper
    from rnnviz.model.trace import Trace
    from rnnviz.session.binding import Bound

FAR = 64  # steps; a seek over more takes the whole run's states where they are known
_MULTIPLICATIONS = 5e9  # that a step does in a second, cautiously
_CELL_SECONDS = 1e-4  # that one cell takes however small it is
_AT_ONCE = 0.3  # seconds of steps that are all computed before anything is shown


@dataclass(frozen=True, eq=False)
class Moment:
    """A run at a position, and how it compares with torch there."""

    run: Trace
    badge: Badge


@dataclass(frozen=True, eq=False)
class Prepared:
    """A run that can be stepped, and the moment it begins with.

    Attributes:
        whole: all that follows, where it is known already; its run is not yet compared with
            torch.
    """

    bound: Bound
    stepper: Stepper
    moment: Moment
    whole: Whole | None = None


def prepare(
    document: Document,
    goal: Progress,
    cancel: Cancel,
    known: Whole | None = None,
    before: Trace | None = None,
    at_once: bool = False,
) -> Prepared:
    """Build a document's module and step to a near position; a far one waits at 0.

    Args:
        known: all that follows, where it has been computed already.
        before: the whole run of a document of which this one is an edit: what cannot have
            changed is taken from it, so that the whole run is known at once.
        at_once: compute all that follows before anything is shown.
    """
    from rnnviz.session.binding import bind, cancelling

    bound = bind(document, cancel)
    cancel.check()
    stepper = bound.stepper()
    cancel.check()
    run = None if known is None else known.trace
    if run is None and before is not None:
        with cancelling():
            run = stepper.edited(before, cancel.is_set)
    whole = known
    if whole is None and (run is not None or at_once or _is_quick(document)):
        whole = surrounded(bound, bound.whole(cancel) if run is None else run, cancel)
    target = fitted(stepper.trace, goal)
    if whole is not None:
        assert whole.trace is not None
        _ = whole.trace.first_not_finite  # asked for here, so that the window finds it computed
        stepper.adopt(whole.trace, target.step)
        stepper.seek(target)
    elif target.step > FAR:
        target = target._replace(step=0, cell=0, operation=0)
    moment = walk(stepper, target, None, cancel)
    cancel.check()
    return Prepared(bound, stepper, moment, whole)


def surrounded(bound: Bound, run: Trace, cancel: Cancel) -> Whole:
    """All that follows from a whole run: the scores, the loss, and the way back.

    Raises:
        Cancelled: where nobody waits for it any more.
    """
    pr = bound.surround(run)
    if pr is None:
        return Whole(run)
    _ = pr.module_difference  # asked for here, so that the window finds it computed
    cancel.check()
    decoded = bound.decode(pr)
    cancel.check()
    if decoded is not None and decoded.loss is not None:
        _ = decoded.gradients  # asked for here, so that the window finds them computed
    if pr.loss is None or not bool(pr.loss.isfinite()):
        return Whole(run, pr, None, decoded)
    return Whole(run, pr, pr.backward(), decoded)


def _is_quick(document: Document) -> bool:
    """Whether a whole model is best shown with all its numbers at once."""
    is_more = not document.is_plain or bool(document.lesson)
    return is_more and document.L * step_seconds(document) <= _AT_ONCE


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
