"""The columns of the rows: what each is called, how wide it is, and how its numbers stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from rnnviz.figures.scores.kept import Kept
from rnnviz.figures.scores.options import ScoresOptions
from rnnviz.figures.scores.subject import FEW, Compared, Subject
from rnnviz.figures.token_cards import card_width
from rnnviz.model.pipeline.loss import Loss
from rnnviz.scene.marks import Text
from rnnviz.scene.text import math_runs, runs_width, text_width

Kind = Literal["place", "scores", "targets", "probabilities", "top", "losses", "gradients"]
Wanted = tuple[Kind, str, str, str, float]  # kind, title, shape, note, px of its numbers
_CELLS = ((4, 42.0), (8, 37.0), (12, 34.0))  # up to so many classes, px of each
_STRIP = 250.0
_GAP = 26.0
_SUM = 46.0
_LOSSES = (118.0, 100.0)  # px of a bar and its number; where there is little room
TITLE_GAP = 8.0
TOP = 3  # of the likeliest classes that are named


@dataclass(frozen=True)
class Column:
    """One column of the rows.

    Attributes:
        kind: what it holds.
        title: its name in PyTorch's spelling.
        shape: its axes and sizes.
        note: what it is.
        x: where it begins; `inner` how wide its numbers are, `width` its titles too.
        under: what stands below its numbers, in the same rows.
    """

    kind: Kind
    title: str
    shape: str
    note: str
    x: float
    inner: float
    width: float
    under: tuple[Column, ...] = ()

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + self.width


def columns_of(
    subject: Subject,
    options: ScoresOptions,
    x: float,
    kept: Kept,
    *,
    cells: float | None = None,
    gap: float = _GAP,
    stacked: bool = False,
) -> tuple[Column, ...]:
    """The columns that a subject has, left to right.

    Args:
        x: where the first begins.
        kept: the rows that they are for.
        cells: px of C numbers side by side; None for what they like.
        gap: px between two columns.
        stacked: what is made of the scores stands below them instead of beside.
    """
    columns: list[Column] = []
    wanted = _wanted(subject, options, kept, cells, gap < _GAP)
    homes = _homes(subject) if stacked else {}
    for one in wanted:
        if one[0] in homes:
            continue
        found = _column(subject, one, x)
        under = tuple(_column(subject, b, x) for b in wanted if homes.get(b[0]) == one[0])
        width = max(found.width, *(_under_width(subject, column) for column in under), 0.0)
        columns.append(replace(found, width=width, under=under))
        x += width + gap
    return tuple(columns)


def _homes(subject: Subject) -> dict[Kind, Kind]:
    """What stands below which numbers where columns are stacked: a loss below its target."""
    homes: dict[Kind, Kind] = {"probabilities": "scores", "gradients": "scores"}
    if subject.takes_classes:
        return {**homes, "losses": "targets"}
    return {**homes, "targets": "scores", "losses": "scores"}


def _column(subject: Subject, wanted: Wanted, x: float) -> Column:
    kind, title, shape, note, inner = wanted
    words = text_width(title, 12, "mono"), text_width(shape, 11, "mono"), text_width(note, 11)
    width = max(inner + _beyond(subject, kind), *words)
    return Column(kind, title, shape, note, x, inner, width)


def _under_width(subject: Subject, column: Column) -> float:
    """Of a column that stands below another: its numbers, and its title in one line."""
    title = text_width(column.title, 12, "mono", 600) + TITLE_GAP
    words = title + text_width(below_note(column), 11)
    return max(column.inner + _beyond(subject, column.kind), words)


def below_note(column: Column) -> str:
    """What is said of a column that stands below another."""
    return f"below: {column.note}"


def _beyond(subject: Subject, kind: Kind) -> float:
    """Room beside the numbers, for their sum."""
    return _SUM if kind == "probabilities" and subject.softmax else 0.0


def cells_width(subject: Subject) -> float:
    """Of C cells side by side."""
    found = (width for most, width in _CELLS if most >= subject.C)
    return max(next(found, 0.0) * subject.C, 52.0) if subject.C <= FEW else _STRIP


def _wanted(
    subject: Subject, options: ScoresOptions, kept: Kept, cells: float | None, tight: bool
) -> list[Wanted]:
    rows, wide = subject.rows, cells or cells_width(subject)
    flat = f"({' * '.join(subject.axes) or '1'}, C) = ({subject.R}, {subject.C})"
    flat_rows = f"({subject.R},)" if subject.takes_classes else f"({subject.R}, {subject.C})"
    found: list[Wanted] = [("place", "row", "", "", place_width(subject, kept))]
    name = subject.flat_name if subject.flat_name != "flat_probabilities" else ""
    found.append(("scores", name or subject.name, flat, _score_note(subject), wide))
    compared = subject.compared
    if compared is not None:
        width = wide if not subject.takes_classes else target_width(subject, compared, kept)
        note = "" if subject.takes_classes else "what they should be"
        found.append(("targets", "flat_targets", flat_rows, note, width))
    if rows.probabilities is not None and options.probabilities:
        name = "flat_probabilities" if subject.flat_name == "flat_probabilities" else ""
        note = "softmax of each row" if subject.softmax else "sigmoid of each score"
        found.append(("probabilities", name or "probabilities", flat if name else "", note, wide))
        if subject.C > FEW and not subject.is_difference:
            found.append(("top", "likeliest", "", f"{TOP} of {subject.C} classes", 190.0))
    if compared is not None:
        width = _LOSSES[tight] if subject.takes_classes else wide
        note = loss_note(compared.loss)
        note = note.removesuffix(" of the target") if tight else note
        found.append(("losses", "losses", flat_rows, note, width))
    if subject.gradients is not None and compared is not None:
        title = f"∂loss/∂{subject.name}"
        found.append(("gradients", title, "", gradient_note(compared.loss), wide))
    return found


def place_width(subject: Subject, kept: Kept) -> float:
    """Of a row's number, sequence, timestep and token."""
    numbers = text_width(str(subject.R - 1), 11) + 8
    form = subject.pr.form
    time = runs_width(Text(0, 0, math_runs(f"t = {form.L}"), "", 13, font="math"))
    return numbers + mark_width(form.N) + 5 + time + 8 + token_width(subject, kept)


def mark_width(count: int) -> float:
    """Of the number of a sequence in its ring."""
    number = text_width(str(count - 1), 11.5, weight=600)
    return 22.0 if number <= 15 else number + 12


def token_width(subject: Subject, kept: Kept) -> float:
    """Of the widest token of the kept rows; 0 where there are none."""
    if subject.pr.ids is None:
        return 0.0
    return max(card_width(token_of(subject, row)) for row in kept.rows) + 4


def token_of(subject: Subject, row: int) -> str:
    """What was read where a row is from."""
    ids = subject.pr.ids
    assert ids is not None
    n, t = int(subject.rows.sequences[row]), int(subject.rows.timesteps[row])
    return subject.around.token(int(subject.pr.form.grid(ids)[t, n]))


def target_width(subject: Subject, compared: Compared, kept: Kept) -> float:
    """Of the widest target of the kept rows."""
    names = [subject.around.class_name(int(compared.targets[row])) for row in kept.rows]
    ignored = text_width(f"{compared.loss.ignore_index} ignored", 11) + 14
    return max(ignored, *(card_width(name) for name in names))


def _score_note(subject: Subject) -> str:
    axes, name = subject.axes, subject.name
    if len(axes) == 2:
        t_or_n = {"L": "t", "N": "n"}
        first, second = t_or_n[axes[0]], t_or_n[axes[1]]
        return f"row {first} * {axes[1]} + {second} is {name}[{first}, {second}]"
    if not axes:
        return "one row"
    return "one row for each " + {"L": "timestep", "N": "sequence"}[axes[0]]


def loss_note(loss: Loss) -> str:
    """How a row's loss comes about."""
    if loss.kind == "mse":
        return "(score − target)²"
    if loss.kind == "bce":
        return "−log p, or −log(1 − p)"
    weight = "−w · log p" if loss.weight is not None else "−log p"
    return f"{weight} of the target" + (", smoothed" if loss.label_smoothing else "")


def gradient_note(loss: Loss) -> str:
    """What a row's gradient is, where it can be said in a word."""
    plain = loss.takes_classes and loss.weight is None and not loss.label_smoothing
    if not plain:
        return "what a score's change would do"
    return "(p − one-hot) / count" if loss.reduction == "mean" else "p − one-hot"
