"""Weights that an ONNX file keeps beside it, and files that say so and mean something else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnviz.files.models.onnx_file import read
from tests.files.models.onnx_models import Build, saved

onnx = pytest.importorskip("onnx", reason="an extra")

DATA = "weights.data"


def split(folder: Path) -> tuple[Any, dict[str, np.ndarray]]:
    """A model whose weights lie in a file of their own, and the weights."""
    build = Build()
    build.recurrent("LSTM", "x", 3, 4)
    model = build.model(3)
    whole = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    data = b""
    for tensor in model.graph.initializer:
        raw = tensor.raw_data
        place(tensor, DATA, len(data), len(raw))
        data += raw
    (folder / DATA).write_bytes(data)
    return model, whole


def place(tensor: Any, location: str, offset: int, length: int) -> None:
    tensor.raw_data = b""  # it is what is put elsewhere
    onnx.external_data_helper.set_external_data(tensor, location, offset, length)
    tensor.ClearField("raw_data")


def test_they_are_read_from_the_same_folder(tmp_path: Path) -> None:
    model, whole = split(tmp_path)
    (chain,) = read(saved(tmp_path / "a.onnx", model)).chains
    found = np.sort(np.concatenate([w.ravel() for w in chain.stacks[0].weights.values()]))
    stored = np.sort(np.concatenate([w.ravel() for w in whole.values() if w.dtype.kind == "f"]))
    assert np.isin(found, stored).all()
    assert not read(saved(tmp_path / "a.onnx", model)).left


def elsewhere(location: str) -> Callable[[Any, Path], object]:
    def change(model: Any, folder: Path) -> None:
        for tensor in model.graph.initializer:
            place(tensor, location, 0, 8)

    return change


def linked(model: Any, folder: Path) -> None:
    (folder / DATA).rename(folder / "elsewhere")
    (folder / DATA).symlink_to(folder / "elsewhere")


def piped(model: Any, folder: Path) -> None:
    (folder / DATA).unlink()
    os.mkfifo(folder / DATA)


def said(**entries: str) -> Callable[[Any, Path], object]:
    def change(model: Any, folder: Path) -> None:
        for tensor in model.graph.initializer:
            for entry in tensor.external_data:
                entry.value = entries.get(entry.key, entry.value)

    return change


REFUSED: dict[str, Callable[[Any, Path], object]] = {
    "another folder": elsewhere("../weights.data"),
    "an absolute path": elsewhere("/etc/passwd"),
    "a drive": elsewhere("C:weights.data"),
    "the folder": elsewhere("."),
    "no name": elsewhere(""),
    "a name with a zero": elsewhere("weights\0.data"),
    "a long name": elsewhere("w" * 4000),
    "a link": linked,
    "a pipe": piped,
    "missing": lambda model, folder: (folder / DATA).unlink(),
    "a folder": lambda model, folder: ((folder / DATA).unlink(), (folder / DATA).mkdir()),
    "too short": lambda model, folder: (folder / DATA).write_bytes(b"1234"),
    "before the start": said(offset="-8"),
    "beyond the end": said(offset=str(1 << 62)),
    "no number": said(offset="0x10"),
    "another length": said(length="3"),
    "a vast length": said(length=str(1 << 60)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_nothing_else_is_opened(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / DATA).write_bytes(bytes(4096))
    model, _ = split(folder)
    REFUSED[what](model, folder)
    finding = read(saved(folder / "a.onnx", model))
    assert not finding.chains
    assert any("another file" in left.why for left in finding.left)
    assert all(left.why.isprintable() for left in finding.left)


def test_what_many_tensors_share_is_read_no_oftener_than_it_is_there(tmp_path: Path) -> None:
    model, _ = split(tmp_path)
    large = 1 << 16
    (tmp_path / DATA).write_bytes(bytes(4 * large))
    for number in range(200):
        tensor = model.graph.initializer.add(name=f"more{number}", dims=[large], data_type=1)
        place(tensor, DATA, 0, 4 * large)
    del model.graph.initializer[:2]
    from rnnviz.files.models.onnx.external import bring_in

    bring_in(model, tmp_path / "a.onnx")
    assert sum(len(tensor.raw_data) for tensor in model.graph.initializer) <= 4 * large
