"""Measuring and building text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.scene.marks import Run, Text
from rnnviz.scene.text import (
    elide,
    label,
    math_runs,
    runs_width,
    symbol,
    text_box,
    text_left,
    text_width,
)


def test_width_grows_with_the_size() -> None:
    assert text_width("hidden", 24) == pytest.approx(2 * text_width("hidden", 12))


def test_figures_are_tabular() -> None:
    assert text_width("111", 12) == pytest.approx(text_width("000", 12))


def test_code_is_of_one_width() -> None:
    assert text_width("iii", 12, "mono") == pytest.approx(text_width("WWW", 12, "mono"))


def test_symbol_sets_letters_italic_and_figures_upright() -> None:
    assert symbol("h", sub="t-1", sup="(1)") == (
        Run("h", italic=True),
        Run("t", italic=True, shift="sub"),
        Run("−1", italic=False, shift="sub"),
        Run("(1)", italic=False, shift="sup"),
    )


def test_formula_is_cut_at_its_indices() -> None:
    runs = math_runs("W_{if} x_3", color="#123456")
    assert [(run.text, run.shift) for run in runs] == [
        ("W", ""),
        ("if", "sub"),
        (" ", ""),
        ("x", ""),
        ("3", "sub"),
    ]
    assert {run.color for run in runs} == {"#123456"}


def test_indices_are_narrower() -> None:
    plain = Text(0, 0, (Run("h1"),), "#000000", font="math")
    lowered = Text(0, 0, (Run("h"), Run("1", shift="sub")), "#000000", font="math")
    assert runs_width(lowered) == pytest.approx(runs_width(plain) - 0.3 * 12 * 0.5, abs=0.01)


@pytest.mark.parametrize(("anchor", "share"), [("start", 0.0), ("middle", 0.5), ("end", 1.0)])
def test_anchor_decides_where_it_begins(anchor: str, share: float) -> None:
    mark = label("output", 100, 50, "#000000", anchor=anchor)  # type: ignore[arg-type]
    assert text_left(mark) == pytest.approx(100 - share * text_width("output", 12))


def test_box_holds_indices_above_and_below() -> None:
    plain = text_box(Text(0, 0, symbol("h"), "#000000", 10, "math"))
    full = text_box(Text(0, 0, symbol("h", "t", "(1)"), "#000000", 10, "math"))
    assert full[1] < plain[1]
    assert full[1] + full[3] > plain[1] + plain[3]


@given(st.text(max_size=40), st.floats(0, 200))
def test_elided_text_fits(text: str, width: float) -> None:
    short = elide(text, width, 12)
    assert text_width(short, 12) <= max(width, 0) + 1e-9
    if short != text:
        assert short == "" or short.endswith("…")


def test_text_that_fits_stays() -> None:
    assert elide("weight_hh_l0", 500, 12) == "weight_hh_l0"
