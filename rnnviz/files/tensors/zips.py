"""The directory of a zip file, read with suspicion: every size is held against the file's own.

Python's zipfile believes what the directory says, takes the later of two members of one name,
and reads a directory of any size. Here whatever is not beyond doubt is refused.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import RefusedError
from rnnviz.model.memory import format_bytes

START = b"PK\x03\x04"

LARGEST_DIRECTORY = 16 << 20
MOST_MEMBERS = 65_536
LONGEST_NAME = 500
LARGEST_RATIO = 50  # of what is inflated to what is stored, beyond the following size
FREELY_INFLATED = 64 << 20

_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1 | 0x20 | 0x40 | 0x2000  # also patched data and a hidden directory
_DESCRIPTOR = 0x8  # sizes follow the data, and the local header has none
_CHUNK = 1 << 20
_WIDE = 0xFFFFFFFF

_END = struct.Struct("<4sHHHHIIH")
_END64_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_ENTRY = struct.Struct("<4sHHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")


@dataclass(frozen=True)
class Member:
    """One file within a zip.

    Attributes:
        name: its path there.
        start: where its data begins.
        held: bytes that it takes in the zip.
        size: bytes that it has, inflated where it is compressed.
        crc: their checksum.
        compressed: whether it must be inflated.
    """

    name: str
    start: int
    held: int
    size: int
    crc: int
    compressed: bool


@dataclass(frozen=True)
class _Entry:
    """What the directory says of a member."""

    name: bytes
    flags: int
    method: int
    crc: int
    held: int
    size: int
    at: int


def read_directory(file: BinaryIO, size: int, compressed: bool = False) -> dict[str, Member]:
    """The members of a zip file by name.

    Args:
        file: open for reading.
        size: bytes that it has.
        compressed: whether compressed members are allowed.

    Raises:
        RefusedError: for anything that a well-made file does not have.
    """
    start, length, count, end = _directory_place(file, size)
    if length > LARGEST_DIRECTORY or count > MOST_MEMBERS:
        raise RefusedError(f"its directory has {count} entries, more than {MOST_MEMBERS}")
    if start + length != end:
        raise _damaged("its directory is not where it should be")
    file.seek(start)
    entries = _entries(_exactly(file, length), count)
    members = [_member(file, entry, start, compressed) for entry in entries]
    _check_apart(entries, members, start)
    found: dict[str, Member] = {}
    for member in members:
        if member.name in found:
            raise RefusedError(f"it holds {shown_name(member.name)} twice")
        found[member.name] = member
    return found


def read_member(file: BinaryIO, member: Member) -> bytearray:
    """The bytes of a member, its checksum proven.

    Raises:
        RefusedError: where they are not what the directory says.
    """
    data = bytearray(member.size)
    file.seek(member.start)
    if member.compressed:
        _inflate(file, member, data)
    elif file.readinto(data) != member.size:  # type: ignore[attr-defined]
        raise _damaged("it ends too early")
    if zlib.crc32(data) != member.crc:
        raise _damaged(f"the checksum of {shown_name(member.name)} does not fit")
    return data


def read_start(file: BinaryIO, member: Member, count: int) -> bytes:
    """At most the first `count` bytes of a member, not proven by its checksum."""
    file.seek(member.start)
    if not member.compressed:
        return file.read(min(count, member.size))
    try:
        return zlib.decompressobj(-15).decompress(file.read(min(member.held, 2 * count)), count)
    except zlib.error:
        raise _damaged(f"{shown_name(member.name)} cannot be inflated") from None


def _damaged(what: str) -> RefusedError:
    return RefusedError(f"it is damaged: {what}")


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise _damaged("it ends too early")
    return data


def _directory_place(file: BinaryIO, size: int) -> tuple[int, int, int, int]:
    """Where the directory begins, its bytes, its entries, and where it must end."""
    span = min(size, _END.size + 0xFFFF)
    file.seek(size - span)
    tail = _exactly(file, span)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise _damaged("it has no directory; it may have been cut short")
    _, disk, first_disk, here, count, length, start, comment = _END.unpack_from(tail, at)
    end = size - span + at
    if disk or first_disk or here != count or at + _END.size + comment != len(tail):
        raise _damaged("its directory has no proper end")
    if at >= _END64_LOCATOR.size and tail[at - _END64_LOCATOR.size :].startswith(b"PK\x06\x07"):
        return _wide_place(file, tail, at, end)
    return start, length, count, end


def _wide_place(file: BinaryIO, tail: bytes, at: int, end: int) -> tuple[int, int, int, int]:
    _, disk, place, disks = _END64_LOCATOR.unpack_from(tail, at - _END64_LOCATOR.size)
    if disk or disks > 1 or place + _END64.size + _END64_LOCATOR.size != end:
        raise _damaged("its directory has no proper end")
    file.seek(place)
    fields = _END64.unpack(_exactly(file, _END64.size))
    mark, _, _, _, disk, first_disk, here, count, length, start = fields
    if mark != b"PK\x06\x06" or disk or first_disk or here != count:
        raise _damaged("its directory has no proper end")
    return start, length, count, place


def _entries(data: bytes, count: int) -> list[_Entry]:
    entries, at = [], 0
    for _ in range(count):
        if len(data) - at < _ENTRY.size:
            raise _damaged("its directory is too short")
        fields = _ENTRY.unpack_from(data, at)
        mark, _, _, flags, method, _, _, crc, held, size, name, extra, comment = fields[:13]
        begin = at + _ENTRY.size
        at = begin + name + extra + comment
        if mark != b"PK\x01\x02" or at > len(data) or fields[13]:
            raise _damaged("its directory cannot be read")
        wide = _wide_fields(data[begin + name : begin + name + extra], size, held, fields[16])
        size, held, place = wide
        entries.append(_Entry(data[begin : begin + name], flags, method, crc, held, size, place))
    if at != len(data):
        raise _damaged("its directory is too long")
    return entries


def _wide_fields(extra: bytes, *fields: int) -> list[int]:
    """Sizes and places beyond 32 bits stand in an extra field, in this order."""
    if _WIDE not in fields:
        return list(fields)
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            values = iter(struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8]))
            found = [next(values, (-1,))[0] if field == _WIDE else field for field in fields]
            if min(found) >= 0:
                return found
            break
        at += 4 + length
    raise _damaged("its directory names no sizes")


def _member(file: BinaryIO, entry: _Entry, end: int, compressed: bool) -> Member:
    name = _checked_name(entry.name)
    if entry.flags & _ENCRYPTED:
        raise RefusedError(f"{shown_name(name)} is encrypted")
    if entry.method not in ((_STORED, _DEFLATED) if compressed else (_STORED,)):
        raise RefusedError(f"{shown_name(name)} is compressed, which these files never are")
    if entry.method == _STORED and entry.held != entry.size:
        raise _damaged(f"{shown_name(name)} has two sizes")
    if entry.size > max(FREELY_INFLATED, LARGEST_RATIO * entry.held):
        raise RefusedError(
            f"{format_bytes(entry.held)} of it claim to hold {format_bytes(entry.size)}"
        )
    file.seek(entry.at)
    fields = _LOCAL.unpack(_exactly(file, _LOCAL.size)) if entry.at < end else None
    if fields is None or fields[0] != START:
        raise _damaged(f"{shown_name(name)} is not where its directory says")
    _, _, flags, method, _, _, crc, held, size, name_length, extra_length = fields
    if _exactly(file, name_length) != entry.name or method != entry.method or flags & _ENCRYPTED:
        raise _damaged(f"{shown_name(name)} is another than its directory says")
    alike = (crc, held, size) == (entry.crc, entry.held, entry.size)
    if not (alike or flags & _DESCRIPTOR or _WIDE in (held, size)):
        raise _damaged(f"{shown_name(name)} has two sizes")
    start = entry.at + _LOCAL.size + name_length + extra_length
    if start + entry.held > end:
        raise _damaged(f"{shown_name(name)} is longer than the file")
    return Member(name, start, entry.held, entry.size, entry.crc, entry.method == _DEFLATED)


def _checked_name(raw: bytes) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _damaged("a name within it is no text") from None
    parts = name.split("/")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise RefusedError(f"it holds a name that cannot be shown: {shown_name(name)}")
    if ".." in parts or name.startswith("/") or "\\" in name or ":" in parts[0] or not name:
        raise RefusedError(f"it holds a name that leads out of it: {shown_name(name)}")
    return name


def _check_apart(entries: list[_Entry], members: list[Member], end: int) -> None:
    """No byte of the file belongs to two members."""
    spans = [(e.at, m.start + m.held) for e, m in zip(entries, members, strict=True)]
    for before, after in pairwise([*sorted(spans), (end, end)]):
        if before[1] > after[0]:
            raise _damaged("two of its members overlap")


def _inflate(file: BinaryIO, member: Member, data: bytearray) -> None:
    """Never more than the directory promised, whatever the stream holds."""
    stream = zlib.decompressobj(-15)
    left, at, piece = member.held, 0, b""
    try:
        while not stream.eof:
            if not piece and left:
                piece = _exactly(file, min(left, _CHUNK))
                left -= len(piece)
            room = member.size - at
            inflated = stream.decompress(piece, min(room, _CHUNK) + 1)
            if len(inflated) > room:
                raise _damaged(f"{shown_name(member.name)} is longer than its directory says")
            if not inflated and len(stream.unconsumed_tail) == len(piece) and not left:
                break  # neither input nor output moves
            data[at : at + len(inflated)] = inflated
            at += len(inflated)
            piece = stream.unconsumed_tail
    except zlib.error:
        raise _damaged(f"{shown_name(member.name)} cannot be inflated") from None
    if at != member.size or not stream.eof or left or stream.unused_data:
        raise _damaged(f"{shown_name(member.name)} is shorter than its directory says")
