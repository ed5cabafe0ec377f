"""Which run the figures show of an edited run and its original: one of them, or the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rnnviz.model.pipeline import PipelineRun
    from rnnviz.model.trace import Trace
    from rnnviz.session.state import State

Showing = Literal["new", "old", "difference"]


class Shown:
    """Keeps the runs that were made last, so that asking again for the same costs nothing."""

    def __init__(self) -> None:
        self._made: tuple[object, tuple[Trace, Trace | None]] | None = None
        self._whole: tuple[Trace, Trace, Trace] | None = None
        self._pr: tuple[PipelineRun, PipelineRun, PipelineRun] | None = None
        self._alike: tuple[PipelineRun, PipelineRun, bool] | None = None

    def choose(self, state: State) -> tuple[Showing, Trace | None, Trace | None]:
        """What is shown, the run to show, and the whole of it where that is known.

        While the original is not known, or the run on screen is not yet of the edited document,
        the edited run it is.
        """
        run, whole, original, showing = state.run, state.whole, state.original, state.showing
        if not self._are_of_one_model(state):
            return "new", run, whole
        if run is None:  # no recurrent layers
            known = state.original_pr is not None
            return (showing if known else "new"), None, None
        if showing == "new" or original is None or not is_comparable(run, original):
            return "new", run, whole
        key = (run, whole, original, showing)
        made = self._made
        if made is None or not _are(made[0], key):
            made = self._made = (key, self._make(run, whole, original, showing))
        return showing, *made[1]

    def _are_of_one_model(self, state: State) -> bool:
        """Whether the runs of the whole model, where both are known, can be compared."""
        pr, original = state.pr, state.original_pr
        if state.showing == "new" or pr is None or original is None:
            return True
        kept = self._alike
        if kept is None or kept[0] is not pr or kept[1] is not original:
            from rnnviz.model.pipeline.differences import have_same_tensors

            kept = self._alike = (pr, original, have_same_tensors(pr, original))
        return kept[2]

    def choose_pr(self, state: State, showing: Showing) -> PipelineRun | None:
        """The run of the whole model that goes with what is shown."""
        pr, original = state.pr, state.original_pr
        if showing == "new" or pr is None:
            return pr
        if original is None or showing == "old":
            return original
        from rnnviz.model.pipeline.differences import difference_of

        kept = self._pr
        if kept is None or kept[0] is not pr or kept[1] is not original:
            kept = self._pr = (pr, original, difference_of(pr, original))
        return kept[2]

    def _make(
        self, run: Trace, whole: Trace | None, original: Trace, showing: Showing
    ) -> tuple[Trace, Trace | None]:
        before = original.at(run.progress)
        if showing == "old":
            return before, original
        from rnnviz.model.differences import difference_run

        if whole is None:
            return difference_run(run, before), None
        # Both wholes are equal to the last bit before the edit; steps taken one by one are rounded.
        difference = self._difference(whole, original)
        return difference.at(run.progress), difference

    def _difference(self, whole: Trace, original: Trace) -> Trace:
        """The whole difference, the same one at every step: figures know it by its identity."""
        from rnnviz.model.differences import difference_run

        kept = self._whole
        if kept is None or kept[0] is not whole or kept[1] is not original:
            kept = self._whole = (whole, original, difference_run(whole, original))
        return kept[2]


def is_comparable(run: Trace, original: Trace) -> bool:
    """Whether two runs have the same tensors of the same shapes, computed in the same order."""
    mine, other = run.spec, original.spec
    return (
        run.schedule == original.schedule
        and run.unbatched == original.unbatched
        and (mine.cell, mine.input_size, mine.hidden_size, mine.proj_size, mine.bias, mine.dtype)
        == (
            other.cell,
            other.input_size,
            other.hidden_size,
            other.proj_size,
            other.bias,
            other.dtype,
        )
    )


def _are(made: object, key: tuple[object, ...]) -> bool:
    assert isinstance(made, tuple)
    return all(first is second for first, second in zip(made, key, strict=True))
