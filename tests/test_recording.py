"""Recording recurrent modules inside a training script."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import rnnviz
from rnnviz.errors import FileError, SpecError
from rnnviz.files.container import read_container
from rnnviz.session.running import run_of
from rnnviz.session.saved import Captured, restored


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
        self.cell = nn.GRUCell(8, 2)
        self.seen: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output, _ = self.rnn(x)
        self.seen.append(output.detach())
        h = None
        for step in output:
            h = self.cell(step, h)
        assert h is not None
        return h


def trained(model: Model, steps: int) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.randn(5, 2, 3)).square().mean().backward()
        optimizer.step()


def recorded(path: Path) -> tuple[Captured, ...]:
    found = restored(read_container(path))
    assert isinstance(found, tuple)
    return found


def test_chosen_batches_are_in_the_file_with_the_weights_of_their_time(tmp_path: Path) -> None:
    model, path = Model(), tmp_path / "run.rnnviz"
    with rnnviz.record(model, path, batches=range(0, 10, 4)) as recorder:
        trained(model, 10)
    assert (recorder.count, recorder.captured) == (10, 6)
    captures = recorded(path)
    assert [capture.batch for capture in captures] == [0, 0, 4, 4, 8, 8]
    assert captures[0].name == "rnn: nn.LSTM(3, 4)"
    for capture in captures[::2]:
        run = run_of(capture.document)
        assert (run.output - model.seen[capture.batch]).abs().max() < 1e-6
        assert capture.document.title == capture.name


def test_the_file_is_whole_after_every_batch(tmp_path: Path) -> None:
    model, path = Model(), tmp_path / "run.rnnviz"

    def fails() -> None:
        trained(model, 3)
        assert len(recorded(path)) == 4
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), rnnviz.record(model, path, {0, 1}):
        fails()
    assert len(recorded(path)) == 4


def test_the_model_and_its_gradients_are_left_as_they_were(tmp_path: Path) -> None:
    torch.manual_seed(1)
    plain = Model()
    watched = Model()
    watched.load_state_dict(plain.state_dict())
    torch.manual_seed(2)
    trained(plain, 3)
    torch.manual_seed(2)
    with rnnviz.record(watched, tmp_path / "run.rnnviz", range(3)):
        trained(watched, 3)
    for first, second in zip(plain.parameters(), watched.parameters(), strict=True):
        assert torch.equal(first, second)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in watched.modules())


def test_names_choose_the_modules(tmp_path: Path) -> None:
    path = tmp_path / "run.rnnviz"
    model = Model()
    with rnnviz.record(model, path, names=["cell"]):
        trained(model, 1)
    assert [capture.name for capture in recorded(path)] == ["cell: nn.GRUCell(8, 2)"]
    with pytest.raises(SpecError, match="one of rnn, cell"):
        rnnviz.record(model, path, names=["other"])


def test_a_path_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(FileError), rnnviz.record(Model(), tmp_path / "no" / "run.rnnviz"):
        pytest.fail("the work began")


def test_what_goes_wrong_later_does_not_stop_the_script(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    model = Model()
    with rnnviz.record(model, folder / "run.rnnviz", range(9)) as recorder:
        trained(model, 1)
        (folder / "run.rnnviz").unlink()
        folder.rmdir()
        with pytest.warns(RuntimeWarning, match=r"nothing more is recorded"):
            trained(model, 2)
    assert recorder.captured == 4


def test_a_model_that_is_never_called_is_said(tmp_path: Path) -> None:
    recorder = rnnviz.record(Model(), tmp_path / "run.rnnviz")
    recorder.__enter__()
    with pytest.warns(RuntimeWarning, match="no batch was captured in 0 calls"):
        recorder.__exit__(None)
