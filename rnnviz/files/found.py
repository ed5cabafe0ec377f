"""What a file of weights was found to hold: recurrent layers, and the rest with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnviz.model.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class FoundStack:
    """Layers that fit one module of torch.

    Attributes:
        name: what the file calls them: "encoder.rnn", the name of an ONNX node or a Keras layer.
        spec: the module's arguments, with torch's defaults for those that are `asked`.
        weights: by the names of that module, "weight_ih_l0" and so on, in its gate order.
        said: what was converted to get there, a sentence each: "Gates reordered from i o f c."
        asked: arguments that the file does not say: "nonlinearity", "batch_first", "dropout".
    """

    name: str
    spec: ModelSpec
    weights: Mapping[str, NDArray[np.floating]]
    said: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundChain:
    """Stacks of which each receives what the one before gives; mostly there is one.

    Attributes:
        name: what they are called together.
        stacks: in the order of the computation.
    """

    name: str
    stacks: tuple[FoundStack, ...]


@dataclass(frozen=True)
class LeftOut:
    """A tensor or a node that is no part of a recurrent layer, or of one that cannot be had.

    Attributes:
        name: as the file has it.
        shape: of a tensor; None for a node.
        why: "no recurrent layer has weights of this name", in a few words.
    """

    name: str
    shape: tuple[int, ...] | None
    why: str


@dataclass(frozen=True)
class Finding:
    """All that was found in a file.

    Attributes:
        path: the file.
        kind: what it is: "PyTorch state_dict", "safetensors", "ONNX", "Keras".
        chains: what can be opened, in the file's order; empty where there is nothing.
        left: the rest.
    """

    path: Path
    kind: str
    chains: tuple[FoundChain, ...]
    left: tuple[LeftOut, ...] = ()
