"""The recurrent layers of a Keras model, saved as .keras or as .h5."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from rnnviz.errors import SpecError
from rnnviz.files.found import Finding, FoundChain, FoundStack, LeftOut
from rnnviz.files.models.extras import required
from rnnviz.files.models.joining import SingleLayer, fit, join
from rnnviz.files.models.keras.config import LONGEST, Entry, entries
from rnnviz.files.models.keras.hdf5 import SIGNATURE, Hdf5, opened
from rnnviz.files.models.keras.layers import batch_first, gives_sequences, is_recurrent, read_layer
from rnnviz.files.models.keras.weights import NewPlaces, OldPlaces, Places
from rnnviz.files.models.rehearsal import survived
from rnnviz.files.reading import LARGEST_ARRAY, checked_size, open_checked, reason, unreadable
from rnnviz.files.tensors.stored import RefusedError
from rnnviz.files.tensors.zips import START, read_directory, read_member, read_start
from rnnviz.model.memory import format_bytes, memory_limit

_PASSING = {  # nothing changes behind them when a model is evaluated
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "Masking",
    "SpatialDropout1D",
}
_BEGINNING = 4096  # compressed, a few bytes more than the signature would not be enough of it
_CODE = {"Lambda", "TFOpLambda", "SlicingOpLambda"}
_MODELS = {"Functional", "Model", "Sequential"}

_Found = dict[tuple[str, ...], tuple[Entry, SingleLayer]]


def read(path: Path, cancelled: Callable[[], bool] | None = None) -> Finding:
    """The LSTM, GRU and SimpleRNN layers of a file as layers of torch.

    Raises:
        FileError: where h5py is not installed, or the file cannot be read.
    """
    required("h5py", "keras", "Keras files")
    size = checked_size(path, LARGEST_ARRAY)
    if not survived(__name__, path, size):
        raise unreadable(path, "it is damaged: HDF5 cannot read it")
    return read_here(path)


def read_here(path: Path) -> Finding:
    """The same, of a file that is known not to harm the library that reads it."""
    with open_checked(path, LARGEST_ARRAY) as (file, size):
        try:
            with _model(file, size) as (config, hdf5, places):
                chains, left = _find(entries(config), hdf5, places)
        except RefusedError as error:
            raise unreadable(path, str(error)) from None
        except OSError as error:
            raise unreadable(path, reason(error)) from None
    return Finding(path, "Keras", chains, left)


@contextmanager
def _model(file: BinaryIO, size: int) -> Iterator[tuple[str, Hdf5, Places]]:
    """The configuration of a model and its weights, in either format."""
    start = file.read(len(SIGNATURE))
    file.seek(0)
    if start.startswith(START):
        config, weights = _members(file, size)
        with opened(weights) as hdf5:
            yield config, hdf5, NewPlaces(hdf5)
    elif start == SIGNATURE:
        with opened(file) as hdf5:
            text = hdf5.text("model_config", LONGEST)
            if text is None:
                raise RefusedError(
                    "it holds weights and not the model: save it whole, by model.save()"
                )
            yield text, hdf5, OldPlaces(hdf5)
    else:
        raise RefusedError("it is damaged, or not a Keras file")


def _members(file: BinaryIO, size: int) -> tuple[str, BinaryIO]:
    """The configuration, and the weights as a file of their own."""
    members = read_directory(file, size, compressed=True)
    config, weights = members.get("config.json"), members.get("model.weights.h5")
    if config is None or weights is None:
        raise RefusedError("it is a zip file without a Keras model's config.json and weights")
    if config.size > LONGEST:
        raise RefusedError("its configuration is too long")
    try:
        text = bytes(read_member(file, config)).decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("its configuration cannot be read") from None
    if not read_start(file, weights, _BEGINNING).startswith(SIGNATURE):
        raise RefusedError("its weights are not in HDF5")
    if 2 * weights.size > memory_limit():
        raise RefusedError(f"its weights take {format_bytes(weights.size)}, more than fits here")
    return text, io.BytesIO(read_member(file, weights))


def _find(
    listed: Sequence[Entry], hdf5: Hdf5, places: Places
) -> tuple[tuple[FoundChain, ...], tuple[LeftOut, ...]]:
    found: _Found = {}
    why: dict[int, str] = {}  # by the place in the list
    for number, entry in enumerate(listed):
        try:
            if not is_recurrent(entry):
                why[number] = _why(entry)
            elif entry.key in found:
                why[number] = "another layer has its name"
            else:
                found[entry.key] = (entry, read_layer(entry, hdf5, places))
        except RefusedError as error:
            why[number] = str(error)
    chains: list[FoundChain] = []
    unfit: dict[tuple[str, ...], str] = {}
    for chain in _chained(listed, found):
        try:
            chains.append(_chain([found[key] for key in chain]))
        except SpecError as error:
            unfit |= dict.fromkeys(chain, str(error))
    for number, entry in enumerate(listed):
        why.setdefault(number, unfit.get(entry.key, ""))
    left = tuple(
        LeftOut(entry.name, None, why[number]) for number, entry in enumerate(listed) if why[number]
    )
    return tuple(chains), left


def _why(entry: Entry) -> str:
    """Why a layer is left out; nothing for what is no more than a place."""
    if entry.kind == "InputLayer" or entry.kind in _MODELS:
        return ""
    if not entry.own:
        return "a class of its own, whose code is never run"
    if entry.kind in _CODE:
        return f"{entry.kind} holds code, which is never run"
    if entry.kind == "Masking":
        return "Masking is no recurrent layer: give the lengths of the sequences instead"
    if entry.kind in _PASSING:
        return f"{entry.kind} does nothing when the model is evaluated"
    return f"{entry.kind[:60]} is no LSTM, GRU or SimpleRNN"


def _chained(listed: Sequence[Entry], found: _Found) -> list[list[tuple[str, ...]]]:
    """The keys of layers that follow one another, those that several others follow apart."""
    by_key = {entry.key: entry for entry in listed}
    receivers: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for key, (entry, _) in found.items():
        source = _source(entry, by_key)
        if source is not None and source.key in found and gives_sequences(source):
            receivers[source.key].append(key)
    after = {
        key: keys[0]
        for key, keys in receivers.items()
        if len(keys) == 1 and fit([found[key][1], found[keys[0]][1]])
    }
    later = set(after.values())
    chains: list[list[tuple[str, ...]]] = []
    for key in found:
        if key in later:
            continue
        chain = [key]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        chains.append(chain)
    seen = {key for chain in chains for key in chain}
    return chains + [[key] for key in found if key not in seen]  # in circles


def _source(entry: Entry, by_key: dict[tuple[str, ...], Entry]) -> Entry | None:
    """The layer whose values it receives, through those that leave them alone."""
    for _ in range(len(by_key)):
        source = by_key.get(entry.source_key) if entry.source_key else None
        if source is None or not (source.own and source.kind in _PASSING):
            return source
        entry = source
    return None


def _chain(layers: Sequence[tuple[Entry, SingleLayer]]) -> FoundChain:
    first = batch_first(layers[0][0])
    stacks = tuple(_told(stack, first) for stack in join([layer for _, layer in layers]))
    return FoundChain(" … ".join(dict.fromkeys((stacks[0].name, stacks[-1].name))), stacks)


def _told(stack: FoundStack, first: bool) -> FoundStack:
    """Keras says how its axes lie, and which dropout there is."""
    return replace(stack, spec=stack.spec.with_changes(batch_first=first), asked=())
