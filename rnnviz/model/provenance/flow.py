"""What goes into a layer and comes out of the module: x, dropout masks, output."""

from __future__ import annotations

from functools import partial

import numpy as np
from torch import Tensor

from rnnviz.element import Element
from rnnviz.model.provenance import indexing, words
from rnnviz.model.provenance.description import Values
from rnnviz.model.provenance.equations import input_key, output_key
from rnnviz.model.provenance.kind import Facts, Kind, along, legend, time_axes
from rnnviz.model.provenance.places import check_index, is_padding, status_of, status_of_both
from rnnviz.model.trace import Trace


def _input_values(run: Trace, element: Element) -> Values:
    layer = element.layer or 0
    values = along(run, partial(run.inputs, layer), element)
    if layer:
        return values.with_status(status_of_both(run, element, layer - 1))
    return values.with_status("padding" if is_padding(run, element) else "computed")


def _input_facts(run: Trace, element: Element, values: Values) -> Facts:
    paths = indexing.in_input(run, element)
    return Facts(
        title="Input",
        subtitle=words.subtitle(run, element._replace(layer=None), "input"),
        symbol=words.symbol(run, "x", words.time(element), element._replace(layer=None)),
        role="x",
        axes=time_axes(element, "H_in"),
        legend=legend(run, "H_in", run.input_size),
        code=indexing.lines(paths, values.array.shape, values.index),
        note="A 2-D input is one unbatched sequence: (L, H_in)." if run.unbatched else None,
    )


def _received_facts(run: Trace, element: Element, values: Values) -> Facts:
    layer = element.layer or 0
    path = indexing.in_grid(run, f"run.inputs({layer})", element)
    return Facts(
        title=f"Input of layer {layer}",
        subtitle=words.subtitle(run, element._replace(layer=None)),
        symbol=words.symbol(run, "x", words.time(element), element),
        role="x",
        axes=time_axes(element, "D · H_out"),
        legend=_between_legend(run),
        code=indexing.lines([path], values.array.shape, values.index),
        equation_key=input_key(run.spec, layer - 1 in run.masks),
        note=_received_note(run, layer),
    )


def _received_note(run: Trace, layer: int) -> str:
    what = f"h of layer {layer - 1}"
    if run.num_directions == 2:
        what += f", forward in units 0 to {run.output_size - 1} and reverse behind it"
    if layer - 1 in run.masks:
        what += ", after dropout"
    return f"Layer {layer} receives {what}. nn.{run.kind} does not return it."


def _mask_values(run: Trace, element: Element) -> Values:
    values = along(run, run.masks[element.layer or 0].__getitem__, element)
    return values.with_status("padding" if is_padding(run, element) else "computed")


def _mask_facts(run: Trace, element: Element, values: Values) -> Facts:
    layer = element.layer or 0
    path = indexing.in_grid(run, f"run.masks[{layer}]", element)
    kept = 1 - run.spec.dropout
    factor = f"; a unit that is kept is multiplied by {1 / kept:.4g}" if kept else ""
    return Facts(
        title="Dropout mask",
        symbol=words.symbol(run, "m", words.time(element), element),
        role="x",
        axes=time_axes(element, "D · H_out"),
        legend=_between_legend(run),
        code=indexing.lines([path], values.array.shape, values.index),
        equation_key=input_key(run.spec, dropout=True),
        note=f"Drawn in train mode between layer {layer} and layer {layer + 1}{factor}. "
        "Every run draws it anew.",
    )


def _between_legend(run: Trace) -> str:
    return f"(L, N, D · H_out) = ({run.L}, {run.N}, {run.num_directions * run.output_size})"


def _output_values(run: Trace, element: Element) -> Values:
    top = run.num_layers - 1
    if element.direction is not None:
        values = along(run, partial(_output, run, element.direction), element)
        return values.with_status(status_of(run, element._replace(layer=top)))
    whole = element.vector()
    halves = [along(run, partial(_output, run, d), whole) for d in range(run.num_directions)]
    joined = np.concatenate([half.array for half in halves], axis=-1)
    check_index(element, "unit", joined.shape[-1])
    index = None if element.t is None or element.unit is None else (element.unit,)
    return Values(joined, index, status_of_both(run, element, top))


def _output(run: Trace, direction: int, at: slice) -> Tensor:
    return run.states(run.num_layers - 1, direction, at).h


def _output_facts(run: Trace, element: Element, values: Values) -> Facts:
    both = run.num_directions * run.output_size
    axis = "D · H_out" if run.num_directions == 2 else "H_out"
    paths = indexing.in_output(run, element)
    return Facts(
        title="Output",
        symbol=words.symbol(run, "output", words.time(element), element),
        role="y",
        axes=time_axes(element, axis if element.direction is None else "H_out"),
        legend=legend(run, axis, both),
        code=indexing.lines(paths, values.array.shape, values.index),
        equation_key=output_key(run.spec),
        note=_output_note(run),
    )


def _output_note(run: Trace) -> str:
    if run.num_directions == 1:
        return "h of the top layer."
    half = run.output_size
    return (
        f"h of the top layer: forward in units 0 to {half - 1}, "
        f"reverse in units {half} to {2 * half - 1}. "
        "The reverse direction's last state is at t = 1, not at the end."
    )


INPUT = Kind(_input_values, _input_facts)
RECEIVED = Kind(_input_values, _received_facts)
MASK = Kind(_mask_values, _mask_facts)
OUTPUT = Kind(_output_values, _output_facts)
