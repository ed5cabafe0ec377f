"""Models from files of weights: found, and with the same numbers as in torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrizations, prune

from rnnviz.errors import FileError
from rnnviz.files.found import Finding, FoundStack
from rnnviz.files.models import find_models
from rnnviz.files.models.by_names import NO_LAYER, by_names
from rnnviz.files.saving import save_weights
from rnnviz.model.spec import ModelSpec
from rnnviz.model.trace import trace

ENDINGS = (".pt", ".pth", ".safetensors", ".npz")


@st.composite
def specs(draw: st.DrawFn) -> ModelSpec:
    """Any module that torch makes."""
    cell = draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    hidden = draw(st.integers(1, 6))
    projected = cell == "LSTM" and hidden > 1 and draw(st.booleans())
    return ModelSpec(
        cell,
        draw(st.integers(1, 5)),
        hidden,
        num_layers=draw(st.integers(1, 3)),
        bias=draw(st.booleans()),
        bidirectional=draw(st.booleans()),
        proj_size=draw(st.integers(1, hidden - 1)) if projected else 0,
        dtype=draw(st.sampled_from(["float32", "float64"])),
        seed=draw(st.integers(0, 1000)),
    )


def state(module: nn.Module, prefix: str = "") -> dict[str, torch.Tensor]:
    return {prefix + name: tensor for name, tensor in module.state_dict().items()}


def save(path: Path, tensors: dict[str, torch.Tensor]) -> Path:
    """As a script of the user's own would."""
    if path.suffix == ".npz":
        np.savez(path, **{name: tensor.numpy() for name, tensor in tensors.items()})
    elif path.suffix == ".safetensors":
        save_weights(path, {name: tensor.numpy() for name, tensor in tensors.items()})
    else:
        torch.save(tensors, path)
    return path


def module_of(stack: FoundStack) -> nn.Module:
    module = stack.spec.build()
    found = {name: torch.from_numpy(array) for name, array in stack.weights.items()}
    module.load_state_dict(found, strict=True)
    return module


def the_stack(finding: Finding) -> FoundStack:
    (chain,) = finding.chains
    (stack,) = chain.stacks
    return stack


def found_in(tensors: dict[str, torch.Tensor]) -> tuple[list[FoundStack], dict[str, str]]:
    """The first stacks of all chains, and why the rest was left."""
    arrays = {name: tensor.detach().numpy() for name, tensor in tensors.items()}
    chains, left = by_names(arrays)
    return [chain.stacks[0] for chain in chains], {out.name: out.why for out in left}


@given(spec=specs(), ending=st.sampled_from(ENDINGS))
@settings(max_examples=80)
def test_a_saved_module_opens_with_identical_numbers(
    spec: ModelSpec, ending: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    module = spec.build()
    path = save(tmp_path_factory.mktemp("found") / f"model{ending}", state(module, "encoder.rnn."))
    finding = find_models(path)
    stack = the_stack(finding)
    assert stack.name == "encoder.rnn"
    assert finding.left == ()
    assert stack.spec == ModelSpec(**{**spec.__dict__, "seed": 0})
    assert ("nonlinearity" in stack.asked) == (spec.cell == "RNN")
    assert ("dropout" in stack.asked) == (spec.num_layers > 1)
    input = torch.randn(4, 2, spec.input_size, dtype=getattr(torch, spec.dtype))
    again = module_of(stack)
    assert torch.equal(trace(again, input).output, trace(module, input).output)
    with torch.no_grad():
        double = module.double()(input.double())[0]
        assert torch.equal(again.double()(input.double())[0], double)
        torch.testing.assert_close(trace(again.double(), input.double()).output, double)


def test_a_checkpoint_with_an_optimizer(tmp_path: Path) -> None:
    class Tagger(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(7, 3)
            self.rnn = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
            self.head = nn.Linear(8, 2)

    model = nn.DataParallel(Tagger())
    optimizer = torch.optim.Adam(model.parameters())
    model.module.rnn(torch.randn(2, 1, 3))[0].sum().backward()
    optimizer.step()
    held = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}
    path = tmp_path / "last.pt"
    torch.save(held, path)
    finding = find_models(path)
    assert finding.kind == "PyTorch state_dict"
    stack = the_stack(finding)
    assert stack.name == "model.rnn"
    assert stack.spec == ModelSpec("LSTM", 3, 4, num_layers=2, bidirectional=True)
    assert {out.why for out in finding.left} == {NO_LAYER}
    assert {"model.module.head.weight", "model.module.embedding.weight"} <= {
        out.name for out in finding.left
    }


@pytest.mark.parametrize("prefix", ["", "a.b.c.d.", "module.", "_orig_mod.net.", "net._orig_mod."])
def test_prefixes(prefix: str) -> None:
    (stack,), left = found_in(state(nn.GRU(2, 3), prefix))
    assert not left
    assert stack.spec == ModelSpec("GRU", 2, 3)
    assert stack.name in ("nn.GRU", "a.b.c.d", "net")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_of_pickle(protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    torch.save(state(nn.GRU(2, 3)), path, pickle_protocol=protocol)
    assert the_stack(find_models(path)).spec == ModelSpec("GRU", 2, 3)


def test_views_and_shared_storages(tmp_path: Path) -> None:
    """As modules on a GPU keep them: parts of one storage, some turned."""
    module = nn.GRU(2, 3)
    flat = torch.cat([torch.zeros(5), *(w.flatten() for w in module.state_dict().values())])
    tensors, at = {}, 5
    for name, weight in module.state_dict().items():
        tensors[name] = flat[at : at + weight.numel()].view(weight.shape)
        at += weight.numel()
    tensors["weight_hh_l0"] = tensors["weight_hh_l0"].T.contiguous().T
    tensors["tied"] = tensors["weight_ih_l0"]
    path = tmp_path / "w.pt"
    torch.save(tensors, path)
    stack = the_stack(find_models(path))
    for name, weight in module.state_dict().items():
        assert np.array_equal(stack.weights[name], weight.numpy())


@pytest.mark.parametrize("cell", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
def test_a_cell_is_one_layer(cell: Callable[..., nn.Module]) -> None:
    module = cell(2, 3)
    (stack,), _ = found_in(state(module, "step."))
    assert stack.spec.num_layers == 1
    assert any("Cell" in sentence for sentence in stack.said)
    x = torch.randn(1, 2)
    given = module(x)
    expected = given[0] if isinstance(given, tuple) else given
    torch.testing.assert_close(module_of(stack)(x[None])[0][0], expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_and_said(dtype: torch.dtype, tmp_path: Path) -> None:
    module = nn.GRU(2, 3).to(dtype)
    torch.save(module.state_dict(), tmp_path / "w.pt")
    stack = the_stack(find_models(tmp_path / "w.pt"))
    assert stack.spec.dtype == "float32"
    assert stack.said == (f"Widened from {str(dtype).removeprefix('torch.')} to float32.",)
    for name, weight in module.state_dict().items():
        assert np.array_equal(stack.weights[name], weight.float().numpy())


def test_modules_of_a_list_are_also_a_chain() -> None:
    layers = nn.ModuleList([nn.GRU(2, 3), nn.GRU(3, 3), nn.LSTM(3, 5)])
    arrays = {name: tensor.numpy() for name, tensor in state(layers, "layers.").items()}
    chains, _ = by_names(arrays)
    assert [chain.name for chain in chains] == ["layers", "layers.0", "layers.1", "layers.2"]
    assert [stack.spec.code() for stack in chains[0].stacks] == [
        "nn.GRU(2, 3, num_layers=2)",
        "nn.LSTM(3, 5)",
    ]
    assert all("order of their numbers" in stack.said[-1] for stack in chains[0].stacks)
    x = torch.randn(4, 1, 2)
    expected = layers[1](layers[0](x)[0])[0]
    torch.testing.assert_close(module_of(chains[0].stacks[0])(x)[0], expected)


def test_modules_that_do_not_fit_are_no_chain() -> None:
    stacks, _ = found_in(state(nn.ModuleList([nn.GRU(2, 3), nn.GRU(2, 3)])))
    assert [stack.name for stack in stacks] == ["0", "1"]


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize("old", [True, False])
def test_weight_norm_is_composed(dim: int | None, old: bool) -> None:
    made = nn.utils.weight_norm if old else parametrizations.weight_norm
    module = made(nn.GRU(2, 3), "weight_hh_l0", dim=dim)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(1.5).add_(0.1)
    x = torch.randn(4, 1, 2)
    expected = module(x)[0]
    (stack,), left = found_in(state(module, "rnn."))
    assert not left
    assert any("weight_norm" in sentence for sentence in stack.said)
    torch.testing.assert_close(module_of(stack)(x)[0], expected)


def test_pruning_is_composed() -> None:
    module = nn.LSTM(2, 3)
    prune.random_unstructured(module, "weight_hh_l0", amount=0.5)
    x = torch.randn(4, 1, 2)
    (stack,), _ = found_in(state(module))
    torch.testing.assert_close(module_of(stack)(x)[0], module(x)[0])


@pytest.mark.parametrize("way", [parametrizations.spectral_norm, parametrizations.orthogonal])
def test_other_parametrizations_are_left(way: Callable[..., nn.Module]) -> None:
    module = way(nn.GRU(2, 3), "weight_hh_l0")
    stacks, left = found_in(state(module))
    assert not stacks
    assert all("remove it before saving" in why for why in left.values())


def damaged(**changes: torch.Tensor | None) -> dict[str, torch.Tensor]:
    tensors = state(nn.LSTM(2, 4, num_layers=3, bidirectional=True, proj_size=3))
    tensors.update({name: tensor for name, tensor in changes.items() if tensor is not None})
    return {name: tensor for name, tensor in tensors.items() if changes.get(name, 0) is not None}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"weight_hh_l0": None}, "weight_hh is missing"),
        ({"weight_ih_l2_reverse": None}, "weight_ih is missing"),
        ({"bias_hh_l1": None}, "bias_hh is missing"),
        ({"weight_hr_l1": None}, "no cell has so many rows"),
        ({"weight_ih_l0": torch.zeros(15, 2)}, "weight_ih has 15 rows and weight_hh 16"),
        ({"bias_ih_l0": torch.zeros(15)}, "bias_ih has 15 numbers"),
        ({"weight_hh_l0": torch.zeros(16)}, "weight_hh has shape (16,)"),
        ({"weight_hr_l0": torch.zeros(3, 5)}, "weight_hr has shape (3, 5)"),
        ({"weight_ih_l1": torch.zeros(16, 7)}, "don't fit one another"),
        ({"weight_ih_l0": torch.zeros(16, 2, dtype=torch.int64)}, "int64 instead of real"),
        ({"weight_ih_l0": torch.zeros(16, 2, dtype=torch.float64)}, "several dtypes"),
        ({"weight_ih_l0": torch.zeros(16, 0)}, "which none has"),
    ],
)
def test_damage_leaves_the_module_with_the_reason(
    changes: dict[str, torch.Tensor | None], why: str
) -> None:
    tensors = damaged(**changes)
    stacks, left = found_in(tensors)
    assert not stacks
    assert left.keys() == tensors.keys()
    assert all(why in reason for reason in left.values()), left


def test_missing_layers_and_directions() -> None:
    whole = state(nn.LSTM(2, 4, num_layers=3, bidirectional=True))
    without = {name: tensor for name, tensor in whole.items() if "_l1" not in name}
    assert set(found_in(without)[1].values()) == {"layer 1 of 0 to 2 is missing"}
    without = {name: tensor for name, tensor in whole.items() if "l2_reverse" not in name}
    assert set(found_in(without)[1].values()) == {"layer 2 has other directions than layer 1"}
    assert set(found_in({"weight_ih_l0": whole["weight_ih_l0"]})[1].values()) == {
        "weight_hh is missing"
    }
    between = dict(whole)
    for suffix in ("", "_reverse"):
        between[f"weight_ih_l2{suffix}"] = torch.zeros(16, 9)
    (why,) = set(found_in(between)[1].values())
    assert why == "layer 2 receives 9 features, but layer 1 gives 8"


@pytest.mark.parametrize("name", ["weight_ih_l00", "weight_ih_l0_rev", "xweight_ih_l0", "l0"])
def test_other_names_are_no_weights(name: str) -> None:
    assert found_in({name: torch.zeros(4, 1)}) == ([], {name: NO_LAYER})


def test_a_whole_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    torch.save(nn.LSTM(2, 3), tmp_path / "m.pt")
    with pytest.raises(FileError, match=r"whole model .* save model.state_dict\(\) instead$"):
        find_models(tmp_path / "m.pt")
