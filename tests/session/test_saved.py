"""What is written of a session, and what comes back of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnnviz.element import Element
from rnnviz.errors import FileError
from rnnviz.files.container import Content, read_container, write_container
from rnnviz.model.clamps import Clamp
from rnnviz.model.spec import ModelSpec
from rnnviz.session.examples import example_keys
from rnnviz.session.opened import of_module
from rnnviz.session.parts import StackPart
from rnnviz.session.runner import ImmediateRunner
from rnnviz.session.running import run_of
from rnnviz.session.saved import Restored, read_saved, restored, saved
from rnnviz.session.session import Session
from rnnviz.session.state import Document, InitialStates, State, WeightEdit


def read(content: Content) -> Restored:
    found = restored(content)
    assert isinstance(found, Restored)
    return found


def through_a_file(content: Content) -> Content:
    with tempfile.TemporaryDirectory() as folder:
        return read_container(write_container(Path(folder) / "mine.rnnviz", content))


def session_on(document: Document | None = None, example: str = "lstm") -> Session:
    session = Session(ImmediateRunner())
    if document is None:
        session.open_example(example)
    else:
        session._open(document, 3, None, "unrolled")
    return session


def same(first: Any, second: Any) -> bool:
    """Whether two values are the same, every number bit for bit."""
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and first.tobytes() == second.tobytes()
    if isinstance(first, Mapping):
        return set(first) == set(second) and all(same(first[key], second[key]) for key in first)
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if is_dataclass(first) and type(first) is type(second):
        return all(same(getattr(first, f.name), getattr(second, f.name)) for f in fields(first))
    if isinstance(first, float):
        return repr(first) == repr(second)
    return bool(first == second)


def rich_document() -> Document:
    """One of everything that is not in an example."""
    spec = ModelSpec("LSTM", 3, 4, bidirectional=True, proj_size=2, seed=-5)
    states = np.random.default_rng(1).normal(size=(2, 2, 2)), np.full((2, 2, 4), np.nan)
    return Document(
        spec,
        np.array([[[np.inf, -0.0, 5e-324]] * 5, [[1.0, np.nan, 1 / 3]] * 5]),
        (5, 2),
        packed=True,
        padding_value=float("nan"),
        initial=InitialStates("typed", *states),
        weight_edits=(WeightEdit("weight_hr_l0", 1, 2, float("-inf")),),
        clamps=(Clamp("f", 0.1, None, 1, t=3, unit=2),),
        title="<b>ünïcode</b> \0",
        stack="one",
        after=(StackPart("two", ModelSpec("GRU", 4, 3), {"weight_hh_l0": np.ones((9, 3))}),),
    )


@pytest.mark.parametrize("key", example_keys())
def test_every_example_comes_back(key: str) -> None:
    session = session_on(example=key)
    back = read(saved(session.state, {}, "1"))
    assert same(back.document, session.state.document)
    assert back.example == key


def test_every_number_comes_back_as_it_was() -> None:
    document = rich_document()
    back = read(saved(session_on(document).state, {}, "1"))
    assert same(back.document, document)


_NUMBERS = st.floats(width=64)  # NaN, infinities, negative zero and subnormal numbers included


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Recurrent layers of every kind, with all that stands beside them in a document."""
    cell = draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    hidden = draw(st.integers(2, 4))
    spec = ModelSpec(
        cell,
        draw(st.integers(1, 3)),
        hidden,
        num_layers=draw(st.integers(1, 3)),
        bias=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        bidirectional=draw(st.booleans()),
        proj_size=draw(st.integers(0, hidden - 1)) if cell == "LSTM" else 0,
        dtype=draw(st.sampled_from(["float32", "float64", "bfloat16"])),
        seed=draw(st.integers(0, 2**31)),
    )
    N, L = draw(st.integers(1, 3)), draw(st.integers(1, 4))  # noqa: N806
    values = draw(arrays(np.float64, (N, L, spec.input_size), elements=_NUMBERS))
    rows = spec.num_layers * spec.num_directions
    states = InitialStates()
    if draw(st.booleans()):
        h_0 = draw(arrays(np.float64, (rows, N, spec.output_size), elements=_NUMBERS))
        c_0 = draw(arrays(np.float64, (rows, N, spec.hidden_size), elements=_NUMBERS))
        states = InitialStates("typed", h_0, c_0 if cell == "LSTM" else None)
    return Document(
        spec,
        values,
        tuple(draw(st.lists(st.integers(1, L), min_size=N, max_size=N))),
        training=draw(st.booleans()),
        packed=draw(st.booleans()),
        enforce_sorted=False,
        padding_value=draw(_NUMBERS),
        initial=states,
        seed=draw(st.integers(0, 2**31)),
        weight_edits=(WeightEdit("weight_hh_l0", 0, 0, draw(_NUMBERS)),),
        clamps=tuple(
            Clamp("h", draw(_NUMBERS), layer, None, t=draw(st.integers(0, L - 1)))
            for layer in draw(st.sets(st.integers(0, spec.num_layers - 1)))
        ),
        title=draw(st.text(max_size=20)),
        weights_from=draw(st.text(max_size=5)),
    )


@given(documents())
def test_whatever_is_saved_comes_back(document: Document) -> None:
    state = State(document, position=1, example=None)
    back = read(through_a_file(saved(state, {}, "1")))
    assert same(back.document, document)


# Each changes what there is, of whatever example.
_DEEDS: tuple[Callable[[Session, int], Any], ...] = (
    lambda s, n: s.set_weight("weight_hh_l0", n % 2, 0, float("nan") if n == 5 else n / 3),
    lambda s, n: s.set_value(0, 0, 0, n / 7),
    lambda s, n: s.clamp(Clamp("h", float(n), t=None)),
    lambda s, n: s.set_model(hidden_size=n + 1),
    lambda s, n: s.set_model(num_layers=1 + n % 3),
    lambda s, n: s.set_steps(n + 1),
    lambda s, n: s.set_sequence_count(1 + n % 3),
    lambda s, n: s.set_packed(n % 2 == 0),
    lambda s, n: s.fill("sine", n),
    lambda s, n: s.seek(n),
    lambda s, n: s.show_figure(s.state.figures[n % len(s.state.figures)]),
    lambda s, n: s.select(Element("h", 0, 0, 0, 0, 0)),
    lambda s, n: s.show_comparison("difference"),
    lambda s, n: s.keep_edits(),
    lambda s, n: s.undo(),
    lambda s, n: s.redo(),
    lambda s, n: s.set_returning(n % 2 == 0),
)


@settings(max_examples=40)
@given(
    st.sampled_from(example_keys()),
    st.lists(st.tuples(st.sampled_from(_DEEDS), st.integers(0, 9)), max_size=6),
)
def test_whatever_was_done_to_an_example_comes_back(
    key: str, deeds: list[tuple[Callable[[Session, int], Any], int]]
) -> None:
    session = session_on(example=key)
    for deed, number in deeds:
        deed(session, number)
    state = session.state
    back = read(through_a_file(saved(state, {"inspector": True}, "1")))
    assert same(back.document, state.document)
    assert same(back.original, state.original_document)
    assert same(dict(back.options), dict(state.options))
    assert (back.example, back.selection, back.place.figure, back.place.returned) == (
        state.example,
        state.selection,
        state.figure,
        state.returned,
    )
    if state.run is not None:
        assert back.progress == state.run.progress


def test_another_cells_weights_of_other_sizes_are_not_used() -> None:
    session = session_on(example="recall")
    assert session.state.rival is not None
    learned = session.state.rival.note
    session.set_model(hidden_size=1)
    assert session.state.rival is not None
    assert session.state.rival.note != learned
    assert not session.state.notice


def test_a_module_comes_back_as_its_weights() -> None:
    module = torch.nn.GRU(3, 4, num_layers=2).double()
    session = Session(ImmediateRunner())
    session.open_several(of_module(module, torch.randn(5, 2, 3, dtype=torch.float64)))
    back = read(saved(session.state, {}, "1"))
    assert torch.equal(run_of(back.document).output, run_of(session.state.document).output)


def test_the_place_comes_back() -> None:
    session = session_on(example="gru-unsorted")
    session.seek(2)
    session.set_granularity("operation")
    session.step()
    session.show_sequence(1)
    session.show_figure("weights")
    session.select(Element("h", 0, 0, 1, 1, 2))
    session.set_value(0, 0, 0, 3.5)
    session.show_comparison("difference")
    state = session.state
    back = read(saved(state, {"columns": [1, 2]}, "1"))
    assert state.run is not None
    assert back.progress == state.run.progress
    assert back.selection == state.selection
    assert (back.place.sequence, back.place.figure) == (1, "weights")
    assert back.place.layout == {"columns": [1, 2]}
    assert back.showing == "difference"
    assert same(back.original, state.original_document)


def test_what_is_refused_names_its_file_in_one_line(tmp_path: Path) -> None:
    document, tensors = saved(session_on().state, {}, "1")
    stated = json.loads(document)
    stated["document"]["values"] = "a\nb\x7f"
    path = tmp_path / "mine.rnnviz"
    write_container(path, Content(json.dumps(stated).encode(), tensors))
    with pytest.raises(FileError, match=r"mine\.rnnviz: .*missing") as caught:
        read_saved(path)
    assert str(caught.value).isprintable()


def test_what_two_documents_share_is_written_once() -> None:
    session = session_on()
    session.set_weight("weight_hh_l0", 0, 0, 1.0)
    assert list(saved(session.state, {}, "1").tensors) == ["values"]


def test_a_text_of_another_version_or_kind_is_refused_with_the_reason() -> None:
    document, tensors = saved(session_on().state, {}, "1")
    for change, message in (
        ({"version": 2}, "version 2"),
        ({"format": "other"}, "no session"),
        ({"document": 5}, r"\$\.document"),
        ({"unheard": 1}, "unheard"),
    ):
        text = json.dumps(json.loads(document) | change).encode()
        with pytest.raises(FileError, match=message):
            restored(Content(text, tensors))
    with pytest.raises(FileError, match="'values' is missing"):
        restored(Content(document, {}))
    for text in (b"", b"[" * 100_000, b"\xff", document[:-5]):
        with pytest.raises(FileError):
            restored(Content(text, tensors))


@pytest.mark.parametrize(
    "change",
    [
        {"lengths": [3]},
        {"lengths": [0] * 4},
        {"model": {"cell": "LSTM", "input_size": 10**12, "hidden_size": 10**12}},
        {"model": {"cell": "LSTM", "input_size": -1, "hidden_size": 4}},
        {"weights": {"recurrent.weight_ih_l0": "values"}},
        {"weights": {"other": "values"}},
        {"weight_edits": [{"name": "weight_ih_l0", "row": 10**9, "column": 0, "value": 1.0}]},
        {"weight_edits": [{"name": "nothing", "row": 0, "value": 1.0}]},
        {"clamps": [{"tensor": "f", "value": 1.0, "t": 999}]},
        {"initial": {"kind": "typed", "h_0": "values"}},
        {"fill": "unheard"},
        {"lesson": "unheard"},
        {"front": {"kind": "embedding", "size": 3, "width": 2}},
        {"head": {"out_features": 0}},
        {"vocabulary": {"tokens": ["a", "a"]}},
        {"targets": "values", "loss": "mse"},
        {"padding_value": "many"},
        {"packed": True, "unbatched": True},
        {"before": [{"name": "one", "model": {"cell": "RNN", "input_size": 1, "hidden_size": 1}}]},
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict[str, Any]) -> None:
    document, tensors = saved(session_on(example="gru-unsorted").state, {}, "1")
    stated = json.loads(document)
    stated["document"] |= change
    with pytest.raises(FileError):
        restored(Content(json.dumps(stated).encode(), tensors))


def test_tensors_of_another_shape_are_refused() -> None:
    state = session_on().state
    document, tensors = saved(state, {}, "1")
    for values in (np.zeros(3), np.zeros((1, 0, 4)), np.zeros((1, 5, 9)), np.zeros((2, 5, 4))):
        with pytest.raises(FileError):
            restored(Content(document, {**tensors, "values": values}))
