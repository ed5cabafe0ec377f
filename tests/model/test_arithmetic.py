"""The microscope: rows that add up, equations in symbols and numbers, LaTeX that compiles."""

from __future__ import annotations

import math
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.element import Element
from rnnviz.model.clamps import Clamp
from rnnviz.model.provenance import Dissection, columns_of, dissect, exists, latex, value_at
from rnnviz.model.provenance.activations import ACTIVATIONS, Activation
from rnnviz.model.trace import Trace, trace
from tests.model.runs import Case, cases

TOLERANCE = 1e-12


def inside(run: Trace) -> Iterator[Element]:
    """A unit of every tensor of some cells."""
    names = [name for operation in run.operations for name in operation.gives]
    choose = random.Random(0)
    for n in range(run.N):
        for layer in range(run.num_layers):
            for direction in range(run.num_directions):
                t = choose.randrange(run.lengths[n])
                for name in names:
                    width = run.tensors(layer, direction, t)[name].shape[-1]
                    yield Element(name, layer, direction, t, n, choose.randrange(width))


def size(found: Dissection) -> float:
    """What rounding is relative to: how much the terms add up to without their signs."""
    factors = [1.0 if group.factor is None else abs(group.factor.value) for group in found.groups]
    sizes = (
        f * float(abs(group.products).sum()) for f, group in zip(factors, found.groups, strict=True)
    )
    return max(1.0, sum(sizes), abs(found.total))


@given(cases())
def test_the_rows_add_up_to_the_value_shown(case: Case) -> None:
    run = trace(*case.seeded())
    for element in inside(run):
        found = dissect(run, element)
        assert found is not None
        assert found.is_known
        scale = TOLERANCE * size(found)
        assert found.in_run == pytest.approx(found.total, abs=scale, nan_ok=True)
        if found.activation is None:
            assert found.value == pytest.approx(found.total, abs=scale)
        else:
            _, reached = found.activation.reached
            assert found.value == pytest.approx(reached, abs=scale)
        assert found.value == pytest.approx(value_at(run, element), abs=scale)
        for order in ("index", "size"):
            for most in (24, 3):
                check_rows(found, order, most, scale)


def check_rows(found: Dissection, order: str, most: int, scale: float) -> None:
    parts = []
    for group in found.groups:
        rows = group.rows(order, most)  # type: ignore[arg-type]
        assert sum(row.terms for row in rows) == len(group)
        assert math.fsum(row.product for row in rows) == pytest.approx(group.total, abs=scale)
        assert rows[-1].running == pytest.approx(group.total, abs=scale)
        for row in rows:
            if row.term is not None and row.term.weight is not None:
                product = row.term.weight.value * row.term.value.value
                assert row.product == pytest.approx(product, abs=scale)
        factor = 1.0 if group.factor is None else group.factor.value
        parts += [factor * row.product for row in rows]
    if parts:
        assert math.fsum(parts) == pytest.approx(found.total, abs=scale)


@given(cases(dtype=torch.float32))
def test_every_factor_is_the_number_of_its_element(case: Case) -> None:
    run = trace(*case.seeded())
    for element in inside(run):
        found = dissect(run, element)
        assert found is not None
        assert found.rounding <= 1e-5 * size(found)
        for group in found.groups:
            for place in range(len(group)):
                term = group.term(place)
                for factor in filter(None, (term.value, term.weight)):
                    assert exists(run, factor.element)
                    known = value_at(run, factor.element)
                    assert known is not None
                    is_complement = factor.tokens[0].text.startswith("1 −")
                    assert factor.value == pytest.approx(
                        1 - known if is_complement else known, abs=1e-6
                    )


@given(cases(), st.data())
def test_ends_and_output_are_taken_apart_as_the_state_they_hold(
    case: Case, data: st.DataObject
) -> None:
    run = trace(*case.seeded())
    n = data.draw(st.integers(0, run.N - 1))
    layer = data.draw(st.integers(0, run.num_layers - 1))
    direction = data.draw(st.integers(0, run.num_directions - 1))
    for name in ("h_n", *(["c_n"] if run.cell.has_c else [])):
        found = dissect(run, Element(name, layer, direction, None, n, 0))
        assert found is not None
        expected = 0 if direction else run.lengths[n] - 1
        assert found.source == Element(name[0], layer, direction, expected, n, 0)
    joined = Element("output", t=0, sequence=n, unit=run.num_directions * run.output_size - 1)
    found = dissect(run, joined)
    assert found is not None
    assert found.source.direction == run.num_directions - 1
    assert found.value == value_at(run, joined)


def lstm(hidden_size: int = 4, **options: object) -> Trace:
    torch.manual_seed(0)
    module = nn.LSTM(3, hidden_size, 2, **options)  # type: ignore[arg-type]
    return trace(module, torch.randn(5, 2, 3))


def test_of_many_terms_the_largest_are_shown_and_the_biases() -> None:
    found = dissect(lstm(1024), Element("f", 1, 0, 3, 0, 7))
    assert found is not None
    (group,) = found.groups
    assert len(group) == 2 * 1024 + 2
    rows = group.rows()
    assert [row.terms for row in rows] == [1] * 24 + [2050 - 24]
    shown = [row.term for row in rows if row.term is not None]
    assert sum(term.weight is None for term in shown) == 2
    least = min(abs(term.product) for term in shown if term.weight is not None)
    rest = sorted(abs(group.products), reverse=True)
    assert least >= rest[23]
    sizes = [abs(row.product) for row in group.rows("size")[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    places = [term.value.element.unit for term in shown if term.value.element.tensor == "h"]
    assert places == sorted(places)  # type: ignore[type-var]


def test_the_bracket_of_the_new_gate_is_a_sum_of_its_own() -> None:
    torch.manual_seed(0)
    run = trace(nn.GRU(3, 4), torch.randn(5, 1, 3))
    found = dissect(run, Element("n", 0, 0, 2, 0, 1))
    assert found is not None
    outer, bracket = found.groups
    assert outer.factor is None
    assert bracket.factor is not None
    assert bracket.factor.element == Element("r", 0, 0, 2, 0, 1)
    assert found.total == pytest.approx(outer.total + bracket.factor.value * bracket.total)
    assert latex(found, numbers=False) == (
        r"n_{3}[1] = \tanh(W_{in}[1] \cdot x_{3} + b_{in}[1] + "
        r"r_{3}[1] \cdot (W_{hn}[1] \cdot h_{2} + b_{hn}[1]))"
    )


def test_the_equation_has_its_numbers() -> None:
    run = lstm()
    found = dissect(run, Element("c", 0, 0, 2, 0, 3))
    assert found is not None
    i, f, g = (float(run.gates(0, 0, 2)[name][0, 3]) for name in "ifg")
    c = run.states(0, 0).c
    assert c is not None
    before, after = float(c[1, 0, 3]), float(c[2, 0, 3])
    expected = rf"c_{{3}}[3] &= {f:.3f} \cdot {before:.3f} + {i:.3f} \cdot {g:.3f}"
    tex = latex(found, numbers=True)
    assert re.sub(r"\((-[\d.]+)\)", r"\1", tex).startswith(rf"\begin{{aligned}} {expected}")
    assert tex.endswith(rf"&= {after:.3f} \end{{aligned}}")
    assert latex(found, False) == r"c_{3}[3] = f_{3}[3] \cdot c_{2}[3] + i_{3}[3] \cdot g_{3}[3]"


def test_pending_and_padding_have_no_numbers() -> None:
    run = lstm()
    pending = dissect(run.at(2), Element("f", 0, 0, 3, 0, 1))
    assert pending is not None
    assert not pending.is_known
    assert pending.in_numbers == pending.groups == ()
    assert pending.activation is None
    assert latex(pending, numbers=True) == latex(pending, numbers=False)
    packed = nn.utils.rnn.pack_sequence([torch.randn(4, 3), torch.randn(2, 3)])
    short = trace(nn.LSTM(3, 4), packed)
    assert dissect(short, Element("f", 0, 0, 3, 1, 1)) is None


@pytest.mark.parametrize(
    "element",
    [
        Element("x", 0, None, 1, 0, 0),
        Element("h_0", 0, 0, None, 0, 0),
        Element("weight_ih_l0", row=0, column=0),
        Element("f", 0, 0, 1, 0),
        Element("f", 0, 0, 1, 0, 99),
        Element("r", 0, 0, 1, 0, 0),
        Element("data", row=0),
    ],
)
def test_what_is_not_computed_is_not_taken_apart(element: Element) -> None:
    assert dissect(lstm(), element) is None


def test_a_forced_number_says_what_it_would_have_been() -> None:
    torch.manual_seed(0)
    module, input = nn.LSTM(3, 4), torch.randn(5, 1, 3)
    run = trace(module, input, clamps=(Clamp("f", 1.0), Clamp("c", 0.5, t=3, unit=2)))
    gate = dissect(run, Element("f", 0, 0, 2, 0, 1))
    state = dissect(run, Element("c", 0, 0, 3, 0, 2))
    free = dissect(run, Element("i", 0, 0, 2, 0, 1))
    assert gate is not None
    assert state is not None
    assert free is not None
    assert (gate.is_forced, state.is_forced, free.is_forced) == (True, True, False)
    assert (gate.value, state.value) == (1.0, 0.5)
    assert gate.activation is not None
    assert gate.in_numbers[-1][0].text == f"{gate.activation.reached[1]:.3f}"
    assert latex(gate, numbers=True).endswith(r"\quad \text{forced to } 1.000")


def test_states_are_kept_and_written_unit_by_unit() -> None:
    run = lstm()
    columns = columns_of(run, Element("c", 1, 0, 2, 1, 0))
    assert columns is not None
    assert [column.text for column in columns.columns] == ["f", "c", "f⊙c", "i", "g", "i⊙g", "c"]
    total = columns.kept + columns.written
    assert torch.allclose(torch.tensor(total), torch.tensor(columns.state.values))
    torch.manual_seed(0)
    gru = trace(nn.GRU(3, 4), torch.randn(5, 1, 3))
    columns = columns_of(gru, Element("h", 0, 0, 2, 0, 0))
    assert columns is not None
    assert [column.text for column in columns.columns] == ["z", "h", "z⊙h", "n", "(1−z)⊙n", "h"]
    assert columns_of(run, Element("h", 0, 0, 2, 0, 0)) is None
    assert columns_of(run, Element("a_f", 0, 0, 2, 0, 0)) is None


@pytest.mark.parametrize("verb", list(ACTIVATIONS))
def test_slopes_are_derivatives(verb: str) -> None:
    for point in (-8.0, -1.5, 0.25, 3.0, 30.0):
        a = torch.tensor(point, dtype=torch.float64, requires_grad=True)
        out = getattr(torch, verb)(a)
        out.backward()
        assert a.grad is not None
        found = Activation(verb, point)  # type: ignore[arg-type]
        assert found.reached[1] == pytest.approx(float(out.detach()), abs=1e-15)
        assert found.slope == pytest.approx(float(a.grad), abs=1e-15)
        x, _ = found.curve()
        assert x[0] < point < x[-1]


def test_where_it_is_flat_it_is_saturated() -> None:
    assert Activation("sigmoid", 5.0).is_saturated
    assert not Activation("sigmoid", 2.0).is_saturated
    assert Activation("tanh", -3.0).is_saturated
    assert Activation("relu", -0.1).is_saturated
    assert not Activation("relu", 0.1).is_saturated


def every_equation() -> list[str]:
    """LaTeX of everything that can be taken apart, in symbols and in numbers."""
    found = []
    for module in (
        nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2),
        nn.LSTM(3, 4, bias=False),
        nn.GRU(3, 4, 2),
        nn.GRU(3, 4, bias=False),
        nn.RNN(3, 4, nonlinearity="relu"),
        nn.RNN(3, 4, bias=False),
    ):
        torch.manual_seed(0)
        large = torch.cat([torch.randn(3, 1, 3), 1e-6 * torch.randn(1, 1, 3)])
        clamps = (Clamp("h", 0.25, t=1),)
        run = trace(module, large * 50, clamps=clamps)
        names = [name for operation in run.operations for name in operation.gives]
        for name in [*names, "output", "h_n", "c_n"]:
            for t in (0, 1, 3):
                element = Element(name, run.num_layers - 1, 0, t, 0, 1)
                taken = dissect(run, element)
                if taken is not None:
                    found += [latex(taken, numbers=False), latex(taken, numbers=True)]
    return found


def test_the_latex_is_balanced_and_the_typesetter_takes_it() -> None:
    import ziamath

    seen = set()
    for tex in every_equation():
        assert tex.count("{") == tex.count("}")
        assert tex.count("(") == tex.count(")")
        assert tex.count(r"\begin") == tex.count(r"\end")
        assert tex.isascii()
        shape = re.sub(r"-?\d\.\d+(e-?\d+)?", "0", tex)
        if shape not in seen and len(seen) < 80:
            seen.add(shape)
            ziamath.Latex(tex)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs a TeX engine")
def test_the_latex_compiles(tmp_path: Path) -> None:
    body = "\n".join(rf"\[ {tex} \]" for tex in every_equation())
    preamble = r"\documentclass{article}\usepackage{amsmath}\begin{document}"
    page = tmp_path / "page.tex"
    page.write_text(f"{preamble}\n{body}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", page.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
