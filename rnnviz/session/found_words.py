"""What was found in a file, in words: a stack, what was converted, what the file does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rnnviz.files.reading import one_line

if TYPE_CHECKING:
    from rnnviz.files.found import Finding, FoundChain, FoundStack
    from rnnviz.model.spec import ModelSpec

ASKED: Mapping[str, str] = {
    "nonlinearity": "The weights of an RNN look the same with tanh and with relu.",
    "batch_first": "Which axis of an input is the batch; it changes no number.",
    "dropout": "It stands between layers and acts in train mode alone; no weight tells of it.",
}


def spec_words(spec: ModelSpec) -> str:
    """The sizes of a stack: "LSTM 64 → 128, 2 layers, bidirectional, proj_size 32"."""
    parts = [f"{spec.cell} {spec.input_size} → {spec.hidden_size}"]
    if spec.num_layers > 1:
        parts.append(f"{spec.num_layers} layers")
    if spec.bidirectional:
        parts.append("bidirectional")
    if spec.proj_size:
        parts.append(f"proj_size {spec.proj_size}")
    if not spec.bias:
        parts.append("no bias")
    if spec.dtype != "float32":
        parts.append(spec.dtype)
    return ", ".join(parts)


def chain_words(chain: FoundChain) -> str:
    """The stacks of a chain in their order."""
    return ", then ".join(spec_words(stack.spec) for stack in chain.stacks)


def chain_name(chain: FoundChain) -> str:
    """What a chain is called, in one line; of one that the file gives no name, its cells."""
    return one_line(chain.name) or " → ".join(stack.spec.cell for stack in chain.stacks)


def chain_parameters(chain: FoundChain) -> int:
    """Numbers in all weights of a chain."""
    return sum(values.size for stack in chain.stacks for values in stack.weights.values())


def chain_details(chain: FoundChain) -> tuple[str, ...]:
    """A line for each stack of several, with what was converted; what is so of all comes last."""
    shared = [said for said in chain.stacks[0].said if all(said in s.said for s in chain.stacks)]
    lines: list[str] = []
    if len(chain.stacks) > 1:
        for stack in chain.stacks:
            lines.append(f"{one_line(stack.name)}: {spec_words(stack.spec)}")
            lines += [f"    {one_line(said)}" for said in stack.said if said not in shared]
    return (*lines, *map(one_line, shared))


def asked_of(chain: FoundChain) -> dict[str, object]:
    """What the file does not say of a chain and somebody has to: each with torch's default."""
    return {
        name: getattr(stack.spec, name)
        for name in ASKED
        for stack in reversed(chain.stacks)
        if name in stack.asked and (name != "dropout" or _drops(stack))
    }


def found_words(finding: Finding) -> str:
    """How much was found, in a sentence."""
    count = len(finding.chains)
    if not count:
        return "Nothing recurrent was found in it."
    return (
        "One recurrent model was found." if count == 1 else f"{count} recurrent models were found."
    )


def _drops(stack: FoundStack) -> bool:
    return stack.spec.num_layers > 1
