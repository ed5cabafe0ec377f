"""The code of both sides, a few lines each."""

from __future__ import annotations

from typing import NamedTuple

from rnnviz.figures.sides.options import LAYERS
from rnnviz.figures.sides.subject import Subject, Which


class Line(NamedTuple):
    """A line of code; `told` where it is what the two sides differ in."""

    text: str
    told: bool = False


def listing(subject: Subject, which: Which) -> tuple[Line, ...]:
    """What a side is in PyTorch, with `x` and, where they are given, `h_0` and weights."""
    if subject.lesson == "projection":
        return _projected(subject) if which == "left" else _followed(subject)
    if subject.lesson == "vanilla" and which == "right":
        return _modules(subject)
    return _loop(subject, applied=subject.lesson == "vanilla" or which == "right")


def _loop(subject: Subject, applied: bool) -> tuple[Line, ...]:
    """The loop by hand."""
    told = subject.lesson == "identity"
    lines = [*_made(subject, told), Line(f"h = {_first_state(subject)}")]
    is_vector = not subject.pr.form.axes
    rise = "" if is_vector else "    "
    if not is_vector:
        lines.append(Line(f"for x_t in {_timesteps(subject)}:"))
    taken = "x" if is_vector else "x_t"
    step = f"h = torch.{_activation(subject)}({_sum(subject, taken, applied)})"
    lines.append(Line(rise + step, told))
    head = subject.pr.pipeline.head
    if head is not None:
        rise = rise if head.on == "every" else ""
        layers = subject.options.names == LAYERS
        output = "wo(h)" if layers else f"h @ V.T{_has(subject, 'c')}"
        lines += [Line(rise + line) for line in (f"o = {output}", *_after(subject, "o"))]
    return tuple(lines)


def _made(subject: Subject, told: bool) -> list[Line]:
    """The Linear layers of a cell, where they are what it is given as."""
    if subject.options.names != LAYERS:
        return []
    shapes = {name: tuple(w.shape) for name, w in subject.sides.left_weights.items()}
    made = []
    for layer, weight, bias in (("wi", "U", "b"), ("wh", "W", "b_hh"), ("wo", "V", "c")):
        if weight in shapes:
            out, into = shapes[weight]
            rest = "" if bias in shapes else ", bias=False"
            line = f"{layer} = nn.Linear({into}, {out}{rest})"
            made.append(Line(line, told and layer == "wh"))
    return made


def _sum(subject: Subject, x: str, applied: bool) -> str:
    """What the activation is given."""
    if subject.options.names == LAYERS:
        return f"wi({x}) + {'wh(h)' if applied else 'h'}"
    received = f"{x} @ U.T{_has(subject, 'b')}"
    return f"h @ W.T{_has(subject, 'b_hh')} + {received}" if applied else f"h + {received}"


def _has(subject: Subject, name: str) -> str:
    return f" + {name}" if name in subject.sides.left_weights else ""


def _activation(subject: Subject) -> str:
    return subject.run.spec.nonlinearity


def _first_state(subject: Subject) -> str:
    H = subject.run.hidden_size  # noqa: N806
    batch = f"{subject.run.N}, " if "N" in subject.pr.form.axes else ""
    if subject.pr.broadcast:
        return f"h_0.expand({batch}{H})"
    return "h_0[0]" if _given(subject) else f"torch.zeros({batch}{H})"


def _given(subject: Subject) -> bool:
    """Whether there is an initial state other than zeros."""
    return bool(subject.plain.h_0.any())


def _timesteps(subject: Subject) -> str:
    return "x.unbind(1)" if subject.pr.form.batch_first else "x"


def _after(subject: Subject, scores: str) -> list[str]:
    """What comes behind the scores."""
    head = subject.pr.pipeline.head
    if head is None or head.activation is None:
        return []
    dim = ", dim=-1" if head.activation == "softmax" else ""
    return [f"y = torch.{head.activation}({scores}{dim})"]


def _modules(subject: Subject) -> tuple[Line, ...]:
    """nn.RNN, and nn.Linear behind it."""
    lines = [f"rnn = {_plain_code(subject)}"]
    head = subject.pr.pipeline.head
    if head is not None:
        bias = "" if head.linear.bias is not None else ", bias=False"
        features = f"{head.linear.in_features}, {head.linear.out_features}"
        lines.append(f"head = nn.Linear({features}{bias})")
    lines += ["", f"output, h_n = rnn({_arguments(subject)})"]
    if head is not None:
        every = "output" if subject.pr.form.axes else "output[0]"
        taken = every if head.on == "every" else "h_n[-1]"
        lines += [f"scores = head({taken})", *_after(subject, "scores")]
    return tuple(Line(line) for line in lines)


def _plain_code(subject: Subject) -> str:
    """The module without its dtype and seed."""
    return subject.plain.spec.with_changes(dtype="float32").code()


def _arguments(subject: Subject) -> str:
    """What the module is called with: a lone vector is a sequence of one."""
    x = "x" if subject.pr.form.axes else "x[None]"
    if subject.pr.broadcast:
        batch = f"{subject.run.N}, " if "N" in subject.pr.form.axes else ""
        return f"{x}, h_0.expand(1, {batch}{subject.run.hidden_size})"
    return f"{x}, h_0" if _given(subject) else x


def _projected(subject: Subject) -> tuple[Line, ...]:
    return (
        Line(f"lstm = {_plain_code(subject)}", True),
        Line(""),
        Line("output, (h_n, c_n) = lstm(x)"),
    )


def _followed(subject: Subject) -> tuple[Line, ...]:
    spec = subject.plain.spec
    plain = spec.with_changes(proj_size=0, dtype="float32")
    lines = [
        Line(f"lstm = {plain.code()}", True),
        Line(f"linear = nn.Linear({spec.hidden_size}, {spec.proj_size}, bias=False)", True),
        Line(""),
        Line("output, (h_n, c_n) = lstm(x)"),
        Line("scores = linear(output)"),
    ]
    return tuple(lines)
