"""Every example opens, states its shapes, steps forwards and back, exports, and can be copied."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from rnnviz.errors import UsageError
from rnnviz.figures import get_figure
from rnnviz.figures.picture import picture
from rnnviz.resource import resource_path
from rnnviz.session import edits
from rnnviz.session.examples import DEFAULT, example_keys, examples, get_example, load_example
from rnnviz.session.scripts import script_of
from rnnviz.writers import svg_text
from tests.opened_examples import KEYS, open_anew, opened, tensors

NUMBER = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?")

# Runs scripts one after another, each as a program of its own, and keeps what each prints.
DRIVER = """
import contextlib, sys, warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", message="LSTM with projections is not supported with oneDNN")
for path in sys.argv[1:]:
    with open(path) as file, open(path + ".out", "w") as out, contextlib.redirect_stdout(out):
        exec(compile(file.read(), path, "exec"), {"__name__": "__main__"})
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the copied script of every example prints, run without rnnviz."""
    folder = tmp_path_factory.mktemp("scripts")
    paths = {key: folder / f"{key}.py" for key in KEYS}
    for key, path in paths.items():
        path.write_text(script_of(opened(key)), "utf-8")
        assert "rnnviz" not in path.read_text("utf-8")
    command = [sys.executable, "-c", DRIVER, *map(str, paths.values())]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return {key: Path(f"{path}.out").read_text() for key, path in paths.items()}


def test_the_first_example_is_listed_first() -> None:
    assert example_keys()[0] == DEFAULT == "hello"
    assert len({example.order for example in examples().values()}) == len(KEYS)


def test_unknown_example_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="there is no example 'x': expected one of hello, lstm"):
        load_example("x")


def test_documents_are_made_without_torch() -> None:
    code = (
        "import sys\n"
        "from rnnviz.session.examples import examples\n"
        "documents = [example.document() for example in examples().values()]\n"
        "assert documents and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("key", KEYS)
def test_opens_on_its_figure_and_says_what_it_is(key: str) -> None:
    example, state = get_example(key), opened(key)
    assert state.ready
    assert not state.problems
    assert (state.example, state.figure, state.title) == (key, example.figure, example.name)
    assert state.position + state.decoder_steps == example.position
    assert 0 < state.position <= state.total
    assert state.badge.status == "matches"
    for name, fields in example.options.items():
        assert {field: getattr(state.options[name], field) for field in fields} == fields
    edits.check(state.document)
    for text in (example.title, example.teaches, example.shapes, example.group, example.name):
        assert text
        assert "\n" not in text
    assert example.teaches.endswith(".")


@pytest.mark.parametrize("key", KEYS)
def test_stated_shapes_are_true(key: str) -> None:
    known = tensors(key)
    stated = re.findall(r"([\w.]+) \(([\d, ]*)\)", get_example(key).shapes)
    assert stated
    for name, sizes in stated:
        assert tuple(known[name].shape) == tuple(int(size) for size in sizes.split(",") if size)


@pytest.mark.parametrize("key", KEYS)
def test_steps_to_the_end_and_back_to_the_start(key: str) -> None:
    session = open_anew(key)
    session.first()
    steps = session.state.total + session.state.decoder_total
    for _ in range(steps):
        session.step()
    assert session.state.position == session.state.total
    assert session.state.decoder_steps == session.state.decoder_total
    for _ in range(steps):
        session.back()
    assert session.state.position == session.state.decoder_steps == 0
    assert session.state.has_way_back == (session.state.document.loss is not None)
    if session.state.has_way_back:
        session.set_returning(True)
        for _ in range(steps):
            session.step()
        assert session.state.returned == steps == session.state.steps_back
        for _ in range(steps + 1):
            session.back()
        assert session.state.returned is None
    assert not session.state.notice
    assert not session.state.problems


@pytest.mark.parametrize("key", KEYS)
def test_every_figure_that_applies_is_exported(key: str) -> None:
    state = opened(key)
    view = state.view()
    for name in state.figures:
        assert get_figure(name) is not None
        text = svg_text(picture(view, name, state.options[name]))
        ElementTree.fromstring(text)
        assert "<text" in text
        assert "nan" not in re.sub(r"<text.*?</text>", "", text).lower()


@pytest.mark.parametrize("key", KEYS)
def test_copied_script_prints_the_same_numbers(key: str, printed: dict[str, str]) -> None:
    known, text = tensors(key), printed[key]
    decoded = opened(key).decoded is not None
    names = {"encoded": "output"} if decoded else {}
    prefix = "decoder." if decoded else ""
    found = 0
    for name, shown in re.findall(r"^(\w+) (tensor\(.*?\))$", text, re.MULTILINE | re.DOTALL):
        tensor = known.get(names.get(name, prefix + name))
        if tensor is None:
            continue
        ours = [float(number) for number in NUMBER.findall(str(tensor))]
        theirs = [float(number) for number in NUMBER.findall(shown)]
        np.testing.assert_allclose(theirs, ours, atol=2e-4, rtol=1e-4, err_msg=name)
        found += 1
    assert found >= 1 + (opened(key).document.loss is not None)


def test_scripts_are_of_a_size_to_be_read() -> None:
    for key in ("two-classes", "three-linears", "identity", "rnn-100", "lstm-projection"):
        assert len(script_of(opened(key))) < 3000


def test_trained_weights_hold_nothing_but_numbers() -> None:
    stored = list(resource_path("examples").glob("*.npz"))
    assert {path.stem for path in stored} == {"hello", "recall", "recall-rnn", "reverse"}
    for path in stored:
        with np.load(path, allow_pickle=False) as held:
            assert all(np.isfinite(held[name]).all() for name in held.files)
        assert path.stat().st_size < 50_000
