"""h and c at a timestep, and where a sequence begins and ends: h_0, c_0, h_n, c_n."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from rnnviz.element import Element
from rnnviz.model.provenance import indexing, words
from rnnviz.model.provenance.description import Line, Values
from rnnviz.model.provenance.equations import cell_key
from rnnviz.model.provenance.kind import Facts, Kind, along, state_axis, strip, time_axes
from rnnviz.model.provenance.places import is_inside, last_t, status_of
from rnnviz.model.trace import Trace


def _state_values(run: Trace, element: Element) -> Values:
    if is_inside(run, element):
        inside = run.tensors(element.layer or 0, element.direction or 0, element.t or 0)
        return strip(inside[element.tensor][element.sequence or 0], element)
    values = along(run, partial(_grid, run, element), element)
    return values.with_status(status_of(run, element))


def _state_facts(run: Trace, element: Element, values: Values) -> Facts:
    name = element.tensor
    axis, size = state_axis(run, name)
    paths = []
    if name == "h" and element.layer == run.num_layers - 1:
        paths += indexing.in_output(run, element)
    if _is_last(run, element):
        paths += indexing.in_final(run, f"{name}_n", element)
    where = f"{element.layer}, {element.direction}"
    if is_inside(run, element):  # the states of a cell come with its last operation
        inside = f'run.tensors({where}, {element.t})["{name}"]'
        paths.append(indexing.Path(inside, (element.sequence or 0,)))
    else:
        paths.append(indexing.in_grid(run, f"run.states({where}).{name}", element))
    return Facts(
        title=words.STATE_TITLES[name],
        symbol=words.symbol(run, name, words.time(element), element),
        role=name,
        axes=time_axes(element, axis),
        legend=f"(L, N, {axis}) = ({run.L}, {run.N}, {size})",
        code=indexing.lines(paths, values.array.shape, values.index),
        equation_key=cell_key(run.spec, name, element.direction or 0),
        note=_state_note(run, element),
    )


def _state_note(run: Trace, element: Element) -> str:
    is_top = element.tensor == "h" and element.layer == run.num_layers - 1
    if _is_last(run, element):
        return _last_note(run, element)
    if is_top and element.direction == 1 and element.t == run.lengths[element.sequence or 0] - 1:
        return (
            "The reverse direction starts here: this is its first state. "
            "h_n holds its last one, at t = 1."
        )
    if is_top:
        return f"nn.{run.kind} returns h of the top layer at every t, in output."
    returned = "c_n" if element.tensor == "c" else "h_n"
    of_it = "c" if element.tensor == "c" else f"h of layer {element.layer}"
    return (
        f"nn.{run.kind} returns only the last {of_it}, in {returned}. "
        f"This one is recomputed here and checked against torch, step by step."
    )


def _last_note(run: Trace, element: Element) -> str:
    final, n = f"{element.tensor}_n", element.sequence or 0
    if element.direction == 1:
        return (
            "The reverse direction reads from the end, so its last state is at t = 1: "
            f"the same numbers as in {final}."
        )
    if run.lengths[n] < run.L:
        return f"Sequence {n} ends here, so these are its numbers in {final}."
    return f"The last state of the sequence: the same numbers as in {final}."


def _is_last(run: Trace, element: Element) -> bool:
    return element.t == last_t(run, element.direction or 0, element.sequence or 0)


def _grid(run: Trace, element: Element, at: slice) -> Tensor:
    states = run.states(element.layer or 0, element.direction or 0, at)
    grid = states.h if element.tensor[0] == "h" else states.c
    assert grid is not None  # only an LSTM has elements of c
    return grid


def _initial_values(run: Trace, element: Element) -> Values:
    given = run.h_0 if element.tensor == "h_0" else run.c_0
    assert given is not None  # only an LSTM has elements of c
    return strip(given[_row(run, element), element.sequence or 0], element)


def _final_values(run: Trace, element: Element) -> Values:
    n = element.sequence or 0
    t = last_t(run, element.direction or 0, n)
    last = _grid(run, element, slice(t, t + 1))[0, n]
    return strip(last, element).with_status(status_of(run, element))


def _initial_facts(run: Trace, element: Element, values: Values) -> Facts:
    code = indexing.lines(
        indexing.in_final(run, element.tensor, element), values.array.shape, values.index
    )
    if not run.initial_given:
        size = values.array.shape[-1]
        code = [Line(f"torch.zeros({size}, dtype=module.weight_ih_l0.dtype)", (size,))]
    start = run.lengths[element.sequence or 0] if element.direction else 1
    note = f"It enters the cell at t = {start}."
    if not run.initial_given:
        note += " No hx was given, so it is zeros."
    return _end_facts(run, element, code, note)


def _final_facts(run: Trace, element: Element, values: Values) -> Facts:
    paths = indexing.in_final(run, element.tensor, element)
    code = indexing.lines(paths, values.array.shape, values.index)
    n = element.sequence or 0
    note = f"The state at t = {last_t(run, element.direction or 0, n) + 1}"
    if element.direction == 1:
        note += ", where the reverse direction ends; it is not in output[-1]."
    elif run.lengths[n] < run.L:
        note += f", where sequence {n} ends; it is not in output[-1]."
    else:
        note += ", where the sequence ends."
    return _end_facts(run, element, code, note)


def _end_facts(run: Trace, element: Element, code: list[Line], note: str) -> Facts:
    name = element.tensor
    axis, size = state_axis(run, name)
    rows = run.num_layers * run.num_directions
    axes, sizes = f"N, {axis}", f"{run.N}, {size}"
    if run.unbatched:
        axes, sizes = axis, f"{size}"
    return Facts(
        title=words.STATE_TITLES[name],
        symbol=words.symbol(run, name[0], name[2], element),
        role=name[0],
        axes=(axis,),
        legend=f"(D · num_layers, {axes}) = ({rows}, {sizes})",
        code=code,
        note=note,
        subtitle=words.subtitle(run, element, name),
    )


def _row(run: Trace, element: Element) -> int:
    return (element.layer or 0) * run.num_directions + (element.direction or 0)


STATE = Kind(_state_values, _state_facts)
INITIAL = Kind(_initial_values, _initial_facts)
FINAL = Kind(_final_values, _final_facts)
