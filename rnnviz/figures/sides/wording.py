"""What each lesson says: headings, the rows of a step, and what comes of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from rnnviz.figures.colorbar import plain
from rnnviz.figures.sides.options import LAYERS
from rnnviz.figures.sides.subject import Subject, Which

Verdict = Literal["good", "bad", "none"]
Pair = tuple[str, str]
_NAMED = {"tanh": "tanh", "relu": "ReLU"}


class Term(NamedTuple):
    """A vector of a step on one side.

    Attributes:
        name: as the side gives it.
        formula: what stands before it.
        role: whose frame it stands in.
        limit: whose colour range it has.
    """

    name: str
    formula: str
    role: str
    limit: str


class Row(NamedTuple):
    """What stands beside what; `compared` where they are held against each other."""

    left: Term
    right: Term
    compared: bool = True

    def of(self, which: Which) -> Term:
        """The term of a side."""
        return self.left if which == "left" else self.right


class Heading(NamedTuple):
    """What a column is: words, and its formula."""

    title: str
    formula: str


def headings(subject: Subject) -> tuple[Heading, Heading]:
    """What the two columns are."""
    if subject.lesson == "projection":
        return (
            Heading("nn.LSTM with proj_size", "h_t = W_{hr}(o_t ⊙ tanh(c_t)) is fed back"),
            Heading("nn.LSTM, then nn.Linear", "h_t = o_t ⊙ tanh(c_t) is fed back"),
        )
    loop = _cell(subject, applied=True)
    if subject.lesson == "identity":
        name = _letters(subject)[1]
        slip = _cell(subject, applied=False)
        return (
            Heading(f"{name} made, never applied", slip),
            Heading(f"{name} applied", loop),
        )
    output, twin = "", ""
    if subject.pr.pipeline.head is not None:
        output, twin = f",   o_t = {_output(subject, 't')}", ",   o_t = head(h_t)"
    behind = " + nn.Linear" if subject.pr.pipeline.head is not None else ""
    modules = f"h_t = {_activation(subject)}(W_{{ih}}x_t + b_{{ih}} + W_{{hh}}h_{{t-1}} + b_{{hh}})"
    if not subject.run.spec.bias:
        modules = f"h_t = {_activation(subject)}(W_{{ih}}x_t + W_{{hh}}h_{{t-1}})"
    return (
        Heading("By its own names, a loop", loop + output),
        Heading(f"nn.RNN{behind}", modules + twin),
    )


def hued_letters(subject: Subject) -> str:
    """The letters that are tensors with a hue: elsewhere o is a gate, or c a bias."""
    return "xhc" if subject.lesson == "projection" else "xhoŷ"


def rows(subject: Subject) -> tuple[Row, ...]:
    """The step that is written out, from what enters to what leaves."""
    return _projection_rows(subject) if subject.lesson == "projection" else _cell_rows(subject)


def _cell_rows(subject: Subject) -> tuple[Row, ...]:
    t, before = subject.t + 1, subject.t
    own = _products(subject, str(t), str(before))
    module = own
    if subject.lesson == "vanilla":
        biases = (" + b_{ih}", " + b_{hh}") if subject.run.spec.bias else ("", "")
        module = (f"W_{{ih}}x_{{{t}}}{biases[0]}", f"W_{{hh}}h_{{{before}}}{biases[1]}")
    activation = f"h_{{{t}}} = {_activation(subject)}(a_{{{t}}})"
    left_hh = f"h_{{{before}}}" if subject.lesson == "identity" else own[1]
    found = [
        _row("ih", own[0], module[0], "x"),
        _row("hh", left_hh, module[1], "x"),
        _row("a", f"a_{{{t}}}, their sum", f"a_{{{t}}}, their sum", "x"),
        _row("h", activation, activation, "h", "h"),
    ]
    if "V" in subject.sides.left_weights:
        output = f"o_{{{t}}} = {_output(subject, str(t))}"
        twin = f"o_{{{t}}} = head(h_{{{t}}})" if subject.lesson == "vanilla" else output
        found.append(_row("o", output, twin, "o", "y"))
    head = subject.pr.pipeline.head
    if head is not None and head.activation is not None:
        after = f"ŷ_{{{t}}} = {head.activation}(o_{{{t}}})"
        found.append(_row("y", after, after, "y", "y"))
    return tuple(found)


def _row(name: str, left: str, right: str, limit: str, role: str = "x") -> Row:
    return Row(Term(name, left, role, limit), Term(name, right, role, limit))


def _projection_rows(subject: Subject) -> tuple[Row, ...]:
    t, before = subject.t + 1, subject.t
    fed, gated = f"h_{{{before}}}, fed back", f"o_{{{t}}} ⊙ tanh(c_{{{t}}})"
    cell = f"c_{{{t}}}"
    return (
        Row(Term("h_prev", fed, "h", "o"), Term("h_prev", fed, "h", "h"), compared=False),
        Row(Term("c", cell, "c", "c"), Term("c", cell, "c", "c")),
        Row(
            Term("unprojected", gated, "x", "h"),
            Term("h", f"h_{{{t}}} = {gated}", "h", "h"),
        ),
        Row(
            Term("h", f"h_{{{t}}} = W_{{hr}}(…)", "h", "o"),
            Term("o", f"Linear(h_{{{t}}})", "y", "o"),
        ),
    )


def _letters(subject: Subject) -> tuple[str, str, str]:
    return ("wi", "wh", "wo") if subject.options.names == LAYERS else ("U", "W", "V")


def _products(subject: Subject, t: str, before: str) -> Pair:
    """What the input and the state before it are made to, by the cell's own names."""
    if subject.options.names == LAYERS:
        return f"wi(x_{{{t}}})", f"wh(h_{{{before}}})"
    weights = subject.sides.left_weights
    b, b_hh = (f" + {sign}" if name in weights else "" for name, sign in _BIASES)
    return f"U x_{{{t}}}{b}", f"W h_{{{before}}}{b_hh}"


_BIASES = (("b", "b"), ("b_hh", "b_{hh}"))


def _output(subject: Subject, t: str) -> str:
    if subject.options.names == LAYERS:
        return f"wo(h_{{{t}}})"
    return f"V h_{{{t}}}{' + c' if 'c' in subject.sides.left_weights else ''}"


def _cell(subject: Subject, applied: bool) -> str:
    """The equation of the cell."""
    received, recurrent = _products(subject, "t", "t-1")
    kept = recurrent if applied else "h_{t-1}"
    parts = (received, kept) if subject.options.names == LAYERS else (kept, received)
    return f"h_t = {_activation(subject)}({parts[0]} + {parts[1]})"


def _activation(subject: Subject) -> str:
    return _NAMED[subject.run.spec.nonlinearity]


def step_title(subject: Subject) -> str:
    """Above the step that is written out."""
    return f"Timestep t = {subject.t + 1}, both ways"


def place(subject: Subject) -> str:
    """Which sequence is shown and how far it is compared, where that has to be said."""
    said = []
    if subject.run.N > 1:
        said.append(f"row {subject.sequence} of a batch of {subject.run.N}")
    compared = len(subject.sides.difference)
    if compared < subject.length:
        said.append(f"the first {compared} of {subject.length} timesteps are compared")
    if subject.run.clamps:
        said.append("forced values are forced in the run alone")
    return "; ".join(said)


def verdict_of(subject: Subject) -> tuple[Verdict, str]:
    """Whether both are the same so far."""
    if not subject.compared:
        return "none", "Before the first step: nothing is computed yet."
    found = subject.differences[: subject.compared]
    t = min(subject.t, subject.compared - 1)
    here, worst = float(found[t]), float(found.max())
    now = f"{plain(here)} at t = {t + 1}, " if t == subject.t else ""
    numbers = f"max |Δ|: {now}{plain(worst)} {_until(subject)}."
    if worst <= subject.tolerance:
        return "good", f"{_same(subject)} {numbers}"
    first = int((found > subject.tolerance).argmax()) + 1
    return "bad", f"{_parting(subject, first)} {numbers}"


def _until(subject: Subject) -> str:
    if subject.compared == subject.length:
        return "over the whole run"
    return f"up to t = {subject.compared}"


def _parting(subject: Subject, first: int) -> str:
    if subject.run.is_difference:
        return f"The edit changed them differently from t = {first} on."
    if first == 1:
        return "They differ from the first timestep on."
    if first > 2:
        return f"They part at t = {first}."
    if subject.lesson == "projection":
        return "They part at t = 2: at t = 1 nothing had been fed back."
    return "They part at t = 2: at t = 1 there was no state to hand on."


def _same(subject: Subject) -> str:
    if subject.run.is_difference:
        return "The edit changed both alike."
    if subject.lesson == "vanilla":
        return "The same, number for number."
    if subject.lesson == "projection" and subject.options.weight_hh == "product":
        return "The same numbers: weight_hh of the second is weight_hh · weight_hr of the first."
    return "The same so far."


def remark(subject: Subject, which: Which) -> str:
    """What is to be known of a side's weights."""
    if subject.lesson == "projection":
        return _projection_remark(subject, which)
    weights = subject.sides.left_weights
    if subject.lesson == "identity":
        return _identity_remark(subject) if which == "left" else _applied_remark(subject)
    if which == "left" or "b_hh" in weights or not subject.run.spec.bias:
        return ""
    return "One bias is enough: bias_hh_l0 is zero."


def _identity_remark(subject: Subject) -> str:
    name = _letters(subject)[1]
    gradient = f"{name}.weight.grad" if subject.options.names == LAYERS else f"{name}.grad"
    return (
        f"{gradient} stays None after backward(): nothing is computed with {name}. "
        "It amounts to nn.RNN with weight_hh_l0 an identity and bias_hh_l0 zero."
    )


def _applied_remark(subject: Subject) -> str:
    if subject.is_own("right"):
        return ""
    name = _letters(subject)[1]
    return f"{name} is in no number of this run; it is drawn here as torch draws it, from seed 0."


def _projection_remark(subject: Subject, which: Which) -> str:
    spec = subject.plain.spec
    weights = subject.sides.left_weights if which == "left" else subject.sides.right_weights
    count = f"{sum(weight.numel() for weight in weights.values()):,}".replace(",", "\u2009")
    if which == "left":
        return f"{count} parameters. Fed back: {spec.proj_size} features."
    said = f"{count} parameters. Fed back: all {spec.hidden_size} features. "
    if subject.options.weight_hh == "product":
        said += "weight_hh_l0 is the product of the other's weight_hh_l0 and weight_hr_l0."
    else:
        said += "weight_hh_l0 has another shape, so it is drawn anew, from seed 0."
    if bool(subject.plain.h_0.any()):
        said += " Its h_0 is zero."
    return said
