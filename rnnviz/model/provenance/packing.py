"""What a PackedSequence holds: data, batch_sizes and the permutations."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.provenance.description import Line, Symbol, Values
from rnnviz.model.provenance.kind import Facts, Kind
from rnnviz.model.provenance.places import check_index
from rnnviz.model.sequences import PackingPlan
from rnnviz.model.trace import Trace, as_numpy

_MEANINGS = {
    "lengths": ("N", "How many timesteps each sequence has."),
    "batch_sizes": (
        "L",
        "How many sequences have a timestep t: so many rows of data stand for it.",
    ),
    "sorted_indices": ("N", "The caller's sequence in each sorted row."),
    "unsorted_indices": ("N", "The sorted row of each of the caller's."),
}
NAMES = frozenset({"data", *_MEANINGS})


def plan_of(run: Trace) -> PackingPlan:
    """How the input was packed; a run that was not is shown with full lengths."""
    if run.plan is not None:
        return run.plan
    if not run.N or not run.L:
        raise UsageError("a batch without sequences cannot be packed")
    return _full(run.L, run.N)


@lru_cache(maxsize=8)  # the cursor asks for the same one again and again
def _full(length: int, sequences: int) -> PackingPlan:
    return PackingPlan((length,) * sequences)


def row_of(run: Trace, element: Element) -> tuple[int, int] | None:
    """The sequence and the t of a row of `data`; None where no row is meant, or there is none."""
    row = _row(run, element)
    if row is None or not run.N or not run.L:
        return None
    plan = plan_of(run)
    return plan.rows[row] if 0 <= row < plan.offsets[-1] else None


def _data_values(run: Trace, element: Element) -> Values:
    plan = plan_of(run)
    check_index(element, "row", plan.offsets[-1])
    check_index(element, "column", run.input_size)
    row = _row(run, element)
    if row is None:
        return Values(as_numpy(plan.pack(run.inputs(0))), field="row")
    sequence, t = plan.rows[row]
    index = None if element.column is None else (element.column,)
    return Values(as_numpy(run.inputs(0)[t, sequence]), index, field="column")


def _row(run: Trace, element: Element) -> int | None:
    if element.row is not None or element.t is None:
        return element.row
    sequence = element.sequence or 0
    return plan_of(run).row_of(sequence, element.t) if element.t < run.lengths[sequence] else None


def _data_facts(run: Trace, element: Element, values: Values) -> Facts:
    plan, row = plan_of(run), _row(run, element)
    rows, features = plan.offsets[-1], run.input_size
    data = f"{_packed(run)}.data"
    code = [Line(data, (rows, features))]
    where = f"{rows} rows"
    if row is not None:
        sequence, t = plan.rows[row]
        where = f"row {row} · sequence {sequence} · t = {t + 1}"
        code = [Line(f"{data}[{row}]", (features,))]
        if element.column is not None:
            code.append(Line(f"{data}[{row}, {element.column}]", ()))
    return Facts(
        title="data",
        symbol=Symbol("data"),
        role="x",
        axes=("rows", "H_in") if row is None else ("H_in",),
        legend=f"(rows, H_in) = ({rows}, {features})",
        code=code,
        note="All sequences' first timestep, then all their second, and so on, without padding.",
        subtitle=where,
    )


def _list_values(run: Trace, element: Element) -> Values:
    numbers = getattr(plan_of(run), element.tensor)
    place = _place(element)
    check_index(element._replace(row=place), "row", len(numbers or ()))
    index = None if place is None else (place,)
    return Values(np.asarray(numbers or (), dtype=np.int64), index, field="row")


def _list_facts(run: Trace, element: Element, values: Values) -> Facts:
    name, place = element.tensor, _place(element)
    axis, meaning = _MEANINGS[name]
    code = (
        f"pad_packed_sequence({_packed(run)})[1]"
        if name == "lengths"
        else (f"{_packed(run)}.{name}")
    )
    if getattr(plan_of(run), name) is None:
        note = "None: with enforce_sorted=True the caller has sorted the batch already."
        return Facts(name, Symbol(name), "x", (axis,), "None", [Line(code, ())], note=note)
    size = len(values.array)
    lines = [Line(code, (size,))]
    if place is not None:
        lines.append(Line(f"{code}[{place}]", ()))
    return Facts(
        title=name,
        symbol=Symbol(name),
        role="x",
        axes=(axis,),
        legend=f"({axis},) = ({size},)",
        code=lines,
        note=meaning,
        subtitle=_list_subtitle(name, place, size),
    )


def _list_subtitle(name: str, place: int | None, size: int) -> str:
    if place is None:
        return f"{size} numbers"
    if name == "batch_sizes":
        return f"t = {place + 1}"
    return f"sorted row {place}" if name == "sorted_indices" else f"sequence {place}"


def _place(element: Element) -> int | None:
    if element.row is not None:
        return element.row
    return element.t if element.tensor == "batch_sizes" else element.sequence


def _packed(run: Trace) -> str:
    """The PackedSequence: the input itself, or what it would be if it were packed."""
    return "input" if run.plan is not None else "packed"


DATA = Kind(_data_values, _data_facts)
LIST = Kind(_list_values, _list_facts)
