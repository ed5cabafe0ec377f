"""A whole model: what stands in front, the recurrent layers, what stands behind, and the loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import InputError, SpecError
from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Initial
from rnnviz.model.building import read_module
from rnnviz.model.pipeline.behind import behind
from rnnviz.model.pipeline.embedding import (
    Embedding,
    embed,
    module_of,
    read_batch,
    takes_ids,
    width_of,
)
from rnnviz.model.pipeline.fit import check_fit, check_kinds
from rnnviz.model.pipeline.form import Form
from rnnviz.model.pipeline.head import Head
from rnnviz.model.pipeline.initial import InitialState, read_initial
from rnnviz.model.pipeline.loss import Loss
from rnnviz.model.pipeline.named import Named
from rnnviz.model.pipeline.run import PipelineRun
from rnnviz.model.spec import ModelSpec
from rnnviz.model.trace import Trace, trace
from rnnviz.model.weights import live_weights

if TYPE_CHECKING:
    from rnnviz.model.pipeline.form import Lengths
    from rnnviz.model.spec import Recurrent


@dataclass(frozen=True, eq=False, init=False)
class Pipeline:
    """Torch's own modules, one after another. Each part may be left out.

    Shapes: L timesteps, N sequences, V `num_embeddings` or `num_classes`, E `embedding_dim`,
    H_in `input_size`, H_out `proj_size` or else `hidden_size`, D directions, C `out_features`.

    Args:
        embedding: `nn.Embedding` or `OneHot` for batches of ids, `nn.Linear` or None for
            batches of vectors.
        recurrent: a `torch.nn.RNN`, `LSTM` or `GRU`, or the `ModelSpec` of one.
        head: a `Head`, or an `nn.Linear` to be put on every timestep.
        loss: a `Loss` or its kind, such as "cross_entropy".
        batch_first: whether N stands before L in a batch; as the recurrent module says if None,
            and False without one.
        seed: what `torch.manual_seed` was given before the modules were made, in this order; it
            is only used to write shorter scripts, and None is always right.

    Raises:
        SpecError: where two parts do not fit each other.

    Example:
        >>> words = Pipeline(nn.Embedding(4, 5), nn.RNN(5, 5), nn.Linear(5, 4), "cross_entropy")
        >>> pr = words.run(torch.tensor([[1, 3], [2, 2], [3, 1]]), targets=labels)
        >>> pr.tensors["scores"].legend
        '(L, N, C) = (3, 2, 4)'
    """

    embedding: Embedding
    recurrent: Recurrent | None
    head: Head | None
    loss: Loss | None
    batch_first: bool
    seed: int | None
    recurrent_seed: int | None = field(init=False)  # of a spec

    def __init__(
        self,
        embedding: Embedding = None,
        recurrent: Recurrent | ModelSpec | None = None,
        head: Head | nn.Linear | None = None,
        loss: Loss | str | None = None,
        batch_first: bool | None = None,
        seed: int | None = None,
    ) -> None:
        given = recurrent if isinstance(recurrent, ModelSpec) else None
        parts = {
            "embedding": embedding,
            "recurrent": recurrent if given is None else given.build(),
            "head": Head(head) if isinstance(head, nn.Linear) else head,
            "loss": Loss(loss) if isinstance(loss, str) else loss,
            "batch_first": batch_first,
            "seed": seed,
            "recurrent_seed": None if given is None else given.seed,
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)
        check_kinds(self)
        if batch_first is None:
            theirs = self.recurrent is not None and bool(self.recurrent.batch_first)
            object.__setattr__(self, "batch_first", theirs)
        check_fit(self)

    @property
    def spec(self) -> ModelSpec | None:
        """The recurrent module's arguments."""
        return None if self.recurrent is None else read_module(self.recurrent)

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights and of every value; torch's default where there is no weight."""
        for _, parameter in self.named_parameters():
            return parameter.dtype
        return torch.get_default_dtype()

    @property
    def modules(self) -> dict[str, nn.Module]:
        """The torch modules by part: "embedding", "recurrent", "head"."""
        parts: dict[str, nn.Module | None] = {
            "embedding": module_of(self.embedding),
            "recurrent": self.recurrent,
            "head": None if self.head is None else self.head.linear,
        }
        return {name: module for name, module in parts.items() if module is not None}

    @property
    def classes(self) -> int | None:
        """C, the features of the scores; None where they are those of a batch of vectors."""
        if self.head is not None:
            return self.head.linear.out_features
        spec = self.spec
        if spec is not None:
            return spec.num_directions * spec.output_size
        return width_of(self.embedding)

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The live parameters, such as "head.weight", in the order of the parts."""
        for part, module in self.modules.items():
            for name, parameter in module.named_parameters():
                yield f"{part}.{name}", parameter

    def parameters(self) -> Iterator[nn.Parameter]:
        """The live parameters, each once, as an optimizer takes them."""
        yield from {id(parameter): parameter for _, parameter in self.named_parameters()}.values()

    def weights(self) -> dict[str, Tensor]:
        """What the modules' next call would use, by part and by PyTorch's name.

        So also where a weight is computed from others (`weight_norm` and the like); those of
        embedding and head have gradients.
        """
        found: dict[str, Tensor] = {}
        for part, module in self.modules.items():
            if part == "recurrent" and self.recurrent is not None:
                inner = live_weights(self.recurrent, read_module(self.recurrent))
            else:
                known = {name: getattr(module, name, None) for name in ("weight", "bias")}
                inner = {name: weight for name, weight in known.items() if weight is not None}
            found |= {f"{part}.{name}": weight for name, weight in inner.items()}
        return found

    @plain_arithmetic()
    def run(
        self,
        batch: Any,
        targets: Any = None,
        hx: Initial = None,
        lengths: Lengths = None,
    ) -> PipelineRun:
        """Computes the whole of it in the open and keeps every tensor on the way.

        Args:
            batch: ids (L, N), (N, L) under batch_first, or (L,) for one unbatched sequence; or
                vectors, with their features as a last axis. Without a recurrent module a single
                axis is N. A lone vector (H_in,) is one timestep.
            targets: class ids or values, as `Loss.flat_targets` takes them; None for no loss.
            hx: as `trace` takes it; or one vector (H,) for each state, broadcast over the batch.
            lengths: of each sequence, (N,), where the batch is padded: it is then packed, and
                what lies beyond counts in no loss.

        Returns:
            The run, with a snapshot of all it follows from.

        Raises:
            InputError: for what does not fit, in the words of its field.
        """
        values, form = self.read(batch, lengths)
        weights = self._snapshot()
        front = embed(self.embedding, values, weights, form, self.dtype)
        run, initial = None, self._initial(hx, form)
        if self.recurrent is not None:
            embedded = next(reversed(front.values())).tensor
            given = form.to_module(embedded.to(next(self.recurrent.parameters()).device))
            run = trace(self.recurrent, given, initial.hx)
        return self._completed(front, form, weights, run, initial, targets)

    @plain_arithmetic()
    def in_front(self, batch: Any, lengths: Lengths = None) -> Tensor:
        """What the recurrent layers are given: (leading axes, H_in)."""
        values, form = self.read(batch, lengths)
        front = embed(self.embedding, values, self._snapshot(), form, self.dtype)
        return next(reversed(front.values())).tensor

    @plain_arithmetic()
    def around(
        self,
        run: Trace | None,
        batch: Any,
        targets: Any = None,
        hx: Initial = None,
        lengths: Lengths = None,
    ) -> PipelineRun:
        """The whole of it about recurrent layers that were run already.

        Args:
            run: of the recurrent module on what `in_front` gives for this batch, with whatever
                was forced in it; None without recurrent layers.
            batch, targets, hx, lengths: as of `run`; of `hx`, whether it is one vector.
        """
        values, form = self.read(batch, lengths)
        weights = self._snapshot()
        front = embed(self.embedding, values, weights, form, self.dtype)
        return self._completed(front, form, weights, run, self._initial(hx, form), targets)

    def _completed(
        self,
        tensors: dict[str, Named],
        form: Form,
        weights: dict[str, Tensor],
        run: Trace | None,
        initial: InitialState,
        targets: Any,
    ) -> PipelineRun:
        embedded = next(reversed(tensors.values())).tensor
        if run is not None:
            tensors |= initial.named(run)
            tensors |= _recurrent_tensors(run.output, run.h_n, run.c_n, form)
        target = self._read_targets(targets)
        output, h_n = _ends(tensors, embedded)
        tensors |= behind(
            self.head, self.loss, output, h_n, weights, form, target, self._directions
        )
        return PipelineRun(self, form, weights, tensors, run, initial.is_broadcast)

    def forward(self, batch: Any, hx: Initial = None, lengths: Lengths = None) -> dict[str, Named]:
        """The same by calling the live modules, with gradients and without a trace.

        This is what training calls: torch's fused kernels, every parameter in the graph.

        Returns:
            The tensors that `run` gives, up to the probabilities.
        """
        return self._by_modules(batch, None, hx, lengths)

    def forward_loss(
        self, batch: Any, targets: Any, hx: Initial = None, lengths: Lengths = None
    ) -> Tensor:
        """The loss by calling the live modules, to call `backward()` on: ().

        Raises:
            SpecError: where the pipeline has no loss.
        """
        if self.loss is None:
            raise SpecError("loss", expected="a Loss, to be trained with", got=None)
        return self._by_modules(batch, targets, hx, lengths)["loss"].tensor

    def code(self) -> str:
        """The lines of PyTorch that make these very modules, weights included."""
        from rnnviz.model.pipeline.code import modules_code

        return modules_code(self)

    def read(self, batch: Any, lengths: Lengths = None) -> tuple[Tensor, Form]:
        """A batch, checked and copied, and how it lies.

        Raises:
            InputError: for what does not fit.
        """
        values = read_batch(self.embedding, batch, self.dtype)
        leading = values.shape if takes_ids(self.embedding) else values.shape[:-1]
        sequences = self.recurrent is not None
        return values, Form.of(tuple(leading), self.batch_first, sequences, lengths)

    def _by_modules(
        self, batch: Any, targets: Any, hx: Initial, lengths: Lengths
    ) -> dict[str, Named]:
        values, form = self.read(batch, lengths)
        weights = self.weights()
        tensors = embed(self.embedding, values, weights, form, self.dtype)
        embedded = next(reversed(tensors.values())).tensor
        if self.recurrent is not None:
            output, final = self.recurrent(form.to_module(embedded), self._initial(hx, form).hx)
            h_n, c_n = final if isinstance(final, tuple) else (final, None)
            tensors |= _recurrent_tensors(output, h_n, c_n, form)
        target = self._read_targets(targets)
        output, h_n = _ends(tensors, embedded)
        return tensors | behind(
            self.head, self.loss, output, h_n, weights, form, target, self._directions
        )

    def _snapshot(self) -> dict[str, Tensor]:
        """Copies of what stands before and behind; the trace keeps its own."""
        copies = {
            name: weight.detach().to("cpu", copy=True)
            for name, weight in self.weights().items()
            if not name.startswith("recurrent.")
        }
        for name, weight in copies.items():
            wrong = (~weight.isfinite()).nonzero()
            if len(wrong):
                place = tuple(wrong[0].tolist())
                where = f"row {place[0]}" + (f", column {place[1]}" if len(place) > 1 else "")
                raise InputError(
                    name, expected="finite numbers", got=f"{weight[place].item()} in {where}"
                )
        return copies

    def _initial(self, hx: Initial, form: Form) -> Any:
        return read_initial(self.spec, hx, form)

    def _read_targets(self, targets: Any) -> Tensor | None:
        if targets is None:
            return None
        if self.loss is None:
            raise InputError("targets", expected="None without a loss", got=type(targets).__name__)
        try:
            return torch.as_tensor(targets, device="cpu").detach()
        except (TypeError, ValueError, RuntimeError):
            raise InputError(
                "targets", expected="a tensor", got=f"a {type(targets).__name__}"
            ) from None

    @property
    def _directions(self) -> int:
        return 1 if self.spec is None else self.spec.num_directions


def _recurrent_tensors(
    output: Tensor | PackedSequence, h_n: Tensor, c_n: Tensor | None, form: Form
) -> dict[str, Named]:
    batch = ("N",) if "N" in form.axes else ()
    tensors = {
        "output": Named(form.from_module(output), (*form.axes, "D * H_out")),
        "h_n": Named(h_n, ("D * num_layers", *batch, "H_out")),
    }
    if c_n is not None:
        tensors["c_n"] = Named(c_n, ("D * num_layers", *batch, "H_cell"))
    return tensors


def _ends(tensors: dict[str, Named], embedded: Tensor) -> tuple[Tensor, Tensor | None]:
    """What goes on behind: the output, or without recurrent layers what stands in front."""
    if "output" not in tensors:
        return embedded, None
    return tensors["output"].tensor.to(embedded.device), tensors["h_n"].tensor
