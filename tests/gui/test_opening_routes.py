"""A model trained by a plain PyTorch script opens by every route, with identical numbers."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot
from torch import Tensor, nn

import rnnviz
from rnnviz.files.saving import save_weights
from rnnviz.session.opened import of_model
from rnnviz.session.state import State
from rnnviz.ui.found_dialog import FoundDialog
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import Opener, session_of, wait_for

os.environ.setdefault("KERAS_BACKEND", "torch")
pytestmark = [
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.filterwarnings("ignore"),  # what exporters say of themselves
]

LAYERS = {"input_size": 3, "hidden_size": 5, "num_layers": 2, "bidirectional": True}


class Tagger(nn.Module):
    """A model as people write them."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(**LAYERS)  # type: ignore[arg-type]
        self.head = nn.Linear(10, 2)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.lstm(x)[0])
        return scores


@pytest.fixture(scope="module")
def trained() -> Tagger:
    """Trained for a few steps, so that nothing of it is as it was drawn."""
    torch.manual_seed(3)
    model = Tagger()
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    for _ in range(10):
        x = torch.randn(7, 4, 3)
        loss = nn.functional.cross_entropy(
            model(x).reshape(-1, 2), (x[..., 0] > 0).long().flatten()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


@pytest.fixture
def batch() -> Tensor:
    return torch.randn(6, 2, 3, generator=torch.Generator().manual_seed(5))


Route = Callable[[Tagger, Tensor, Path], Path]


def by_state_dict(model: Tagger, batch: Tensor, folder: Path) -> Path:
    torch.save({"epoch": 3, "model": model.state_dict()}, folder / "model.pt")
    return folder / "model.pt"


def by_safetensors(model: Tagger, batch: Tensor, folder: Path) -> Path:
    arrays = {name: value.numpy() for name, value in model.state_dict().items()}
    return save_weights(folder / "model.safetensors", arrays)


def by_onnx(model: Tagger, batch: Tensor, folder: Path) -> Path:
    pytest.importorskip("onnx", reason="an extra")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, (batch,), str(folder / "model.onnx"), dynamo=False)
    return folder / "model.onnx"


def by_keras(model: Tagger, batch: Tensor, folder: Path) -> Path:
    pytest.importorskip("h5py", reason="an extra")
    keras = pytest.importorskip("keras", reason="an extra")
    layers = [
        keras.layers.Bidirectional(keras.layers.LSTM(5, return_sequences=True)) for _ in range(2)
    ]
    twin = keras.Sequential([keras.Input((None, 3)), *layers])
    given: list[np.ndarray] = []
    for layer in range(2):
        for way in ("", "_reverse"):
            ih, hh, bih, bhh = (
                getattr(model.lstm, f"{kind}_l{layer}{way}").detach().numpy()
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            given += [ih.T, hh.T, bih + bhh]  # i f g o, as torch has them
    twin.set_weights(given)
    twin.save(folder / "model.keras")
    return folder / "model.keras"


def check_same(state: State, model: Tagger, exact: bool = True) -> None:
    """The run on show is what torch makes of the same input."""
    whole, document = state.whole, state.document
    assert whole is not None
    for name in ("input_size", "hidden_size", "num_layers", "bidirectional"):
        assert getattr(document.spec, name) == LAYERS[name]
    given = torch.tensor(document.values, dtype=torch.float32).transpose(0, 1)
    with torch.no_grad():
        expected, (h_n, c_n) = model.lstm(given)
    got = [value.squeeze(1) if whole.unbatched else value for value in (expected, h_n, c_n)]
    assert isinstance(whole.output, Tensor)
    assert whole.c_n is not None
    output = whole.output.transpose(0, 1) if document.spec.batch_first else whole.output
    for mine, theirs in zip((output, whole.h_n, whole.c_n), got, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)
    if exact:  # the very same bits
        state_dict = model.lstm.state_dict()
        assert all(torch.equal(whole.weights[name], value) for name, value in state_dict.items())


@pytest.mark.parametrize("route", [by_state_dict, by_safetensors, by_onnx, by_keras])
def test_a_file_opens_with_the_numbers_of_the_script(
    qtbot: QtBot, open_window: Opener, trained: Tagger, batch: Tensor, tmp_path: Path, route: Route
) -> None:
    path = route(trained, batch, tmp_path)
    window = open_window()
    open_and_confirm(qtbot, window, path)
    session = session_of(window)
    session.load_array(given_input(batch, tmp_path), "x", "LNH")
    state = wait_for(qtbot, window, lambda s: s.document.N == 2 and not s.busy)
    assert np.allclose(state.document.values.swapaxes(0, 1), batch.numpy())
    check_same(state, trained, exact=route is not by_keras)


def given_input(batch: Tensor, folder: Path) -> Path:
    np.savez(folder / "batch.npz", x=batch.numpy())
    return folder / "batch.npz"


def open_and_confirm(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    """Opens a file as File → Open does, and takes what it finds first."""
    assert window.bench is not None
    files, before = window.bench.files, session_of(window).state.document
    files.open(path)
    qtbot.waitUntil(lambda: isinstance(files.dialog, FoundDialog), timeout=30_000)
    dialog = files.dialog
    assert isinstance(dialog, FoundDialog)
    assert dialog.chain is not None
    dialog.accept()
    wait_for(qtbot, window, lambda s: s.document is not before and not s.busy)


def test_show_opens_the_model_with_its_batch(
    open_window: Opener, trained: Tagger, batch: Tensor
) -> None:
    window = open_window(first=lambda session: session.open_several(of_model(trained, batch)))
    state = session_of(window).state
    assert torch.equal(torch.tensor(state.document.values).transpose(0, 1).float(), batch)
    check_same(state, trained)


def test_a_recording_and_a_session_open_with_the_same(
    qtbot: QtBot, open_window: Opener, trained: Tagger, batch: Tensor, tmp_path: Path
) -> None:
    with rnnviz.record(trained, tmp_path / "run.rnnviz", {0}):
        trained(batch)
    window = open_window()
    assert window.bench is not None
    before = session_of(window).state.document
    window.bench.files.open(tmp_path / "run.rnnviz")
    state = wait_for(
        qtbot, window, lambda s: s.document is not before and s.whole is not None and not s.busy
    )
    check_same(state, trained)
    session = session_of(window)
    session.save(tmp_path / "kept.rnnviz")
    wait_for(qtbot, window, lambda s: s.path is not None)
    session.open_example("gru-unsorted")
    wait_for(qtbot, window, lambda s: s.example == "gru-unsorted" and not s.busy)
    window.bench.files.open(tmp_path / "kept.rnnviz")
    state = wait_for(
        qtbot, window, lambda s: s.path is not None and s.example is None and not s.busy
    )
    check_same(state, trained)
