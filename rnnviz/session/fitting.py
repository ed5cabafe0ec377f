"""What of a state still fits when another run comes: options, selection, sequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rnnviz.element import Element
from rnnviz.figures import figure_names, get_figure
from rnnviz.figures.view import applies_to

if TYPE_CHECKING:
    from rnnviz.figures.view import View
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
    from rnnviz.model.trace import Trace
    from rnnviz.session.state import State
    from rnnviz.session.wholes import Whole


def fitted_options(options: Mapping[str, Any], view: View) -> Mapping[str, Any]:
    """Options of every figure; a choice that this view doesn't have falls back to the first.

    Args:
        options: what is known of them: a figure's options, or some of their fields by name.
    """
    fitted = {}
    for name in figure_names():
        figure = get_figure(name)
        chosen = options.get(name) or figure.options_type()
        if isinstance(chosen, Mapping):
            chosen = figure.options_type(**chosen)
        fitted[name] = fit_options(chosen, view) if applies_to(figure, view) else chosen
    return MappingProxyType(fitted)


def fitting_figures(view: View) -> tuple[str, ...]:
    """The figures that can show a view, in the order of their tabs."""
    return tuple(name for name in figure_names() if applies_to(get_figure(name), view))


def fitted_figure(name: str, view: View) -> str:
    """The figure on show where it can show a view, else the first that can."""
    fitting = fitting_figures(view)
    return name if name in fitting or not fitting else fitting[0]


def fitted_decoder_steps(state: State, run: Trace, decoded: SequenceToSequenceRun | None) -> int:
    """How many steps of a decoder are done once another run is there."""
    if decoded is None or run.position < run.total:
        return 0
    return min(state.decoder_steps, decoded.decoder.form.L)


def fitted_steps_back(state: State, run: Trace, whole: Whole) -> int | None:
    """How many steps back are done once another run is there; None for the way forward."""
    if state.returned is None or run.position < run.total or not whole.has_way_back:
        return None
    behind = 0 if whole.decoded is None else whole.decoded.decoder.form.L
    return min(state.returned, run.total + behind)


def fit_options(options: Any, view: View) -> Any:
    """Options of one figure, each field that has choices set to one of them."""
    changes = {}
    for field in fields(options):
        if "choices" not in field.metadata:
            continue
        values = [value for value, _ in field.metadata["choices"](view)]
        if values and getattr(options, field.name) not in values:
            changes[field.name] = values[0]
    return replace(options, **changes) if changes else options


def fitted_selection(selection: Element | None, run: Trace) -> Element | None:
    """The selected element where the run still has it."""
    if selection is None or not _has_tensor(selection.tensor, run):
        return None
    if _is_around(selection.tensor):
        return selection if (selection.sequence or 0) < run.N else None
    limits = {
        "layer": run.num_layers,
        "direction": run.num_directions,
        "t": run.L,
        "sequence": run.N,
        "unit": _unit_count(selection, run),
    }
    rows, columns = _parameter_shape(selection.tensor, run)
    limits |= {"row": rows, "column": columns}
    inside = all(
        (index := getattr(selection, name)) is None or index < limit
        for name, limit in limits.items()
    )
    return selection if inside else None


def _is_around(name: str) -> bool:
    """Whether it is of what stands around the recurrent layers, which is known only later."""
    outer = ("grad_", "decoder.", "embedding.", "head.", "flat_")
    single = ("ids", "one_hot", "embedded", "last", "final", "scores", "probabilities")
    return name.startswith(outer) or name in (*single, "targets", "losses", "loss", "input")


def _has_tensor(name: str, run: Trace) -> bool:
    if name in ("c", "c_0", "c_n"):
        return run.cell.has_c
    if name.startswith(("weight_", "bias_")):
        return name in run.weights
    gates = {"i", "f", "g", "o", "r", "z", "n"}
    return name not in gates or name in run.cell.gates


def _unit_count(selection: Element, run: Trace) -> int:
    if selection.tensor == "x":
        above = run.num_directions * run.output_size
        return above if selection.layer else run.input_size
    if selection.tensor == "output":
        return run.num_directions * run.output_size
    return run.output_size if selection.tensor in ("h", "h_0", "h_n") else run.hidden_size


def _parameter_shape(name: str, run: Trace) -> tuple[int, int]:
    if name in run.weights:
        shape = tuple(run.weights[name].shape)
        return shape[0], shape[1] if len(shape) > 1 else 1
    return run.L * run.N, run.input_size
