"""batch_sizes, both permutations, and how much work packing saves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rnnviz.element import Element
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.layout import (
    BOX_LINE,
    LIST_WIDTH,
    WORK_WIDTH,
    Layout,
    boxes_per_line,
    list_lines,
    list_window,
)
from rnnviz.figures.packed.pieces import box_of
from rnnviz.figures.remarks import caption
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

Corner = tuple[float, float]

_BOX_HEIGHT = 26.0
_BOX_GAP = 3.0
_CAPTION_WIDTH = LIST_WIDTH - 20


def draw_lists(batch: Batch, layout: Layout, style: Style) -> Iterator[Mark]:
    """The three lists as boxes, the current batch size inked, and the work bar."""
    sizes, order, ranks, work = layout.lists
    yield Rect(0, layout.rule, layout.width, 1, fill=style.ui.border)
    yield from _list(
        "batch_sizes",
        batch.plan.batch_sizes,
        "how many sequences are still running at each step",
        sizes,
        batch.t,
        style,
    )
    key = ("lists", layout, style)
    yield from batch.kept(key, lambda: list(_unchanging(batch, order, ranks, work, style)))


def _unchanging(
    batch: Batch, order: Corner, ranks: Corner, work: Corner, style: Style
) -> Iterator[Mark]:
    """What is the same at every step."""
    yield from _permutation(
        batch,
        "sorted_indices",
        batch.plan.sorted_indices,
        "sorted place → row of the batch as given",
        order,
        style,
    )
    yield from _permutation(
        batch,
        "unsorted_indices",
        batch.plan.unsorted_indices,
        "row of the batch as given → sorted place (the inverse)",
        ranks,
        style,
    )
    yield from _work(batch, work, style)


def _permutation(
    batch: Batch,
    name: str,
    indices: tuple[int, ...] | None,
    meaning: str,
    corner: Corner,
    style: Style,
) -> Iterator[Mark]:
    if indices is not None:
        yield from _list(name, indices, meaning, corner, None, style)
        return
    x, y = corner
    reason = (
        "enforce_sorted=True: the caller sorted the batch; both are None"
        if batch.packed
        else "not packed: there is nothing to permute"
    )
    yield label(name, x, y, style.ui.text, 11.5, font="mono")
    yield box_of(x, y + 12, 46, _BOX_HEIGHT, style, Element(name))
    yield label("None", x + 23, y + 29, style.ui.text, 11.5, font="mono", anchor="middle")
    yield from caption(reason, x, y + 58, _CAPTION_WIDTH, style)


def _list(
    name: str,
    numbers: Sequence[int],
    meaning: str,
    corner: Corner,
    current: int | None,
    style: Style,
) -> Iterator[Mark]:
    x, y = corner
    yield label(name, x, y, style.ui.text, 11.5, font="mono")
    largest = max(*numbers, len(numbers) - 1)
    shown = list_window(len(numbers), largest, current)
    if len(shown) < len(numbers):
        after = x + text_width(name, 11.5, "mono") + 8
        span = f"{shown.start}–{shown.stop - 1}"
        whole = f"{span} of {len(numbers)}"
        room = x + LIST_WIDTH - 6 - after
        part = whole if text_width(whole, 11) <= room else elide(span, room, 11)
        yield label(part, after, y, style.ui.muted, 11)
    width = max(24.0, text_width(str(largest), 11.5, "mono") + 6)
    for place, index in enumerate(shown):
        line, column = divmod(place, boxes_per_line(largest))
        left, top = x + column * (width + _BOX_GAP), y + 12 + line * BOX_LINE
        yield from _box(name, index, numbers[index], (left, top, width), index == current, style)
    below = y + 28 + list_lines(len(numbers), largest) * BOX_LINE
    yield from caption(meaning, x, below, _CAPTION_WIDTH, style)


def _box(
    name: str,
    index: int,
    number: int,
    place: tuple[float, float, float],
    is_current: bool,
    style: Style,
) -> Iterator[Mark]:
    x, y, width = place
    key = Element(name, row=index)
    yield box_of(x, y, width, _BOX_HEIGHT, style, key)
    if is_current:
        yield Rect(x, y, width, _BOX_HEIGHT, fill=style.ui.accent, radius=6, key=key)
    ink = style.ui.on_accent if is_current else style.ui.text
    yield label(str(number), x + width / 2, y + 17, ink, 11.5, font="mono", anchor="middle")
    if text_width(str(index), 11) <= width:
        yield label(str(index), x + width / 2, y + 43, style.ui.muted, 11, anchor="middle")


def _work(batch: Batch, corner: Corner, style: Style) -> Iterator[Mark]:
    x, y = corner
    all_steps = batch.L * batch.N
    full = WORK_WIDTH - 8
    done = full * batch.rows / all_steps
    yield label("Work", x, y, style.ui.text, weight=600)
    if batch.skipped:
        role = style.role("padding")
        yield Rect(x, y + 12, full, _BOX_HEIGHT, fill=role.fill, hatch=role.line, radius=6)
    yield Rect(x, y + 12, done, _BOX_HEIGHT, fill=style.role("x").line, radius=6)
    yield Rect(x, y + 12, full, _BOX_HEIGHT, stroke=style.ui.border_strong, radius=6)
    texts = f"{batch.rows:,} cell steps computed", f"{batch.skipped:,} skipped"
    computed, skipped = (text.replace(",", "\u202f") for text in texts)
    fits_computed = text_width(computed, 12) <= done - 16
    fits_skipped = text_width(skipped, 11.5) <= full - done - 8
    if fits_computed:
        yield label(computed, x + 10, y + 29, style.ui.surface)
    if fits_skipped and batch.skipped:
        width = text_width(skipped, 11.5)
        left = x + full - width - 4
        yield Rect(left - 3, y + 16, width + 5, 18, fill=style.role("padding").fill, radius=3)
        yield label(skipped, left, y + 29, style.ui.text, 11.5)
    missing = [
        text
        for text, fits in ((computed, fits_computed), (skipped, fits_skipped))
        if not fits and (text is computed or batch.skipped)
    ]
    said = "; ".join([*missing, _saving(batch)])
    yield from caption(said, x, y + 57, full, style)


def _saving(batch: Batch) -> str:
    each = (
        ""
        if batch.run.num_layers * batch.run.num_directions == 1
        else " (in each layer and direction)"
    )
    if not batch.packed:
        return f"not packed: every sequence has length {batch.L}{each}"
    if not batch.skipped:
        return f"every sequence has length {batch.L}: nothing is padded, nothing to skip{each}"
    share = _share(Fraction(batch.skipped, batch.L * batch.N))
    return f"{share} of the padded grid is never computed{each}, and no padding can leak into h_n"


def _share(part: Fraction) -> str:
    named = {(1, 2): "half", (1, 4): "one quarter", (1, 3): "one third", (3, 4): "three quarters"}
    exact = named.get((part.numerator, part.denominator))
    return exact or f"{float(part) * 100:.3g}\u202f%"
