"""What lines are called in sentences, and what the key says of the loss."""

from __future__ import annotations

from rnnviz.figures.compared import shown_words
from rnnviz.figures.gradients.curves import Curve
from rnnviz.figures.gradients.numbers import size_text
from rnnviz.figures.gradients.subject import Subject
from rnnviz.figures.view import View


def caption_words(shown: Subject, curve: Curve) -> str:
    """What a line is called within the plot."""
    if curve.group == "rival":
        name = shown.rival.name.split(",")[0] if shown.rival is not None else curve.words
        return f"{name}, layer {curve.lane[0]}" if shown.run.num_layers > 1 else name
    if shown.tensor == "c":
        return f"{shown.run.kind}, carry of {curve.words}"
    return f"{shown.run.kind}, {curve.words}"


def legend_words(view: View, shown: Subject | None) -> str:
    """The model, its loss, where the loss enters, whose numbers these are."""
    parts = [f"{view.run.kind}, hidden_size {view.run.hidden_size}"]
    around = view.around
    if around is not None and around.pr.loss is not None and around.pr.pipeline.loss is not None:
        value = size_text(float(around.pr.loss.detach()))
        parts.append(f"{around.pr.pipeline.loss.kind} {value}")
    if shown is not None:
        parts.append(_where(shown))
        if shown.run.N > 1:
            over = "norm over the batch" if shown.sequence is None else f"sequence {shown.sequence}"
            parts.append(over)
        if shown.rival is not None:
            loss = shown.rival.pr.loss
            rival = shown.rival.name
            if loss is not None:
                rival += f": loss {size_text(float(loss.detach()))}"
            parts.append(f"{rival}, {shown.rival.note}" if shown.rival.note else rival)
    words = shown_words(view)
    if words and view.run.is_difference:
        words = "gradients of the edited run, not a difference"
    return " · ".join([words, *parts] if words else parts)


def _where(shown: Subject) -> str:
    """Where the loss enters the run."""
    if shown.at_last:
        return "loss at the last step only"
    if shown.single:
        return "loss at one step only"
    return "loss at several steps: each adds to what comes from later ones"
