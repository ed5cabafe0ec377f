"""Back through time against autograd: the module's own, and a graph of every operation."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from rnnviz.errors import InputError, UsageError
from rnnviz.model.clamps import Clamp
from rnnviz.model.differences import difference_run
from rnnviz.model.engine import Cancelled
from rnnviz.model.gradients import Gradients, back
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import trace
from tests.model.gradients.autograd import Graph, Seeded, graph_of, seeded_runs, time_major
from tests.model.runs import Case

CELLS = ("RNN", "LSTM", "GRU")


def close(actual: Tensor, expected: Tensor) -> None:
    scale = max(1.0, float(expected.abs().max()) if expected.numel() else 1.0)
    torch.testing.assert_close(actual, expected, rtol=0.0, atol=1e-12 * scale)


def modules_own(case: Case, seeded: Seeded) -> tuple[Any, dict[str, Tensor], list[Tensor]]:
    """By the module itself: gradients of the input, of the weights, and of hx."""
    torch.set_rng_state(case.generator)
    data = case.input.data if isinstance(case.input, PackedSequence) else case.input
    leaf = data.detach().clone().requires_grad_()
    given = case.input._replace(data=leaf) if isinstance(case.input, PackedSequence) else leaf
    hx = () if case.hx is None else case.hx if isinstance(case.hx, tuple) else (case.hx,)
    states = [state.detach().clone().requires_grad_() for state in hx]
    arguments = (tuple(states) if len(states) == 2 else states[0],) if states else ()
    case.module.zero_grad(set_to_none=False)
    output, final = case.module(given, *arguments)
    finals = final if isinstance(final, tuple) else (final,)
    grads = [seeded.grad_h_n, seeded.grad_c_n][: len(finals)]
    pairs = [(state, grad) for state, grad in zip(finals, grads, strict=True) if grad is not None]
    if seeded.grad_output is not None:
        packed = isinstance(output, PackedSequence)
        wanted = seeded.grad_output
        pairs.append((output.data, wanted.data) if packed else (output, wanted))
    for value, grad in pairs:
        value.backward(grad, retain_graph=True)
    weights = {
        name: torch.zeros_like(weight) if weight.grad is None else weight.grad
        for name, weight in case.module.named_parameters()
    }
    found = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
    zeros = [torch.zeros_like(s) if s.grad is None else s.grad for s in states]
    return (
        given._replace(data=found) if isinstance(given, PackedSequence) else found,
        weights,
        zeros,
    )


@given(seeded_runs(max_length=7))
def test_it_is_what_the_module_itself_gives(seeded: Seeded) -> None:
    found = back(seeded.run, *seeded.given)
    input, weights, states = modules_own(seeded.case, seeded)
    assert list(found.weights) == list(weights)
    for name, wanted in weights.items():
        close(found.weights[name], wanted)
    mine: Any = found.input
    if isinstance(input, PackedSequence):
        assert torch.equal(mine.batch_sizes, input.batch_sizes)
        close(mine.data, input.data)
    else:
        close(mine, input)
    binding = seeded.run.buffers.binding
    for wanted, values in zip(states, (found.h_0, found.c_0), strict=False):
        assert values is not None
        close(binding.state_as_given(values), wanted)


@given(seeded_runs(clamped=True))
def test_every_state_input_and_weight_is_autograds(seeded: Seeded) -> None:
    run, graph, found = seeded.run, graph_of(seeded), back(seeded.run, *seeded.given)
    compare_states(graph, found)
    for (layer, t, n), wanted in zip(graph.inputs, graph.of(*graph.inputs.values()), strict=True):
        close(found.inputs(layer)[t, n], wanted)
    for name, wanted in zip(graph.weights, graph.of(*graph.weights.values()), strict=True):
        close(found.weights[name], wanted)
    close(found.h_0, graph.of(graph.h_0)[0])
    if graph.c_0 is not None:
        assert found.c_0 is not None
        close(found.c_0, graph.of(graph.c_0)[0])
    assert found.x[~run.valid].isnan().all()


def compare_states(graph: Graph, found: Gradients) -> None:
    for name in ("h", "c"):
        here = {place: tensors for place, tensors in graph.inside.items() if name in tensors}
        wanted = graph.of(*(tensors[name] for tensors in here.values()))
        for (layer, direction, t, n), expected in zip(here, wanted, strict=True):
            values = found.h(layer, direction) if name == "h" else found.c(layer, direction)
            assert values is not None
            close(values[t, n], expected[0])


@settings(max_examples=40)
@given(seeded_runs(clamped=True, max_length=3))
def test_every_tensor_inside_a_cell_is_autograds(seeded: Seeded) -> None:
    graph, found = graph_of(seeded), back(seeded.run, *seeded.given)
    for (layer, direction, t, n), tensors in graph.inside.items():
        mine = found.tensors(layer, direction, t)
        assert mine.keys() == tensors.keys()
        for name, wanted in zip(tensors, graph.of(*tensors.values()), strict=True):
            close(mine[name][n], wanted[0])
        gates = found.preactivations(layer, direction, t)
        assert list(gates) == list(seeded.run.cell.gates)
        for gate, values in gates.items():
            assert torch.equal(values[n], mine[f"a_{gate}"][n])
            assert torch.equal(found.gates(layer, direction, t)[gate][n], mine[gate][n])


@given(seeded_runs(clamped=True))
def test_contributions_of_the_timesteps_add_up_to_the_gradient(seeded: Seeded) -> None:
    run, found = seeded.run, back(seeded.run, *seeded.given)
    for name, whole in found.weights.items():
        each = [found.weight_at(name, t) for t in range(run.L)]
        assert all(part.shape == run.weights[name].shape for part in each)
        close(torch.stack(each).sum(dim=0), whole)
        norms = found.weight_norms(name)
        _, _, place = name.partition("_l")
        lane = int(place.removesuffix("_reverse")), int(place.endswith("_reverse"))
        together = found.contribution_norms(*lane)[name]
        torch.testing.assert_close(together, norms, equal_nan=True, rtol=0, atol=0)
        for n in range(run.N):
            for t in range(run.L):
                part = found.weight_at(name, t, n)
                wanted = part.norm() if run.valid[t, n] else torch.tensor(math.nan)
                torch.testing.assert_close(
                    norms[t, n], wanted.double(), equal_nan=True, rtol=1e-12, atol=1e-12
                )
        shares = [found.weight_at(name, run.L - 1, n) for n in range(run.N)]
        close(torch.stack(shares).sum(dim=0), each[-1])


@given(seeded_runs(clamped=True))
def test_parts_add_up(seeded: Seeded) -> None:
    run, found = seeded.run, back(seeded.run, *seeded.given)
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            parts = found.parts("h", layer, direction)
            assert ("carry" in parts) == (run.kind == "GRU")
            total = torch.stack(list(parts.values())).sum(dim=0)
            close(total[run.valid], found.h(layer, direction)[run.valid])
            if run.kind == "LSTM":
                parts = found.parts("c", layer, direction)
                total, c = torch.stack(list(parts.values())).sum(dim=0), found.c(layer, direction)
                assert c is not None
                close(total[run.valid], c[run.valid])
            else:
                assert found.through_c(layer, direction) is None


@given(seeded_runs())
def test_the_carry_is_f_times_what_comes_later(seeded: Seeded) -> None:
    run, found = seeded.run, back(seeded.run, *seeded.given)
    if run.kind != "LSTM":
        return
    through, c, f = found.through_c(0), found.c(0), run.gate_states(0)["f"]
    assert through is not None
    assert c is not None
    both = run.valid[1:]
    close(through[:-1][both], (f[1:] * c[1:])[both])
    assert not through[-1][run.valid[-1]].any()
    o, tanh_c = run.gate_states(0)["o"], run.states(0).c
    if run.spec.proj_size == 0 and tanh_c is not None:
        wanted = found.h(0) * o * (1 - tanh_c.tanh() ** 2)
        close(found.through_h(0)[run.valid], wanted[run.valid])


@given(seeded_runs())
def test_norms_and_saliency(seeded: Seeded) -> None:
    run, found = seeded.run, back(seeded.run, *seeded.given)
    assert found.saliency.dtype == torch.float64
    torch.testing.assert_close(found.saliency, found.x.norm(dim=-1), equal_nan=True)
    torch.testing.assert_close(found.norms("h", 0), found.h(0).norm(dim=-1), equal_nan=True)
    assert found.norms("through_h").shape == (run.L, run.N)
    if run.kind != "LSTM":
        with pytest.raises(UsageError, match="tensor: expected one of h, x, through_h, got 'c'"):
            found.norms("c")


@given(seeded_runs())
def test_time_major_with_directions_apart_is_taken_too(seeded: Seeded) -> None:
    if seeded.grad_output is None:
        return
    grid = time_major(seeded.run, seeded.grad_output)
    first = back(seeded.run, *seeded.given)
    second = back(seeded.run, grid, seeded.grad_h_n, seeded.grad_c_n)
    assert torch.equal(first.h(0)[seeded.run.valid], second.h(0)[seeded.run.valid])


@settings(max_examples=15)
@given(seeded_runs())
def test_no_memory_is_shared_and_nothing_needs_a_gradient(seeded: Seeded) -> None:
    given_output = seeded.grad_output
    data = given_output.data if isinstance(given_output, PackedSequence) else given_output
    found = back(seeded.run, *seeded.given)
    before = found.h(seeded.run.num_layers - 1).clone()
    if data is not None:
        data.zero_()
    torch.testing.assert_close(
        found.h(seeded.run.num_layers - 1), before, equal_nan=True, rtol=0, atol=0
    )
    assert not any(values.requires_grad for values in (before, found.x, *found.weights.values()))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_other_dtypes_as_near_as_they_can_be(cell: str, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    module = getattr(torch.nn, cell)(3, 6, 2, bidirectional=True)
    low = getattr(torch.nn, cell)(3, 6, 2, bidirectional=True, dtype=dtype)
    low.load_state_dict(module.state_dict())
    module.load_state_dict({name: w.float() for name, w in low.state_dict().items()})
    x, grad = torch.randn(7, 2, 3).to(dtype), torch.randn(7, 2, 12).to(dtype)
    found = back(trace(low, x), grad)
    module(x.float())[0].backward(grad.float())
    near = 1e-5 if dtype == torch.float32 else 0.05
    for name, weight in module.named_parameters():
        assert found.weights[name].dtype == dtype
        assert weight.grad is not None
        torch.testing.assert_close(found.weights[name].float(), weight.grad, rtol=near, atol=near)
    assert found.h(0).dtype == found.x.dtype == found.h_0.dtype == dtype


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_long_runs_are_cut_into_blocks(cell: str, bidirectional: bool) -> None:
    torch.manual_seed(2)
    module = getattr(torch.nn, cell)(
        5, 160, 2, bidirectional=bidirectional, dtype=torch.float64, dropout=0.2
    )
    lengths = [430, 420, 425, 3]
    x = pack_sequence([torch.randn(n, 5).double() for n in lengths], enforce_sorted=False)
    x.data.requires_grad_()
    state = torch.get_rng_state()
    output, _ = module(x)
    torch.set_rng_state(state)
    run = trace(module, x)
    grad = torch.randn_like(output.data)
    output.data.backward(grad)
    found = back(run, output._replace(data=grad))
    for name, weight in module.named_parameters():
        torch.testing.assert_close(found.weights[name], weight.grad, rtol=1e-10, atol=1e-9)
    mine: Any = found.input
    torch.testing.assert_close(mine.data, x.data.grad, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_an_empty_batch(cell: str) -> None:
    module = getattr(torch.nn, cell)(3, 4, 2, bidirectional=True)
    found = back(trace(module, torch.zeros(5, 0, 3)), torch.zeros(5, 0, 8))
    assert found.x.shape == (5, 0, 3)
    assert not any(values.any() for values in found.weights.values())
    assert found.saliency.shape == (5, 0)
    assert found.h_0.shape == (4, 0, 4)


def test_a_forced_gate_passes_nothing_on() -> None:
    torch.manual_seed(0)
    module = torch.nn.LSTM(2, 3, dtype=torch.float64)
    run = trace(module, torch.randn(4, 1, 2).double(), clamps=[Clamp("i", 0.0), Clamp("f", 0.0)])
    found = back(run, torch.ones(4, 1, 3).double())
    assert not found.preactivations(0, 0, 2)["f"].any()
    through = found.through_c(0)
    assert through is not None
    assert not through.any()  # f is 0
    assert found.gates(0, 0, 2)["i"].any()  # what it would change, were it free


def test_what_is_not_finite_stays_where_it_leads() -> None:
    torch.manual_seed(0)
    module = torch.nn.GRU(2, 3, dtype=torch.float64)
    run = trace(module, torch.randn(4, 2, 2).double())
    grad = torch.zeros(4, 2, 3).double()
    grad[2, 0, 1] = math.nan
    found = back(run, grad)
    assert found.h(0)[:2, 0].isnan().all()
    assert found.h(0)[3, 0].isfinite().all()
    assert found.h(0)[:, 1].isfinite().all()


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_without_end_go_back_without_a_warning(cell: str) -> None:
    module = getattr(torch.nn, cell)(2, 3)
    with torch.no_grad():
        for weight in module.parameters():
            weight *= 1e3  # so that what is forgotten is forgotten: zeros meet infinity
    run = trace(module, torch.randn(9, 1, 2))
    given = torch.full_like(run.output, 3e38)
    given[5] = math.inf
    assert not back(run, given).h(0).isfinite().all()


def test_grad_mode_and_autocast_do_not_reach_it() -> None:
    torch.manual_seed(0)
    module, x = torch.nn.LSTM(2, 3), torch.randn(4, 2, 2)
    grad = torch.randn(4, 2, 3)
    plain = back(trace(module, x), grad)
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.inference_mode():
        other = back(trace(module, x), grad)
        assert torch.equal(plain.weights["weight_hh_l0"], other.weights["weight_hh_l0"])
        assert torch.equal(plain.x, other.x)
        assert torch.equal(plain.tensors(0, 0, 1)["a_f"], other.tensors(0, 0, 1)["a_f"])


def run_of(cell: str = "LSTM", **options: Any) -> Any:
    torch.manual_seed(0)
    return trace(getattr(torch.nn, cell)(2, 3, **options), torch.randn(4, 2, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.ones(4, 2, 4),), r"grad_output: expected the shape \(4, 2, 3\), got \(4, 2, 4\)"),
        ((torch.ones(4, 2, 3).double(),), "grad_output: expected dtype torch.float32"),
        (("ones",), "grad_output: expected a tensor, got a str"),
        ((None, torch.ones(1, 3)), r"grad_h_n: expected the shape \(1, 2, 3\), got \(1, 3\)"),
        ((None, None, torch.ones(1, 2, 2)), "grad_c_n: expected the shape"),
        ((pack_sequence([torch.ones(4, 3)] * 2),), "grad_output: expected a tensor, as the input"),
    ],
)
def test_gradients_that_do_not_fit(arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        back(run_of(), *arguments)


def test_batch_first_is_the_modules_own_form() -> None:
    torch.manual_seed(0)
    run = trace(torch.nn.GRU(2, 3, batch_first=True), torch.randn(5, 4, 2))
    with pytest.raises(InputError, match=r"expected the shape \(5, 4, 3\), got \(4, 5, 3\)"):
        back(run, torch.ones(4, 5, 3))


def test_c_n_of_a_cell_without_one() -> None:
    with pytest.raises(InputError, match=r"grad_c_n: expected None for nn.GRU, got a tensor"):
        back(run_of("GRU"), None, None, torch.ones(1, 2, 3))
    assert back(run_of("GRU"), None).c(0) is None
    assert back(run_of("GRU"), None).c_0 is None


def test_another_packing() -> None:
    module = torch.nn.RNN(2, 3)
    run = trace(module, pack_sequence([torch.randn(n, 2) for n in (3, 2, 2)]))
    with pytest.raises(InputError, match="packed as the input is, got another packing"):
        back(run, pack_sequence([torch.randn(n, 3) for n in (3, 3, 1)]))
    with pytest.raises(InputError, match=r"data of the shape \(7, 3\), got \(6, 3\)"):
        back(run, pack_sequence([torch.randn(n, 3) for n in (3, 2, 1)]))


def test_runs_without_a_way_back() -> None:
    run = run_of()
    stepper = Stepper(torch.nn.LSTM(2, 3), torch.randn(4, 2, 2))
    stepper.step()
    with pytest.raises(UsageError, match=r"computed to its end \(4 steps\), got 1"):
        back(stepper.trace, torch.ones(4, 2, 3))
    with pytest.raises(UsageError, match="got the difference of two"):
        back(difference_run(run, run), torch.ones(4, 2, 3))
    with pytest.raises(UsageError, match="expected what `trace` returned, got a Tensor"):
        back(torch.ones(3), torch.ones(4, 2, 3))  # type: ignore[arg-type]


def test_a_stepped_run_goes_back_like_a_traced_one() -> None:
    torch.manual_seed(0)
    module = torch.nn.LSTM(2, 3, 2, bidirectional=True, dtype=torch.float64)
    x, grad = torch.randn(4, 2, 2).double(), torch.randn(4, 2, 6).double()
    close(back(Stepper(module, x).run(), grad).x, back(trace(module, x), grad).x)


def test_it_can_be_given_up() -> None:
    with pytest.raises(Cancelled):
        back(run_of(), torch.ones(4, 2, 3), cancelled=lambda: True)


def test_names_and_places_that_are_not_there() -> None:
    found = back(run_of(), torch.ones(4, 2, 3))
    for name in ("weight_hh_l1", "weight_hr_l0", "nope", 3):
        with pytest.raises(UsageError, match="name: expected one of weight_ih_l0, weight_hh_l0"):
            found.weight_at(name, 0)  # type: ignore[arg-type]
    with pytest.raises(IndexError, match="t: expected 0 to 3, got 4"):
        found.weight_at("weight_hh_l0", 4)
    with pytest.raises(IndexError, match="sequence: expected 0 to 1, got 2"):
        found.weight_at("weight_hh_l0", 0, 2)
    with pytest.raises(IndexError, match="layer: expected 0 to 0, got 1"):
        found.h(1)
    with pytest.raises(UsageError, match="tensor: expected h or c, got 'x'"):
        found.parts("x", 0)
