"""ONNX models made by hand, as exporters of all kinds make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="an extra")
helper, numpy_helper = onnx.helper, onnx.numpy_helper

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


@dataclass
class Build:
    """A graph in the making.

    Attributes:
        nodes: in order.
        stored: initialisers.
        outputs: names of what the graph gives, whose shapes it leaves open.
        dtype: of its numbers.
    """

    nodes: list[Any] = field(default_factory=list)
    stored: list[Any] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    dtype: str = "float32"
    seed: int = 0

    def array(self, name: str, *shape: int) -> str:
        """An initialiser of small random numbers."""
        rng = np.random.default_rng([self.seed, len(self.stored)])
        return self.keep(name, rng.uniform(-0.5, 0.5, shape).astype(self.dtype))

    def keep(self, name: str, array: np.ndarray) -> str:
        """An initialiser."""
        self.stored.append(numpy_helper.from_array(array, name))
        return name

    def node(
        self, op: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any
    ) -> str:
        """An operation; the name of its first output."""
        self.nodes.append(
            helper.make_node(
                op, list(inputs), list(outputs), name=f"{op}_{outputs[0]}", **attributes
            )
        )
        return outputs[0]

    def recurrent(
        self,
        op: str,
        x: str,
        input_size: int,
        hidden_size: int,
        directions: int = 1,
        bias: bool = True,
        more: Sequence[str] = (),
        **attributes: Any,
    ) -> str:
        """A node with weights of its own; the name of its output Y."""
        at, rows = f"{op}{len(self.nodes)}", GATES[op] * hidden_size
        inputs = [
            x,
            self.array(f"{at}.W", directions, rows, input_size),
            self.array(f"{at}.R", directions, rows, hidden_size),
            self.array(f"{at}.B", directions, 2 * rows) if bias else "",
            *more,
        ]
        outputs = [f"{at}.Y", f"{at}.Y_h", *([f"{at}.Y_c"] if op == "LSTM" else [])]
        if op == "GRU":
            attributes = {"linear_before_reset": 1, **attributes}
        if directions == 2:
            attributes = {"direction": "bidirectional", **attributes}
        self.outputs += outputs
        return self.node(op, inputs, outputs, hidden_size=hidden_size, **attributes)

    def model(self, input_size: int, output: str = "", opset: int = 17) -> Any:
        """The whole; its input is x of three axes."""
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self.dtype))
        names = dict.fromkeys([*self.outputs, *([output] if output else [])])
        graph = helper.make_graph(
            self.nodes,
            "graph",
            [helper.make_tensor_value_info("x", kind, ["a", "b", input_size])],
            [helper.make_tensor_value_info(name, kind, None) for name in names],
            self.stored,
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8
        )


def saved(path: Path, model: Any) -> Path:
    """The file of a model."""
    path.write_bytes(model.SerializeToString())
    return path


def run(path: Path, values: np.ndarray) -> dict[str, np.ndarray]:
    """What onnxruntime gives, by name."""
    runtime = pytest.importorskip("onnxruntime", reason="an extra")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: values}), strict=True))


def values(*shape: int) -> np.ndarray:
    """An input."""
    return np.random.default_rng(7).normal(size=shape).astype("float32")
