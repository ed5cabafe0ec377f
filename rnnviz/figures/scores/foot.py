"""How the rows become one number: their sum over their count."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.scores.layout import MARGIN
from rnnviz.figures.scores.stage import Stage
from rnnviz.figures.scores.subject import Compared, Subject
from rnnviz.figures.strips import future_dash
from rnnviz.scene.axes import MINUS, format_value
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.text import elide, label, text_width

_HEIGHT = 92.0
_MOST = 12  # summands that are written out
_SIZE = 13.0


def draw_foot(stage: Stage) -> Iterator[Mark]:
    """The reduction with its numbers, which rows count, and torch's own line."""
    subject, y = stage.subject, stage.layout.foot
    if y is None or subject.compared is None:
        return
    x = stage.layout.rows_x - 6
    width = stage.layout.width - MARGIN - x + 6
    yield _card(stage, (x, y, width, _HEIGHT))
    ui, compared, room = stage.style.ui, subject.compared, width - 28
    x += 14
    yield _reduction(stage, compared, x, y + 27, room)
    said = elide(counted(subject, compared), room, 11.5)
    yield label(said, x, y + 50, ui.text_secondary, 11.5)
    line = elide(call(subject, compared), room, 11, "mono")
    yield label(line, x, y + 75, ui.text, 11, font="mono")


def _card(stage: Stage, box: tuple[float, float, float, float]) -> Rect:
    there, ui = stage.subject.loss_value is not None, stage.style.ui
    dash = () if there else future_dash(stage.style)
    fill = ui.card if there else None
    return Rect(*box, fill, ui.border_strong, radius=8, dash=dash, key=Element("loss"))


def _reduction(stage: Stage, compared: Compared, x: float, y: float, room: float) -> Text:
    subject, style = stage.subject, stage.style
    value = subject.loss_value
    if value is None:
        return label("loss: once the last timestep is computed", x, y, style.ui.muted)
    each = "Δ losses" if subject.is_difference else "losses"
    head = "Δ loss = " if subject.is_difference else "loss = "
    tail = format_value(value, 4)
    middle = steps(compared, room - text_width(head + tail, _SIZE, weight=600) - 12, each)
    hue = style.role("y").text
    runs = (Run(head, hue, bold=True), Run(middle), Run(tail, hue, bold=True))
    return Text(x, y, runs, style.ui.text, _SIZE, key=Element("loss"))


def divisor(compared: Compared) -> float | None:
    """What the sum is divided by; None where it is not."""
    loss = compared.loss
    if loss.reduction == "sum":
        return None
    if loss.weight is not None:
        chosen = compared.targets[compared.counts]
        return float(loss.weight.detach().double().cpu().numpy()[chosen].sum())
    return float(compared.counts.sum()) * (compared.losses.size / len(compared.losses))


def total(compared: Compared) -> float:
    """The sum of all losses."""
    return float(compared.losses.sum(dtype=np.float64))


def steps(compared: Compared, room: float, called: str = "losses") -> str:
    """From the losses to the loss, as many of them as have room: "(1.2 + 0.8) / 2 = 2.0 / 2 = "."""
    each, by = compared.losses[compared.counts].reshape(-1), divisor(compared)
    named, below, summed = f"Σ {called}", "", ""
    if by is not None:
        named += " / count" if compared.loss.weight is None else " / Σ w[target]"
        below = f" / {_plain(by)}"
        summed = f"{format_value(total(compared), 3)}{below} = "
    for count in range(min(len(each), _MOST), 1, -1):
        parts = " + ".join(format_value(float(value), 3) for value in each[:count])
        parts += " + …" if count < len(each) else ""
        written = f"{named} = ({parts}){below} = {summed}".replace(f"+ {MINUS}", f"{MINUS} ")
        if text_width(written, _SIZE) <= room:
            return written
    return f"{named} = {summed}"


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else format_value(number, 3)


def counted(subject: Subject, compared: Compared) -> str:
    """Which rows count, and why others don't."""
    loss, rows, count = compared.loss, subject.R, int(compared.counts.sum())
    numbers = "" if loss.takes_classes else f", {count} × {subject.C} numbers"
    if count == rows:
        return f"count: {f'all {rows} rows' if rows > 1 else 'the only row'}{numbers}"
    padding = int((~subject.rows.valid).sum())
    ignored, index = rows - count - padding, str(loss.ignore_index).replace("-", MINUS)
    why = [f"{padding} {_be(padding)} padding"] if padding else []
    why += [f"{ignored} {'has' if ignored == 1 else 'have'} the target {index}"] if ignored else []
    return f"count: {count} of {rows} rows{numbers}; {' and '.join(why)}"


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def call(subject: Subject, compared: Compared) -> str:
    """The line of PyTorch that does the same."""
    loss, targets, given = compared.loss, "targets", subject.name
    activated = subject.flat_name == "flat_probabilities"
    given = "probabilities" if activated else given
    padded = not subject.rows.valid.all()
    if padded and not loss.takes_classes:
        given, targets = f"{given}[valid]", "targets[valid]"
    elif padded:
        given, targets = f"{given}.reshape(-1, {subject.C})", "flat_targets"
    elif len(subject.axes) != 1:
        given += f".reshape(-1, {subject.C})"
        targets += ".reshape(-1)" if loss.takes_classes else f".reshape(-1, {subject.C})"
    return f"functional.{_function(compared, activated)}({given}, {targets}{_extra(compared)})"


def _function(compared: Compared, activated: bool) -> str:
    bce = "binary_cross_entropy" + ("" if activated else "_with_logits")
    return {"mse": "mse_loss", "bce": bce}.get(compared.loss.kind, "cross_entropy")


def _extra(compared: Compared) -> str:
    loss = compared.loss
    extra = ", weight=w" if loss.weight is not None else ""
    if loss.takes_classes and loss.ignore_index != -100:
        extra += f", ignore_index={loss.ignore_index}"
    if loss.label_smoothing:
        extra += f", label_smoothing={loss.label_smoothing:g}"
    return extra + (f', reduction="{loss.reduction}"' if loss.reduction != "mean" else "")
