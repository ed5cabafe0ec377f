"""Arrays of every kind of file, listed without their values, read by name, and arranged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.errors import FileError, InputError
from rnnviz.files import tensors
from rnnviz.files.saving import save_weights
from rnnviz.files.tensors import list_arrays, read_array, read_tensors
from rnnviz.files.tensors.axes import arranged, choices
from rnnviz.model.engine import Cancelled

ARRAYS = {
    "x": np.arange(24, dtype=np.float32).reshape(4, 2, 3),
    "lengths": np.array([4, 2]),
    "scalar": np.float64(3).reshape(()),
    "none": np.zeros((0, 3)),
    "mask": np.array([True, False]),
    "turned": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
}


def saved(path: Path) -> Path:
    if path.suffix == ".npz":
        np.savez(path, **ARRAYS)
    else:
        save_weights(path, ARRAYS)
    return path


@pytest.mark.parametrize("ending", [".pt", ".safetensors", ".npz"])
def test_arrays_are_listed_and_read(tmp_path: Path, ending: str) -> None:
    path = saved(tmp_path / f"a{ending}")
    listed = list_arrays(path)
    assert {name: (s.shape, s.array_dtype) for name, s in listed.items()} == {
        name: (array.shape, array.dtype.name) for name, array in ARRAYS.items()
    }
    held = read_tensors(path)
    for name, array in ARRAYS.items():
        for found in (held.arrays[name], read_array(path, name)):
            assert found.dtype == array.dtype
            assert found.shape == array.shape
            assert np.array_equal(found, array)
            assert not found.flags.writeable


def test_what_torch_saves_is_what_torch_loads(tmp_path: Path) -> None:
    base = torch.randn(3, 4, 5)
    held = {
        "turned": base.permute(2, 0, 1),
        "every other": base[:, ::2, 1:],
        "expanded": base[0].expand(2, 4, 5),
        "parameter": torch.nn.Parameter(base[0]),
        "nested": {"list": [base[0], (base[1], 3)], 7: base[2]},
        "words": torch.tensor([1, 2, 65535], dtype=torch.uint16),
        "text": "hello",
    }
    torch.save(held, tmp_path / "a.pt")
    read = read_tensors(tmp_path / "a.pt")
    expected = {
        "turned": held["turned"],
        "every other": held["every other"],
        "expanded": held["expanded"],
        "parameter": base[0],
        "nested.list.0": base[0],
        "nested.list.1.0": base[1],
        "nested.7": base[2],
        "words": held["words"],
    }
    assert read.arrays.keys() == expected.keys()
    for name, tensor in expected.items():
        assert np.array_equal(read.arrays[name], tensor.numpy())
    assert read.metadata == {"nested.list.1.1": "3", "text": "hello"}


def test_a_tensor_alone(tmp_path: Path) -> None:
    torch.save(torch.ones(2, 3), tmp_path / "x.pt")
    assert [held.shape for held in list_arrays(tmp_path / "x.pt").values()] == [(2, 3)]


@pytest.mark.parametrize(("ending", "name"), [(".npy", "array"), (".csv", "table")])
def test_files_of_one_array(tmp_path: Path, ending: str, name: str) -> None:
    path = tmp_path / f"x{ending}"
    if ending == ".npy":
        np.save(path, np.arange(6.0).reshape(2, 3).astype(">f4"))
    else:
        path.write_text("a,b,c\n0,1,2\n3,4,5\n")
    assert list(list_arrays(path)) == [name]
    assert read_array(path, name).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match='no array of the name "y"'):
        read_array(saved(tmp_path / "a.pt"), "y")


def test_memory_is_checked_before_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.safetensors")
    monkeypatch.setattr(tensors, "memory_limit", lambda: 20)
    with pytest.raises(FileError, match="more than 20 bytes"):
        read_tensors(path)
    assert list_arrays(path)
    assert read_array(path, "lengths").tolist() == [4, 2]


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        read_tensors(saved(tmp_path / "a.pt"), lambda: True)


@pytest.mark.parametrize("axes", ["LNH", "NLH", "HLN", "HNL", "LHN", "NHL"])
def test_axes_in_any_order(axes: str) -> None:
    array = np.random.default_rng(0).random((2, 3, 4)).astype(np.float32)
    found = arranged(array, axes)
    expected = np.einsum(f"{axes}->NLH", array)
    assert found.values.dtype == np.float64
    assert np.array_equal(found.values, expected)
    assert found.lengths == (expected.shape[1],) * len(expected)
    assert axes in choices(3)


@pytest.mark.parametrize(
    ("axes", "shape"),
    [("L", (1, 2, 1)), ("LH", (1, 2, 3)), ("HL", (1, 3, 2)), ("LN", (3, 2, 1)), ("NL", (2, 3, 1))],
)
def test_missing_axes(axes: str, shape: tuple[int, ...]) -> None:
    array = np.arange(2 * 3).reshape(2, 3) if len(axes) == 2 else np.arange(2)
    found = arranged(array, axes)
    assert found.values.shape == shape
    assert found.unbatched == ("N" not in axes)


@pytest.mark.parametrize(
    ("shape", "axes"), [((2, 3), "NH"), ((2, 3), "LNH"), ((2, 0), "LH"), ((1, 1, 1, 1), "LNHX")]
)
def test_axes_that_make_no_sequences(shape: tuple[int, ...], axes: str) -> None:
    with pytest.raises(InputError):
        arranged(np.zeros(shape), axes)
