"""The PyTorch script of several stacks in a row: each is made, and given what the last one gave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from rnnviz.model.pipeline import Pipeline
from rnnviz.model.pipeline.code import load_lines
from rnnviz.model.pipeline.literals import tensor_code
from rnnviz.model.pipeline.redraw import Redrawn, construction, redraw
from rnnviz.model.pipeline.script import script
from rnnviz.session.stack_names import (
    output_variable,
    packed_variable,
    received_variable,
    variables,
)
from rnnviz.session.stacks import of_stack, stacks_of
from rnnviz.session.state import InitialStates

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent
    from rnnviz.session.parts import StackPart
    from rnnviz.session.state import Document

_PART = "recurrent"


def chain_code(document: Document, batch: str = "") -> str:
    """A script that makes all stacks and their input, and prints what each of them gives.

    Args:
        batch: the expression that draws the input; "" where its numbers are written out.
    """
    from rnnviz.session.assembly import batch_of

    names, stacks, modules = variables(document), stacks_of(document), modules_of(document)
    lines: list[str] = []
    for name, stack, module in zip(names, stacks, modules, strict=True):
        lines += _making(name, stack, module)
    axes, sizes = (", ".join(str(axis[at]) for axis in document.input_shape) for at in (0, 1))
    given = batch or tensor_code(batch_of(document), "input")
    lines += ["", f"input = {given}  # ({axes}) = ({sizes})"]
    if document.packed:
        lines.append(f"lengths = torch.tensor({list(document.lengths)})")
    lines.append("")
    for place in range(len(stacks)):
        lines += _calling(document, place)
    lines.append("")
    for place in range(len(stacks)):
        lines += [f'print("{name}", {name}.detach())' for name in _results(document, place)]
    return script(lines)


def modules_of(document: Document) -> tuple[Recurrent, ...]:
    """The module of each stack, with the numbers that were changed."""
    from rnnviz.session.binding import bind

    return tuple(bind(_alone(document, stack)).module for stack in stacks_of(document))


def _alone(document: Document, stack: StackPart) -> Document:
    """A document of one stack, with an input that costs nothing."""
    return replace(
        of_stack(document, stack),
        values=np.zeros((1, 1, stack.spec.input_size)),
        lengths=(1,),
        packed=False,
        single=False,
        initial=InitialStates(),
        clamps=(),
        before=(),
        after=(),
    )


def _making(name: str, stack: StackPart, module: Recurrent) -> list[str]:
    pipeline = Pipeline(recurrent=module, seed=stack.spec.seed)
    drawn = {
        f"{name}.{key.partition('.')[2]}": values
        for key, values in redraw(pipeline).weights.items()
    }
    weights = {key: value.detach() for key, value in module.named_parameters()}
    seeded = [f"torch.manual_seed({stack.spec.seed})"]
    loading = load_lines(name, weights, Redrawn(drawn))
    loaded = len(loading) - 1 == len(weights)  # so that it does not matter what was drawn
    return [*([] if loaded else seeded), f"{name} = {construction(module)}", *loading]


def _results(document: Document, place: int) -> tuple[str, ...]:
    """The variables of what a stack gives: its output and last states."""
    output = output_variable(document, place)
    shown = place == len(document.before)
    prefix = "" if shown else f"{variables(document)[place]}_"
    has_c = stacks_of(document)[place].spec.cell == "LSTM"
    return (output, f"{prefix}h_n", *((f"{prefix}c_n",) if has_c else ()))


def _calling(document: Document, place: int) -> list[str]:
    stack, name = stacks_of(document)[place], variables(document)[place]
    output, *states = _results(document, place)
    received = received_variable(document, place)
    batch_first, lines = document.spec.batch_first, []
    if document.packed:
        packed = packed_variable(received)
        lines = [
            f"{packed} = nn.utils.rnn.pack_padded_sequence(",
            f"    {received}, lengths, batch_first={batch_first}, enforce_sorted=False",
            ")",
        ]
        received = packed
    given, handed = _initial(document, stack)
    lines += given
    if document.training and stack.spec.dropout and stack.spec.num_layers > 1:
        lines.append(f"torch.manual_seed({stack.spec.seed})  # of the dropout masks")
    final = f"({', '.join(states)})" if len(states) > 1 else states[0]
    lines.append(f"{output}, {final} = {name}({received}{handed})")
    if document.packed:
        lines += [
            f"{output}, _ = nn.utils.rnn.pad_packed_sequence(",
            f"    {output}, batch_first={batch_first}, total_length={document.L}",
            ")",
        ]
    return lines


def _initial(document: Document, stack: StackPart) -> tuple[list[str], str]:
    """The lines that make a stack's initial states, and how they are handed to it."""
    initial = stack.initial
    if initial is None or initial.kind == "zeros" or initial.h_0 is None:
        return [], ""
    dtype = getattr(torch, stack.spec.dtype)
    known = {"h_0": initial.h_0, "c_0": initial.c_0}
    lines = []
    for name, values in known.items():
        if values is not None:
            given = torch.tensor(values, dtype=torch.float64).to(dtype)
            code = tensor_code(given[:, 0] if document.unbatched else given, name)
            lines.append(f"{name} = {code}")
    return lines, ", (h_0, c_0)" if initial.c_0 is not None else ", h_0"
