"""Numbers and attributes as SVG spells them."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from rnnviz.element import Element
from rnnviz.scene.listing import element_name


def number(value: float) -> str:
    """A length with at most two decimals, as short as it can be."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def attributes(**values: object) -> str:
    """Attributes with a blank before each; None is left out, `_` in a name becomes `-`."""
    return "".join(
        f" {name.replace('_', '-')}={quoteattr(_text(value))}"
        for name, value in values.items()
        if value is not None
    )


def _text(value: object) -> str:
    return number(value) if isinstance(value, float) else clean(str(value))


def clean(text: str) -> str:
    """Text without the control characters that XML forbids."""
    return "".join(c if c in "\t\n" or ord(c) >= 0x20 else "\ufffd" for c in text)


def content(text: str) -> str:
    """Text between tags."""
    return escape(clean(text))


def box(x: float, y: float, width: float, height: float) -> dict[str, object]:
    """The four attributes of a rectangle's place."""
    sides = {"x": x, "y": y, "width": width, "height": height}
    return {name: float(value) for name, value in sides.items()}


def translucent(opacity: float) -> float | None:
    """An opacity, or None where nothing shines through."""
    return None if opacity >= 1 else float(max(opacity, 0.0))


def data(key: Element | None) -> dict[str, object]:
    """Which tensor element a mark stands for, for scripts that read the picture."""
    return {} if key is None else {"data_tensor": element_name(key)}
