"""The line below a cell: in words, what its last operation did."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.figures.anatomy.graph import Graph
from rnnviz.figures.anatomy.subject import Subject
from rnnviz.model.cells import Operation
from rnnviz.model.provenance.words import GATE_TITLES


def sentence(subject: Subject, graph: Graph, ringed: int | None) -> str:
    """What was computed last, and what the ring means."""
    return f"{_computed(subject, graph)} {_ring(subject, ringed)}".rstrip()


def operation_in_words(subject: Subject, graph: Graph, operation: Operation) -> str:
    """An operation as the end of a sentence that it begins: "adds what was kept …"."""
    return _VERBS[operation.verb](subject, graph, operation)


def _computed(subject: Subject, graph: Graph) -> str:
    count, done = len(subject.operations), subject.done
    if not done:
        first = operation_in_words(subject, graph, subject.operations[0])
        return f"Nothing of this cell is computed yet. Operation 1 of {count} {first}."
    last = subject.operations[done - 1]
    return f"Operation {done} of {count} {operation_in_words(subject, graph, last)}."


def _ring(subject: Subject, unit: int | None) -> str:
    if unit is None:
        hint = "Select a unit to follow it through every operation."
        return "" if subject.view.on_page else hint
    return f"The ring and its number follow unit {unit} through every operation."


def _word(subject: Subject, name: str) -> str:
    """A tensor's letter with its time, in plain text."""
    t = subject.place.t + 1
    if name.endswith("_prev"):
        before = subject.before
        return f"{name[0]}_{0 if before is None else before + 1}"
    return f"{name}_{t}" if len(name) == 1 else name


def _gate(name: str) -> str:
    return f"the {GATE_TITLES[name].lower()}" if name in GATE_TITLES else name


def _linear(subject: Subject, _: Graph, operation: Operation) -> str:
    way = operation.verb[-2:]
    bias = f" and adds b_{way}" if subject.run.spec.bias else ""
    count = len(operation.gives)
    every = f", for all {count} gates at once" if count > 1 else ""
    return f"multiplies {_word(subject, operation.takes[0])} by W_{way}{bias}{every}"


def _add(subject: Subject, graph: Graph, operation: Operation) -> str:
    if operation in graph.highway:
        return "adds what was kept to what is written"
    if len(operation.gives) > 1:
        gates = " and ".join(name[2:] for name in operation.gives)
        which = "every gate" if len(operation.gives) > 2 else gates
        return f"adds the two products of {which}"
    plain = all(name[:3] in ("ih_", "hh_") for name in operation.takes)
    parts = "the two products" if plain else "both parts"
    return f"adds {parts}, which gives {operation.gives[0]}"


def _squash(subject: Subject, _: Graph, operation: Operation) -> str:
    given = operation.gives[0]
    bounds = {"sigmoid": "0 and 1", "tanh": "−1 and 1"}
    what = _word(subject, operation.takes[0])
    if operation.verb == "relu":
        return f"sets what is negative in {what} to 0"
    gate = f", which gives {_gate(given)} {given}" if given in GATE_TITLES else ""
    return f"brings {what} between {bounds[operation.verb]}{gate}"


def _multiply(subject: Subject, graph: Graph, operation: Operation) -> str:
    first, second = operation.takes
    if graph.carried and graph.carried in operation.takes:
        return f"keeps of {_word(subject, graph.carried)} what {_gate(first)} lets through"
    if operation in graph.feeders:
        return f"multiplies {_gate(first)} by {_gate(second)}: what is to be written"
    if any(operation in column.inner for column in graph.columns):
        what = f"W_h{second[3:]} {_word(subject, 'h_prev')}"
        bias = f" + b_h{second[3:]}" if subject.run.spec.bias else ""
        return f"lets through of {what}{bias} what {_gate(first)} allows"
    what = "tanh c" if second == "tanh_c" else second
    return f"lets through of {what} what {_gate(first)} allows"


def _complement(subject: Subject, _: Graph, operation: Operation) -> str:
    first, second = operation.takes
    return f"multiplies {_gate(second)} by 1 − {first}: what is to be written"


def _project(subject: Subject, _: Graph, operation: Operation) -> str:
    run = subject.run
    return f"multiplies by W_hr, from {run.hidden_size} units to {run.output_size}"


_VERBS: dict[str, Callable[[Subject, Graph, Operation], str]] = {
    "linear_ih": _linear,
    "linear_hh": _linear,
    "add": _add,
    "sigmoid": _squash,
    "tanh": _squash,
    "relu": _squash,
    "multiply": _multiply,
    "complement": _complement,
    "project": _project,
}
