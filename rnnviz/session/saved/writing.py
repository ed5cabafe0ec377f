"""From a state to what its session file states."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from numpy.typing import NDArray

from rnnviz.files.container import Content
from rnnviz.session.parts import StackPart
from rnnviz.session.saved import schema
from rnnviz.session.stacks import recurrent_weights
from rnnviz.session.state import Document, InitialStates, State, WeightEdit

if TYPE_CHECKING:
    from pathlib import Path

    from rnnviz.files.marks import Mark
    from rnnviz.model.clamps import Clamp
    from rnnviz.model.spec import ModelSpec
    from rnnviz.session.opened import Opened


def saved(
    state: State,
    layout: Mapping[str, Any],
    version: str,
    kept: tuple[Path, Mark | None] | None = None,
    opened: Opened | None = None,
) -> Content:
    """What is written of a state.

    Args:
        layout: what the window remembers of itself; strings, numbers and lists of them.
        version: of the program that writes.
        kept: the file that it was kept in, where what is written is for recovery.
        opened: the documents that it was opened with, likewise.
    """
    tensors = _Tensors()
    original = state.original_document
    beside = () if opened is None else opened.edited_beside(state.document)
    session = schema.Session(
        schema.FORMAT,  # type: ignore[arg-type]  # a literal type
        schema.VERSION,  # type: ignore[arg-type]
        _document(state.document, tensors),
        written_by=version,
        original=None if original is None else _document(original, tensors),
        example=state.example,
        place=_place(state, layout),
        kept=None if kept is None else schema.Kept(str(kept[0]), *(kept[1] or ())),
        beside=[_document(document, tensors) for document in beside],
        together=opened.title if opened is not None and beside else "",
    )
    return _content(session, tensors)


def saved_recording(captures: Iterable[Captured], version: str) -> Content:
    """What is written of what was captured inside a script."""
    tensors = _Tensors()
    recording = schema.Recording(
        schema.RECORDING,  # type: ignore[arg-type]
        schema.VERSION,  # type: ignore[arg-type]
        [schema.Captured(c.name, c.batch, _document(c.document, tensors)) for c in captures],
        written_by=version,
    )
    return _content(recording, tensors)


def _content(stated: msgspec.Struct, tensors: _Tensors) -> Content:
    return Content(msgspec.json.format(msgspec.json.encode(stated), indent=1), tensors.by_name)


class Captured(NamedTuple):
    """What one recurrent module received in one batch.

    Attributes:
        name: the module's, its kind and sizes, and which run of several.
        batch: which call of the whole model it was, from 0.
    """

    name: str
    batch: int
    document: Document


class _Tensors:
    """Arrays under names of their own; what two documents share is kept once."""

    def __init__(self) -> None:
        self.by_name: dict[str, NDArray[Any]] = {}
        self._names: dict[int, str] = {}

    def keep(self, name: str, values: NDArray[Any]) -> str:
        """The name that an array is kept under, close to the one wished for."""
        known = self._names.get(id(values))
        if known is not None:
            return known
        wish, count = name, 1
        while name in self.by_name:
            count += 1
            name = f"{wish}.{count}"
        self.by_name[name] = values
        self._names[id(values)] = name
        return name

    def keep_some(self, name: str, values: NDArray[Any] | None) -> str | None:
        """Likewise, where there is an array."""
        return None if values is None else self.keep(name, values)

    def keep_all(self, values: Mapping[str, NDArray[Any]], prefix: str = "") -> dict[str, str]:
        """Several arrays by their names."""
        return {name: self.keep(prefix + name, array) for name, array in values.items()}


def _document(document: Document, tensors: _Tensors) -> schema.Document:
    return schema.Document(
        _model(document.spec),
        tensors.keep("values", document.values),
        list(document.lengths),
        padding_value=_number(document.padding_value),
        initial=_initial(document.initial, tensors),
        weight_edits=_edits(document.weight_edits),
        clamps=_held(document.clamps),
        front=_part(schema.Front, document.front),
        vocabulary=_part(schema.Words, document.vocabulary),
        head=_part(schema.Head, document.head),
        targets=tensors.keep_some("targets", document.targets),
        classes=list(document.classes),
        weights=tensors.keep_all(_weights(document)),
        decoder=_part(schema.Decoder, document.decoder),
        rivals={
            cell: tensors.keep_all(weights, f"rivals.{cell}.")
            for cell, weights in document.rivals.items()
        },
        before=[_stack(stack, tensors) for stack in document.before],
        after=[_stack(stack, tensors) for stack in document.after],
        **{name: getattr(document, name) for name in AS_IT_IS},
    )


# Fields of a document that its file has under the same name, as they are.
AS_IT_IS = (
    "training",
    "packed",
    "enforce_sorted",
    "unbatched",
    "single",
    "fill",
    "seed",
    "title",
    "recurrent",
    "loss",
    "weights_from",
    "lesson",
    "task",
    "stack",
)


def _weights(document: Document) -> dict[str, NDArray[Any]]:
    """The numbers in place of those that are drawn, those of a module of its own included."""
    own = {f"recurrent.{name}": values for name, values in recurrent_weights(document).items()}
    return own | dict(document.weights)


def _model(spec: ModelSpec) -> schema.Model:
    return schema.Model(**{field.name: getattr(spec, field.name) for field in fields(spec)})


def _initial(initial: InitialStates | None, tensors: _Tensors) -> schema.Initial:
    if initial is None:
        return schema.Initial()
    return schema.Initial(
        initial.kind,
        tensors.keep_some("h_0", initial.h_0),
        tensors.keep_some("c_0", initial.c_0),
    )


def _stack(stack: StackPart, tensors: _Tensors) -> schema.Stack:
    return schema.Stack(
        stack.name,
        _model(stack.spec),
        tensors.keep_all(stack.weights, f"{stack.name}."),
        _edits(stack.weight_edits),
        _held(stack.clamps),
        _initial(stack.initial, tensors),
    )


def _edits(edits: Iterable[WeightEdit]) -> list[schema.Edit]:
    return [schema.Edit(e.name, e.row, _number(e.value), e.column) for e in edits]


def _held(clamps: Iterable[Clamp]) -> list[schema.Held]:
    return [schema.Held(**asdict(clamp) | {"value": _number(clamp.value)}) for clamp in clamps]


def _part(kind: type[Any], part: Any) -> Any:
    """A part whose fields stand in the file under their own names."""
    if part is None:
        return None
    known = {name: getattr(part, name) for name in kind.__struct_fields__}
    return kind(**{n: list(v) if isinstance(v, tuple) else v for n, v in known.items()})


def _number(value: float) -> schema.Number:
    value = float(value)
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _place(state: State, layout: Mapping[str, Any]) -> schema.Place:
    step, cell, operation = (state.position, 0, 0) if state.run is None else state.run.progress
    selection = state.selection
    return schema.Place(
        step,
        cell,
        operation,
        decoder_steps=state.decoder_steps,
        returned=state.returned,
        sequence=state.sequence,
        figure=state.figure,
        options={name: asdict(options) for name, options in state.options.items()},
        selection=None if selection is None else schema.Selected(**selection._asdict()),
        granularity=state.granularity,
        showing=state.showing,
        speed=state.speed,
        layout=dict(layout),
    )
