"""A scene as text, one mark a line, for tests that compare it word by word."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from rnnviz.element import Element
from rnnviz.scene.marks import Clip, Mark, Run, Scene


def _number(value: float) -> str:
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text


def element_name(element: Element) -> str:
    """An element in short: `h[layer=0 t=2 unit=3]`."""
    given = (
        f"{name}={value}"
        for name, value in zip(element._fields[1:], element[1:], strict=True)
        if value is not None
    )
    indices = " ".join(given)
    return f"{element.tensor}[{indices}]" if indices else element.tensor


def _run(run: Run) -> str:
    marks: list[str] = [run.shift] if run.shift else []
    marks += [name for name in ("italic", "bold") if getattr(run, name)]
    marks += [run.color] if run.color else []
    return repr(run.text) + (f"({' '.join(marks)})" if marks else "")


def _array(array: np.ndarray) -> str:
    shape = "×".join(str(size) for size in array.shape)
    if array.dtype.kind == "f":
        array = np.round(array.astype(np.float64), 2) + 0.0
    return f"{shape}:{zlib.crc32(np.ascontiguousarray(array).tobytes()):08x}"


def _value(value: object) -> str:
    if isinstance(value, Element):
        return element_name(value)
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, bool | int | str):
        return str(value)
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, Run):
        return _run(value)
    if isinstance(value, tuple):
        return " ".join(_value(entry) for entry in value)
    return repr(value)


def _line(mark: Mark) -> str:
    parts = [type(mark).__name__]
    for field in fields(mark):
        value = getattr(mark, field.name)
        if field.name in {"x", "y", "width", "height"}:
            parts.append(_number(float(value)))
        elif field.name == "marks" or _is_default(value, field.default):
            continue
        else:
            parts.append(f"{field.name}={_value(value)}")
    return " ".join(parts)


def _is_default(value: object, default: object) -> bool:
    if isinstance(value, np.ndarray):
        return False
    return bool(value == default)


def _lines(marks: tuple[Mark, ...], indent: str) -> Iterator[str]:
    for mark in marks:
        yield indent + _line(mark)
        if isinstance(mark, Clip):
            yield from _lines(mark.marks, indent + "  ")


def listing(scene: Scene) -> str:
    """The scene, one mark a line in painting order, numbers with two decimals.

    What has its default value is left out; colours and points of arrays are a checksum.
    """
    place = " ".join(_number(v) for v in (scene.x, scene.y, scene.width, scene.height))
    head = f"Scene {place} background={scene.background} title={scene.title!r}"
    return "\n".join([head, *_lines(scene.marks, "")]) + "\n"
