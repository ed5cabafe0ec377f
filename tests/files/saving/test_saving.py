"""Weights and arrays saved, and read again by those they are for."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rnnviz.errors import FileError
from rnnviz.files.saving import save_array, save_weights, write_atomically
from rnnviz.files.tensors import read_array
from rnnviz.model.spec import ModelSpec

DTYPES = st.sampled_from(["float64", "float32", "int64", "int32", "uint8", "bool"])
SPEC = ModelSpec("LSTM", 3, 4, num_layers=2, bidirectional=True, proj_size=2)


def weights() -> dict[str, np.ndarray]:
    return {name: weight.numpy() for name, weight in SPEC.build().state_dict().items()}


@pytest.mark.parametrize("ending", [".pt", ".pth", ".safetensors"])
def test_torch_loads_what_is_saved(tmp_path: Path, ending: str) -> None:
    path = save_weights(tmp_path / f"w{ending}", weights())
    if ending == ".safetensors":
        reader = pytest.importorskip("safetensors.torch")
        loaded = reader.load_file(path)
    else:
        loaded = torch.load(path, weights_only=True)
    module = ModelSpec(**{**SPEC.__dict__, "seed": 5}).build()
    module.load_state_dict(loaded, strict=True)
    for name, weight in SPEC.build().state_dict().items():
        assert torch.equal(module.state_dict()[name], weight)


@given(
    array=arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0)),
    turned=st.booleans(),
)
def test_npy_keeps_any_array(
    array: np.ndarray, turned: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    array = array.T if turned else array
    path = save_array(tmp_path_factory.mktemp("a") / "a.npy", array)
    again = np.load(path, allow_pickle=False)
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert again.tobytes() == np.ascontiguousarray(array).tobytes()


@given(array=arrays.arrays(DTYPES, arrays.array_shapes(min_dims=1, max_dims=2, max_side=6)))
def test_csv_keeps_every_digit(array: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = [f"h{n}" for n in range(array.shape[1])] if array.ndim == 2 else None
    path = save_array(tmp_path_factory.mktemp("a") / "a.csv", array, names)
    again = read_array(path, "table")
    assert again.shape == (array.shape if array.ndim == 2 else (len(array), 1))
    assert np.array_equal(again.reshape(array.shape), array.astype(np.float64), equal_nan=True)


def test_names_stand_in_the_first_line(tmp_path: Path) -> None:
    path = save_array(tmp_path / "a.csv", np.eye(2), ["i, forget", "line\nbreak"])
    assert path.read_text().splitlines()[0] == '"i, forget",line\ufffdbreak'


@pytest.mark.parametrize(
    ("name", "array", "why"),
    [
        ("a.csv", np.zeros((1, 2, 3)), "a table has two axes, and this has 3"),
        ("a.txt", np.zeros(2), r"must end in one of .npy, .csv"),
        ("a.npy", np.array(["a"]), "expected real numbers"),
        ("a.npy", np.array([None]), "expected real numbers"),
    ],
)
def test_what_is_not_saved(tmp_path: Path, name: str, array: np.ndarray, why: str) -> None:
    with pytest.raises(FileError, match=why):
        save_array(tmp_path / name, array)
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_too_few(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="names of 3 columns, got 1"):
        save_array(tmp_path / "a.csv", np.zeros((2, 3)), ["a"])


def test_what_the_writer_raises_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(b"old")

    def write(file: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, write)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.pt"]


SHORT = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from rnnviz.errors import FileError
from rnnviz.files.saving import save_array, save_weights
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import torch
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for name in sys.argv[1:]:
    save = save_array if name.endswith(("npy", "csv")) else lambda p, a: save_weights(p, {"a": a})
    try:
        save(Path(name), np.random.default_rng(0).random((40, 40)))
    except FileError as error:
        print(error)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no such limit here")
def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    """With a true limit of the system, in the midst of the writing."""
    names = [str(tmp_path / f"a{ending}") for ending in (".pt", ".safetensors", ".npy", ".csv")]
    for name in names:
        Path(name).write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", SHORT, *names], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        f"cannot write {name}: the file is larger than the disk allows" for name in names
    ]
    assert [Path(name).read_bytes() for name in names] == [b"old"] * len(names)
    assert len(list(tmp_path.iterdir())) == len(names)
