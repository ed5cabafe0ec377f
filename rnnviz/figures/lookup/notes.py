"""What is said below a lookup: what happens at this step, and whether the three ways agree."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.axis import kept_indices
from rnnviz.figures.colorbar import short
from rnnviz.figures.lookup.agreement import Agreement, agreement, slopes
from rnnviz.figures.lookup.grid import MARGIN
from rnnviz.figures.lookup.layout import Part
from rnnviz.figures.lookup.subject import WEIGHT, Subject
from rnnviz.figures.matrix import Look
from rnnviz.figures.remarks import caption, verdict
from rnnviz.figures.table_names import grouped, index_text
from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.text import label, text_width

NOTES = 62.0  # px of the words below a way
AGREEMENT = 196.0
_ROW = 22.0
_COLUMN = 44.0
_MOST_TERMS = 6
_NAMES = ("nn.Embedding", "one-hot × Linear", "weight[:, id]")


def draw_notes(subject: Subject, part: Part, width: float, look: Look) -> Iterator[Mark]:
    """What this way does at this step, in words."""
    y = part.low + 24
    yield label(_happens(subject, part), MARGIN, y, look.style.ui.text, 12)
    yield from caption(_about(subject, part), MARGIN, y + 19, width, look.style)


def _happens(subject: Subject, part: Part) -> str:
    rows = part.rows.lit
    if not rows:
        done = bool(subject.arrived.done.any())
        return "All ids have been looked up." if done else "Before the first step: no id is read."
    if part.way == "one_hot" and not subject.is_difference:
        return _sum(subject, part, rows[0])
    places = [part.rows.place(row) for row in rows]
    ids = list(dict.fromkeys(int(subject.ids[t, n]) for n, t in places))
    listed = ", ".join(str(id_) for id_ in ids[:6]) + (", …" if len(ids) > 6 else "")
    things = "column" if part.way == "column" else "row"
    step = {t for _, t in places}
    when = f"t = {min(step) + 1}: " if len(step) == 1 and part.rows.has_steps else ""
    many = "s" if len(ids) > 1 else ""
    return f"{when}id{many} {listed} → {things}{many} {listed}"


def _sum(subject: Subject, part: Part, row: int) -> str:
    """The first number of a vector as the sum that it is."""
    sequence, t = part.rows.place(row)
    id_ = int(subject.ids[t, sequence])
    shown = kept_indices(subject.V, {id_}, (), _MOST_TERMS)
    column = subject.table.values[:, 0]
    terms = [f"{int(i == id_)}·{_number(float(column[i]))}" for i in shown]
    if len(shown) < subject.V:
        terms.append(f"… ({grouped(subject.V - len(shown))} more, all 0)")
    if subject.bias is not None:
        terms.append(f"b {_number(float(subject.bias.values[0, 0]))}")
    value = short(format_value(float(subject.result.values[row, 0]), 2))
    name = index_text("embedded", tuple(subject.named_ids.tensor.shape), row, 0)
    return f"{name} = {' + '.join(terms)} = {value}"


def _number(value: float) -> str:
    text = short(format_value(value, 2))
    return f"({text})" if value < 0 else text


def _about(subject: Subject, part: Part) -> str:
    """What to know about this way."""
    size = f"({subject.V}, {subject.E})"
    tail = " embedding.bias is added to every row." if subject.bias is not None else ""
    if subject.is_identity:
        return f"one_hot(ids): each id becomes a row of {subject.V} numbers, a single 1 among them."
    if part.way == "one_hot":
        name = WEIGHT if subject.by_rows else f"{WEIGHT}.T"
        kept = f"nn.Linear({subject.V}, {subject.E}, bias={subject.bias is not None})"
        keeps = "would keep" if subject.by_rows else "keeps"
        return (
            f"one_hot @ {name}: the single 1 picks a row, all other products are 0. {kept} {keeps} "
            f"this table transposed: its weight is (out, in) = ({subject.E}, {subject.V}).{tail}"
        )
    if part.way == "column":
        return (
            "weight[:, ids]: of the weight of an nn.Linear, (E, V), an id picks a column; it lies "
            f"down as a row of {subject.named.legend}.{tail}"
        )
    name = WEIGHT if subject.by_rows else f"{WEIGHT}.T"
    return f"{name}[ids]: rows of the {size} table are copied; nothing is multiplied.{tail}"


def draw_agreement(subject: Subject, y: float, width: float, look: Look) -> Iterator[Mark]:
    """The verdict on the three ways, and what gradient each lets through."""
    found = agreement(subject)
    kind, words = _verdict(found)
    yield Rect(MARGIN, y, width, 1, fill=look.style.ui.border)
    yield from verdict(MARGIN, y + 30, kind, words, look.style)  # type: ignore[arg-type]
    yield from _slopes(subject, y + 62, width, look)


def _verdict(found: Agreement | None) -> tuple[str, str]:
    if found is None:
        return "none", "The table is too large to be looked up in all three ways here."
    which = f"{found.ids} ids" if found.ids == found.of else f"{found.ids} of {found.of} ids"
    if found.largest == 0:
        return "good", f"All three give the same numbers, bit by bit: max |Δ| = 0 over {which}."
    return "bad", f"They differ: max |Δ| = {format_exponent(found.largest)} over {which}."


def _slopes(subject: Subject, y: float, width: float, look: Look) -> Iterator[Mark]:
    """A small table: for each id what reaches its row, by way."""
    style, found = look.style, slopes(subject)
    left = MARGIN + max(text_width(name, 12) for name in _NAMES) + 24
    room = max(int((width - left) / _COLUMN), 2)
    must = () if subject.padding_idx is None else (subject.padding_idx,)
    used = found.by_index.nonzero()[0][:room].tolist()
    shown = kept_indices(subject.V, must, used, room)
    differ = bool((found.by_embedding != found.by_index).any())
    title = "What differs" if differ else "Gradients agree too"
    title += ": the gradient of each row, for the sum of all vectors as the loss"
    yield label(title, MARGIN, y, style.ui.text, 12, weight=600)
    yield label("id", left - 24, y + _ROW, style.ui.muted, 11, anchor="end")
    for place, id_ in enumerate(shown):
        x = left + (place + 0.5) * _COLUMN
        special = id_ == subject.padding_idx
        color, weight = (style.ui.text, 600) if special else (style.ui.muted, 400)
        if special:
            role = style.role("padding")
            box = (left + place * _COLUMN + 2, y + 6, _COLUMN - 4, 4 * _ROW - 2)
            yield Rect(*box, fill=role.fill, stroke=role.line, dash=(4, 3), radius=4)
        yield label(str(id_), x, y + _ROW, color, 11, weight=weight, anchor="middle")
    for line, (name, values) in enumerate(zip(_NAMES, found, strict=True)):
        base = y + _ROW * (line + 2)
        yield label(name, left - 24, base, style.ui.text, 12, anchor="end")
        for place, id_ in enumerate(shown):
            x, value = left + (place + 0.5) * _COLUMN, float(values[id_])
            bold = 600 if id_ == subject.padding_idx else 400
            color = style.ui.text if value else style.ui.muted
            text = short(format_value(value, 0))
            yield label(text, x, base, color, 12, weight=bold, anchor="middle")
