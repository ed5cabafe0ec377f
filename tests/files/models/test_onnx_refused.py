"""ONNX files that torch has no layer for, and those that are meant to do harm."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnviz.errors import FileError
from rnnviz.files.models.onnx.outline import MOST_FIELDS
from rnnviz.files.models.onnx_file import read
from tests.files.models.onnx_models import Build, helper, onnx, saved


def reasons(path: Path) -> list[str]:
    """Why the recurrent nodes of a file were left out."""
    found = read(path)
    assert found.chains == ()
    return [left.why for left in found.left if left.shape is None]


VARIANTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "reverse": ("LSTM", {"direction": "reverse"}, "reads backwards alone"),
    "reset": ("GRU", {"linear_before_reset": 0}, "reset gate after W_hn h"),
    "clip": ("LSTM", {"clip": 3.0}, "clips"),
    "coupled": ("LSTM", {"input_forget": 1}, "coupled"),
    "activations": ("LSTM", {"activations": ["HardSigmoid", "Tanh", "Tanh"]}, '"HardSigmoid"'),
    "gru": ("GRU", {"activations": ["Sigmoid", "Softsign"]}, '"Softsign"'),
    "rnn": ("RNN", {"activations": ["Elu"]}, '"Elu"'),
    "layout": ("RNN", {"layout": 2}, "layout"),
    "direction": ("RNN", {"direction": "<b>\n"}, "its direction is"),
    "wrong type": ("RNN", {"direction": 3}, "not of its type"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_what_torch_has_not_is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    op, attributes, reason = VARIANTS[name]
    build = Build()
    build.recurrent(op, "x", 3, 4, **attributes)
    (why,) = reasons(saved(tmp_path / "a.onnx", build.model(3)))
    assert reason in why
    assert "\n" not in why


def test_two_directions_of_two_activations_are_refused(tmp_path: Path) -> None:
    build = Build()
    build.recurrent("RNN", "x", 3, 4, 2, activations=["Tanh", "Relu"])
    assert "activations" in reasons(saved(tmp_path / "a.onnx", build.model(3)))[0]


def test_peepholes_are_refused(tmp_path: Path) -> None:
    build = Build()
    peepholes = build.array("P", 1, 12)
    build.recurrent("LSTM", "x", 3, 4, more=["", "", "", peepholes])
    assert "peepholes" in reasons(saved(tmp_path / "a.onnx", build.model(3)))[0]


@pytest.mark.parametrize("zero", [True, False])
def test_initial_states_that_are_not_zero_are_told(tmp_path: Path, zero: bool) -> None:
    build = Build()
    state = np.zeros((1, 2, 4), "f4") if zero else np.ones((1, 2, 4), "f4")
    lengths = build.keep("lengths", np.array([2, 1], "i4"))
    build.recurrent("GRU", "x", 3, 4, more=[lengths, build.keep("h", state)])
    (chain,) = read(saved(tmp_path / "a.onnx", build.model(3))).chains
    said = " ".join(chain.stacks[0].said)
    assert ("not zero" in said) != zero
    assert "lengths" in said


Change = Callable[[Any], object]
SPOILED: dict[str, Change] = {
    "external": lambda model: onnx.external_data_helper.set_external_data(
        model.graph.initializer[0], "../../etc/passwd"
    ),
    "short": lambda model: setattr(model.graph.initializer[0], "raw_data", b"1234"),
    "vast": lambda model: model.graph.initializer[0].dims.extend([2**40, 2**40]),
    "negative": lambda model: model.graph.initializer[0].dims.append(-1),
    "no type": lambda model: setattr(model.graph.initializer[0], "data_type", 99),
    "texts": lambda model: setattr(model.graph.initializer[0], "data_type", 8),
    "whole numbers": lambda model: setattr(model.graph.initializer[0], "data_type", 6),
    "no weights": lambda model: model.graph.node[0].ClearField("input"),
    "unknown": lambda model: model.graph.node[0].input.__setitem__(1, "<b>\x00"),
    "itself": lambda model: model.graph.node[0].input.__setitem__(1, "LSTM0.Y"),
    "size": lambda model: setattr(model.graph.node[0].attribute[0], "i", 2**60),
    "shape": lambda model: model.graph.initializer[1].CopyFrom(
        onnx.numpy_helper.from_array(np.zeros((1, 16, 5), "f4"), "LSTM0.R")
    ),
    "hollow": lambda model: [
        tensor.CopyFrom(onnx.numpy_helper.from_array(np.zeros((0,) * 3, "f4"), tensor.name))
        for tensor in model.graph.initializer
    ],
}


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_layers_are_left_with_the_reason(tmp_path: Path, name: str) -> None:
    build = Build()
    build.recurrent("LSTM", "x", 3, 4)
    model = build.model(3)
    SPOILED[name](model)
    (why,) = reasons(saved(tmp_path / "a.onnx", model))
    assert why.isprintable()
    assert len(why) < 300


def test_nodes_within_others_are_told(tmp_path: Path) -> None:
    build = Build()
    build.recurrent("LSTM", "x", 3, 4)
    inner = build.model(3).graph
    for _ in range(3):
        node = helper.make_node("If", ["c"], ["o"], then_branch=inner, else_branch=inner)
        inner = helper.make_graph([node], "g", [], [])
    found = read(saved(tmp_path / "a.onnx", helper.make_model(inner)))
    assert found.chains == ()
    assert sum("inside the body of If" in left.why for left in found.left) == 8


def test_graphs_without_end_are_refused(tmp_path: Path) -> None:
    inner = helper.make_graph([], "g", [], [])
    for _ in range(15):
        inner = helper.make_graph([helper.make_node("If", [], [], then_branch=inner)], "g", [], [])
    data = b"\x3a" + varint(len(inner.SerializeToString())) + inner.SerializeToString()
    path = tmp_path / "a.onnx"
    path.write_bytes(data)
    with pytest.raises(FileError, match="nested too deeply"):
        read(path)


def varint(value: int) -> bytes:
    """A number as protobuf writes it."""
    head = b""
    while value > 0x7F:
        head += bytes([value & 0x7F | 0x80])
        value >>= 7
    return head + bytes([value])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x3a\xff\xff\xff\xff\x07",
        b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\xff" * 100,
        b"\x00" * 100,
        b"<html></html>",
        b"\x3a\x03\x0a\x01",
        b"\x3a" + varint(2 * MOST_FIELDS + 2) + b"\x0a\x00" * (MOST_FIELDS + 1),  # empty nodes
        b"\x3a" + varint(6) + b"\x0a\x04\x1a\x02\xff\xfe",  # a name that is not in UTF-8
    ],
    ids=["empty", "cut", "vast", "ones", "zeros", "html", "inner", "crowd", "bytes"],
)
def test_files_that_are_none_are_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a\n<b>.onnx"
    path.write_bytes(data)
    with pytest.raises(FileError) as caught:
        read(path)
    assert str(caught.value).isprintable()


def test_mutants_are_read_or_refused(tmp_path: Path) -> None:
    build = Build()
    axes = build.keep("axes", np.array([1]))
    y = build.node("Squeeze", [build.recurrent("LSTM", "x", 3, 4), axes], ["z"])
    build.recurrent("GRU", y, 4, 3, 2)
    data = saved(tmp_path / "a.onnx", build.model(3)).read_bytes()
    path = tmp_path / "mutant.onnx"
    for seed in range(300):
        rng = np.random.default_rng(seed)
        changed = bytearray(data)
        for place in rng.integers(0, len(data), 1 + seed % 8):
            changed[place] = rng.integers(256)
        path.write_bytes(changed[: int(rng.integers(len(data)))] if seed % 8 == 0 else changed)
        try:
            read(path)
        except FileError as error:
            assert str(error).isprintable(), seed  # noqa: PT017


def test_without_onnx_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Build()
    build.recurrent("RNN", "x", 3, 4)
    path = saved(tmp_path / "a.onnx", build.model(3))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(FileError, match=r"needs onnx: pip install 'rnnviz\[onnx\]'"):
        read(path)
