"""Options of a figure by name: which there are, and which values they may have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any

from rnnviz.errors import UsageError
from rnnviz.figures import get_figure

if TYPE_CHECKING:
    from rnnviz.figures.view import View

_TOGGLE = [(True, "true"), (False, "false")]


def option_choices(name: str, view: View) -> dict[str, list[tuple[Any, str]]]:
    """What each option of a figure may be set to: `(value, label)` pairs by option."""
    options = get_figure(name).options_type()
    return {
        field.name: _choices(field, view)
        for field in fields(options)
        if "choices" in field.metadata or isinstance(getattr(options, field.name), bool)
    }


def make_options(name: str, view: View, chosen: Mapping[str, Any]) -> Any:
    """Options of a figure, some of them chosen.

    Args:
        name: of the figure.
        view: what it will show.
        chosen: values, or their text as the command line has it, by option.

    Raises:
        UsageError: for an option that the figure doesn't have, or a value that it cannot take.
    """
    known = option_choices(name, view)
    for option in chosen:
        if option not in known:
            raise UsageError(f"{name} has no option {option!r}: expected {_listed(known)}")
    limits = _ranges(name)
    values = {
        option: _within(option, value, limits[option])
        if option in limits
        else _pick(option, value, known[option])
        for option, value in chosen.items()
    }
    return get_figure(name).options_type(**values)


def _ranges(name: str) -> dict[str, tuple[float, float]]:
    """The options that may be any number between two."""
    options = fields(get_figure(name).options_type)
    return {field.name: field.metadata["range"] for field in options if "range" in field.metadata}


def _within(option: str, value: Any, limits: tuple[float, float]) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not limits[0] <= number <= limits[1]:
        raise UsageError(f"{option}: expected {limits[0]:g} to {limits[1]:g}, got {value!r}")
    return number


def _choices(field: Field[Any], view: View) -> list[tuple[Any, str]]:
    if "choices" in field.metadata:
        return list(field.metadata["choices"](view))
    return list(_TOGGLE)


def _pick(option: str, value: Any, choices: list[tuple[Any, str]]) -> Any:
    for choice, label in choices:
        same = type(choice) is type(value) and choice == value
        if same or (isinstance(value, str) and value.lower() in (_text(choice), label.lower())):
            return choice
    shown = [_text(choice) for choice, _ in choices[:24]]
    raise UsageError(f"{option}: expected {_listed(shown)}, got {value!r}")


def _text(choice: Any) -> str:
    return str(choice).lower()


def _listed(names: Any) -> str:
    found = list(names)
    return f"one of {', '.join(found)}" if found else "none"
