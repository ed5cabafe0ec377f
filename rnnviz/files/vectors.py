"""Word vectors from text files in the format of GloVe or word2vec.

A line holds a word and its numbers, parted by single spaces (or tabs). word2vec's format, which
fastText's .vec files share, says on a line before them how many words and numbers there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import FileError, InputError
from rnnviz.files.reading import checked_size, reason
from rnnviz.model.memory import format_bytes, memory_limit

LARGEST_VECTORS = 64 << 30
LONGEST_LINE = 1 << 20
BYTES_BETWEEN_REPORTS = 4 << 20

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_KINDS = {
    b"\x1f\x8b": "it is compressed: unpack it first",
    b"PK\x03\x04": "it is a zip archive: unpack it first",
    b"\xff\xfe": "it is not text in UTF-8",
    b"\xfe\xff": "it is not text in UTF-8",
}

Progress = Callable[[int, int], object]


@dataclass(frozen=True, eq=False)
class WordVectors:
    """The vectors of some words.

    Attributes:
        words: those that were asked for, V of them.
        values: (V, E); zeros for a word that the file does not hold.
        found: (V,) bool, which words it holds.
        count: words in the file.
    """

    words: tuple[str, ...]
    values: NDArray[np.float64]
    found: NDArray[np.bool_]
    count: int

    @property
    def embedding_dim(self) -> int:
        """E."""
        return int(self.values.shape[1])

    @property
    def missing(self) -> tuple[str, ...]:
        """The words that the file does not hold."""
        return tuple(word for word, held in zip(self.words, self.found, strict=True) if not held)


def read_vectors(
    path: Path,
    words: Iterable[str],
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> WordVectors:
    """The vectors of some words, out of a file of any size.

    Every line is counted through, but only those of the wanted words are kept, and only their
    numbers are read: memory is that of the result.

    Args:
        words: a vocabulary, or any words, each once.
        progress: told every few MiB how many bytes are read, and of how many.
        cancelled: asked as often whether to give up.

    Raises:
        FileError: where the file cannot be read, or holds what is none of this, with the line.
        InputError: where a word is asked for twice.
        Cancelled: where it said so.
    """
    wanted = tuple(words)
    if len(set(wanted)) < len(wanted):
        twice = next(word for word in wanted if wanted.count(word) > 1)
        raise InputError("words", expected="each once", got=f"{twice!r} twice")
    size = checked_size(path, LARGEST_VECTORS)
    reader = _Reader(path, wanted, size, progress, cancelled)
    try:
        with path.open("rb") as file:
            return reader.read(file)
    except OSError as error:
        raise FileError(f"cannot read {path}: {reason(error)}") from None


class _Shape(NamedTuple):
    """What the beginning of a file tells of the rest.

    Attributes:
        dimension: numbers of a line.
        separator: one byte.
        declared: words that word2vec's first line promises; None in GloVe's format.
    """

    dimension: int
    separator: bytes
    declared: int | None


class _Reader:
    """One reading of a file, line by line."""

    def __init__(
        self,
        path: Path,
        words: tuple[str, ...],
        size: int,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._path = path
        self._words = words
        self._rows = {word.encode("utf-8", "surrogatepass"): n for n, word in enumerate(words)}
        self._size = size
        self._progress = progress
        self._cancelled = cancelled
        self._line = 0

    def read(self, file: BinaryIO) -> WordVectors:
        shape = self._shape(file)
        self._check_memory(shape.dimension)
        values = np.zeros((len(self._words), shape.dimension))
        lines: dict[int, int] = {}  # of a row, where it was found
        count = 0
        for line in self._lines(file):
            word, numbers = self._parted(line, shape)
            count += 1
            row = self._rows.get(word)
            if row is None:
                continue
            if row in lines:
                self._refuse(f"{_shown(word)} is there already, in line {lines[row]}")
            lines[row] = self._line
            values[row] = self._numbers(word, numbers, shape)
        self._check_count(count, shape)
        found = np.zeros(len(self._words), dtype=bool)
        found[list(lines)] = True
        return WordVectors(self._words, values, found, count)

    def _shape(self, file: BinaryIO) -> _Shape:
        """Looks at the first two lines, and goes back to where the words begin."""
        start = file.read(4)
        for mark, why in _OTHER_KINDS.items():
            if start.startswith(mark):
                raise FileError(f"cannot read {self._path}: {why}")
        begin = len(_BYTE_ORDER_MARK) if start.startswith(_BYTE_ORDER_MARK) else 0
        file.seek(begin)
        first, second = self._first_two(file)
        separator = b"\t" if b"\t" in first + second else b" "
        declared = _declared(first, second, separator)
        if declared is not None:
            self._line = 1
            file.seek(begin)
            file.readline(LONGEST_LINE)
            return _Shape(declared[1], separator, declared[0])
        file.seek(begin)
        self._line = 0
        dimension = _dimension(first, separator)
        if dimension < 1:
            self._line = 1
            self._refuse("expected a word and its numbers, parted by single spaces")
        return _Shape(dimension, separator, None)

    def _first_two(self, file: BinaryIO) -> tuple[bytes, bytes]:
        lines = [self._checked(file.readline(LONGEST_LINE)) for _ in range(2)]
        if not lines[0].strip():
            raise FileError(f"cannot read {self._path}: expected word vectors, got none")
        return lines[0].rstrip(), lines[1].rstrip()

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        """The lines that are not blank, their ends cut off; tells how far it is."""
        done = file.tell()
        next_report = done
        while line := file.readline(LONGEST_LINE):
            if done >= next_report:
                self._report(done)
                next_report = done + BYTES_BETWEEN_REPORTS
            done += len(line)
            line = self._checked(line).rstrip(b" \t\r\n")
            if line:
                yield line
        self._report(done)

    def _checked(self, line: bytes) -> bytes:
        self._line += 1
        if len(line) == LONGEST_LINE:
            self._refuse(f"expected a line of less than {format_bytes(LONGEST_LINE)}")
        return line

    def _parted(self, line: bytes, shape: _Shape) -> tuple[bytes, bytes]:
        """A word and its numbers, as they stand there."""
        separator = shape.separator
        excess = line.count(separator) - shape.dimension
        if excess == 0:
            at = line.find(separator)
            return line[:at], line[at + 1 :]
        word, *numbers = line.rsplit(separator, shape.dimension)
        # A few words of the largest files hold spaces themselves.
        if excess < 0 or any(_is_number(part) for part in word.split(separator)[1:]):
            parts = line.split(separator)
            self._refuse(
                f"expected {_counted(shape.dimension, 'number')} after {_shown(parts[0])}, "
                f"as {self._promise(shape)}, got {len(parts) - 1}"
            )
        return word, separator.join(numbers)

    def _promise(self, shape: _Shape) -> str:
        return "in line 1" if shape.declared is None else "line 1 says"

    def _numbers(self, word: bytes, numbers: bytes, shape: _Shape) -> list[float]:
        values = []
        for part in numbers.split(shape.separator):
            if not _is_number(part):
                self._refuse(f"expected a number for {_shown(word)}, got {_shown(part)}")
            values.append(float(part))
        if not all(map(math.isfinite, values)):
            wrong = next(value for value in values if not math.isfinite(value))
            self._refuse(f"expected finite numbers for {_shown(word)}, got {wrong}")
        return values

    def _check_memory(self, dimension: int) -> None:
        needed = 8 * dimension * len(self._words)
        if needed > memory_limit():
            raise FileError(
                f"cannot read {self._path}: {len(self._words)} words of {dimension} numbers "
                f"take {format_bytes(needed)}, more than {format_bytes(memory_limit())}"
            )

    def _check_count(self, count: int, shape: _Shape) -> None:
        if shape.declared is not None and count != shape.declared:
            raise FileError(
                f"cannot read {self._path}: expected {_counted(shape.declared, 'word')}, "
                f"as line 1 says, got {count}"
            )

    def _report(self, done: int) -> None:
        if self._cancelled is not None and self._cancelled():
            from rnnviz.model.engine import Cancelled  # with torch, which reading needs none of

            raise Cancelled
        if self._progress is not None:
            self._progress(done, self._size)

    def _refuse(self, what: str) -> NoReturn:
        raise FileError(f"cannot read {self._path}: line {self._line}: {what}")


def _declared(first: bytes, second: bytes, separator: bytes) -> tuple[int, int] | None:
    """Words and numbers that word2vec's first line promises; None where it is a word's line."""
    parts = first.split()
    if len(parts) != 2 or not all(part.isdigit() and len(part) < 19 for part in parts):
        return None
    count, dimension = map(int, parts)
    if dimension < 1 or (_dimension(second, separator) == 1 and dimension != 1):
        return None  # one number a line, of words that are numbers
    return count, dimension


def _dimension(line: bytes, separator: bytes) -> int:
    """How many numbers stand at a line's end, its word left out."""
    parts = line.split(separator)[1:]
    first = next((n for n, part in enumerate(parts) if _is_number(part)), len(parts))
    return len(parts) - first


def _is_number(part: bytes) -> bool:
    if b"_" in part:  # which Python allows between digits
        return False
    try:
        float(part)
    except ValueError:
        return False
    return True


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _shown(part: bytes) -> str:
    text = part.decode("utf-8", "replace")
    return repr(text if len(text) <= 20 else f"{text[:19]}…")
