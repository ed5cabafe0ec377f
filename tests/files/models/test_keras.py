"""Layers from Keras files against Keras itself, on torch."""

from __future__ import annotations

import itertools
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ["KERAS_BACKEND"] = "torch"
h5py = pytest.importorskip("h5py", reason="an extra")
keras = pytest.importorskip("keras", reason="an extra")

from rnnviz.errors import FileError  # noqa: E402
from rnnviz.files.found import FoundChain, LeftOut  # noqa: E402
from rnnviz.files.models import keras_file  # noqa: E402
from rnnviz.files.models.keras_file import read_here as read  # noqa: E402
from tests.files.models.found_runs import close, run_chain  # noqa: E402

L = keras.layers

pytestmark = pytest.mark.filterwarnings("ignore")  # what Keras says of its older format

FORMATS = (".keras", ".h5")


def saved(model: Any, path: Path, seed: int = 0) -> Path:
    """A file of a model whose every weight is random, its biases too."""
    rng = np.random.default_rng(seed)
    model.set_weights(
        [rng.uniform(-0.5, 0.5, each.shape).astype("float32") for each in model.get_weights()]
    )
    model.save(path)
    return path


def sequential(*layers: Any, width: int = 3) -> Any:
    return keras.Sequential([keras.Input((None, width)), *layers])


def values(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=shape).astype("float32")


def only_chain(path: Path) -> FoundChain:
    found = read(path)
    assert found.kind == "Keras"
    (chain,) = found.chains
    return chain


def given_by(model: Any, x: np.ndarray) -> np.ndarray:
    result: np.ndarray = keras.ops.convert_to_numpy(model(x))
    return result


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("kind", "bias", "both"),
    list(itertools.product(["LSTM", "GRU", "SimpleRNN"], [True, False], [True, False])),
)
def test_one_layer_gives_what_keras_gives(
    tmp_path: Path, kind: str, bias: bool, both: bool, suffix: str
) -> None:
    for seed, (units, width, length) in enumerate([(1, 1, 1), (4, 3, 6), (5, 2, 3)]):
        options = {"activation": "relu"} if kind == "SimpleRNN" and seed == 1 else {}
        layer = getattr(L, kind)(units, use_bias=bias, return_sequences=True, **options)
        model = sequential(L.Bidirectional(layer) if both else layer, width=width)
        chain = only_chain(saved(model, tmp_path / f"{seed}{suffix}", seed))
        (stack,) = chain.stacks
        assert stack.asked == ()
        assert stack.spec.batch_first
        assert stack.spec.bias == bias
        assert stack.spec.nonlinearity == ("relu" if options else "tanh")
        assert any("z r h" in sentence for sentence in stack.said) == (kind == "GRU")
        x = values(2, length, width)
        close(run_chain(chain, x).output, given_by(model, x))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("seed", range(6))
def test_chains_give_what_keras_gives(tmp_path: Path, seed: int, suffix: str) -> None:
    rng = np.random.default_rng(seed)
    layers: list[Any] = []
    shapes = []
    for _ in range(int(rng.integers(2, 5))):
        kind = str(rng.choice(["LSTM", "GRU", "SimpleRNN"] if seed % 2 else ["LSTM"]))
        units, both = int(rng.integers(3, 5)), bool(seed % 3 == 0)
        layer = getattr(L, kind)(units, return_sequences=True)
        layers += [L.Bidirectional(layer) if both else layer, L.Dropout(0.2)]
        shapes.append((kind, units))
    model = sequential(*layers)
    found = read(saved(model, tmp_path / f"a{suffix}", seed))
    (chain,) = found.chains
    assert {left.why for left in found.left} == {"Dropout does nothing when the model is evaluated"}
    assert len(chain.stacks) == sum(1 for _ in itertools.groupby(shapes))
    x = values(2, 5, 3)
    close(run_chain(chain, x).output, given_by(model, x))


@pytest.mark.parametrize("suffix", FORMATS)
def test_functional_models_and_those_within(tmp_path: Path, suffix: str) -> None:
    x = keras.Input((None, 3))
    y = L.LSTM(4, return_sequences=True, name="first")(x)
    y, h, c = L.LSTM(4, return_sequences=True, return_state=True, name="second")(y)
    inner = keras.Sequential([keras.Input((None, 4)), L.GRU(3, name="gru")], name="inner")
    other = L.LSTM(4, name="fed")(x, initial_state=[h, c])
    found = read(saved(keras.Model(x, [inner(y), other]), tmp_path / f"a{suffix}"))
    assert [[s.name for s in chain.stacks] for chain in found.chains] == [
        ["first → second"],
        ["inner/gru"],
        ["fed"],
    ] or {s.name for chain in found.chains for s in chain.stacks} == {
        "first → second",
        "inner/gru",
        "fed",
    }
    fed = next(s for chain in found.chains for s in chain.stacks if s.name == "fed")
    assert any("initial state of fed" in sentence for sentence in fed.said)


def test_a_branch_ends_a_chain(tmp_path: Path) -> None:
    x = keras.Input((None, 3))
    y = L.LSTM(4, return_sequences=True)(x)
    model = keras.Model(x, [L.LSTM(4)(y), L.GRU(4)(y)])
    assert len(read(saved(model, tmp_path / "a.keras")).chains) == 3


def test_what_is_said_and_what_is_left(tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((None,), batch_size=2),
            L.Embedding(9, 3),
            L.Masking(),
            L.LSTM(4, dropout=0.25, recurrent_dropout=0.5, stateful=True, name="<b>\nx"),
            L.Dense(2),
        ]
    )
    found = read(saved(model, tmp_path / "a.keras"))
    ((stack,),) = (chain.stacks for chain in found.chains)
    assert stack.name == "<b>\ufffdx"
    said = " ".join(stack.said)
    for piece in ("dropout of 0.25", "recurrent_dropout of 0.5", "stateful", "bias_hh is 0"):
        assert piece in said
    assert [left.name for left in found.left] == ["embedding", "masking", "dense"]


VARIANTS: dict[str, tuple[Callable[[], Any], str]] = {
    "reset_after": (lambda: L.GRU(4, reset_after=False), "reset gate after W_hn h"),
    "activation": (lambda: L.LSTM(4, activation="relu"), "activation is relu"),
    "gates": (
        lambda: L.GRU(4, recurrent_activation="hard_sigmoid"),
        "recurrent_activation is hard_sigmoid",
    ),
    "rnn": (lambda: L.SimpleRNN(4, activation="elu"), "activation is elu"),
    "backwards": (lambda: L.LSTM(4, go_backwards=True), "reads backwards alone"),
    "sum": (lambda: L.Bidirectional(L.LSTM(4), merge_mode="sum"), "merge_mode is sum"),
    "ave": (lambda: L.Bidirectional(L.LSTM(4), merge_mode="ave"), "merge_mode is ave"),
    "mul": (lambda: L.Bidirectional(L.LSTM(4), merge_mode="mul"), "merge_mode is mul"),
    "unlike": (
        lambda: L.Bidirectional(
            L.LSTM(4), backward_layer=L.LSTM(4, use_bias=False, go_backwards=True)
        ),
        "not alike",
    ),
    "cells": (lambda: L.RNN(L.LSTMCell(4)), "RNN is no LSTM"),
    "convolved": (lambda: L.Conv1D(4, 2), "Conv1D is no LSTM"),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", VARIANTS)
def test_what_torch_has_not_is_refused_with_the_reason(
    tmp_path: Path, name: str, suffix: str
) -> None:
    make, reason = VARIANTS[name]
    found = read(saved(sequential(make()), tmp_path / f"a{suffix}"))
    assert found.chains == ()
    (left,) = found.left
    assert reason in left.why


def test_code_is_named_and_never_run(tmp_path: Path) -> None:
    path = saved(sequential(L.LSTM(4, return_sequences=True)), tmp_path / "a.keras")
    config = config_of(path)
    layers = config["config"]["layers"]
    layers.append({"class_name": "Lambda", "module": "keras.layers", "config": {"name": "evil"}})
    layers.append({"class_name": "LSTM", "module": "os", "config": {"name": "own", "units": 4}})
    rewritten(path, config)
    left: tuple[LeftOut, ...] = read(path).left
    assert [(each.name, "never run" in each.why) for each in left] == [
        ("evil", True),
        ("own", True),
    ]


def config_of(path: Path) -> Any:
    with zipfile.ZipFile(path) as held:
        return json.loads(held.read("config.json"))


def rewritten(path: Path, config: object, method: int = zipfile.ZIP_STORED) -> None:
    """The same file with another configuration."""
    with zipfile.ZipFile(path) as held:
        members = {name: held.read(name) for name in held.namelist()}
    text = config if isinstance(config, str) else json.dumps(config)
    members["config.json"] = text.encode("utf-8")
    with zipfile.ZipFile(path, "w", method) as new:
        for name, data in members.items():
            new.writestr(name, data)


def test_a_zip_that_was_packed_anew_opens(tmp_path: Path) -> None:
    path = saved(sequential(L.LSTM(4)), tmp_path / "a.keras")
    rewritten(path, config_of(path), zipfile.ZIP_DEFLATED)
    assert len(read(path).chains) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "[", "{}", "[]", "1", "null", "[" * 100_000, "1" * 9999),
        '{"config": ' * 3000 + "1" + "}" * 3000,
        '{"class_name": "<b>\\n", "config": {}}',
        '{"config": {"layers": [1]}}',
        '{"config": {"layers": [{"class_name": 1}]}}',
    ],
)
def test_configurations_that_are_none(tmp_path: Path, text: str) -> None:
    path = saved(sequential(L.LSTM(4)), tmp_path / "a.keras")
    rewritten(path, text)
    with pytest.raises(FileError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "value", [None, True, -1, 0, 10**30, 1.5, "4", [], {"config": []}, "\ud800"]
)
@pytest.mark.parametrize(
    "name",
    ["units", "activation", "recurrent_activation", "use_bias", "dropout", "name", "dtype"],
)
def test_a_configuration_may_hold_anything(tmp_path: Path, name: str, value: object) -> None:
    path = saved(sequential(L.LSTM(4)), tmp_path / "a.keras")
    config = config_of(path)
    config["config"]["layers"][1]["config"][name] = value
    rewritten(path, config)
    assert opened_or_refused(path)


def opened_or_refused(path: Path, how: Callable[[Path], object] = read) -> bool:
    """Whether a file is read or refused in one line; any other exception is a fault."""
    try:
        how(path)
    except FileError as error:
        return "\n" not in str(error) and len(str(error)) < 400
    return True


def test_links_out_of_the_file_and_hollow_weights_are_refused(tmp_path: Path) -> None:
    path = saved(sequential(L.LSTM(4, name="one")), tmp_path / "a.h5")
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as other:
        other["kernel"] = np.zeros((3, 16), "f4")
    where = "model_weights/one/sequential/one/lstm_cell"
    with h5py.File(path) as held:
        where = next(name for name in names_in(held) if name.endswith("recurrent_kernel"))
    place, kernel = where.rsplit("/", 1)[0], "kernel"

    def with_link(link: Any, **options: Any) -> str:
        changed = tmp_path / "changed.h5"
        changed.write_bytes(path.read_bytes())
        with h5py.File(changed, "r+") as held:
            del held[place][kernel]
            if link is None:
                held[place].create_dataset(kernel, **options)
            else:
                held[place][kernel] = link
        (left,) = read(changed).left
        return left.why

    assert "not followed" in with_link(h5py.ExternalLink(str(secret), "kernel"))
    assert "not followed" in with_link(h5py.SoftLink("/model_weights"))
    assert "is expected" in with_link(None, shape=(2**40, 2**20), dtype="f4", chunks=(64, 64))
    assert "has the shape (4,)" in with_link(None, shape=(4,), dtype="f4")
    assert "type" in with_link(None, shape=(3, 16), dtype="i4")
    assert "another file" in with_link(
        None, shape=(3, 16), dtype="f4", external=[(str(secret), 0, 192)]
    )
    assert "should have" in with_link(None, shape=(3, 16), dtype="f4")  # nothing was ever written
    hollow = {"dtype": "f4", "chunks": (1024, 16), "compression": "gzip"}
    assert "should have" in with_link(None, shape=(2**40, 16), **hollow)
    assert "compressed" in with_link(None, data=np.ones((3, 16), "f4"), compression="lzf")


def names_in(held: Any) -> list[str]:
    names: list[str] = []
    held.visit(names.append)
    return names


def test_compressed_weights_are_read(tmp_path: Path) -> None:
    model = sequential(L.LSTM(4))
    path = saved(model, tmp_path / "a.h5")
    plain = only_chain(path).stacks[0].weights
    with h5py.File(path, "r+") as held:
        for name in names_in(held):
            if isinstance(held[name], h5py.Dataset):
                array = held[name][()]
                del held[name]
                held.create_dataset(name, data=array, compression="gzip", shuffle=True)
    again = only_chain(path).stacks[0].weights
    assert all(np.array_equal(plain[name], again[name]) for name in plain)


def test_weights_alone_are_no_model(tmp_path: Path) -> None:
    model = sequential(L.LSTM(4))
    model.save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(FileError, match="not the model"):
        read(tmp_path / "a.weights.h5")


@pytest.mark.parametrize("suffix", FORMATS)
def test_mutants_are_read_or_refused(tmp_path: Path, suffix: str) -> None:
    data = saved(sequential(L.GRU(4), L.Dense(2)), tmp_path / f"a{suffix}").read_bytes()
    path = tmp_path / f"mutant{suffix}"
    for seed in range(12):
        rng = np.random.default_rng(seed)
        changed = bytearray(data)
        for place in rng.integers(0, len(data), 1 + seed % 6):
            changed[place] = rng.integers(256)
        path.write_bytes(changed[: int(rng.integers(len(data)))] if seed % 8 == 0 else changed)
        assert opened_or_refused(path, keras_file.read), seed


def test_a_file_that_sends_hdf5_in_circles_is_refused(tmp_path: Path) -> None:
    path = saved(sequential(L.GRU(4)), tmp_path / "a.h5")
    assert len(keras_file.read(path).chains) == 1
    with h5py.File(path, "r+") as held:
        held.attrs["model_config"] = str(held.attrs["model_config"])  # of a length that varies
    data = path.read_bytes()
    at = data.rindex(b"GCOL")
    size = int.from_bytes(data[at + 8 : at + 16], "little")
    for length in (0, 2**64 - 16, 2**63, size):
        changed = bytearray(data)
        changed[at + 24 : at + 32] = length.to_bytes(8, "little")
        path.write_bytes(changed)
        assert opened_or_refused(path, keras_file.read), length


def test_without_h5py_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(sequential(L.GRU(4)), tmp_path / "a.keras")
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(FileError, match=r"needs h5py: pip install 'rnnviz\[keras\]'"):
        keras_file.read(path)
