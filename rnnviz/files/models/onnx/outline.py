"""A walk through a protobuf message that keeps none of it.

The library that parses ONNX makes an object of every two bytes that ask for one, so a small file
can ask for all memory. Here its fields are counted and its lengths are held against one another
first.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from rnnviz.files.tensors.stored import RefusedError

MOST_FIELDS = 1_000_000
LARGEST_PACKED = 64 << 20  # bytes of whole numbers, each of which may become eight
LONGEST_TEXT = 4 << 20
DEEPEST = 40

_AHEAD = 1 << 17
_LONGEST_HEAD = 20  # bytes of a field's number and of its length, ten at most each
_VARINT, _EIGHT, _LENGTH, _FOUR = 0, 1, 2, 5
_TEXT = 9  # protobuf's type of texts
_WHOLE_NUMBERS = {3, 4, 5, 8, 13, 14, 17, 18}  # protobuf's types of varints


def check_outline(file: BinaryIO, size: int, message: Any) -> None:
    """Walk through a file that should be one message.

    Args:
        file: open for reading.
        size: bytes that it has.
        message: protobuf's descriptor of the message.

    Raises:
        RefusedError: where it is cut short or no such message, or too much of it would have to be
            kept.
    """
    _Walk(file, size).through(message)


class _Walk:
    """One pass over the bytes, a window of them at a time."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._window = b""
        self._window_start = 0
        self._packed = 0
        self._fields: dict[str, dict[int, tuple[Any, int]]] = {}  # of a message, by number

    def through(self, message: Any) -> None:
        at = 0
        ends = [(self._size, self._known(message))]
        for _ in range(MOST_FIELDS):
            while at == ends[-1][0]:
                ends.pop()
                if not ends:
                    return
            end, known = ends[-1]
            tag, at = self._number(at, end)
            kind = tag & 7
            if kind == _VARINT:
                _, at = self._number(at, end)
            elif kind == _LENGTH:
                length, at = self._number(at, end)
                if length > end - at:
                    raise _damaged()
                inner, held = known.get(tag >> 3, (None, 0))
                if inner is not None:
                    if len(ends) == DEEPEST:
                        raise RefusedError("its graphs are nested too deeply")
                    ends.append((at + length, self._known(inner)))
                    continue
                if held == _TEXT:
                    self._check_text(at, length)
                elif held in _WHOLE_NUMBERS:
                    self._count_packed(length)
                at += length
            elif kind in (_EIGHT, _FOUR):
                at += 8 if kind == _EIGHT else 4
            else:
                raise _damaged()
            if at > end:
                raise _damaged()
        raise RefusedError(f"it has more than {MOST_FIELDS} parts")

    def _known(self, message: Any) -> dict[int, tuple[Any, int]]:
        """Of each field: the message that it holds, and protobuf's number of its type."""
        if message.full_name not in self._fields:
            self._fields[message.full_name] = {
                field.number: (field.message_type, field.type) for field in message.fields
            }
        return self._fields[message.full_name]

    def _count_packed(self, length: int) -> None:
        self._packed += length
        if self._packed > LARGEST_PACKED:
            raise RefusedError("it holds too many whole numbers")

    def _check_text(self, at: int, length: int) -> None:
        """The parser gives a text that is not in UTF-8 as bytes, which nobody expects."""
        if length > LONGEST_TEXT:
            raise RefusedError("it holds a text that is too long")
        place = at - self._window_start
        text = self._window[place : place + length] if place >= 0 else b""
        if len(text) < length:
            self._file.seek(at)
            text = self._file.read(length)
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            raise RefusedError("a name in it is not in UTF-8") from None

    def _number(self, at: int, end: int) -> tuple[int, int]:
        """A number of a variable count of bytes, and where it ends."""
        place = at - self._window_start
        if place + _LONGEST_HEAD > len(self._window) or place < 0:
            self._file.seek(at)
            self._window, self._window_start, place = self._file.read(_AHEAD), at, 0
        value = shift = 0
        for byte in self._window[place : place + 10]:
            value |= (byte & 0x7F) << shift
            shift += 7
            at += 1
            if byte < 0x80:
                if at > end:
                    raise _damaged()
                return value, at
        raise _damaged()


def _damaged() -> RefusedError:
    return RefusedError("it is damaged, cut short, or not in this format")
