"""Files that the package saved itself, changed at random: each is refused, or gives arrays.

`python -m tests.files.fuzz N` tries N of every kind and tells how many were accepted.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rnnviz.errors import FileError
from rnnviz.files.container import ENDING, Content, write_container
from rnnviz.files.models import find_models
from rnnviz.files.saving import save_array, save_weights
from rnnviz.files.tensors import list_arrays, read_tensors
from rnnviz.model.clamps import Clamp
from rnnviz.model.spec import ModelSpec
from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.saved import read_saved
from rnnviz.session.saved import saved as saved_session

# Sessions of which one member is changed and its checksum is right.
INSIDE = {"-document.rnnviz": "document.json", "-tensors.rnnviz": "tensors.safetensors"}
KINDS = (".pt", ".safetensors", ".npy", ".csv", ".npz", ".rnnviz", *INSIDE)
SPEC = ModelSpec("LSTM", 3, 4, num_layers=2, bidirectional=True, proj_size=2)
_LENGTHS = (0, 1, 2, 255, 256, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)

Mutation = Callable[[bytearray, random.Random], bytearray]


def saved(kind: str, folder: Path) -> bytes:
    """A sound file of a kind."""
    path = folder / f"sound{kind}"
    weights = {name: value.detach().numpy() for name, value in SPEC.build().named_parameters()}
    values = np.random.default_rng(0).random((5, 3))
    if kind in (".npy", ".csv"):
        save_array(path, values, ["a", "b", "c"])
    elif path.suffix == ENDING:
        write_container(path, _session())
    elif kind == ".npz":
        np.savez_compressed(path, values=values, **weights)
    else:
        save_weights(path, weights)
    return path.read_bytes()


def _session() -> Content:
    """A session of many parts: edits, an original, clamps, options, a place."""
    session = Session(ImmediateRunner())
    session.open_example("hello")
    session.set_weight("weight_hh_l0", 0, 0, 2.0)
    session.clamp(Clamp("f", 1.0, layer=0))
    session.show_figure("weights")
    session.seek(2)
    return saved_session(session.state, {"columns": [1, 2, 3]}, "1")


def mutant(data: bytes, chance: random.Random) -> bytes:
    """The file with one to four changes."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if changed:
            changed = chance.choice(_MUTATIONS)(changed, chance)
    return bytes(changed)


def try_mutants(kind: str, count: int, folder: Path, seed: int = 0) -> Counter[str]:
    """How many were accepted and refused; any other exception goes on to the caller."""
    data = saved(kind, folder)
    path = folder / f"mutant{kind}"
    counts: Counter[str] = Counter()
    for number in range(count):
        chance = random.Random(f"{kind} {seed} {number}")
        if kind in INSIDE:
            _change_inside(path, data, INSIDE[kind], chance)
        else:
            path.write_bytes(mutant(data, chance))
        try:
            _open(path)
            counts["accepted"] += 1
        except FileError as error:
            counts["refused" if str(error).isprintable() else "refused in words unfit to show"] += 1
        except Exception as error:
            error.add_note(f"mutant {number} of {kind}, seed {seed}")
            raise
    return counts


def _change_inside(path: Path, data: bytes, changed: str, chance: random.Random) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as sound, zipfile.ZipFile(path, "w") as archive:
        for name in sound.namelist():
            member = sound.read(name)
            archive.writestr(name, mutant(member, chance) if name == changed else member)


def _open(path: Path) -> None:
    if path.suffix == ENDING:
        read_saved(path)
        return
    listed = list_arrays(path)
    held = read_tensors(path)
    assert held.arrays.keys() == listed.keys()
    for name, array in held.arrays.items():
        assert array.shape == listed[name].shape
        assert array.dtype.name == listed[name].array_dtype
        assert len(array.tobytes()) == array.nbytes  # every number is there
    find_models(path)


def _flip(data: bytearray, chance: random.Random) -> bytearray:
    place = chance.randrange(len(data))
    data[place] ^= 1 << chance.randrange(8)
    return data


def _overwrite(data: bytearray, chance: random.Random) -> bytearray:
    place = chance.randrange(len(data))
    data[place] = chance.randrange(256)
    return data


def _truncate(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randrange(len(data))]


def _cut_out(data: bytearray, chance: random.Random) -> bytearray:
    place = chance.randrange(len(data))
    del data[place : place + chance.randrange(1, 40)]
    return data


def _insert(data: bytearray, chance: random.Random) -> bytearray:
    place = chance.randrange(len(data))
    data[place:place] = chance.randbytes(chance.randrange(1, 40))
    return data


def _splice(data: bytearray, chance: random.Random) -> bytearray:
    """A part of the file in the place of another."""
    size = chance.randrange(1, 200)
    source, target = chance.randrange(len(data)), chance.randrange(len(data))
    data[target : target + size] = data[source : source + size]
    return data


def _edit_length(data: bytearray, chance: random.Random) -> bytearray:
    """What may be a length, made a border case."""
    width = chance.choice((1, 2, 4, 8))
    place = chance.randrange(max(1, len(data) - width))
    length = chance.choice(_LENGTHS) & (256**width - 1)
    data[place : place + width] = length.to_bytes(width, "little")
    return data


def _edit_digit(data: bytearray, chance: random.Random) -> bytearray:
    """A number written out, made another."""
    places = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    if places:
        data[chance.choice(places)] = ord(chance.choice("0123456789-.e"))
    return data


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _flip,
    _overwrite,
    _truncate,
    _cut_out,
    _insert,
    _splice,
    _edit_length,
    _edit_length,
    _edit_digit,
)

if __name__ == "__main__":
    tried = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory() as name:
        for kind in KINDS:
            counts = try_mutants(kind, tried, Path(name), seed)
            print(f"{kind}: {tried} tried, {dict(counts)}")  # noqa: T201
