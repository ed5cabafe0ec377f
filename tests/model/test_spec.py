"""ModelSpec against what the torch modules accept, refuse and make."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.errors import InputError, SpecError
from rnnviz.model.memory import format_bytes, memory_limit
from rnnviz.model.spec import ModelSpec, inapplicable


@st.composite
def specs(draw: st.DrawFn) -> ModelSpec:
    cell = draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    hidden_size = draw(st.integers(1, 6))
    return ModelSpec(
        cell=cell,
        input_size=draw(st.integers(1, 5)),
        hidden_size=hidden_size,
        num_layers=draw(st.integers(1, 3)),
        nonlinearity=draw(st.sampled_from(["tanh", "relu"])) if cell == "RNN" else "tanh",
        bias=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        dropout=draw(st.sampled_from([0.0, 0.25, 1.0])),
        bidirectional=draw(st.booleans()),
        proj_size=draw(st.integers(0, hidden_size - 1)) if cell == "LSTM" else 0,
        dtype=draw(st.sampled_from(["float32", "float64", "bfloat16", "float16"])),
        seed=draw(st.integers(-(2**63), 2**64 - 1)),
    )


@given(specs())
def test_builds_what_torch_builds_after_manual_seed(spec: ModelSpec) -> None:
    before = torch.get_rng_state()
    built = spec.build()
    assert torch.equal(torch.get_rng_state(), before)
    assert not built.training
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scope: dict[str, Any] = {}
        exec(spec.script(), scope)
    by_hand = scope["module"]
    assert repr(built) == repr(by_hand)
    assert not by_hand.training
    assert dict(built.named_parameters()).keys() == dict(by_hand.named_parameters()).keys()
    for mine, theirs in zip(built.parameters(), by_hand.parameters(), strict=True):
        assert mine.dtype == theirs.dtype
        assert mine.requires_grad
        assert torch.equal(mine, theirs)


@given(specs())
def test_knows_its_parameters_and_reads_itself_back(spec: ModelSpec) -> None:
    module = spec.build()
    assert spec.parameter_count == sum(parameter.numel() for parameter in module.parameters())
    assert spec.parameter_bytes == sum(parameter.nbytes for parameter in module.parameters())
    assert ModelSpec.of(module) == ModelSpec(**{**vars(spec), "seed": 0})
    assert module.weight_hh_l0.shape == (spec.gate_count * spec.hidden_size, spec.output_size)


def test_no_warning_of_torch_leaks() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ModelSpec("LSTM", 2, 3, dropout=0.5).build()


def test_code_leaves_defaults_out() -> None:
    assert ModelSpec("GRU", 4, 8).code() == "nn.GRU(4, 8)"
    spec = ModelSpec("LSTM", 4, 8, num_layers=2, batch_first=True)
    assert spec.code() == "nn.LSTM(4, 8, num_layers=2, batch_first=True)"
    spec = ModelSpec("RNN", 4, 8, nonlinearity="relu", bias=False, dropout=0.5, dtype="float64")
    assert spec.code() == (
        "nn.RNN(4, 8, nonlinearity='relu', bias=False, dropout=0.5, dtype=torch.float64)"
    )
    assert ModelSpec("GRU", 4, 8, seed=3).script(training=True).endswith("nn.GRU(4, 8).train()\n")


ODD: list[Any] = [-1, 0, 1, 2, 3, 2.0, 0.5, -0.1, 1.5, float("nan"), "3", "tanh", None, True, [1]]
FIELDS = [
    "input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "batch_first", "dropout",
    "proj_size",
]  # fmt: skip


def torch_accepts(cell: str, arguments: dict[str, Any]) -> bool:
    if arguments.get("proj_size") == 0:  # torch takes no proj_size, not even 0, but for an LSTM
        arguments = {key: value for key, value in arguments.items() if key != "proj_size"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(nn, cell)(**arguments)
    except (ValueError, TypeError, RuntimeError):
        return False
    return True


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("field", FIELDS)
def test_refuses_what_torch_refuses_and_no_more(cell: str, field: str) -> None:
    for value in ODD:
        if cell != "RNN" and (field, value) == ("nonlinearity", "tanh"):
            continue  # the one word that changes nothing
        arguments = {"input_size": 3, "hidden_size": 3, field: value}
        is_bool_for_a_size = value is True and field in ("input_size", "hidden_size", "num_layers")
        if torch_accepts(cell, arguments) and not is_bool_for_a_size:
            ModelSpec(cell, **arguments)
        else:
            with pytest.raises(SpecError) as caught:
                ModelSpec(cell, **arguments)
            assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_size": 0}, "hidden_size: expected at least 1, got 0"),
        ({"input_size": 2.5}, "input_size: expected a whole number, got 2.5"),
        ({"num_layers": "2"}, "num_layers: expected a whole number, got '2'"),
        ({"cell": "lstm"}, "cell: expected 'RNN', 'LSTM' or 'GRU', got 'lstm'"),
        ({"cell": None}, "cell: expected 'RNN', 'LSTM' or 'GRU', got None"),
        ({"dropout": 1.5}, "dropout: expected a number from 0 to 1, got 1.5"),
        ({"proj_size": 8}, "proj_size: expected less than hidden_size (8), got 8"),
        (
            {"cell": "GRU", "proj_size": 2},
            "proj_size: expected 0 (only nn.LSTM has a projection, not nn.GRU), got 2",
        ),
        (
            {"nonlinearity": "relu"},
            "nonlinearity: expected 'tanh' (only nn.RNN has a choice, not nn.LSTM), got 'relu'",
        ),
        (
            {"dtype": "int64"},
            "dtype: expected 'float32', 'float64', 'bfloat16' or 'float16', got 'int64'",
        ),
        ({"bidirectional": 2}, "bidirectional: expected True or False, got 2"),
        ({"seed": -(2**63) - 1}, "seed: expected −2⁶³ to 2⁶⁴ − 1, got -9223372036854775809"),
        ({"seed": 2**64}, "seed: expected −2⁶³ to 2⁶⁴ − 1, got 18446744073709551616"),
        ({"seed": 1.0}, "seed: expected a whole number, got 1.0"),
        ({"seed": True}, "seed: expected a whole number, got True"),
        ({"input_size": 2**63}, "input_size: expected at most 2⁶³ − 1, got 9223372036854775808"),
        ({"input_size": 10**5000}, "input_size: expected at most 2⁶³ − 1, got a number of 16610"),
    ],
)
def test_says_field_expected_and_got(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        ModelSpec(**{"cell": "LSTM", "input_size": 4, "hidden_size": 8, **changes})
    assert str(caught.value).startswith(message)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("seed", [-(2**63) - 1, 2**64])
def test_torch_refuses_these_seeds_too(seed: int) -> None:
    with pytest.raises((ValueError, RuntimeError)):
        torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("field", ["input_size", "hidden_size", "num_layers"])
def test_what_no_machine_holds_is_refused_at_once(field: str) -> None:
    arguments = {"input_size": 3, "hidden_size": 4, "num_layers": 1, field: 10**12}
    with pytest.raises(SpecError) as caught:
        ModelSpec("LSTM", **arguments)
    assert caught.value.field == field
    assert format_bytes(memory_limit()) in caught.value.expected


def test_a_billion_hidden_units_are_refused_at_once() -> None:
    with pytest.raises(SpecError, match="hidden_size"):
        ModelSpec("LSTM", 3, 10**9)


def test_a_run_is_weighed_before_it_is_made() -> None:
    spec = ModelSpec("LSTM", 4, 8, num_layers=2)
    spec.check_trace_fits(1000, 10)
    assert spec.trace_bytes(2000, 10) == 2 * spec.trace_bytes(1000, 10)
    with pytest.raises(InputError, match="L = 1000000000000, N = 1, which take"):
        spec.check_trace_fits(10**12, 1)


def test_a_torch_dtype_is_taken_by_its_name() -> None:
    assert ModelSpec("GRU", 1, 1, dtype=torch.double) == ModelSpec("GRU", 1, 1, dtype="float64")
    with pytest.raises(SpecError, match="dtype"):
        ModelSpec("GRU", 1, 1, dtype=torch.int32)


@pytest.mark.parametrize("module", [nn.Linear(2, 2), nn.LSTMCell(2, 2), None, nn.LSTM])
def test_only_recurrent_modules_have_a_spec(module: Any) -> None:
    with pytest.raises(SpecError, match=r"module: expected a torch\.nn\.RNN"):
        ModelSpec.of(module)


def test_a_dtype_that_is_not_shown_is_refused() -> None:
    with pytest.raises(SpecError, match="dtype"):
        ModelSpec.of(nn.RNN(2, 2, dtype=torch.complex64))


def test_a_change_of_cell_drops_what_no_longer_applies() -> None:
    lstm = ModelSpec("LSTM", 4, 8, proj_size=2)
    assert lstm.with_changes(cell="GRU") == ModelSpec("GRU", 4, 8)
    relu = ModelSpec("RNN", 4, 8, nonlinearity="relu")
    assert relu.with_changes(cell="LSTM", proj_size=3) == ModelSpec("LSTM", 4, 8, proj_size=3)
    assert relu.with_changes(hidden_size=2).nonlinearity == "relu"
    with pytest.raises(SpecError, match="proj_size"):
        lstm.with_changes(cell="GRU", proj_size=2)


def test_names_the_fields_that_do_not_apply() -> None:
    assert inapplicable(ModelSpec("RNN", 1, 1, num_layers=2)).keys() == {"proj_size"}
    assert inapplicable(ModelSpec("LSTM", 1, 2, num_layers=2)).keys() == {"nonlinearity"}
    reasons = inapplicable(ModelSpec("GRU", 1, 2))
    assert reasons.keys() == {"nonlinearity", "proj_size", "dropout"}
    assert reasons["nonlinearity"] == "nn.GRU has no nonlinearity argument; only nn.RNN does"


def test_a_spec_needs_no_torch() -> None:
    program = (
        "import sys\n"
        "from rnnviz.model.spec import ModelSpec\n"
        "ModelSpec('LSTM', 2, 3).code()\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (2**40 - 1, "1023.9 GiB"),
        (2**40, "1.0 TiB"),
        (2**70 - 1, "1023.9 EiB"),
        (10**400, "more than 1024 EiB"),
    ],
)
def test_bytes_in_words(count: int, text: str) -> None:
    assert format_bytes(count) == text
