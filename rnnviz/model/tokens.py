"""Tokens and their ids: a vocabulary, text to ids and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, cast

from rnnviz.errors import InputError
from rnnviz.model.memory import format_bytes, memory_limit
from rnnviz.model.texts import UNITS, check_choice, shown, split

if TYPE_CHECKING:  # torch takes seconds to import, and a vocabulary alone needs none of it
    from torch import Tensor

ORDERS = ("appearance", "frequency", "alphabet")


class Encoded(NamedTuple):
    """Texts as ids.

    Attributes:
        ids: (N, L) int64, the id of the padding token beyond a text's end.
        lengths: tokens of each text.
    """

    ids: Tensor
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Tokens in the order of their ids, which count from 0.

    Args:
        tokens: each once; its place is its id.
        padding: the one of them that fills a text up to the longest of its batch, if any.
        unknown: the one of them that stands for whatever is not among them, if any.
        by: what a text is parted into: "words", at white space, or "characters".

    Raises:
        InputError: for a token that is there twice or could never be met with, or a special
            token that is not among them.
    """

    tokens: tuple[str, ...]
    padding: str | None = None
    unknown: str | None = None
    by: str = "words"

    def __post_init__(self) -> None:
        if isinstance(self.tokens, str) or not isinstance(self.tokens, Iterable):
            raise InputError("tokens", expected="a sequence of tokens", got=shown(self.tokens))
        object.__setattr__(self, "tokens", tuple(self.tokens))
        check_choice("by", self.by, UNITS)
        self._check_tokens()
        for name in ("padding", "unknown"):
            token = getattr(self, name)
            if token is not None and token not in self.ids:
                raise InputError(name, expected="one of the tokens, or none", got=shown(token))

    @classmethod
    def of(
        cls,
        texts: str | Iterable[str],
        by: str = "words",
        *,
        padding: str | None = None,
        unknown: str | None = None,
        order: str = "appearance",
        min_count: int = 1,
        max_size: int | None = None,
    ) -> Vocabulary:
        """The vocabulary of a text, or of several.

        Args:
            padding: a token that is put first.
            unknown: a token that is put next.
            order: of the others: "appearance", "frequency" (the most frequent first) or
                "alphabet".
            min_count: leaves out what is rarer.
            max_size: keeps this many, the special ones included: the most frequent.

        Raises:
            InputError: where that leaves no token, or an argument does not fit.
        """
        check_choice("order", order, ORDERS)
        texts = [texts] if isinstance(texts, str) else texts
        counts = Counter(token for text in texts for token in split(text, by))
        special = [token for token in (padding, unknown) if token is not None]
        kept = _kept(counts, special, min_count, max_size)
        if order == "alphabet":
            kept.sort()
        elif order == "appearance":
            first = {token: place for place, token in enumerate(counts)}
            kept.sort(key=first.__getitem__)
        return cls((*special, *kept), padding, unknown, by)

    # Ids both ways.

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """The id of every token."""
        return MappingProxyType({token: place for place, token in enumerate(self.tokens)})

    @property
    def padding_idx(self) -> int | None:
        """The id of the padding token, as `torch.nn.Embedding` calls it; None without one."""
        return None if self.padding is None else self.ids[self.padding]

    @property
    def unknown_idx(self) -> int | None:
        """The id of the unknown token; None without one."""
        return None if self.unknown is None else self.ids[self.unknown]

    def __len__(self) -> int:
        """V, the num_embeddings of a table for it."""
        return len(self.tokens)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self.ids

    def id_of(self, token: str) -> int:
        """The id of a token, that of the unknown one where it is not in the vocabulary.

        Raises:
            InputError: where it is not, and there is no unknown token.
        """
        return self._id(token, "")

    def encode(self, texts: str | Sequence[str] | Sequence[Sequence[str]]) -> Encoded:
        """The ids of texts, or of sequences of tokens that are parted already.

        Args:
            texts: N of them; one string alone is a batch of one.

        Raises:
            InputError: for an empty text, a token that is not in the vocabulary while it has no
                unknown token, or texts of unequal length while it has no padding token.
        """
        import torch

        parted = [
            split(text, self.by) if isinstance(text, str) else list(text)
            for text in ([texts] if isinstance(texts, str) else texts)
        ]
        rows = [
            [self._id(token, f", token {at} of text {n}") for at, token in enumerate(tokens)]
            for n, tokens in enumerate(parted)
        ]
        lengths = tuple(len(row) for row in rows)
        self._check_lengths(lengths)
        fill = self.padding_idx or 0  # nothing is filled where there is no padding token
        ids = torch.full((len(rows), max(lengths)), fill, dtype=torch.int64)
        for n, row in enumerate(rows):
            ids[n, : len(row)] = torch.tensor(row)
        return Encoded(ids, lengths)

    def decode(self, ids: object, lengths: Sequence[int] | None = None) -> list[str]:
        """The texts of ids (N, L) or (L,), without the padding behind them.

        Args:
            ids: a tensor, an array or nested lists of whole numbers.
            lengths: of the texts; by default each ends before its padding tokens.

        Raises:
            InputError: for an id that is not in the vocabulary.
        """
        glue = " " if self.by == "words" else ""
        rows = self.lookup(ids)
        if lengths is not None:
            return [glue.join(row[:n]) for row, n in zip(rows, lengths, strict=True)]
        return [glue.join(self._unpadded(row)) for row in rows]

    def lookup(self, ids: object) -> list[list[str]]:
        """The tokens of ids (N, L) or (L,), padding included, text by text.

        Raises:
            InputError: for an id that is not in the vocabulary.
        """
        rows = _rows(ids)
        for n, row in enumerate(rows):
            for at, value in enumerate(row):
                if not 0 <= value < len(self):
                    raise InputError(
                        "ids",
                        expected=f"0 to {len(self) - 1}",
                        got=f"{value}, token {at} of text {n}",
                    )
        return [[self.tokens[value] for value in row] for row in rows]

    # Editing: a new vocabulary each time.

    def adding(self, *tokens: str, at: int | None = None) -> Vocabulary:
        """With more tokens, behind the others or before the one that has the id `at`."""
        place = len(self) if at is None else at
        return replace(self, tokens=(*self.tokens[:place], *tokens, *self.tokens[place:]))

    def removing(self, *tokens: str) -> Vocabulary:
        """Without some tokens; those behind them move up."""
        for token in tokens:
            self._check_known(token)
        return replace(
            self,
            tokens=tuple(token for token in self.tokens if token not in tokens),
            padding=None if self.padding in tokens else self.padding,
            unknown=None if self.unknown in tokens else self.unknown,
        )

    def renaming(self, token: str, name: str) -> Vocabulary:
        """With another name for a token, which keeps its id."""
        self._check_known(token)
        return replace(
            self,
            tokens=tuple(name if each == token else each for each in self.tokens),
            padding=name if self.padding == token else self.padding,
            unknown=name if self.unknown == token else self.unknown,
        )

    def moving(self, token: str, to: int) -> Vocabulary:
        """With another id for a token; the others make room and keep their order."""
        self._check_known(token)
        if not 0 <= to < len(self):
            raise InputError("id", expected=f"0 to {len(self) - 1}", got=to)
        others = [each for each in self.tokens if each != token]
        return replace(self, tokens=(*others[:to], token, *others[to:]))

    def rows_from(self, before: Vocabulary) -> tuple[int | None, ...]:
        """For each id the one that its token had before, so that a table's rows can follow it."""
        return tuple(before.ids.get(token) for token in self.tokens)

    # What is checked.

    def _check_tokens(self) -> None:
        seen: dict[str, int] = {}
        for place, token in enumerate(self.tokens):
            if not isinstance(token, str) or not token:
                raise InputError(
                    "tokens", expected="text that is not empty", got=f"{token!r} with id {place}"
                )
            if self.by == "words" and len(split(token)) != 1:
                raise InputError(
                    "tokens",
                    expected="words without white space",
                    got=f"{shown(token)} with id {place}",
                )
            if token in seen:
                raise InputError(
                    "tokens",
                    expected="each token once",
                    got=f"{shown(token)} with ids {seen[token]} and {place}",
                )
            seen[token] = place
        if not seen:
            raise InputError("tokens", expected="at least one", got="none")

    def _check_known(self, token: str) -> None:
        if token not in self.ids:
            raise InputError("token", expected="one of the vocabulary", got=shown(token))

    def _check_lengths(self, lengths: tuple[int, ...]) -> None:
        if not lengths:
            raise InputError("texts", expected="at least one", got="none")
        if 0 in lengths:
            raise InputError(
                "texts", expected=f"some {self.by}", got=f"none in text {lengths.index(0)}"
            )
        if self.padding is None and len(set(lengths)) > 1:
            raise InputError(
                "texts",
                expected="one length, or a vocabulary with a padding token",
                got=f"lengths {', '.join(map(str, sorted(set(lengths))))}",
            )
        needed = 8 * len(lengths) * max(lengths)
        if needed > memory_limit():
            raise InputError("texts", expected="ids that fit", got=format_bytes(needed))

    def _id(self, token: str, where: str) -> int:
        found = self.ids.get(token, self.unknown_idx)
        if found is None:
            raise InputError(
                "token",
                expected=f"one of the {len(self)} in the vocabulary, which has no unknown token",
                got=f"{shown(token)}{where}",
            )
        return found

    def _unpadded(self, row: list[str]) -> list[str]:
        end = len(row)
        while end and row[end - 1] == self.padding:
            end -= 1
        return row[:end]


def _kept(
    counts: Counter[str], special: list[str], min_count: int, max_size: int | None
) -> list[str]:
    """What a vocabulary keeps of the tokens that were counted, the most frequent first."""
    frequent = [token for token, count in counts.most_common() if count >= min_count]
    kept = [token for token in frequent if token not in special]
    return kept if max_size is None else kept[: max(0, max_size - len(special))]


def _rows(ids: object) -> list[list[int]]:
    """Ids (N, L) or (L,) as lists."""
    nested = ids.tolist() if hasattr(ids, "tolist") else ids
    if not isinstance(nested, Sequence) or isinstance(nested, str):
        raise InputError("ids", expected="(N, L) or (L,)", got=shown(ids))
    rows = nested if nested and isinstance(nested[0], Sequence) else [nested]
    for row in rows:
        if not isinstance(row, Sequence) or any(type(value) is not int for value in row):
            raise InputError("ids", expected="whole numbers, (N, L) or (L,)", got=shown(row))
    return cast("list[list[int]]", rows)
