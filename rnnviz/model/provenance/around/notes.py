"""What people stumble over at an element of the whole model."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.provenance.around import reading
from rnnviz.model.provenance.around.forward import embedded_name, is_last, received
from rnnviz.model.provenance.around.losing import compared_base
from rnnviz.model.provenance.around.spots import GRADIENT, row_at
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.description import Status

_NOTES = {
    "ids": "A row of the table is looked up with it.",
    "one_hot": "One 1 among zeros: times a weight matrix, it picks one of its columns.",
    "embedded": "The token's row of the table: what the recurrent layers receive as x.",
    "last": "Of a padded batch each sequence's own last valid timestep, not output[:, -1].",
    "final": "Of a bidirectional module both directions' final states, side by side.",
    "scores": "Also called logits: any numbers, one a class, before softmax.",
    "probabilities": "Between 0 and 1.",
    "flat_scores": "nn.CrossEntropyLoss takes rows: the leading axes are made one with reshape.",
    "losses": "reduction='none' would return these; the mean of those that count is the loss.",
    "loss": "A single number: where the way back begins.",
    "grad_h": "PyTorch adds up what comes from above and from the next timestep.",
    "grad_c": "Along the carry the gradient is multiplied by f alone; the rest comes through h.",
    "grad_scores": "Where the loss and softmax meet, little is left: what was given less what "
    "was wanted.",
}


def note_of(whole: Whole, element: Element, status: Status) -> str | None:
    """A sentence or two; None where there is nothing to say."""
    if status == "padding":
        return f"Padding: sequence {element.sequence or 0} has ended here, and nothing counts."
    if status == "pending":
        back = element.tensor.startswith(GRADIENT) and whole.returned is not None
        return (
            "Not reached yet: a later step back will."
            if back
            else "Not computed yet: a later step will."
        )
    if _is_ignored(whole, element):
        return "This position does not count in the loss: its target is ignored."
    if _is_passed_over(whole, element):
        way = (
            "this one does not count."
            if whole.pr.run is None
            else "from this one the loss is reached through other timesteps alone."
        )
        return f"The head reads each sequence's last timestep: {way}"
    base = element.tensor.removeprefix(GRADIENT)
    if base != element.tensor and reading.family_of(whole, element.tensor) == "weight_gradient":
        return "Every timestep uses the same weight, so that its gradient is a sum over them all."
    return _NOTES.get(element.tensor)


def _is_passed_over(whole: Whole, element: Element) -> bool:
    """Whether it is the gradient of what a head on the last timestep does not read."""
    if element.t is None or received(whole) != "last":
        return False
    read = "output" if whole.pr.run is not None else embedded_name(whole)
    return element.tensor == f"{GRADIENT}{read}" and not is_last(whole, element)


def _is_ignored(whole: Whole, element: Element) -> bool:
    named = whole.pr.tensors.get("counts")
    if named is None:
        return False
    compared = f"{GRADIENT}{compared_base(whole)}"
    if element.tensor not in ("losses", "targets", "flat_targets", "grad_scores", compared):
        return False
    row = element.row
    if row is None:
        if element.t is None:
            return False
        row = row_at(whole.pr, element.sequence or 0, element.t)
    return not bool(named.tensor[row])
