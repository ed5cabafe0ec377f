"""From what a session file states to a document and a place in it; nothing of it is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.errors import FileError, InputError, RnnvizError
from rnnviz.figures import figure_names, get_figure
from rnnviz.files.container import Arrays, Content, read_container
from rnnviz.files.reading import one_line, unreadable
from rnnviz.model.clamps import Clamp, check_clamps
from rnnviz.model.schedule import Progress
from rnnviz.model.spec import ModelSpec
from rnnviz.model.tokens import Vocabulary
from rnnviz.session.edits import check
from rnnviz.session.fills import FILLS
from rnnviz.session.opened import Opened, of_recovered
from rnnviz.session.parts import DecoderPart, FrontPart, HeadPart, StackPart
from rnnviz.session.saved import schema
from rnnviz.session.saved.writing import AS_IT_IS, Captured
from rnnviz.session.shown import Showing
from rnnviz.session.state import Document, InitialStates, WeightEdit
from rnnviz.session.surrounding import has_place, pipeline_name, weight_shapes


@dataclass(frozen=True, eq=False)
class Restored:
    """What comes back of a session file.

    Attributes:
        document: the model and its input.
        original: what it was before its numbers were edited, where they are compared.
        example: the key of the example that it still is.
        progress: how far the run was stepped.
        place: where somebody was.
        options: of the figures that there are, by their names.
        kept: the file that it was kept in, where this was left for recovery.
        opened: the documents that it was opened with, likewise, where others were edited too.
    """

    document: Document
    original: Document | None
    example: str | None
    progress: Progress
    place: schema.Place
    options: Mapping[str, Any]
    selection: Element | None
    showing: Showing
    kept: schema.Kept | None = None
    opened: Opened | None = None


def read_saved(path: Path) -> Restored | tuple[Captured, ...]:
    """What a file of rnnviz holds, as of `restored`.

    Raises:
        FileError: naming the file, in one line.
    """
    content = read_container(path)
    try:
        return restored(content)
    except FileError as error:
        raise unreadable(path, one_line(str(error))) from None


def restored(content: Content) -> Restored | tuple[Captured, ...]:
    """What a file of rnnviz holds, where all of it fits together: a session, or a recording.

    Raises:
        FileError: with what is wrong, and where in the document.
    """
    stated, tensors = _decoded(content.document), content.tensors
    try:
        if isinstance(stated, schema.Recording):
            return tuple(
                Captured(found.name, found.batch, check(_document(found.document, tensors)))
                for found in stated.captures
            )
        return _restored(stated, tensors)
    except RnnvizError as error:
        raise FileError(f"its document does not fit together: {error}") from None


def _restored(stated: schema.Session, tensors: Arrays) -> Restored:
    place = stated.place
    made = check(_document(stated.document, tensors))
    original = None if stated.original is None else check(_document(stated.original, tensors))
    beside = tuple(check(_document(document, tensors)) for document in stated.beside)
    return Restored(
        made,
        original,
        stated.example,
        Progress(place.step, place.cell, place.operation),
        place,
        _options(place.options),
        None if place.selection is None else Element(**msgspec.structs.asdict(place.selection)),
        place.showing if original is not None else "new",
        stated.kept,
        of_recovered(stated.together, made, beside),
    )


def _options(stated: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Options of the figures that there still are; what no longer fits one is as at first."""
    found = {}
    for name in figure_names():
        kind = get_figure(name).options_type
        try:
            found[name] = msgspec.convert(stated.get(name, {}), type=kind)
        except msgspec.ValidationError:
            found[name] = kind()
    return MappingProxyType(found)


class _Head(msgspec.Struct):
    """What is looked at first."""

    format: str = ""
    version: int = 0


def _decoded(document: bytes) -> schema.Session | schema.Recording:
    try:
        head = msgspec.json.decode(document, type=_Head)
        if head.format not in _KINDS:
            raise FileError("it is no session of rnnviz")
        if head.version != schema.VERSION:
            raise FileError(
                f"it is of version {head.version} of the format; "
                f"this rnnviz reads version {schema.VERSION}"
            )
        stated: schema.Session | schema.Recording
        stated = msgspec.json.decode(document, type=_KINDS[head.format])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"its document is damaged: {str(error)[:200]}") from None
    return stated


_KINDS: dict[str, type[Any]] = {
    schema.FORMAT: schema.Session,
    schema.RECORDING: schema.Recording,
}


def _document(stated: schema.Document, tensors: Arrays) -> Document:
    spec = _spec(stated.model)
    values = _floats(tensors, stated.values)
    if values.ndim != 3 or 0 in values.shape[:2]:
        raise InputError("values", expected="(N, L, features)", got=tuple(values.shape))
    if stated.fill not in FILLS:
        raise InputError("fill", expected=f"one of {', '.join(FILLS)}", got=stated.fill)
    document = Document(
        spec,
        values,
        tuple(stated.lengths),
        padding_value=float(stated.padding_value),
        weight_edits=_edits(stated.weight_edits),
        clamps=_clamps(stated.clamps),
        front=_part(FrontPart, stated.front),
        vocabulary=_part(Vocabulary, stated.vocabulary),
        head=_part(HeadPart, stated.head),
        targets=None if stated.targets is None else _array(tensors, stated.targets),
        classes=tuple(stated.classes),
        weights=_weights(stated.weights, tensors),
        decoder=_part(DecoderPart, stated.decoder),
        rivals=MappingProxyType(
            {cell: _weights(names, tensors) for cell, names in stated.rivals.items()}
        ),
        before=tuple(_stack(stack, tensors) for stack in stated.before),
        after=tuple(_stack(stack, tensors) for stack in stated.after),
        **{name: getattr(stated, name) for name in AS_IT_IS},
    )
    return _checked(replace(document, initial=_initial(stated.initial, document, tensors)))


def _checked(document: Document) -> Document:
    """The document where its sizes agree; all else is checked where its parts are made.

    Raises:
        InputError: for the first that does not fit.
    """
    N, L, features = document.values.shape  # noqa: N806
    if features != document.features:
        raise InputError("values", expected=f"{document.features} features", got=features)
    if len(document.lengths) != N or not all(1 <= length <= L for length in document.lengths):
        raise InputError("lengths", expected=f"{N} of them, 1 to {L}", got=document.lengths[:8])
    if document.unbatched and N != 1:
        raise InputError("unbatched", expected="one sequence", got=N)
    if document.packed and document.unbatched:
        raise InputError("packed", expected="a batch", got="an unbatched sequence")
    if not document.recurrent:
        return document
    check_clamps(document.clamps, document.spec, L, N)
    _check_weights(document)
    return document


def _check_weights(document: Document) -> None:
    shapes = weight_shapes(document)
    for name, values in document.weights.items():
        if shapes.get(name) != values.shape:
            raise InputError(name, expected=str(shapes.get(name, "none")), got=values.shape)
    for edit in document.weight_edits:
        shape = shapes.get(pipeline_name(edit.name))
        if not has_place(shape, edit.row, edit.column):
            raise InputError("weight_edits", expected=f"a place within {shape}", got=edit.place)


def _stack(stated: schema.Stack, tensors: Arrays) -> StackPart:
    initial = stated.initial
    return StackPart(
        stated.name,
        _spec(stated.model),
        _weights(stated.weights, tensors),
        _edits(stated.weight_edits),
        _clamps(stated.clamps),
        None
        if initial.kind == "zeros"
        else InitialStates(
            initial.kind,
            *(None if key is None else _floats(tensors, key) for key in (initial.h_0, initial.c_0)),
        ),
    )


def _initial(stated: schema.Initial, document: Document, tensors: Arrays) -> InitialStates:
    spec = document.spec
    rows = spec.num_layers * spec.num_directions
    states = []
    for key, width in ((stated.h_0, spec.output_size), (stated.c_0, spec.hidden_size)):
        values = None if key is None else _floats(tensors, key)
        expected = (rows, document.N, width)
        if values is not None and values.shape != expected:
            raise InputError("initial", expected=str(expected), got=values.shape)
        states.append(values)
    missing = states[0] is None or (spec.cell == "LSTM") != (states[1] is not None)
    if stated.kind != "zeros" and missing:
        raise InputError("initial", expected="h_0, and c_0 of an LSTM", got="others")
    return InitialStates() if stated.kind == "zeros" else InitialStates(stated.kind, *states)


def _spec(stated: schema.Model) -> ModelSpec:
    return ModelSpec(**msgspec.structs.asdict(stated))


def _part(kind: Callable[..., Any], stated: msgspec.Struct | None) -> Any:
    if stated is None:
        return None
    known = msgspec.structs.asdict(stated)
    return kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in known.items()})


def _edits(stated: Iterable[schema.Edit]) -> tuple[WeightEdit, ...]:
    return tuple(WeightEdit(e.name, e.row, e.column, float(e.value)) for e in stated)


def _clamps(stated: Iterable[schema.Held]) -> tuple[Clamp, ...]:
    return tuple(
        Clamp(**msgspec.structs.asdict(held) | {"value": float(held.value)}) for held in stated
    )


def _weights(names: Mapping[str, str], tensors: Arrays) -> Mapping[str, NDArray[np.float64]]:
    return MappingProxyType({name: _floats(tensors, key) for name, key in names.items()})


def _floats(tensors: Arrays, name: str) -> NDArray[np.float64]:
    return np.require(_array(tensors, name), np.float64, ["C", "W"])  # torch insists on writable


def _array(tensors: Arrays, name: str) -> NDArray[Any]:
    if name not in tensors:
        raise FileError(f"its tensor {name[:60]!r} is missing")
    return tensors[name]
