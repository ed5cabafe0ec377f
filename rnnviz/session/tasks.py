"""Documents and the tasks that they learn: a model that fits a task, and a task for a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnnviz.errors import InputError, SpecError
from rnnviz.model.training.task import Task
from rnnviz.model.training.tasks import Adding, Copy, NextWord, Parity, Reverse, Sine
from rnnviz.session.edits import fitted
from rnnviz.session.parts import FrontPart, HeadPart
from rnnviz.session.state import Document, InitialStates
from rnnviz.session.training_state import REVERSE, task_keys

_WINDOW = 8  # tokens of a text that are learned from at a time
_MOST_SEQUENCES = 64  # of a sample that is put on show
_CLASSES = {"parity": ("even", "odd")}
_GIVEN = ("random", "typed")


def with_task(document: Document, key: str) -> Document:
    """The document made to fit a task, with a sample of it as its input and targets.

    The cell and its sizes stay, as far as the task lets them; the weights are drawn anew, unless
    the task is of the document's own text.

    Raises:
        SpecError: for a task that this model cannot be given.
    """
    keys = task_keys(document.decoder is not None)
    if key not in keys:
        known = ", ".join(name or "own input" for name in keys)
        raise SpecError("task", expected=f"one of {known}", got=key)
    if not key:
        return replace(document, task="")
    text = own_text(document) if key == "next word" else None
    return _drawn(_shaped(document, _new_task(document, key), text is not None, key))


def task_of(document: Document) -> Task:
    """The task that a document learns, of the sizes that the document has.

    Raises:
        SpecError: where the model does not fit it any more.
    """
    task: Task = _MAKERS[document.task](document)
    head, front, known = document.head, document.front, task.vocabulary
    vocabulary = None if front is None or not front.takes_ids else document.vocabulary
    fits = (
        head is not None
        and (head.out_features, head.on) == (task.out_features, task.on)
        and document.loss == task.loss
        and known == vocabulary
        and (known is not None or document.features == task.input_size)
    )
    if not fits:
        raise SpecError("task", expected=f"a model that fits {document.task}", got="another")
    return task


def check_trainable(document: Document) -> None:
    """Refuse a document that nothing can be learned with.

    Raises:
        SpecError: without a loss, or where the model does not fit its task.
        InputError: for initial states that are of the batch on show alone.
    """
    if document.loss is None:
        raise SpecError("loss", expected="a loss and targets, or a task", got="none")
    if not document.task:
        return
    task_of(document)
    if document.recurrent and document.initial.kind in _GIVEN:
        raise InputError(
            "h_0", expected="zeros, or one vector, for batches of a task", got="one a sequence"
        )


def with_fresh_sample(document: Document, before: Document) -> Document:
    """The document with a new sample of its task, where an edit changed how large it is."""
    resized = document.values.shape[:2] != before.values.shape[:2]
    if not (document.task and document.task == before.task and resized):
        return document
    if document.task == "next word":
        return document  # its input is the text itself
    try:
        return _drawn(document)
    except SpecError:
        return document


def own_text(document: Document) -> str | None:
    """The text that a document's input is; None where it is none, or another task's."""
    known = document.vocabulary
    if known is None or not document.takes_ids or document.task not in ("", "next word"):
        return None
    ids = np.concatenate(
        [row[:length, 0] for row, length in zip(document.values, document.lengths, strict=True)]
    )
    if len(ids) < 2 or not ((ids >= 0) & (ids < len(known))).all():
        return None
    parting = " " if known.by == "words" else ""
    return parting.join(known.tokens[int(token)] for token in ids)


def _new_task(document: Document, key: str) -> Task:
    """The task as it is at first, whatever the sizes of the document's input."""
    if key == "next word":
        return _next_word(document)
    if key == REVERSE:
        return Reverse()
    return _TASKS[key]()


_TASKS: dict[str, type[Task]] = {"copy": Copy, "adding": Adding, "parity": Parity, "sine": Sine}


def _next_word(document: Document) -> Task:
    text = own_text(document)
    if text is None:
        return NextWord()
    known = document.vocabulary
    assert known is not None
    tokens = sum(document.lengths)
    return NextWord(text=text, by=known.by, length=min(_WINDOW, tokens - 1), known=known)


def _copy(document: Document) -> Task:
    symbols, usual = max(len(document.vocabulary or ()) - 2, 1), Copy()
    delay = document.L - 2 * usual.length
    return Copy(symbols=symbols, delay=delay if delay >= 1 else usual.delay)


def _reverse(document: Document) -> Task:
    return Reverse(symbols=max(len(document.vocabulary or ()) - 3, 1), length=document.L)


_MAKERS: dict[str, Callable[[Document], Task]] = {
    "next word": _next_word,
    "copy": _copy,
    "adding": lambda document: Adding(length=max(document.L, 2)),
    "parity": lambda document: Parity(length=document.L),
    "sine": lambda document: Sine(length=document.L),
    REVERSE: _reverse,
}


def _shaped(document: Document, task: Task, own: bool, key: str) -> Document:
    """The document with the parts that a task asks for, its input as long as the task's.

    Args:
        own: the task is of the document's own input, which stays, and so do its weights.
    """
    front = _front(document, task)
    width = task.input_size if front is None else front.out
    spec = document.spec.with_changes(input_size=width)
    bias = document.head is None or document.head.bias
    vector = document.initial.kind == "vector"
    shaped = replace(
        document,
        front=front,
        vocabulary=task.vocabulary,
        recurrent=True,
        head=HeadPart(task.out_features, task.on, None, bias),
        loss=task.loss,
        targets=None,
        classes=_CLASSES.get(key, ()),
        initial=document.initial if vector else InitialStates(),
        module=document.module if width == document.spec.input_size else None,
        weights=document.weights if own else MappingProxyType({}),
        weight_edits=document.weight_edits if own else (),
        decoder=_decoder(document, task),
        lesson="",
        task=key,
    )
    if own:
        return fitted(shaped, spec, document.N, document.L)
    sequences = 1 if key == "next word" else min(document.N, _MOST_SEQUENCES)
    values, targets = _sample(task, sequences, document.seed)
    N, L = values.shape[:2]  # noqa: N806
    sized = replace(shaped, values=values, targets=targets, lengths=(L,) * N, packed=False)
    return fitted(sized, spec, N, L)


def _drawn(document: Document) -> Document:
    """The document with a sample of its task as its input and targets."""
    if document.task == "next word":
        return document
    values, targets = _sample(task_of(document), document.N, document.seed)
    return replace(document, values=values, targets=targets, lengths=(document.L,) * document.N)


def _sample(task: Task, sequences: int, seed: int) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Input (N, L, features) and targets of a task, N first; of a text the whole of it."""
    if isinstance(task, NextWord):
        ids = task.vocabulary.encode([task.text.split()]).ids.double().numpy()
        targets = np.full(ids.shape, -100, dtype=np.int64)
        targets[:, :-1] = ids[:, 1:]
        return ids[:, :, None], targets
    drawn = task.draw(sequences, torch.Generator().manual_seed(seed % 2**63))
    values = drawn.input.double().numpy()
    return values if values.ndim == 3 else values[:, :, None], drawn.target.numpy()


def _front(document: Document, task: Task) -> FrontPart | None:
    """What stands in front, of the kind there is where that can be."""
    before, known = document.front, task.vocabulary
    if known is None:
        linear = before is not None and before.kind == "linear"
        assert task.input_size is not None
        return replace(before, size=task.input_size) if linear and before is not None else None
    if before is None or not before.takes_ids:
        return FrontPart("embedding", len(known), document.spec.input_size, known.padding_idx)
    padding = known.padding_idx if before.kind == "embedding" else None
    return replace(before, size=len(known), padding_idx=padding)


def _decoder(document: Document, task: Task) -> Any:
    part = document.decoder
    if part is None or not isinstance(task, Reverse):
        return part
    return replace(part, start=task.start_idx, end=task.end_idx, steps=task.length + 1)
