"""Every example as the window has it once it is open, each opened once."""

from __future__ import annotations

from functools import cache
from typing import Any

from rnnviz.model.pipeline import PipelineRun
from rnnviz.session import ImmediateRunner, Session, State
from rnnviz.session.examples import example_keys
from rnnviz.session.scripts import plain_run

KEYS = example_keys()


def open_anew(key: str) -> Session:
    """A session with an example open, and nothing else ever."""
    session = Session(ImmediateRunner())
    session.open_example(key)
    return session


@cache
def opened(key: str) -> State:
    """The state that an example opens in."""
    return open_anew(key).state


@cache
def whole(key: str) -> PipelineRun:
    """The run of the whole model; of an encoder and a decoder, the encoder's."""
    state = opened(key)
    return plain_run(state) if state.pr is None else state.pr


@cache
def tensors(key: str) -> dict[str, Any]:
    """Every tensor of an example by name, with weights, and a decoder's with its prefix."""
    pr, state = whole(key), opened(key)
    found = {name: named.tensor for name, named in pr.tensors.items()} | pr.weights
    if pr.run is not None:
        found |= pr.run.weights
        spec, output = pr.run.spec, pr.output
        assert output is not None
        apart = (*output.shape[:-1], spec.num_directions, spec.output_size)
        found["view"] = output.view(apart)
    if state.decoded is not None:
        inner = state.decoded.decoder.tensors
        found |= {f"decoder.{name}": named.tensor for name, named in inner.items()}
        found["loss"] = inner["loss"].tensor
    return found
