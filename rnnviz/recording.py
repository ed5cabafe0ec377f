"""Recurrent modules recorded inside a training script, to be looked into later and elsewhere."""

from __future__ import annotations

import os
import warnings
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rnnviz.errors import FileError, RnnvizError
from rnnviz.model.capturing import Found, Watch, chosen, runs_of

if TYPE_CHECKING:
    from torch import nn
    from torch.utils.hooks import RemovableHandle

    from rnnviz.session.saved import Captured

MOST = 1000  # runs in a file
LARGEST = 1 << 30  # bytes of numbers in a file


def record(
    model: nn.Module,
    path: str | os.PathLike[str],
    batches: Iterable[int] = (0,),
    names: Sequence[str] | None = None,
) -> Recorder:
    """Record what a model's recurrent modules receive, in chosen batches, to a file.

    A batch is a call of the model, counted from 0. Each that is chosen is written at once, with
    the weights as they are then, so that the file is there whatever becomes of the script; the
    model is left as it was. `rnnviz PATH` opens the file.

        with rnnviz.record(model, "run.rnnviz", batches=range(0, 1000, 100)):
            train(model)

    Args:
        model: any module with an `nn.RNN`, `LSTM`, `GRU` or one of their cells inside.
        path: of the file, which is replaced where it is there.
        batches: numbers of the batches that are captured, such as a range.
        names: qualified names of the modules that are wanted; None for all.

    Raises:
        SpecError: where there is no recurrent module inside, or none of such a name.
        FileError: where the file cannot be written.
    """
    return Recorder(model, Path(path), batches, chosen(model, names))


class Recorder:
    """Records while it is on; `record` makes one.

    Attributes:
        count: batches so far.
        captured: runs in the file so far.
    """

    def __init__(
        self, model: nn.Module, path: Path, batches: Iterable[int], modules: Sequence[Found]
    ) -> None:
        self._model, self._path, self._modules = model, path, modules
        self._batches: Container[int] = batches if isinstance(batches, range) else set(batches)
        self._handles: list[RemovableHandle] = []
        self._watch: Watch | None = None
        self._runs: list[Captured] = []
        self._bytes = 0
        self.count = 0

    @property
    def captured(self) -> int:
        """Runs in the file so far."""
        return len(self._runs)

    def __enter__(self) -> Self:
        self._write()  # what keeps the file from being written is told before the work begins
        self._handles = [
            self._model.register_forward_pre_hook(self._begin),
            self._model.register_forward_hook(self._end, always_call=True),
        ]
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._remove_hooks()
        self._stop_watching()
        if kind is None and not self._runs:
            problem = f"no batch was captured in {self.count} calls of the model"
            warnings.warn(f"{self._path}: {problem}", RuntimeWarning, stacklevel=2)

    def _begin(self, *_: Any) -> None:
        """Before a batch: nothing, where it is not one of those."""
        if self.count in self._batches and self._watch is None:
            self._watch = Watch(self._modules)
            self._watch.__enter__()

    def _end(self, *_: Any) -> None:
        """After a batch: the calls that were noted become runs in the file."""
        number, self.count = self.count, self.count + 1
        watch = self._stop_watching()
        if watch is None:
            return
        try:
            self._keep(number, watch)
            self._write()
        except RnnvizError as problem:  # the script goes on: its work is worth more
            self._remove_hooks()
            warnings.warn(f"nothing more is recorded: {problem}", RuntimeWarning, stacklevel=2)

    def _keep(self, number: int, watch: Watch) -> None:
        from rnnviz.session.adoption import adopt_module
        from rnnviz.session.saved import Captured

        for run in runs_of(self._modules, watch.calls):
            document = replace(adopt_module(run.module, run.input, run.hx), title=run.text)
            self._bytes += document.values.nbytes + document.spec.parameter_count * 8
            if len(self._runs) >= MOST or self._bytes > LARGEST:
                raise FileError(f"{self._path}: it would hold more than {MOST} runs or 1 GiB")
            self._runs.append(Captured(run.text, number, document))

    def _remove_hooks(self) -> None:
        while self._handles:
            self._handles.pop().remove()

    def _stop_watching(self) -> Watch | None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.__exit__()
        return watch

    def _write(self) -> None:
        from rnnviz import __version__
        from rnnviz.files.container import write_container
        from rnnviz.session.saved import saved_recording

        write_container(self._path, saved_recording(self._runs, __version__))
