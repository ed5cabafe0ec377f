"""Layers from ONNX files against onnxruntime."""

from __future__ import annotations

import tempfile
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.files.found import FoundChain
from rnnviz.files.models.onnx_file import read
from tests.files.models.found_runs import close, run_chain
from tests.files.models.onnx_models import Build, helper, onnx, run, saved, values

onnxruntime = pytest.importorskip("onnxruntime", reason="an extra")


def only_chain(path: Path) -> FoundChain:
    found = read(path)
    assert found.kind == "ONNX"
    assert found.left == ()
    (chain,) = found.chains
    return chain


@given(
    op=st.sampled_from(["RNN", "LSTM", "GRU"]),
    input_size=st.integers(1, 5),
    hidden_size=st.integers(1, 6),
    directions=st.sampled_from([1, 2]),
    bias=st.booleans(),
    relu=st.booleans(),
    timesteps=st.integers(1, 7),
    sequences=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_one_node_gives_what_onnxruntime_gives(
    op: str,
    input_size: int,
    hidden_size: int,
    directions: int,
    bias: bool,
    relu: bool,
    timesteps: int,
    sequences: int,
    seed: int,
) -> None:
    build = Build(seed=seed)
    activations = {"activations": ["Relu"] * directions} if op == "RNN" and relu else {}
    build.recurrent(op, "x", input_size, hidden_size, directions, bias, **activations)
    x = values(timesteps, sequences, input_size)
    with tempfile.TemporaryDirectory() as folder:
        path = saved(Path(folder) / "a.onnx", build.model(input_size))
        chain = only_chain(path)
        expected = run(path, x)
    (stack,) = chain.stacks
    assert stack.spec.dtype == "float32"
    assert stack.spec.nonlinearity == ("relu" if activations else "tanh")
    assert stack.asked == ()
    assert bool(stack.said) == (op != "RNN")
    got = run_chain(chain, x)
    y = expected[f"{op}0.Y"]
    close(got.output, y.transpose(0, 2, 1, 3).reshape(*x.shape[:2], -1))
    close(np.stack(got.h_n), expected[f"{op}0.Y_h"])
    if op == "LSTM":
        close(np.stack(got.c_n), expected["LSTM0.Y_c"])


@given(
    op=st.sampled_from(["RNN", "LSTM", "GRU"]),
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    directions=st.sampled_from([1, 2]),
    way=st.sampled_from(["squeeze", "transpose and reshape", "there and back"]),
    opset=st.sampled_from([11, 17]),
)
def test_chains_give_what_onnxruntime_gives(
    op: str, sizes: list[int], directions: int, way: str, opset: int
) -> None:
    build, x, width = Build(), "x", 3
    for number, size in enumerate(sizes):
        y = build.recurrent(op, x, width, size, directions)
        width = directions * size
        x = between(
            build, y, number, width, way if directions == 1 else "transpose and reshape", opset
        )
    with tempfile.TemporaryDirectory() as folder:
        path = saved(Path(folder) / "a.onnx", build.model(3, x, opset))
        chain = only_chain(path)
        expected = run(path, values(5, 2, 3))
    assert sum(stack.spec.num_layers for stack in chain.stacks) == len(sizes)
    parts = 1 + sum(one != other for one, other in pairwise(sizes))
    assert len(chain.stacks) == parts
    got = run_chain(chain, values(5, 2, 3))
    close(got.output, expected[x])
    close(
        np.concatenate([state.reshape(-1) for state in got.h_n]),
        np.concatenate([value.reshape(-1) for name, value in expected.items() if "Y_h" in name]),
    )


def between(build: Build, y: str, number: int, width: int, way: str, opset: int) -> str:
    """What exporters put behind a node so that the next receives (L, N, H)."""
    names = [f"b{number}.{step}" for step in range(6)]
    if way == "transpose and reshape":
        build.node("Transpose", [y], [names[0]], perm=[0, 2, 1, 3])
        shape = build.keep(f"shape{number}", np.array([0, 0, -1 if number % 2 else width]))
        return build.node("Reshape", [names[0], shape], [names[1]])
    if opset < 13:
        build.node("Squeeze", [y], [names[0]], axes=[1])
    else:
        axes = build.keep(f"axes{number}", np.array([1 if number % 2 else -3]))
        build.node("Squeeze", [y, axes], [names[0]])
    build.node("Identity", [names[0]], [names[1]])
    last = build.node("Dropout", [names[1]], [names[2]])
    if way == "there and back":
        build.node("Transpose", [names[2]], [names[3]], perm=[1, 0, 2])
        last = build.node("Transpose", [names[3]], [names[4]], perm=[1, 0, 2])
    return last


@pytest.mark.parametrize(
    ("kind", "layers", "bidirectional", "batch_first", "folded"),
    [
        (nn.RNN, 2, False, True, True),
        (nn.RNN, 1, True, False, False),
        (nn.LSTM, 1, False, False, True),
        (nn.LSTM, 2, True, True, True),
        (nn.LSTM, 3, True, False, False),
        (nn.GRU, 1, True, True, False),
        (nn.GRU, 2, False, False, False),
        (nn.GRU, 3, False, True, True),
    ],
)
def test_what_torch_exports(
    tmp_path: Path, layers: int, bidirectional: bool, batch_first: bool, kind: type, folded: bool
) -> None:
    torch.manual_seed(layers)
    module = kind(
        3, 4, layers, bidirectional=bidirectional, batch_first=batch_first, bias=layers < 3
    ).eval()
    x = torch.randn(2, 5, 3) if batch_first else torch.randn(5, 2, 3)
    path = tmp_path / "torch.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (x,), str(path), dynamo=False, do_constant_folding=folded)
    chain = only_chain(path)
    check_same(chain, module, x)
    close(run_chain(chain, x.numpy()).output, next(iter(run(path, x.numpy()).values())))


@pytest.mark.parametrize(
    ("kind", "bidirectional", "batch_first", "dynamic", "outside"),
    [
        (nn.LSTM, True, True, False, False),
        (nn.GRU, False, False, True, False),
        (nn.LSTM, True, False, False, True),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_torch_exports_by_its_newer_exporter(
    tmp_path: Path, kind: type, bidirectional: bool, batch_first: bool, dynamic: bool, outside: bool
) -> None:
    pytest.importorskip("onnxscript", reason="no extra")
    module = kind(3, 4, 2, bidirectional=bidirectional, batch_first=batch_first).eval()
    x, path = torch.randn(5, 3, 3), tmp_path / "torch.onnx"
    axes = ({0: torch.export.Dim("a"), 1: torch.export.Dim("b")},) if dynamic else None
    torch.onnx.export(
        module, (x,), path, dynamo=True, external_data=outside, dynamic_shapes=axes, verbose=False
    )
    assert path.with_name("torch.onnx.data").exists() == outside
    check_same(only_chain(path), module, x)


def check_same(chain: FoundChain, module: nn.RNNBase, x: torch.Tensor) -> None:
    """What was found is the module that was exported, number by number."""
    (stack,) = chain.stacks
    assert stack.spec.cell == type(module).__name__
    for name in ("input_size", "hidden_size", "num_layers", "bidirectional", "batch_first", "bias"):
        assert getattr(stack.spec, name) == getattr(module, name), name
    held = module.state_dict()
    assert set(stack.weights) <= held.keys()
    if stack.spec.bias:
        assert set(stack.weights) == held.keys()
    for name, weight in stack.weights.items():
        assert np.array_equal(weight, held[name].numpy()), name
    with torch.no_grad():
        close(run_chain(chain, x.numpy()).output, module(x)[0].numpy())


def test_layout_1_is_batch_first(tmp_path: Path) -> None:
    build = Build()
    y = build.recurrent("LSTM", "x", 3, 4, layout=1)
    axes = build.keep("axes", np.array([2]))
    build.recurrent("LSTM", build.node("Squeeze", [y, axes], ["z"]), 4, 4, layout=1)
    chain = only_chain(saved(tmp_path / "a.onnx", build.model(3)))
    (stack,) = chain.stacks
    assert stack.spec.batch_first
    assert stack.spec.num_layers == 2


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_widened(tmp_path: Path, dtype: str) -> None:
    build = Build()
    build.recurrent("GRU", "x", 3, 4)
    model = build.model(3)
    kind = getattr(onnx.TensorProto, dtype.upper())
    for number, tensor in enumerate(model.graph.initializer):
        array = onnx.numpy_helper.to_array(tensor)
        half = helper.make_tensor(tensor.name, kind, array.shape, array.ravel().tolist())
        tensor.CopyFrom(half)
        assert half.int32_data or half.raw_data, number
    (stack,) = only_chain(saved(tmp_path / "a.onnx", model)).stacks
    assert stack.spec.dtype == "float32"
    assert any(dtype in sentence for sentence in stack.said)
    held = onnx.numpy_helper.to_array(model.graph.initializer[1]).astype(np.float32)[0]
    z, r, h = np.split(held, 3)
    assert np.array_equal(stack.weights["weight_hh_l0"], np.concatenate([r, z, h]))


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_typed_and_raw_data_are_the_same(tmp_path: Path, dtype: str, typed: bool) -> None:
    build = Build(dtype=dtype)
    build.recurrent("RNN", "x", 3, 4)
    model = build.model(3)
    plain = only_chain(saved(tmp_path / "a.onnx", model)).stacks[0].weights
    for tensor in model.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        raw = array.tobytes() if not typed else array.ravel()
        tensor.CopyFrom(
            helper.make_tensor(tensor.name, tensor.data_type, array.shape, raw, raw=not typed)
        )
    again = only_chain(saved(tmp_path / "b.onnx", model)).stacks[0].weights
    assert all(np.array_equal(plain[name], again[name]) for name in plain)


def test_weights_in_nodes_are_read(tmp_path: Path) -> None:
    build = Build()
    build.recurrent("LSTM", "x", 3, 4)
    constants = [
        helper.make_node("Constant", [], [tensor.name], value=tensor) for tensor in build.stored
    ]
    plain = only_chain(saved(tmp_path / "a.onnx", build.model(3))).stacks[0].weights
    build.nodes, build.stored = [*constants, *build.nodes], []
    again = only_chain(saved(tmp_path / "b.onnx", build.model(3))).stacks[0].weights
    assert all(np.array_equal(plain[name], again[name]) for name in plain)


def test_branches_and_scrambled_axes_are_no_chain(tmp_path: Path) -> None:
    build = Build()
    axes = build.keep("axes", np.array([1]))
    y = build.node("Squeeze", [build.recurrent("LSTM", "x", 4, 4), axes], ["z"])
    build.recurrent("LSTM", y, 4, 4)
    build.recurrent("GRU", y, 4, 4)
    assert len(read(saved(tmp_path / "a.onnx", build.model(4))).chains) == 3
    build = Build()
    build.keep("axes", np.array([1]))
    y = build.node("Squeeze", [build.recurrent("LSTM", "x", 4, 4), axes], ["z"])
    build.recurrent("LSTM", build.node("Transpose", [y], ["turned"], perm=[1, 0, 2]), 4, 4)
    assert len(read(saved(tmp_path / "b.onnx", build.model(4))).chains) == 2
