"""The configuration of a Keras model, as the layers that it names; nothing in it is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rnnviz.files.reading import one_line
from rnnviz.files.tensors.stored import RefusedError

LONGEST = 4 << 20

_DEEPEST = 10
_MOST_LAYERS = 10_000
_LONGEST_NAME = 200
_UNREADABLE = "its configuration cannot be read"


@dataclass(frozen=True, eq=False)
class Entry:
    """A layer that the configuration names.

    Attributes:
        names: its own after those of the models around it.
        kind: its class: "LSTM".
        own: whether that class is Keras's own.
        config: of the layer, whatever it holds.
        path: where a .keras file has its weights.
        source: the name, within the same model, of the layer whose first output it receives.
        fed: whether it is also given an initial state.
    """

    names: tuple[str, ...]
    kind: str
    own: bool
    config: dict[str, Any]
    path: tuple[str, ...]
    source: str | None
    fed: bool

    @property
    def name(self) -> str:
        """With those of the models around it."""
        return shown("/".join(self.names))

    @property
    def key(self) -> tuple[str, ...]:
        """By which others name it."""
        return self.names

    @property
    def source_key(self) -> tuple[str, ...] | None:
        """The key of its source."""
        return None if self.source is None else (*self.names[:-1], self.source)


def shown(text: str) -> str:
    """A name or a value from the file, in one line and not without end."""
    return one_line(text[:_LONGEST_NAME])


def entries(text: str) -> list[Entry]:
    """All layers of a model, those of models within it included.

    Raises:
        RefusedError: where the text is no configuration of a model.
    """
    try:
        model = json.loads(text)
    except (ValueError, RecursionError):
        raise RefusedError(_UNREADABLE) from None
    if not isinstance(model, dict):
        raise RefusedError(_UNREADABLE)
    if _listed(model) is None:
        kind = model.get("class_name")
        named = f", but a {shown(kind)}" if isinstance(kind, str) else ""
        raise RefusedError(f"it is no Sequential or Functional model{named}")
    found: list[Entry] = []
    for entry in _walk(model, (), ()):
        found.append(entry)
        if len(found) > _MOST_LAYERS:
            raise RefusedError(f"its model has more than {_MOST_LAYERS} layers")
    return found


def _walk(model: dict[str, Any], names: tuple[str, ...], path: tuple[str, ...]) -> Iterator[Entry]:
    if len(names) > _DEEPEST:
        raise RefusedError("its models are nested too deeply")
    counts: dict[str, int] = {}
    before: str | None = None
    for held in _listed(model) or []:
        kind = held.get("class_name") if isinstance(held, dict) else None
        config = held.get("config") if isinstance(held, dict) else None
        if not isinstance(kind, str):
            raise RefusedError(_UNREADABLE)
        own_config = config if isinstance(config, dict) else {}
        name = own_config.get("name", held.get("name"))
        name = name if isinstance(name, str) else kind
        place = (*path, "layers", _numbered(_snake_case(kind), counts))
        source, fed = (
            _inbound(held["inbound_nodes"]) if "inbound_nodes" in held else (before, False)
        )
        before = name
        if _listed(held) is not None:
            yield from _walk(held, (*names, name), place)
        own = _is_own(held, kind)
        yield Entry((*names, name), kind, own, own_config, place, source, fed)


def _listed(model: dict[str, Any]) -> list[Any] | None:
    """The layers of a model; None for what is a layer itself."""
    config = model.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    if layers is None and model.get("class_name") == "Sequential":
        layers = config  # of old
    return layers if isinstance(layers, list) else None


def _is_own(held: dict[str, Any], kind: str) -> bool:
    module, registered = held.get("module"), held.get("registered_name")
    of_keras = module is None or (
        isinstance(module, str) and re.match(r"(tensorflow\.)?keras\b", module)
    )
    return bool(of_keras) and registered in (None, kind, f"keras>{kind}", f"Keras>{kind}")


def _inbound(calls: object) -> tuple[str | None, bool]:
    """What a layer of a functional model receives, and whether that is more than its input."""
    if not isinstance(calls, list) or len(calls) != 1:
        return None, False  # an input, or a layer that is used several times
    call = calls[0]
    if isinstance(call, dict):
        tensors = list(_tensors(call.get("args"), 0))
        more = list(_tensors(call.get("kwargs"), 0))
    else:  # Keras 2: name, node, output, arguments
        tensors = [_history(each) for each in call] if isinstance(call, list) else []
        more = []
    first = tensors[0] if tensors else None
    return first[0] if first and first[1] == 0 else None, len(tensors) + len(more) > 1


def _tensors(held: object, depth: int) -> Iterator[tuple[str, int] | None]:
    if depth > _DEEPEST:
        return
    if isinstance(held, dict) and held.get("class_name") == "__keras_tensor__":
        config = held.get("config")
        yield _history(config.get("keras_history") if isinstance(config, dict) else None)
    elif isinstance(held, dict | list):
        for each in held.values() if isinstance(held, dict) else held:
            yield from _tensors(each, depth + 1)


def _history(held: object) -> tuple[str, int] | None:
    """The layer that gave a tensor, and which of its outputs it is."""
    if not isinstance(held, list) or len(held) < 3:
        return None
    return (held[0], held[2]) if isinstance(held[0], str) and type(held[2]) is int else None


def _snake_case(kind: str) -> str:
    """What Keras makes of a class's name in a .keras file."""
    name = re.sub(r"\W+", "", kind)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _numbered(name: str, counts: dict[str, int]) -> str:
    counts[name] = counts.get(name, -1) + 1
    return f"{name}_{counts[name]}" if counts[name] else name
