"""Inputs from files, sound and hostile."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from rnnviz.errors import FileError, InputError
from rnnviz.files.values import read_values


def saved(path: Path, array: np.ndarray) -> Path:
    np.save(path, array)
    return path


def test_text_is_one_sequence_or_a_batch(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("1,2\n3,4\n", encoding="utf-8-sig")
    one = read_values(path)
    assert (one.values.tolist(), one.lengths, one.unbatched) == ([[[1, 2], [3, 4]]], (2,), True)
    path.write_text("1,2\n3,4\n\n5,6\n")
    batch = read_values(path)
    assert (batch.lengths, batch.unbatched) == ((2, 1), False)
    assert batch.values[1].tolist() == [[5, 6], [0, 0]]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8", "bool"])
def test_arrays_by_layout(tmp_path: Path, dtype: str) -> None:
    array = np.arange(24).reshape(4, 2, 3).astype(dtype)
    path = saved(tmp_path / "x.npy", array)
    assert np.array_equal(read_values(path).values, array.swapaxes(0, 1))
    assert np.array_equal(read_values(path, batch_first=True).values, array)
    assert read_values(path).lengths == (4, 4)
    flat = read_values(saved(tmp_path / "flat.npy", array[:, 0]))
    assert flat.unbatched
    assert flat.values.shape == (1, 4, 3)


def test_array_in_fortran_order(tmp_path: Path) -> None:
    array = np.asfortranarray(np.random.default_rng(0).random((4, 3)))
    assert np.array_equal(read_values(saved(tmp_path / "x.npy", array)).values[0], array)


@pytest.mark.parametrize("shape", [(), (3,), (1, 2, 3, 4), (0, 3), (2, 0, 3)])
def test_arrays_that_are_no_input(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="input: expected"):
        read_values(saved(tmp_path / "x.npy", np.zeros(shape)))


def hostile(name: str) -> bytes:
    """Bytes that numpy would run, reserve or choke on."""
    buffer = io.BytesIO()
    if name == "pickle":
        return pickle.dumps({"a": 1})
    if name == "objects":
        np.save(buffer, np.array([{}, []], dtype=object), allow_pickle=True)
    elif name == "complex":
        np.save(buffer, np.zeros((2, 2), dtype=complex))
    elif name == "record":
        np.save(buffer, np.zeros(2, dtype=[("a", "f4")]))
    elif name == "huge":
        header = {"descr": "<f8", "fortran_order": False, "shape": (1 << 40, 1 << 10)}
        np.lib.format.write_array_header_1_0(buffer, header)
    elif name == "short":
        np.save(buffer, np.zeros((10, 10)))
        return buffer.getvalue()[:-1]
    elif name == "version":
        return b"\x93NUMPY\x09\x00" + bytes(100)
    elif name == "header":
        return b"\x93NUMPY\x01\x00\x10\x00" + b"{'descr': open()"
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name",
    ["empty", "pickle", "objects", "complex", "record", "huge", "short", "version", "header"],
)
def test_hostile_arrays_are_one_clear_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.npy"
    path.write_bytes(hostile(name))
    with pytest.raises(FileError, match="cannot read") as caught:
        read_values(path)
    assert "\n" not in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "latin.csv").write_bytes(b"1,\xe4\n")
    (tmp_path / "x.xlsx").write_bytes(b"")
    with (tmp_path / "sparse.npy").open("wb") as file:
        file.truncate(50 << 30)
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    for name, why in {
        "pipe.npy": "not a regular file",
        "folder.csv": "not a regular file",
        "device.csv": "not a regular file",
        "latin.csv": "not text in UTF-8",
        "x.xlsx": "expected a file that ends in .csv",
        "sparse.npy": "more than 2.0 GiB",
        "missing.csv": "No such file",
    }.items():
        with pytest.raises(FileError, match=why):
            read_values(tmp_path / name)
