"""Small tasks to learn: each draws its batches from a seed.

References:
    Hochreiter and Schmidhuber, Long Short-Term Memory, 1997 (adding);
    Arjovsky, Shah and Bengio, Unitary Evolution Recurrent Neural Networks, 2016 (copy);
    Sutskever, Vinyals and Le, Sequence to Sequence Learning with Neural Networks, 2014 (reverse).
"""

from __future__ import annotations

import math
import string
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from rnnviz.errors import SpecError
from rnnviz.model.texts import split
from rnnviz.model.tokens import Vocabulary
from rnnviz.model.training.spec import check_at_least
from rnnviz.model.training.task import Drawn, Task

IGNORED = -100  # torch's ignore_index
TEXT = (
    "the sun warms the sea and the sea feeds the cloud "
    "the cloud feeds the rain and the rain feeds the river "
    "the river feeds the sea and the sun warms the sea again"
)


@dataclass(frozen=True, kw_only=True)
class NextWord(Task):
    """Windows of a text, each to be continued: the target at t is the input at t + 1.

    Args:
        text: what to learn.
        by: "words" or "characters".
        length: L of a window.
        known: its vocabulary; that of the text if None.

    Raises:
        InputError: where the text has a token that `known` does not have.
    """

    text: str = TEXT
    by: str = "words"
    length: int = 8
    known: Vocabulary | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least("length", self.length, 1)
        tokens = len(split(self.text, self.by))
        if tokens <= self.length:
            raise SpecError(
                "text", expected=f"at least {self.length + 1} {self.by} (length + 1)", got=tokens
            )
        _ = self._windows  # so that a strange token is told of here

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The text's tokens in order of appearance, unless another is given."""
        return self.known or Vocabulary.of(self.text, self.by)

    @property
    def out_features(self) -> int:
        return len(self.vocabulary)

    @cached_property
    def _windows(self) -> Tensor:
        tokens = split(self.text, self.by)
        return self.vocabulary.encode([tokens]).ids[0].unfold(0, self.length + 1, 1)

    def draw(self, N: int, generator: torch.Generator) -> Drawn:  # noqa: N803
        windows = self._windows[torch.randint(len(self._windows), (N,), generator=generator)]
        return Drawn(windows[:, :-1], windows[:, 1:])


@dataclass(frozen=True, kw_only=True)
class Copy(Task):
    """Symbols to be said again, in their order, after a time of blanks.

    L is 2 · length + delay: the symbols, blanks, a mark, and blanks while they are said.

    Args:
        symbols: how many there are to choose from.
        length: symbols to remember.
        delay: timesteps from the last of them to where the first is asked for.
    """

    symbols: int = 6
    length: int = 3
    delay: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least("symbols", self.symbols, 1)
        check_at_least("length", self.length, 1)
        check_at_least("delay", self.delay, 1)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Blank, the symbols, and the mark."""
        return Vocabulary(("_", *_names(self.symbols), "?"))

    @property
    def out_features(self) -> int:
        return len(self.vocabulary)

    def draw(self, N: int, generator: torch.Generator) -> Drawn:  # noqa: N803
        symbols = torch.randint(1, self.symbols + 1, (N, self.length), generator=generator)
        ids = torch.zeros(N, 2 * self.length + self.delay, dtype=torch.int64)
        target = ids.clone()
        ids[:, : self.length] = symbols
        ids[:, self.length + self.delay - 1] = self.symbols + 1
        target[:, -self.length :] = symbols
        return Drawn(ids, target)


@dataclass(frozen=True, kw_only=True)
class Adding(Task):
    """Numbers from 0 to 1, two of which are marked: their sum is asked for at the end.

    One mark lies in the first half and one in the second.

    Args:
        length: L.
    """

    length: int = 10

    on: ClassVar[str] = "last"
    loss: ClassVar[str] = "mse"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least("length", self.length, 2)

    @property
    def input_size(self) -> int:
        """The number, and whether it is marked."""
        return 2

    @property
    def out_features(self) -> int:
        return 1

    def draw(self, N: int, generator: torch.Generator) -> Drawn:  # noqa: N803
        numbers = torch.rand(N, self.length, generator=generator, dtype=torch.float64)
        half = self.length // 2
        first = torch.randint(half, (N, 1), generator=generator)
        second = torch.randint(half, self.length, (N, 1), generator=generator)
        marks = torch.zeros_like(numbers).scatter_(1, torch.cat([first, second], dim=1), 1.0)
        return Drawn(torch.stack([numbers, marks], dim=-1), (numbers * marks).sum(1, keepdim=True))


@dataclass(frozen=True, kw_only=True)
class Parity(Task):
    """Zeros and ones; at every timestep the class is whether the ones so far are odd.

    Args:
        length: L.
    """

    length: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least("length", self.length, 1)

    @property
    def input_size(self) -> int:
        """A bit."""
        return 1

    @property
    def out_features(self) -> int:
        """Even and odd."""
        return 2

    def draw(self, N: int, generator: torch.Generator) -> Drawn:  # noqa: N803
        bits = torch.randint(2, (N, self.length), generator=generator)
        return Drawn(bits[..., None].double(), bits.cumsum(1) % 2)


@dataclass(frozen=True, kw_only=True)
class Sine(Task):
    """A sine wave from anywhere in its course; the target at t is its value at t + 1.

    Args:
        length: L.
        shortest, longest: period, in timesteps.
    """

    length: int = 25
    shortest: float = 10.0
    longest: float = 25.0

    loss: ClassVar[str] = "mse"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least("length", self.length, 1)
        if not 0 < self.shortest <= self.longest < math.inf:
            raise SpecError(
                "longest",
                expected=f"at least {self.shortest} (shortest), above 0",
                got=self.longest,
            )

    @property
    def input_size(self) -> int:
        """The wave's value."""
        return 1

    @property
    def out_features(self) -> int:
        return 1

    def draw(self, N: int, generator: torch.Generator) -> Drawn:  # noqa: N803
        phase, share = torch.rand(2, N, 1, generator=generator, dtype=torch.float64)
        period = self.shortest + (self.longest - self.shortest) * share
        t = torch.arange(self.length + 1, dtype=torch.float64)
        wave = torch.sin(2 * math.pi * (t / period + phase))[..., None]
        return Drawn(wave[:, :-1], wave[:, 1:])


@dataclass(frozen=True, kw_only=True)
class Reverse(Task):
    """Sequence to sequence: symbols to be said in the opposite order, and then the end token.

    Targets are (L + 1), those behind a sequence's end token −100.

    Args:
        symbols: how many there are to choose from.
        length: L, of the longest.
        shortest: of the shortest, where lengths are to differ.
    """

    symbols: int = 8
    length: int = 6
    shortest: int | None = None

    aligned: ClassVar[bool] = False
    padding: ClassVar[str] = "<pad>"
    start: ClassVar[str] = "<s>"
    end: ClassVar[str] = "</s>"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least("symbols", self.symbols, 1)
        check_at_least("length", self.length, 1)
        if self.shortest is not None:
            check_at_least("shortest", self.shortest, 1)
            if self.shortest > self.length:
                raise SpecError(
                    "shortest", expected=f"at most {self.length} (length)", got=self.shortest
                )

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Padding, start and end, and the symbols."""
        special = (self.padding, self.start, self.end)
        return Vocabulary((*special, *_names(self.symbols)), padding=self.padding)

    @property
    def start_idx(self) -> int:
        """The id that a decoder is given first."""
        return self.vocabulary.ids[self.start]

    @property
    def end_idx(self) -> int:
        """The id that ends what a decoder says."""
        return self.vocabulary.ids[self.end]

    @property
    def out_features(self) -> int:
        return len(self.vocabulary)

    def draw(self, N: int, generator: torch.Generator) -> Drawn:  # noqa: N803
        first = self.end_idx + 1
        ids = torch.randint(first, first + self.symbols, (N, self.length), generator=generator)
        if self.shortest is None:
            end = torch.full((N, 1), self.end_idx)
            return Drawn(ids, torch.cat([ids.flip(1), end], dim=1))
        lengths = torch.randint(self.shortest, self.length + 1, (N,), generator=generator)
        return self._padded(ids, lengths[:, None])

    def _padded(self, ids: Tensor, lengths: Tensor) -> Drawn:
        """Sequences cut off at their lengths (N, 1)."""
        at = torch.arange(self.length + 1)
        target = ids.gather(1, (lengths - 1 - at).clamp(min=0))
        target = torch.where(at == lengths, self.end_idx, target)
        target = torch.where(at > lengths, IGNORED, target)
        ids = torch.where(at[:-1] < lengths, ids, self.vocabulary.ids[self.padding])
        return Drawn(ids, target, tuple(lengths[:, 0].tolist()))


TASKS: dict[str, type[Task]] = {
    "next word": NextWord,
    "copy": Copy,
    "adding": Adding,
    "parity": Parity,
    "sine": Sine,
    "reverse": Reverse,
}


def _names(count: int) -> tuple[str, ...]:
    """Letters, and numbered ones where they do not reach."""
    letters = string.ascii_lowercase
    return tuple(
        letters[n] if n < len(letters) else f"{letters[n % len(letters)]}{n // len(letters)}"
        for n in range(count)
    )
