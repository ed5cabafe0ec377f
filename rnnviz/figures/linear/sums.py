"""One number of H written out: every product that is added up to it, and the bias."""

from __future__ import annotations

from rnnviz.figures.colorbar import short
from rnnviz.figures.linear.layout import Layout
from rnnviz.figures.linear.subject import Subject
from rnnviz.figures.table_names import index_text
from rnnviz.scene.axes import format_value
from rnnviz.scene.text import text_width

_MOST = 8  # products that are written; of more of them the first and the last
_SIZE = 13.0


def sum_text(subject: Subject, layout: Layout, width: float) -> str:
    """The sum as long as it fits: `1·0 + 1·1 + b 1 = 2`; "" of a difference.

    A difference of two products is no product of differences.
    """
    if subject.is_difference or not layout.rows.is_done(layout.row):
        return ""
    if layout.rows.is_padding(layout.row):
        return ""
    for most in range(_MOST, 1, -1):
        text = _text(subject, layout.row, layout.feature, most)
        if text_width(text, _SIZE) <= width:
            break
    return text


def _text(subject: Subject, row: int, feature: int, most: int) -> str:
    product = subject.product
    x, w = product.X[row].tolist(), product.W[feature].tolist()
    terms = [f"{_inner(a)}·{_inner(b)}" for a, b in zip(x, w, strict=True)]
    if len(terms) > most:
        terms = [*terms[: most - 1], f"… ({len(terms) - most} more)", terms[-1]]
    if product.b is not None:
        terms.append(f"b {_inner(float(product.b[feature]))}")
    name = index_text(subject.given.name, product.shape, row, feature)
    return f"{name} = {' + '.join(terms)} = {_number(float(product.H[row, feature]))}"


def activated_text(subject: Subject, layout: Layout) -> str:
    """What the activation makes of that number; "" without one."""
    done = layout.rows.is_done(layout.row) and not layout.rows.is_padding(layout.row)
    if subject.activated is None or subject.is_difference or not done:
        return ""
    value = float(subject.product.H[layout.row, layout.feature])
    result = _number(float(subject.activated.numbers.values[layout.row, layout.feature]))
    if subject.activation == "sigmoid":
        return f"sigmoid({_number(value)}) = 1 / (1 + exp({_number(-value)})) = {result}"
    return (
        f"softmax: exp({_number(value)}) / Σ exp(scores of this row) = {result}; each row sums to 1"
    )


def _number(value: float) -> str:
    text = short(format_value(value, 2))
    return format_value(value, 4) if text == "0" and value else text


def _inner(value: float) -> str:
    """A number between signs: a negative one in parentheses."""
    return f"({_number(value)})" if value < 0 else _number(value)
