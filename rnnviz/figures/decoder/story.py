"""Both halves together: what is fed, chosen and asked for, where it ends, what is lit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.figures.decoder.halves import Half
from rnnviz.figures.memo import Memo
from rnnviz.figures.ranges import Ranges, largest_magnitude, round_limit, value_ranges
from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.view import View
from rnnviz.model.pipeline.decoded import SequenceToSequenceGradients, SequenceToSequenceRun
from rnnviz.model.trace import as_numpy

_MEMO = Memo()
_NEARLY_ALL = 0.97  # of the gradients lie within the range of their colours
_MOST = 1 << 18  # numbers that are looked at to find it


@dataclass(frozen=True, eq=False)
class Story:
    """An encoder that has read, or is reading, and a decoder that writes.

    Attributes:
        view: what is shown.
        around: its surroundings.
        decoded: both runs.
        encoder, decoder: the halves.
    """

    view: View
    around: Surroundings
    decoded: SequenceToSequenceRun
    encoder: Half
    decoder: Half

    @property
    def is_difference(self) -> bool:
        """Whether every number is new − original."""
        return self.view.run.is_difference

    @property
    def returning(self) -> bool:
        """Whether the way back is on show."""
        return self.decoder.gradients is not None

    def current(self, sequence: int) -> tuple[Half, int] | None:
        """The half and timestep that were computed, or come back to, last."""
        if self.returning:
            return self._returned(sequence)
        if self.decoder.done:
            return self.decoder, self.decoder.done - 1
        lit = [advance.t[sequence] for advance in self.view.run.current]
        return (self.encoder, max(lit)) if lit and max(lit) >= 0 else None

    def _returned(self, sequence: int) -> tuple[Half, int] | None:
        half = self.encoder if self.encoder.back else self.decoder
        t = half.run.total - half.back
        return (half, t) if half.back and t < half.length(sequence) else None

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """What the decoder is fed, (L, N)."""
        return self._whole("ids")

    @cached_property
    def source(self) -> NDArray[np.int64] | None:
        """What the encoder is fed, (L, N); None of vectors."""
        pr = self.encoder.pr
        return None if pr.ids is None else pr.grid("ids").numpy()

    @cached_property
    def targets(self) -> NDArray[np.int64] | None:
        """What the decoder is asked for, (L, N); None without."""
        return self._whole("targets") if "targets" in self.decoder.pr.tensors else None

    def _whole(self, name: str) -> NDArray[np.int64]:
        form = self.decoder.pr.form
        found: NDArray[np.int64] = form.grid(self.decoder.pr.tensors[name].tensor).numpy()
        return found

    @cached_property
    def _choices(self) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self.decoder.pr.form.grid(self.decoded.choices).numpy()
        return found

    def chosen(self, t: int, sequence: int) -> int | None:
        """The likeliest token of a step; of a difference the one that was fed on, if any."""
        if not self.is_difference:
            return int(self._choices[t, sequence])
        if self.decoded.forced or t + 1 >= len(self.ids):
            return None
        return int(self.ids[t + 1, sequence])

    @cached_property
    def classes(self) -> int:
        """C, tokens that the decoder can choose."""
        scores = self.decoder.pr.scores
        assert scores is not None
        return int(scores.shape[-1])

    def target(self, t: int, sequence: int) -> int | None:
        """What a step is asked for; None where nothing is."""
        if self.targets is None:
            return None
        found = int(self.targets[t, sequence])
        return found if 0 <= found < self.classes else None

    def is_fed(self, t: int) -> bool:
        """Whether it is known what a step is fed."""
        return t == 0 or self.decoded.forced or t <= self.decoder.done

    def end(self, sequence: int) -> int | None:
        """The step at which a sequence ends: as asked for, else as chosen; None for no end."""
        if self.targets is not None:
            wanted = self.targets[:, sequence]
            found = np.flatnonzero(wanted == self._end)
            return int(found[0]) if len(found) else None
        if self.is_difference:
            known = range(self.decoder.done)
            return next((t for t in known if self.chosen(t, sequence) == self._end), None)
        found = np.flatnonzero(self._choices[: self.decoder.done, sequence] == self._end)
        return int(found[0]) if len(found) else None

    @property
    def _end(self) -> int:
        return self.decoded.model.end

    def values(self, name: str, t: int, sequence: int) -> NDArray[np.floating]:
        """The probabilities or scores of a step, (C,)."""
        form, pr = self.decoder.pr.form, self.decoder.pr
        return as_numpy(form.grid(pr.tensors[name].tensor)[t, sequence])

    def highest(self, name: str) -> NDArray[np.floating]:
        """The largest probability or score of each step, (L, N)."""
        form, tensor = self.decoder.pr.form, self.decoder.pr.tensors[name].tensor
        measure = partial(_highest, form.grid(tensor))
        return _MEMO.get(self.decoder.pr, ("highest", name), measure)

    def limit(self, name: str) -> float:
        """The end of the bars' scale: 1 of probabilities, else the largest."""
        if name == "probabilities" and not self.is_difference:
            return 1.0
        tensor = self.decoder.pr.tensors[name].tensor
        measure = partial(_largest, as_numpy(tensor))
        return _MEMO.get(self.decoder.pr, ("limit", name), measure)

    def loss_at(self, t: int, sequence: int) -> float | None:
        """The loss of a step; None where it does not count."""
        if self.target(t, sequence) is None:
            return None
        return float(self._losses[t, sequence])

    @cached_property
    def _losses(self) -> NDArray[np.floating]:
        return as_numpy(self.decoder.pr.grid("losses"))

    def counted(self, sequence: int) -> tuple[int, int] | None:
        """The first and the last step that is asked for something; None where none is."""
        if self.targets is None:
            return None
        wanted = self.targets[:, sequence]
        found = np.flatnonzero((wanted >= 0) & (wanted < self.classes))
        return (int(found[0]), int(found[-1])) if len(found) else None

    @property
    def loss(self) -> float | None:
        """The reduced loss; None without targets."""
        found = self.decoder.pr.loss
        return None if found is None else float(found)

    @cached_property
    def ranges(self) -> Ranges:
        """The limits of the colours, shared by both halves."""
        whole = self.view.whole
        first = value_ranges(self.encoder.run, whole)
        second = value_ranges(self.decoder.run)
        tensors = ("g", "h", "c", "x")
        state, hidden, wide, entering = (
            max(first.limit(name), second.limit(name)) for name in tensors
        )
        return Ranges(state, hidden, wide, entering)

    @cached_property
    def gradient_limit(self) -> float:
        """The limit of the gradients' colours, shared by all that is shown of them."""
        return _MEMO.get(self.decoded, "gradient limit", self._measure_gradients)

    def _measure_gradients(self) -> float:
        found: list[NDArray[np.floating]] = [np.zeros(1)]
        for half in (self.encoder, self.decoder):
            assert half.gradients is not None
            for layer in range(half.run.num_layers):
                both = half.gradients.h(layer), half.gradients.c(layer)
                found += [_sample(as_numpy(each)) for each in both if each is not None]
        sizes = np.abs(np.concatenate(found))
        sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
        return round_limit(float(np.quantile(sizes, _NEARLY_ALL))) if sizes.size else 1.0


def _sample(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Numbers evenly taken from an array, no more than are needed to measure it."""
    flat = values.reshape(-1)
    found: NDArray[np.floating] = flat[:: max(1, flat.size // _MOST)]
    return found


def _largest(values: NDArray[np.floating]) -> float:
    return round_limit(largest_magnitude(values))


def _highest(grid: Tensor) -> NDArray[np.floating]:
    found: NDArray[np.floating] = as_numpy(grid.amax(dim=-1))
    return found


def story_of(view: View) -> Story:
    """What a view tells of an encoder and a decoder."""
    around = view.around
    assert around is not None
    decoded = around.decoded
    assert decoded is not None
    after = decoded.decoder.run
    assert after is not None
    found = gradients_of(view)
    back = 0 if around.returned is None else around.returned
    steps = min(back, after.total)
    before_back = min(back - steps, view.run.total)
    before = None if found is None else found.encoder.recurrent
    behind = None if found is None else found.decoder.recurrent
    encoder = Half("", decoded.encoder, view.run, view.run.position, before, before_back)
    done = min(around.decoder_steps, after.total)
    return Story(
        view,
        around,
        decoded,
        encoder,
        Half("decoder.", decoded.decoder, after, done, behind, steps),
    )


def gradients_of(view: View) -> SequenceToSequenceGradients | None:
    """The gradients of both halves, where the way back is on show."""
    around = view.around
    if around is None or around.decoded is None or around.returned is None:
        return None
    decoded = around.decoded
    if decoded.loss is None or view.run.is_difference:
        return None
    if isinstance(around.gradients, SequenceToSequenceGradients):
        return around.gradients
    return decoded.gradients
