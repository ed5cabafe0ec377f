"""From a document to a run: the module itself, its input, and a Stepper over both."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnnviz.model import binding as model
from rnnviz.model import engine
from rnnviz.model.padding import without_packing
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import Trace
from rnnviz.session import assembly
from rnnviz.session.runner import Cancel, Cancelled
from rnnviz.session.stacks import values_through
from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.model.pipeline import Pipeline, PipelineRun
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
    from rnnviz.model.spec import ModelSpec, Recurrent

_KEPT = 64 << 20  # bytes of weights that are kept as they were drawn

Told = Callable[[int, int], None]
Initial = torch.Tensor | tuple[torch.Tensor, torch.Tensor] | None


@dataclass(frozen=True, eq=False)
class Bound:
    """A module and its arguments: `module(input, hx)` is the run itself, but for clamps.

    Attributes:
        pipeline: what stands around the module as well; None where nothing does.
    """

    document: Document
    module: Recurrent
    input: torch.Tensor | PackedSequence
    hx: Initial
    pipeline: Pipeline | None = None

    def stepper(self) -> Stepper:
        """A Stepper over the run, before its first step."""
        with _own_randomness(self.document):
            return Stepper(self.module, self.input, self.hx, self.document.clamps)

    def whole(self, cancel: Cancel | None = None, told: Told | None = None) -> Trace:
        """The whole run, with its comparisons made.

        Args:
            told: hears now and then how much is done, and of how much.

        Raises:
            Cancelled: where nobody waits for it any more.
        """
        cancel = cancel or Cancel()
        run = self.run(cancel, told)
        cancel.check()
        return self.compare(run)

    def run(self, cancel: Cancel | None = None, told: Told | None = None) -> Trace:
        """The whole run alone.

        Raises:
            Cancelled: where nobody waits for it any more.
        """
        with _own_randomness(self.document):
            binding = model.bind(self.module, self.input, self.hx, self.document.clamps)
        with cancelling():
            given_up = None if cancel is None else cancel.is_set
            return Trace(engine.compute_run(binding, given_up, told=told))

    def compare(self, run: Trace) -> Trace:
        """Has a whole run compared with torch, so that the window finds it done."""
        _ = run.step_difference, run.max_difference, run.value_scale, run.first_not_finite
        document = self.document
        if document.packed and not document.is_fed and len(set(document.lengths)) > 1:
            without_packing(run, document.padding_value)
        return run

    def surround(self, run: Trace) -> PipelineRun | None:
        """The whole model about a whole run; None where the recurrent layers are all of it.

        Raises:
            InputError: where the targets do not fit.
        """
        if self.pipeline is None:
            return None
        return around(self.document, self.pipeline, run)

    def decode(self, pr: PipelineRun) -> SequenceToSequenceRun | None:
        """What the decoder makes of it, where there is one."""
        document = self.document
        if document.decoder is None or self.pipeline is None:
            return None
        model = assembly.assemble_decoder(document, self.pipeline)
        decoder = model.decoder(
            next(iter(pr.tensors.values())).tensor,
            assembly.targets_of(document),
            assembly.lengths_of(document),
            None if document.targets is not None else document.decoder.steps,
            document.decoder.forced and document.targets is not None,
        )
        return decoder.run()


@contextmanager
def cancelling() -> Iterator[None]:
    """Work of the model that was given up ends as work of a runner does."""
    try:
        yield
    except engine.Cancelled:
        raise Cancelled from None


def bind(document: Document, cancel: Cancel | None = None) -> Bound:
    """Build the module of a document, and its input as that module takes it.

    Raises:
        InputError: where the input does not fit what stands in front.
        Cancelled: where nobody waits any more for the stacks before it.
    """
    module = _module(document)
    like = next(module.parameters())
    pipeline, values = None, None
    if not document.is_plain or document.lesson:  # a lesson is told of a whole model
        pipeline = assembly.assemble(without_decoder(document), module)
    if document.front is not None:
        assert pipeline is not None
        values = _grid(document, pipeline.in_front(assembly.batch_of(document)))
    elif document.before:
        values = torch.from_numpy(values_through(document, cancel))
    given = _input(document, like, values)
    return Bound(document, module, given, _initial(document, like), pipeline)


def bind_alone(document: Document) -> PipelineRun:
    """The run of a document without recurrent layers.

    Raises:
        InputError: where the input or the targets do not fit.
    """
    return around(document, assembly.assemble(document, None), None)


def around(document: Document, pipeline: Pipeline, run: Trace | None) -> PipelineRun:
    """The whole model about a run of its recurrent layers.

    Raises:
        InputError: where the input or the targets do not fit.
    """
    targets = None if document.decoder else assembly.targets_of(document)
    batch, lengths = assembly.batch_of(document), assembly.lengths_of(document)
    return pipeline.around(run, batch, targets, _vectors(document, run), lengths)


def without_decoder(document: Document) -> Document:
    """The document's encoder: head and loss are the decoder's, where there is one."""
    return document if document.decoder is None else replace(document, head=None, loss=None)


def padded_values(document: Document) -> NDArray[np.float64]:
    """The values `(N, L, H_in)` with `padding_value` beyond each sequence's length."""
    lengths = np.asarray(document.lengths, dtype=np.int64)
    padding = np.arange(document.L) >= lengths[:, None]
    if not padding.any():
        return document.values
    return np.where(padding[:, :, None], document.padding_value, document.values)


def _module(document: Document) -> Recurrent:
    spec = document.spec
    if document.module is None:
        module = _built(spec)
    else:
        module = copy.deepcopy(document.module)
        module.batch_first, module.dropout = spec.batch_first, spec.dropout
        if isinstance(module, nn.RNN):
            module.nonlinearity = spec.nonlinearity
            module.mode = f"RNN_{spec.nonlinearity.upper()}"
    assembly.put_weights(document, {"recurrent": module})
    _edit_weights(module, document)
    return module.train(document.training)


def _built(spec: ModelSpec) -> Recurrent:
    """The module of a spec; of the last one a copy, which is quicker than to draw it again."""
    return copy.deepcopy(_pristine(spec)) if spec.parameter_bytes <= _KEPT else spec.build()


@lru_cache(maxsize=1)
def _pristine(spec: ModelSpec) -> Recurrent:
    return spec.build()


@torch.no_grad()
def _edit_weights(module: Recurrent, document: Document) -> None:
    """Puts the edited numbers into the module's weights."""
    for edit in document.weight_edits:
        if "." in edit.name:
            continue  # of what stands around
        weight = getattr(module, edit.name)
        place = edit.row if edit.column is None else (edit.row, edit.column)
        weight[place] = _tensor(np.array(edit.value), weight)


def _grid(document: Document, embedded: torch.Tensor) -> torch.Tensor:
    """What comes from in front as (N, L, H_in)."""
    if document.unbatched:
        return embedded.reshape(1, document.L, -1)
    return embedded if document.spec.batch_first else embedded.transpose(0, 1)


def _vectors(document: Document, run: Trace | None) -> Initial:
    """The initial states where they are one vector for all sequences, layers and directions."""
    if run is None or document.initial.kind != "vector":
        return None
    h_0 = run.h_0[0, 0]
    return h_0 if run.c_0 is None else (h_0, run.c_0[0, 0])


def _input(
    document: Document, like: torch.Tensor, embedded: torch.Tensor | None = None
) -> torch.Tensor | PackedSequence:
    """What the module is given: the values, or what stands in front has made of them."""
    if embedded is None:
        values = _tensor(padded_values(document), like)  # (N, L, H_in)
    else:
        values = embedded.to(device=like.device, dtype=like.dtype)
    if document.packed:
        return pack_padded_sequence(
            values,
            torch.tensor(document.lengths, dtype=torch.int64),
            batch_first=True,
            enforce_sorted=document.enforce_sorted,
        )
    if document.unbatched:
        return values[0]
    return values if document.spec.batch_first else values.transpose(0, 1).contiguous()


def _initial(document: Document, like: torch.Tensor) -> Initial:
    initial = document.initial
    if initial.kind == "zeros" or initial.h_0 is None:
        return None
    states = [_tensor(s, like) for s in (initial.h_0, initial.c_0) if s is not None]
    if document.unbatched:
        states = [state[:, 0] for state in states]
    return states[0] if len(states) == 1 else (states[0], states[1])


def _tensor(values: NDArray[np.float64], like: torch.Tensor) -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # beyond float32: infinity, as torch says
        return torch.tensor(values, dtype=torch.float64).to(device=like.device, dtype=like.dtype)


@contextmanager
def _own_randomness(document: Document) -> Iterator[None]:
    """Dropout draws the same masks for the Stepper and the whole run; no one else's change."""
    spec = document.spec
    if not (document.training and spec.dropout and spec.num_layers > 1):
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        yield
