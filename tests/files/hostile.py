"""The corpus of files that should do nothing but open, or be refused in one plain line.

`python -m tests.files.hostile` opens them all and tells what each of them cost.
"""

from __future__ import annotations

import builtins
import io
import os
import pickle
import socket
import struct
import subprocess
import sys
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import _utils, nn

from tests.files.crafted import (
    Calls,
    Member,
    Numbers,
    View,
    deflated,
    entry,
    npy_bytes,
    npy_file,
    npy_header,
    pickled,
    safetensors_file,
    torch_file,
    torch_members,
    zipped,
)

ENDINGS = (".pt", ".safetensors", ".npz", ".npy", ".csv")
HTML = "<img src=x onerror=alert(1)><b>bold</b>.weight_ih_l0"


@dataclass(frozen=True)
class Case:
    """A file of the corpus.

    Attributes:
        path: where it is.
        harmless: it may be opened; otherwise it must be refused.
    """

    path: Path
    harmless: bool = False


def corpus(folder: Path, canary: Path) -> list[Case]:
    """Writes them all.

    Args:
        folder: an empty one.
        canary: a file that exists once anything has been run.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of the kinds of tensors that it gives up
        made = list(_made(canary))
    cases = list(_no_files(folder))
    for name, data, harmless in made:
        path = folder / name
        assert not path.exists(), name
        path.write_bytes(data)
        cases.append(Case(path, harmless))
    return cases


def _made(canary: Path) -> Iterator[tuple[str, bytes, bool]]:
    """Names, contents, and whether they may be opened."""
    kinds = (
        ("zip-{}.pt", _zips()),
        ("pickle-{}.pt", _pickles(canary)),
        ("view-{}.pt", _views()),
        ("header-{}.safetensors", _headers()),
        ("array-{}.npy", _arrays(canary)),
        ("arrays-{}.npz", _archives(canary)),
        ("table-{}.csv", _tables()),
        ("{}", _truncated()),
        ("{}", _other_kinds(canary)),
    )
    for pattern, files in kinds:
        for name, data, harmless in files:
            yield pattern.format(name), data, harmless


def _no_files(folder: Path) -> Iterator[Case]:
    """What is there under a name, but is no file of a size that can be."""
    for ending in ENDINGS:
        yield Case(folder / f"missing{ending}")
        (folder / f"empty{ending}").touch()
        yield Case(folder / f"empty{ending}")
        (folder / f"folder{ending}").mkdir()
        yield Case(folder / f"folder{ending}")
        os.mkfifo(folder / f"pipe{ending}")
        yield Case(folder / f"pipe{ending}")
        for name, size in (("50gb", 50 << 30), ("2gb", (2 << 30) - 1), ("100mb", 100 << 20)):
            with (folder / f"sparse-{name}{ending}").open("wb") as file:
                file.truncate(size)
            yield Case(folder / f"sparse-{name}{ending}")
        for target in ("/dev/zero", "/dev/null", "/dev/random", "/proc/self/maps", "nowhere"):
            link = folder / f"link-{Path(target).name}{ending}"
            link.symlink_to(target)
            yield Case(link)
    loop = folder / "loop.pt"
    loop.symlink_to(loop)
    yield Case(loop)
    (folder / "a.pt").symlink_to(folder / "b.pt")
    (folder / "b.pt").symlink_to(folder / "a.pt")
    yield Case(folder / "a.pt")
    yield Case(folder / "empty.pt" / "inside.pt")
    yield Case(folder / ("long" * 100 + ".pt"))
    yield Case(folder / "nul\0byte.pt")
    yield Case(folder / "surrogate\ud800.pt")
    closed = folder / "closed.pt"
    closed.write_bytes(torch_file({"a": View()}))
    closed.chmod(0)
    yield Case(closed, harmless=os.geteuid() == 0)
    for name in ("line\nbreak.pt", "<b>bold<img src=x>.pt", "mark\u202e.pt"):
        (folder / name).write_bytes(b"nothing")
        yield Case(folder / name)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(folder / "s.pt"))
        yield Case(folder / "s.pt")
    except OSError:
        pass  # too long a path for this system


def _zips() -> Iterator[tuple[str, bytes, bool]]:
    """Directories that lie."""

    def with_lie(which: int = 2, **lies: dict[str, object]) -> bytes:
        members = torch_members({"a": View()})
        for place, lie in lies.items():
            getattr(members[which], place).update(lie)
        return zipped(members)

    sound = torch_members({"a": View()})
    yield "sound", zipped(sound), True
    for name, value in (("size", 2**31), ("held", 2**31), ("crc", 1), ("method", 8), ("flags", 1)):
        yield f"local-{name}", with_lie(local={name: value}), False
        yield f"central-{name}", with_lie(central={name: value}), False
        yield f"both-{name}", with_lie(local={name: value}, central={name: value}), False
    both = {"size": 2**31, "held": 2**31}
    yield "claims-2gb", with_lie(local=both, central=both), False
    less = {"size": 4, "held": 4, "crc": 0}
    yield "claims-less", with_lie(local=less, central=less), False
    yield "crc-of-list", with_lie(0, local={"crc": 1}, central={"crc": 1}), False
    yield "offset-beyond", with_lie(central={"offset": 10**9}), False
    yield "offset-of-another", with_lie(central={"offset": 0}), False
    yield "other-name", with_lie(local={"name": b"archive/data/9"}), False
    yield "wide-sizes-missing", with_lie(central={"size": 0xFFFFFFFF}), False
    wide = struct.pack("<HHQ", 1, 8, 2**62)
    yield "wide-size", with_lie(central={"size": 0xFFFFFFFF, "extra": wide}), False
    cut = struct.pack("<HHI", 1, 4, 7)
    yield "wide-size-cut", with_lie(central={"size": 0xFFFFFFFF, "extra": cut}), False
    yield "extra-beyond", with_lie(local={"extra": bytes(60_000)}), True
    names = {
        "up": b"archive/../../../etc/passwd",
        "absolute": b"/etc/passwd",
        "backslash": b"archive\\..\\x",
        "drive": b"C:/x",
        "nul": b"archive/a\0b",
        "no-text": b"archive/\xff\xfe",
        "none": b"",
        "long": b"archive/" + b"x" * 60_000,
        "line": b"archive/a\nb",
    }
    for name, path in names.items():
        yield f"name-{name}", zipped([*sound, Member(path, b"x")]), False
    yield "twice", zipped([*sound, sound[2]]), False
    yield "list-twice", zipped([*sound, sound[0]]), False
    shared = Member(b"archive/data/0", bytes(24), central={"name": b"archive/data/1"})
    yield "renamed", zipped([*sound, shared]), False
    yield "two-folders", zipped([*sound, Member(b"other/data.pkl", b"x")]), False
    yield "compressed", zipped([Member(m.name, m.data, deflated=True) for m in sound]), False
    bomb = Member(b"archive/data/0", bytes(65 << 20), deflated=True)
    yield "bomb", zipped([sound[0], bomb]), False
    for name, lie in {
        "count-more": {"count": 5},
        "count-less": {"count": 3},
        "count-most": {"count": 65535},
        "directory-longer": {"length": 10**6},
        "directory-shorter": {"length": 10},
        "directory-2gb": {"length": 2**31},
        "directory-elsewhere": {"start": 0},
        "directory-beyond": {"start": 2**31},
        "comment-lies": {"comment_length": 5},
        "prefix": {"prefix": b"MZ" + bytes(100)},
    }.items():
        yield name, zipped(torch_members({"a": View()}), **lie), False
    yield "no-members", zipped([]), False
    yield "no-list", zipped(sound[1:]), False
    yield "no-storage", zipped([sound[0], sound[1]]), False
    yield "byte-order", zipped([sound[0], Member(b"archive/byteorder", b"middle"), sound[2]]), False
    yield "program", zipped([*sound, Member(b"archive/code/model.py", b"import os")]), False
    yield "program-constants", zipped([*sound, Member(b"archive/constants.pkl", b"x")]), False
    yield "many", zipped([Member(b"archive/%d" % n, b"") for n in range(70_000)], count=4464), False
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 2**60, 2**60, 2**62, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)
    last = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    yield "wide-directory", end64 + locator + last, False
    yield "wide-directory-in-zip", b"PK\3\4" + end64 + locator + last, False
    yield "trailing", zipped(sound) + bytes(100), False
    yield "two-ends", zipped(sound) + zipped([])[-22:], False
    program = io.BytesIO()
    torch.jit.save(torch.jit.trace(nn.Linear(2, 2), torch.zeros(2)), program)
    yield "torchscript", program.getvalue(), False


class Net(nn.Module):
    """A model of the user's own."""


def _pickles(canary: Path) -> Iterator[tuple[str, bytes, bool]]:
    """Lists of tensors that would run something, or never end."""
    touch = f"touch {canary}"
    python = f"open({str(canary)!r}, 'w')"
    calls = {
        "system": Calls(os.system, touch),
        "popen": Calls(subprocess.Popen, ["touch", str(canary)]),
        "eval": Calls(builtins.eval, python),
        "exec": Calls(builtins.exec, python),
        "open": Calls(builtins.open, str(canary), "w"),
        "getattr": Calls(builtins.getattr, 1, "real"),
        "import": Calls(builtins.__import__, "os"),
        "print": Calls(builtins.print, "hello"),
        "exit": Calls(sys.exit, 0),
        "load": Calls(torch.load, str(canary)),
        "hub": Calls(torch.hub.load, "a/b", "c"),
        "loads": Calls(pickle.loads, pickle.dumps(Calls(os.system, touch))),
        "numpy": np.float64(1),
        "numpy-array": np.zeros(3),
        "bytearray": Calls(bytearray, 10**12),
        "range": range(10**12),
        "model": Net(),
        "layer": nn.LSTM(2, 3),
    }
    for name, call in calls.items():
        for protocol in (2, 4):
            stream = pickled({"a": View(), "b": call}, protocol)
            yield f"{name}-{protocol}", torch_file(stream), False
        yield f"{name}-alone", torch_file(call), False
        yield f"{name}-nested", torch_file({"a": {"b": [OrderedDict(c=(1, call))]}}), False
    yield "key", torch_file({"a": View(numbers=Numbers(key=Calls(os.system, touch)))}), False
    hooks = (Numbers(), 0, (2, 3), (3, 1), False, Calls(os.system, touch))
    yield "hook", torch_file({"a": Calls(_utils._rebuild_tensor_v2, *hooks)}), False
    state = b"\x80\x02ccollections\nOrderedDict\n)Rcos\nsystem\nb."
    yield "build", torch_file(state), False
    raw = {
        "text-protocol": pickle.dumps({"a": Calls(os.system, touch)}, 0),
        "instance": b"(cos\nsystem\nS'%s'\no." % touch.encode(),
        "inst": b"(S'%s'\nios\nsystem\n." % touch.encode(),
        "extension": b"\x80\x02\x82\x01.",
        "next-buffer": b"\x80\x05\x97.",
        "dotted": b"\x80\x04\x8c\x08builtins\x8c\x0ceval.__call__\x93.",
        "persistent-text": b"Pabc\n.",
        "no-stop": b"\x80\x02}",
        "nothing": b"",
        "stop": b".",
        "pop-empty": b"\x80\x020.",
        "mark-missing": b"\x80\x02u.",
        "unknown-memo": b"\x80\x02h\x05.",
        "long-memo": b"\x80\x02}r\xff\xff\xff\xff.",
        "long-text": b"\x80\x02X\xff\xff\xff\x7fabc.",
        "longest-text": b"\x80\x04\x8d" + b"\xff" * 7 + b"\x7fabc.",
        "long-number": b"\x80\x02\x8b\xff\xff\xff\x7fabc.",
        "long-bytes": b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7fabc.",
        "negative-length": b"\x80\x02T\xff\xff\xff\xffabc.",
        "frame": b"\x80\x04\x95" + b"\xff" * 8 + b"}.",
        "protocol": b"\x80\xff}.",
        "no-opcode": b"\x80\x02\xff.",
        "only-number": b"\x80\x02K\x05.",
        "self": b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.",
        "odd-items": b"\x80\x02}(K\x01u.",
        "append-to-dict": b"\x80\x02}K\x01a.",
        "reduce-number": b"\x80\x02K\x01)R.",
        "persistent-number": b"\x80\x02K\x01Q.",
        "many-marks": b"\x80\x02" + b"(" * 900_000 + b".",
        "many-instructions": b"\x80\x02" + b"N0" * 2_000_000 + b"}.",
        "many-numbers": b"\x80\x02](" + b"K\x01" * 400_000 + b"e.",
        "deep-tuples": b"\x80\x02)" + b"\x85" * 900_000 + b".",
        "deep-lists": b"\x80\x02" + b"]" * 400_000 + b"a" * 399_999 + b".",
    }
    for name, stream in raw.items():
        yield name, torch_file(stream), False
    nested: object = {}
    for _ in range(100):
        nested = {"a": nested}
    yield "deep", torch_file(nested), False
    many: list[object] = []
    for _ in range(40):
        many = [many, many]
    yield "laughs", torch_file(many), False
    full: dict[str, object] = {"x": View()}
    for _ in range(18):
        full = {"a": full, "b": full}
    yield "laughs-of-tensors", torch_file(full), False
    colliding = {n * (2**61 - 1): 0 for n in range(1, 300)}
    yield "colliding", torch_file(colliding), False
    sparse = io.BytesIO()
    torch.save({"a": torch.eye(3).to_sparse()}, sparse)
    yield "sparse", sparse.getvalue(), False
    rows = io.BytesIO()
    with_rows = torch.sparse_csr_tensor(torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1))
    torch.save({"a": with_rows}, rows)
    yield "sparse-rows", rows.getvalue(), False
    meta = io.BytesIO()
    torch.save({"a": torch.empty(2**40, device="meta")}, meta)
    yield "meta", meta.getvalue(), False
    for dtype in (torch.complex64, torch.float8_e4m3fn):
        other = io.BytesIO()
        torch.save({"a": torch.zeros(3, dtype=dtype)}, other)
        yield f"dtype-{str(dtype).removeprefix('torch.')}", other.getvalue(), False


def _views() -> Iterator[tuple[str, bytes, bool]]:
    """Tensors that lie elsewhere than in their numbers."""
    huge = 2**62
    bad = {
        "terabyte": View((2**40,), (1,)),
        "terabyte-stride-0": View((2**40,), (0,)),
        "overflow": View((2**62, 4), (1, 1)),
        "beyond-64-bits": View((2**70,), (1,)),
        "stride-0": View((1000, 1000), (0, 0)),
        "offset": View(offset=1),
        "offset-huge": View(offset=huge),
        "offset-negative": View(offset=-1),
        "offset-text": View(offset="0"),
        "size-negative": View((-2, -3), (3, 1)),
        "size-text": View("ab", (3, 1)),
        "size-float": View((2.0, 3.0), (3, 1)),
        "size-true": View((True, True), (1, 1)),
        "size-none": View(None, None),
        "stride-negative": View((2, 3), (-3, -1)),
        "stride-huge": View((2, 3), (huge, 1)),
        "stride-short": View((2, 3), (1,)),
        "axes": View((1,) * 100, (1,) * 100),
        "no-storage": View(numbers=None),
        "other-key": View(numbers=Numbers(key="9")),
        "up-key": View(numbers=Numbers(key="../version")),
        "number-key": View(numbers=Numbers(key=0)),
        "count-more": View(numbers=Numbers(count=600)),
        "count-huge": View((huge,), (1,), numbers=Numbers(count=huge)),
        "count-negative": View(numbers=Numbers(count=-6)),
        "count-text": View(numbers=Numbers(count="6")),
        "wider": View(numbers=Numbers(kind=torch.DoubleStorage)),
        "quantized": View(numbers=Numbers(kind=torch.QInt8Storage)),
        "complex": View(numbers=Numbers(kind=torch.ComplexFloatStorage)),
        "not-a-storage": View(numbers=Numbers(kind=OrderedDict)),
    }
    for name, view in bad.items():
        yield name, torch_file({"a": View(), "b": view}), False
    yield "expanded", torch_file({"a": View((2, 3), (0, 1))}), True
    yield "turned", torch_file({"a": View((3, 2), (1, 3))}), True
    yield "html", torch_file({HTML: View()}), True
    yield "same-name", torch_file({"a.b": View(), "a": {"b": View()}}), False
    yield "name-1mb", torch_file({"a" * (1 << 20): View()}), False
    yield "name-nul", torch_file({"a\0b": View()}), False
    yield "name-line", torch_file({"a\nb": View()}), False
    yield "name-turned", torch_file({"a\u202eb": View()}), False
    yield "name-surrogate", torch_file({"a\ud800b": View()}), False
    yield "name-none", torch_file({None: View(), "": View()}), True
    views = {str(n): View((1000, 1000), (1, 0), numbers=Numbers(count=1000)) for n in range(9)}
    yield "stride-0-many", torch_file(views, bytes(4000)), False
    yield "layers-many", torch_file({f"weight_ih_l{n}": View() for n in range(0, 9000, 7)}), True


def _headers() -> Iterator[tuple[str, bytes, bool]]:
    """safetensors whose headers lie."""
    yield "sound", safetensors_file({"a": entry()}), True
    yield "html", safetensors_file({HTML: entry()}), True
    for name, length in {
        "zero": 0,
        "one": 1,
        "more": 500,
        "most": 2**64 - 1,
        "sign": 2**63,
    }.items():
        yield f"length-{name}", safetensors_file({"a": entry()}, length=length), False
    bad: dict[str, object] = {
        "list": [1, 2],
        "number": 5,
        "none": None,
        "entry-none": {"a": None},
        "entry-list": {"a": []},
        "entry-empty": {"a": {}},
        "entry-more": {"a": entry() | {"more": 1}},
        "dtype": {"a": entry(dtype="F8_E4M3")},
        "dtype-4": {"a": entry(dtype="F4")},
        "dtype-html": {"a": entry(dtype="<b>F32</b>")},
        "dtype-none": {"a": entry(dtype=None)},
        "dtype-list": {"a": entry(dtype=["F32"])},
        "shape-terabyte": {"a": entry([2**40])},
        "shape-overflow": {"a": entry([2**32, 2**32, 4])},
        "shape-negative": {"a": entry([-2, -3])},
        "shape-float": {"a": entry([2.0, 3])},
        "shape-text": {"a": entry("23")},
        "shape-true": {"a": entry([True, 6])},
        "shape-none": {"a": entry(None)},
        "shape-axes": {"a": entry([1] * 1000 + [6])},
        "shape-nested": {"a": entry([[2, 3]])},
        "offset-negative": {"a": entry(at=[-24, 0])},
        "offset-turned": {"a": entry(at=[24, 0])},
        "offset-beyond": {"a": entry(at=[24, 48])},
        "offset-hole": {"a": entry([5], [4, 24])},
        "offset-one": {"a": entry(at=[0])},
        "offset-text": {"a": entry(at=["0", "24"])},
        "offset-huge": {"a": entry(at=[2**63, 2**63 + 24])},
        "offset-overlap": {"a": entry([4], [0, 16]), "b": entry([4], [8, 24])},
        "offset-same": {"a": entry(), "b": entry()},
        "offset-rest": {"a": entry([2], [0, 8])},
        "metadata-list": {"__metadata__": [], "a": entry()},
        "metadata-number": {"__metadata__": {"a": 1}, "a": entry()},
        "name-1mb": {"a" * (1 << 20): entry()},
        "name-nul": {"a\0": entry()},
        "name-line": {"a\n": entry()},
        "name-surrogate": {"\ud800": entry()},
        "many": {str(n): entry([0], [0, 0]) for n in range(70_000)},
    }
    for name, header in bad.items():
        yield name, safetensors_file(header), False
    one = b'{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}'
    raw = {
        "twice": one + b"," + one[1:] + b"}",
        "twice-inside": one[:-1] + b',"dtype":"F64"}}',
        "deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "deep-objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "not-a-number": b'{"a":NaN}',
        "infinite": b'{"a":{"dtype":"F32","shape":[Infinity],"data_offsets":[0,24]}}',
        "digits": b'{"a":{"dtype":"F32","shape":[' + b"9" * 100_000 + b'],"data_offsets":[0,24]}}',
        "cut": one,
        "after": one + b"} {}",
        "no-text": b'{"\xff\xfe":1}',
        "mark": b"\xef\xbb\xbf" + one + b"}",
        "space-before": b" " + one + b"}",
        "wide": (one + b"}").decode().encode("utf-16"),
        "long": one + b"}" + b" " * (5 << 20),
        "lists": b'{"a":[' + b"[]," * 1_300_000 + b"1]}",
    }
    for name, header in raw.items():
        yield name, safetensors_file(header), False
    yield "nothing", safetensors_file(b"{}", b""), False
    yield "empty-tensor", safetensors_file({"a": entry([0, 2**40], [0, 0])}, b""), True


def _arrays(canary: Path) -> Iterator[tuple[str, bytes, bool]]:
    """.npy files."""
    yield "sound", npy_file(npy_header()), True
    yield "pickle", npy_bytes(np.array([Calls(os.system, f"touch {canary}")]), True), False
    heads = {
        "terabyte": npy_header(shape=f"({2**40},)"),
        "overflow": npy_header(shape=f"({2**62}, 4)"),
        "negative": npy_header(shape="(-2, -3)"),
        "true": npy_header(shape="(True, 6)"),
        "float": npy_header(shape="(2.0, 3)"),
        "no-shape": npy_header(shape="6"),
        "longer": npy_header(shape="(2, 4)"),
        "shorter": npy_header(shape="(2, 2)"),
        "objects": npy_header("'|O'"),
        "texts": npy_header("'<U6'", "(1,)"),
        "fields": npy_header("[('a', '<f4')]", "(6,)"),
        "void": npy_header("'|V24'", "(1,)"),
        "dates": npy_header("'<M8[s]'", "(3,)"),
        "complex": npy_header("'<c8'", "(3,)"),
        "unknown": npy_header("'<z4'"),
        "wide": npy_header("'<f16'", "(1,)"),
        "subarray": npy_header("('<f4', (6,))", "(1,)"),
        "call": npy_header("__import__('os')"),
        "deep": b"(" * 9000 + b"\n",
        "no-python": b"{{{\n",
        "long": npy_header() + b" " * 20_000,
        "nothing": b"",
        "keys": b"{'descr': '<f4'}\n",
        "no-text": b"\xff\xfe\n",
    }
    for name, head in heads.items():
        yield name, npy_file(head), False
    yield "version-2", npy_file(npy_header(), version=b"\2\0"), True
    yield "version-9", npy_file(npy_header(), version=b"\x09\0"), False
    yield "header-4gb", b"\x93NUMPY\2\0\xff\xff\xff\xff" + bytes(100), False
    yield "axes", npy_file(npy_header(shape=f"({'1, ' * 100})"), bytes(4)), False
    yield "empty", npy_file(npy_header(shape=f"(0, {2**40})"), b""), True


def _archives(canary: Path) -> Iterator[tuple[str, bytes, bool]]:
    """.npz files."""
    sound = npy_file(npy_header())
    yield "sound", zipped([Member(b"a.npy", sound)]), True
    yield "compressed", zipped([Member(b"a.npy", sound, deflated=True)]), True
    run = npy_bytes(np.array([Calls(os.system, f"touch {canary}")]), True)
    yield "pickle", zipped([Member(b"a.npy", sound), Member(b"b.npy", run)]), False
    zeros = npy_bytes(np.zeros((8 << 20) + 1000))
    yield "bomb", zipped([Member(b"a.npy", zeros, deflated=True)]), False
    lie = {"size": len(sound), "crc": 0}
    yield "bomb-lies", zipped([Member(b"a.npy", zeros, True, lie, lie)]), False
    more = {"size": len(sound) + 1000}
    yield "deflated-short", zipped([Member(b"a.npy", sound, True, more, more)]), False
    less = {"size": len(sound) - 4}
    yield "deflated-long", zipped([Member(b"a.npy", sound, True, less, less)]), False
    noise = {"method": 8}
    yield "no-stream", zipped([Member(b"a.npy", b"\xff" * 200, False, noise, noise)]), False
    cut = deflated(sound)[:-5]
    fields = {"method": 8, "size": len(sound), "held": len(cut)}
    yield "stream-cut", zipped([Member(b"a.npy", cut, False, fields, fields)]), False
    yield "other-member", zipped([Member(b"a.npy", sound), Member(b"b.exe", b"MZ")]), False
    yield "same-name", zipped([Member(b"a.npy", sound), Member(b"a", sound)]), False
    yield "up", zipped([Member(b"../a.npy", sound)]), False
    yield "no-array", zipped([Member(b"a.npy", b"nothing")]), False
    terabyte = npy_file(npy_header(shape=f"({2**40},)"))
    yield "terabyte", zipped([Member(b"a.npy", terabyte)]), False
    yield "wrong-checksum", zipped([Member(b"a.npy", sound, False, {"crc": 1}, {"crc": 1})]), False


def _tables() -> Iterator[tuple[str, bytes, bool]]:
    yield "no-text", b"\xff\xfe1,2", False
    yield "words", b"a,b\nc,d\n", False
    yield "uneven", b"1,2\n3\n", False
    yield "nul", b"1,2\0\n3,4\n", False
    yield "html", b"<b>1</b>,2\n<script>,3\n4,x\n", False
    yield "cell-1mb", b"1," + b"x" * (1 << 20) + b"\n", False
    yield "formula", b"=cmd|' /C calc'!A0,2\n1,=1+1\n", False
    yield "quote", b'1,"2\n3,4\n', False
    yield "digits", b"1," + b"9" * 100_000 + b"\n", True
    yield "spaces", b" \n\n ,,, \n", False


def _truncated() -> Iterator[tuple[str, bytes, bool]]:
    """Every kind, cut at every kind of place."""
    network = nn.LSTM(2, 3)
    buffer = io.BytesIO()
    torch.save(network.state_dict(), buffer)
    whole = {
        ".pt": buffer.getvalue(),
        ".safetensors": safetensors_file({"a": entry()}),
        ".npy": npy_file(npy_header()),
        ".npz": zipped([Member(b"a.npy", npy_file(npy_header()))]),
    }
    for ending, data in whole.items():
        size = len(data)
        for place in sorted({1, 4, 7, 9, 20, 60, size // 3, size // 2, size - 25, size - 1}):
            if 0 < place < size:
                yield f"cut-{place}{ending}", data[:place], False
        yield f"doubled{ending}", data + data, False
        yield f"zeros{ending}", bytes(size), False
        yield f"noise{ending}", np.random.default_rng(0).bytes(size), False


def _other_kinds(canary: Path) -> Iterator[tuple[str, bytes, bool]]:
    """Other files, under names that promise tensors."""
    legacy = io.BytesIO()
    torch.save({"a": torch.zeros(2)}, legacy, _use_new_zipfile_serialization=False)
    kinds = {
        "legacy": legacy.getvalue(),
        "pickle": pickle.dumps({"a": Calls(os.system, f"touch {canary}")}),
        "pickle-0": pickle.dumps({"a": Calls(os.system, f"touch {canary}")}, 0),
        "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(100),
        "gzip": b"\x1f\x8b" + bytes(100),
        "program": b"\x7fELF" + bytes(100),
        "pdf": b"%PDF-1.4",
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "page": b"<html><script>alert(1)</script></html>",
        "tar": b"sys_info" + bytes(504),
        "onnx": b"\x08\x07\x12\x07pytorch" + bytes(50),
    }
    for name, data in kinds.items():
        for ending in ENDINGS:
            yield f"kind-{name}{ending}", data, False
    yield "no-ending", b"nothing", False
    yield "unknown.xyz", b"nothing", False
    yield "wrong.safetensors", torch_file({"a": View()}), True
    yield "wrong.pt", safetensors_file({"a": entry()}), True
    yield "wrong.npy", zipped([Member(b"a.npy", npy_file(npy_header()))]), True


if __name__ == "__main__":
    from tests.files.opening import report

    raise SystemExit(report())
