"""The words around a cell: what it is, and where its states come from and go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rnnviz.figures.anatomy.plan import Note
from rnnviz.figures.anatomy.stage import Stage
from rnnviz.figures.remarks import wrapped
from rnnviz.scene.marks import Mark, Text
from rnnviz.scene.text import label, text_width

_SIZE = 11.0


def draw_note(stage: Stage, note: Note) -> Iterator[Mark]:
    """A note in its own words."""
    yield from _NOTES[note.kind](stage, note)


def _plain(stage: Stage, note: Note, text: str, dy: float = 0.0, faint: bool = False) -> Text:
    ui = stage.style.ui
    color = ui.disabled if faint else ui.muted
    return label(text, note.x, note.y + dy, color, _SIZE, anchor=note.anchor)


def _from(stage: Stage, note: Note) -> Iterator[Mark]:
    before = stage.subject.before
    if before is not None:
        text = f"from t = {before + 1}"
    else:
        text = "initial, given" if stage.subject.run.initial_given else "initial, zeros"
    yield _plain(stage, note, text)


def _to(stage: Stage, note: Note) -> Iterator[Mark]:
    after, done = stage.subject.after, stage.is_done(None)
    names = stage.names if done else stage.pending_names
    above = Text(
        note.x,
        note.y - 8,
        names.letter(note.name),
        stage.style.ui.text,
        14,
        "math",
        anchor=note.anchor,
    )
    yield above
    text = f"to t = {after + 1}" if after is not None else f"to {note.name}_n"
    yield _plain(stage, note, text, 17, not done)


def _up(stage: Stage, note: Note) -> Iterator[Mark]:
    above = stage.subject.place.layer + 1
    text = f"to layer {above}" if above < stage.subject.run.num_layers else "to output"
    yield _plain(stage, note, text, 0.0, not stage.is_done(None))


def _title(stage: Stage, note: Note) -> Iterator[Mark]:
    run, (layer, direction, t, sequence) = stage.subject.run, stage.subject.place
    name = f"{run.kind} cell"
    yield label(name, note.x, note.y, stage.style.ui.text, 12.5, weight=600)
    where = [f"layer {layer}"]
    where += [("forward", "reverse")[direction]] if run.num_directions == 2 else []
    where += [f"t = {t + 1}"]
    where += [f"sequence {sequence}"] if run.N > 1 else []
    where += ["new − original"] if stage.subject.is_difference else []
    where += ["original"] if stage.subject.view.showing == "old" else []
    x = note.x + text_width(name, 12.5, weight=600) + 8
    yield label(", ".join(where), x, note.y, stage.style.ui.text_secondary, 12)


def _input(stage: Stage, note: Note) -> Iterator[Mark]:
    x, _, width, _ = next(strip.box for strip in stage.plan.strips if strip.name == "x")
    yield label(received(stage), x + width + 12, note.y, stage.style.ui.muted, _SIZE)


def received(stage: Stage) -> str:
    """What x is, in words."""
    run, place = stage.subject.run, stage.subject.place
    if place.layer == 0:
        return f"input at t = {place.t + 1}"
    both = ", both directions" if run.num_directions == 2 else ""
    return f"h of layer {place.layer - 1}{both}"


def _kept(stage: Stage, note: Note) -> Iterator[Mark]:
    yield _plain(stage, note, "kept from before", faint=not stage.is_known(note.name))


def _written(stage: Stage, note: Note) -> Iterator[Mark]:
    name = stage.graph.feeders[0].gives[0]
    yield _plain(stage, note, "written now", faint=not stage.is_known(name))


def _aside(stage: Stage, note: Note) -> Iterator[Mark]:
    """Where textbooks have another formula."""
    text = f"nn.{stage.subject.run.kind} multiplies after the weights, many textbooks before them"
    for number, line in enumerate(wrapped(text, note.width, _SIZE)):
        yield _plain(stage, note, line, 14.0 * number)


_NOTES: dict[str, Callable[[Any, Any], Iterator[Mark]]] = {
    "from": _from,
    "to": _to,
    "up": _up,
    "title": _title,
    "input": _input,
    "kept": _kept,
    "written": _written,
    "aside": _aside,
}
