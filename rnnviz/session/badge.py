"""The badge: how far the run is from torch's own, in words."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.trace import Difference, Trace
from rnnviz.scene.axes import format_exponent
from rnnviz.session.state import Badge


def make_badge(run: Trace, whole: Trace | None) -> Badge:
    """The badge of the run's current step; before the first, of the whole run.

    Args:
        run: computed up to its position.
        whole: the whole run once it is known.
    """
    name = f"torch.nn.{run.kind}"
    if whole is not None and not whole.matches:
        return _differs(name, whole)
    if run.position == 0 and whole is None:
        return Badge("pending", f"comparing with {name}")
    if run.position and not _within(run, difference := step_difference(run)):
        return _differs(name, run)
    if run.position == 0 and whole is not None:
        difference = whole.step_difference
    text = f"matches {name} · max |Δ| {format_exponent(difference)}"
    return Badge("matches", text, _tooltip(name, whole))


def step_difference(run: Trace) -> float:
    """The largest difference of what the last step computed."""
    return run.step_difference_at(run.position - 1)


def _within(run: Trace, difference: float) -> bool:
    return difference <= run.tolerance * max(1.0, run.value_scale)


def _differs(name: str, run: Trace) -> Badge:
    largest = run.largest_step_difference
    text = (
        f"differs from {name} · max |Δ| {format_exponent(largest.value)} "
        f"at layer {largest.layer}, t = {largest.t + 1}"
    )
    tooltip = f"Largest difference in {largest.tensor}, sequence {largest.sequence}."
    return Badge("differs", text, tooltip, _element(largest))


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
    lines = [
        f"Every step, from the same previous state: max |Δ| "
        f"{format_exponent(whole.step_difference)}",
        f"The whole run against {name}(input, hx): max |Δ| {format_exponent(whole.max_difference)}",
    ]
    if not _within(whole, whole.max_difference):
        lines.append(
            "Each step is exact within rounding, but this network is chaotic: "
            "rounding grows from step to step, so two correct runs part."
        )
    return "\n".join(lines)
