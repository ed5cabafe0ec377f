"""The badge: how far the run is from torch's own, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.element import Element
from rnnviz.model.comparison import Difference
from rnnviz.model.trace import Trace
from rnnviz.scene.axes import format_exponent
from rnnviz.session.state import Badge

if TYPE_CHECKING:
    from rnnviz.model.pipeline import PipelineRun


def make_badge(run: Trace, whole: Trace | None, pr: PipelineRun | None = None) -> Badge:
    """The badge of the run's current step; before the first, of the whole run.

    Args:
        run: computed up to its position.
        whole: the whole run once it is known.
        pr: what stands around it.
    """
    name = f"torch.nn.{run.kind}"
    if run.position:
        difference = run.largest_step_difference_at(run.position - 1)
    elif whole is not None:
        difference = whole.largest_step_difference
    else:
        return Badge("pending", f"comparing with {name}")
    limit = rounding(whole or run)
    if difference.value > limit:
        return _differs(name, difference)
    if whole is not None and whole.step_difference > limit:
        return _differs(name, whole.largest_step_difference)
    where = "" if run.expressible else " where nothing is forced"
    text = f"matches {name}{where} · max |Δ| {format_exponent(difference.value)}"
    return Badge("matches", text, _tooltip(name, whole) + _around_tooltip(pr))


def alone_badge(pr: PipelineRun) -> Badge:
    """The badge of a model without recurrent layers."""
    names = " and ".join(f"nn.{type(module).__name__}" for module in pr.pipeline.modules.values())
    gap = pr.module_difference or 0.0
    told = f"torch's {names} · max |Δ| {format_exponent(gap)}"
    if gap > 1e-5:
        return Badge("differs", f"differs from {told}")
    return Badge("matches", f"matches {told}")


def _around_tooltip(pr: PipelineRun | None) -> str:
    if pr is None or pr.module_difference is None:
        return ""
    difference = format_exponent(pr.module_difference)
    return f"\nThe modules called one after another, to the scores: max |Δ| {difference}."


def rounding(run: Trace) -> float:
    """What counts as rounding among the values of a run."""
    return run.tolerance * run.value_scale


def _differs(name: str, place: Difference) -> Badge:
    text = (
        f"differs from {name} · max |Δ| {format_exponent(place.value)} "
        f"at layer {place.layer}, t = {place.t + 1}"
    )
    way = "reverse" if place.direction else "forward"
    tooltip = (
        f"Largest difference in {place.tensor}[{place.unit}], layer {place.layer} {way}, "
        f"t = {place.t + 1}, sequence {place.sequence}."
    )
    return Badge("differs", text, tooltip, _element(place))


def _element(place: Difference) -> Element:
    return Element(
        place.tensor,
        layer=place.layer,
        direction=place.direction,
        t=place.t,
        sequence=place.sequence,
        unit=place.unit,
    )


def _tooltip(name: str, whole: Trace | None) -> str:
    if whole is None:
        return "The whole run is being compared."
    steps, together = format_exponent(whole.step_difference), format_exponent(whole.max_difference)
    if not whole.expressible:
        return (
            f"{name} cannot force a value, so the whole run is not compared.\n"
            f"Every step from the same previous state, but for what is forced: max |Δ| {steps}."
        )
    lines = [
        f"Whole run: max |Δ| {together} against {name} itself.",
        f"Every step from the same previous state: max |Δ| {steps}.",
    ]
    if math.isinf(whole.max_difference):
        lines.append(
            "Each step is exact within rounding. Of NaN and infinity the module's fused kernel "
            "makes other numbers than torch's own cells, and not on every processor."
        )
    elif whole.max_difference > rounding(whole):
        lines.append(
            "Each step is exact within rounding. This network is chaotic: rounding grows "
            "from step to step, so that two correct runs part."
        )
    return "\n".join(lines)
