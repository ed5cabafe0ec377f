"""What the tensors of a whole model are called: in words, and in an equation."""

from __future__ import annotations

from typing import NamedTuple

from rnnviz.element import Element
from rnnviz.model.provenance import words
from rnnviz.model.provenance.around.reading import THROUGH_GATES
from rnnviz.model.provenance.around.spots import GRADIENT
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.expressions import PARTIAL, Token, Tokens
from rnnviz.model.provenance.inside import symbol_of


class Name(NamedTuple):
    """A tensor's names.

    Attributes:
        title: in words.
        one: the same of a single number, "{}" standing for what it is of.
        letter: its symbol.
        role: whose colour it has.
    """

    title: str
    one: str
    letter: str
    role: str


NAMES = {
    "ids": Name("Token", "Token", "id", "x"),
    "input": Name("Input vector", "Feature {} of the input", "x", "x"),
    "one_hot": Name("One-hot row", "One-hot entry {}", "one_hot", "x"),
    "embedded": Name("Embedded vector", "Embedded vector", "x", "x"),
    "output": Name("Output", "Output", "output", "y"),
    "last": Name("Last output", "Last output", "last", "y"),
    "final": Name("Final states, joined", "Final states, joined", "final", "h"),
    "scores": Name("Scores", "Score of class {}", "s", "y"),
    "probabilities": Name("Probabilities", "Probability of class {}", "p", "y"),
    "targets": Name("Target", "Target of class {}", "target", "x"),
    "flat_scores": Name("Scores, row by row", "Score of class {}", "s", "y"),
    "flat_probabilities": Name("Probabilities, row by row", "Probability of class {}", "p", "y"),
    "flat_output": Name("Output, row by row", "Output {}", "output", "y"),
    "flat_targets": Name("Target, row by row", "Target of class {}", "target", "x"),
    "counts": Name("Whether it counts", "Whether it counts", "counts", "x"),
    "losses": Name("Loss here", "Loss of class {}", "loss", "y"),
    "loss": Name("Loss", "Loss", "L", "y"),
}
WEIGHTS = {
    "embedding.weight": ("Vectors of the tokens", "W", "emb"),
    "embedding.bias": ("Bias of the embedding", "b", "emb"),
    "head.weight": ("Weights of the head", "W", "head"),
    "head.bias": ("Bias of the head", "b", "head"),
}


def name_of(whole: Whole, base: str) -> Name:
    """A tensor's names, gradients apart."""
    if base in NAMES:
        return NAMES[base]
    if base in WEIGHTS:
        title, letter, _ = WEIGHTS[base]
        return Name(title, title, letter, "y" if base.startswith("head") else "x")
    run = whole.pr.run
    if base == THROUGH_GATES:
        return Name("Hidden state, by way of the next gates", "", "h", "h")
    if run is None or base in run.weights:
        letter = "b" if base.startswith("bias") else "W"
        return Name(base, base, letter, "h" if "_hh_" in base else "x")
    title = words.title(run, base)
    letter, role = (base[0], base[0]) if base in ("x", "h", "c") else _inner_letter(base)
    return Name(title, title, letter, role)


def symbol(whole: Whole, element: Element) -> Token:
    """The symbol of the vector that an element lies in; t counts from 1."""
    base = element.tensor.removeprefix(GRADIENT)
    letter, sub, role = _parts(whole, base, element)
    if base == element.tensor:
        return Token("symbol", letter, sub, "", role)
    return Token("symbol", PARTIAL + letter, sub, "", "gradient")


def symbols(whole: Whole, element: Element) -> Tokens:
    """The same as a part of an equation."""
    return (symbol(whole, element),)


def weight_sub(name: str) -> str:
    """What stands below W or b of a parameter."""
    if name in WEIGHTS:
        return WEIGHTS[name][2]
    return name.split("_")[1]


def _parts(whole: Whole, base: str, element: Element) -> tuple[str, str, str]:
    found = name_of(whole, base)
    if base in WEIGHTS or "weight" in base or "bias" in base:
        return found.letter, weight_sub(base), ""
    if base == "loss":
        return found.letter, "", found.role
    if base[:2] in ("h_", "c_") and base[2:] in ("0", "n"):
        return base[0], base[2], base[0]
    if element.row is not None:
        return base, "", found.role
    sub = words.time(element)
    if base.startswith(("a_", "ih_", "hh_")):
        gate = base.partition("_")[2]
        return "a", f"{gate},{sub}", found.role
    return found.letter, sub, found.role


def _inner_letter(base: str) -> tuple[str, str]:
    text, role = symbol_of(base)
    return text, role or "g"
