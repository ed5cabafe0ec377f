"""From a run to what a figure receives: how far it is shown, and what it is compared with."""

from __future__ import annotations

import numbers
from dataclasses import dataclass, replace
from typing import Any, Literal

from rnnviz.errors import UsageError
from rnnviz.figures.surroundings import Rival, Surroundings
from rnnviz.figures.view import View
from rnnviz.model.differences import difference_run
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
from rnnviz.model.pipeline.differences import difference_of
from rnnviz.model.schedule import Progress, checked_position, checked_progress
from rnnviz.model.tokens import Vocabulary
from rnnviz.model.trace import Trace

Showing = Literal["new", "old", "difference"]
Run = Trace | PipelineRun | SequenceToSequenceRun
_SHOWING = ("new", "old", "difference")


@dataclass(frozen=True)
class Place:
    """How far a run is shown.

    Attributes:
        step: whole steps, of the encoder and then of the decoder where there is one; None for
            all that there is.
        cell: cells of the next step.
        operation: operations inside the next cell.
        back: steps back through time; None for the pass forward alone.
    """

    step: int | None = None
    cell: int = 0
    operation: int = 0
    back: int | None = None


@dataclass(frozen=True)
class Naming:
    """What a run does not know of itself.

    Attributes:
        vocabulary: names the ids.
        classes: names of the classes; those of the vocabulary where there are as many.
        lesson: what the figure "sides" puts side by side.
    """

    vocabulary: Vocabulary | None = None
    classes: tuple[str, ...] = ()
    lesson: str = ""


def view_of(
    run: Run,
    place: Place,
    *,
    sequence: int | None = 0,
    padding_value: float = 0.0,
    original: Run | None = None,
    showing: Showing = "new",
    rival: PipelineRun | None = None,
    naming: Naming | None = None,
) -> View:
    """What a figure receives of a run.

    Raises:
        UsageError: for a place or a sequence that there is not, or an original that the run
            cannot be compared with.
    """
    if not isinstance(run, Trace | PipelineRun | SequenceToSequenceRun):
        raise UsageError(f"run: expected what `trace` returned, got a {type(run).__name__}")
    if showing not in _SHOWING:
        raise UsageError(f"showing: expected one of {', '.join(_SHOWING)}, got {showing!r}")
    if original is None and showing != "new":
        raise UsageError(f"original: expected the run to compare with, to show {showing!r}")
    naming = naming or Naming()
    pr = whole_model(run)
    trace = run if isinstance(run, Trace) else pr.run if pr is not None else None
    steps, decoder_steps = _decoder_steps(run, trace, place)
    shown, whole = None, None
    before = None if original is None else _trace_of(original)
    if trace is not None:
        at = run_at(trace, steps, place.cell, place.operation)
        shown, whole = _chosen(at, trace, original, before, showing)
        _check_sequence(sequence, trace.N)
    elif pr is not None:
        _check_sequence(sequence, pr.form.N)
    view = View(shown, whole, sequence, None, padding_value, before, showing)
    if pr is None:
        return view
    around = Surroundings(
        _chosen_pr(pr, original, showing),
        naming.vocabulary,
        naming.classes or _tokens(pr, naming.vocabulary, run),
        _alone_position(pr, trace, steps),
        decoded=run if isinstance(run, SequenceToSequenceRun) else None,
        decoder_steps=decoder_steps,
        lesson=naming.lesson,
    )
    return replace(view, around=_with_gradients(around, run, place, rival, showing))


def whole_model(run: Run) -> PipelineRun | None:
    """The run of the whole model, of an encoder and a decoder the encoder's."""
    if isinstance(run, SequenceToSequenceRun):
        return run.encoder
    return run if isinstance(run, PipelineRun) else None


def run_at(run: Trace, step: int | None, cell: int = 0, operation: int = 0) -> Trace:
    """A run at a place of its Stepper.

    Args:
        run: the whole of it, or as far as it is computed.
        step: whole steps; None for the run as it stands.
        cell: cells of the next step.
        operation: operations inside the next cell.

    Raises:
        UsageError: for a place that there is not, or that the run has not reached.
    """
    if step is None:
        if cell or operation:
            name, value = ("cell", cell) if cell else ("operation", operation)
            raise UsageError(f"{name}: expected a step with it, got {value!r} alone")
        return run
    whole = checked_position(step, run.position)
    place = checked_progress(Progress(whole, cell, operation), run.schedule, len(run.operations))
    if place > run.progress:
        raise UsageError(
            f"operation: expected a place up to {tuple(run.progress)}, got {tuple(place)}"
        )
    return run.at(place)


def _decoder_steps(run: Run, trace: Trace | None, place: Place) -> tuple[int | None, int]:
    """The steps of the recurrent layers, and those of the decoder behind them."""
    if not isinstance(run, SequenceToSequenceRun) or trace is None:
        return place.step, 0
    total = run.decoder.form.L
    if place.step is None:
        return None, total
    whole = checked_position(place.step, trace.total + total)
    return min(whole, trace.total), max(whole - trace.total, 0)


def _alone_position(pr: PipelineRun, trace: Trace | None, step: int | None) -> int:
    """Timesteps that are done where there are no recurrent layers."""
    if trace is not None:
        return 0
    return pr.form.L if step is None else checked_position(step, pr.form.L)


def _check_sequence(sequence: Any, count: int) -> None:
    is_row = isinstance(sequence, numbers.Integral) and not isinstance(sequence, bool)
    if sequence is not None and not (is_row and 0 <= sequence < max(count, 1)):
        raise UsageError(f"sequence: expected 0 to {count - 1}, got {sequence!r}")


def _tokens(pr: PipelineRun, vocabulary: Vocabulary | None, run: Run) -> tuple[str, ...]:
    pipeline = run.decoder.pipeline if isinstance(run, SequenceToSequenceRun) else pr.pipeline
    if vocabulary is None or pipeline.classes != len(vocabulary):
        return ()
    return vocabulary.tokens


def _trace_of(original: Run) -> Trace | None:
    if isinstance(original, Trace):
        return original
    if not isinstance(original, PipelineRun | SequenceToSequenceRun):
        got = type(original).__name__
        raise UsageError(f"original: expected what `trace` returned, got a {got}")
    pr = whole_model(original)
    return None if pr is None else pr.run


def _chosen(
    shown: Trace, whole: Trace, original: Run | None, before: Trace | None, showing: Showing
) -> tuple[Trace, Trace]:
    """Of a run and its original, what is shown up to now, and the whole of it."""
    if original is None:
        return shown, whole
    if before is None:
        raise UsageError("original: expected a run with recurrent layers")
    try:
        difference = difference_run(whole, before)
    except UsageError as error:
        raise UsageError(f"original: the two runs differ in {error}") from None
    if showing == "new":
        return shown, whole
    place = min(shown.progress, before.progress)
    if showing == "old":
        return before.at(place), before
    return difference.at(place), difference


def _chosen_pr(pr: PipelineRun, original: Run | None, showing: Showing) -> PipelineRun:
    before = None if original is None or isinstance(original, Trace) else whole_model(original)
    if before is None or showing == "new":
        return pr
    return before if showing == "old" else difference_of(pr, before)


def _with_gradients(
    around: Surroundings, run: Run, place: Place, rival: PipelineRun | None, showing: Showing
) -> Surroundings:
    """With the way back, where the run has a loss."""
    if showing != "new":
        return around
    has_loss = getattr(run, "loss", None) is not None
    if place.back is not None and not has_loss:
        raise UsageError("back: expected a run with a loss and targets")
    if not has_loss:
        return around
    if isinstance(run, SequenceToSequenceRun):
        total = run.decoder.form.L + (run.encoder.run.total if run.encoder.run else 0)
        return replace(around, returned=_checked_back(place.back, total))
    gradients = around.pr.backward()
    total = 0 if around.pr.run is None else around.pr.run.total
    returned = _checked_back(place.back, total)
    other = None if rival is None else rival_of(rival)
    return replace(around, gradients=gradients, returned=returned, rival=other)


def _checked_back(back: int | None, total: int) -> int | None:
    if back is None:
        return None
    try:
        return checked_position(back, total)
    except UsageError as error:
        raise UsageError(str(error).replace("step:", "back:", 1)) from None


def rival_of(pr: PipelineRun, note: str = "") -> Rival:
    """Another model's run on the same batch, with its gradients."""
    spec = pr.pipeline.spec
    name = "the other" if spec is None else f"nn.{spec.cell}"
    if spec is not None and spec.cell == "RNN":
        name += f", {spec.nonlinearity}"
    return Rival(name, pr, pr.backward(), note)
