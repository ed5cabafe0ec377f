"""The look of every figure: colours, maps and sizes, read from the theme's tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from rnnviz.resource import resource_path
from rnnviz.scene.colormap import Colormap

ThemeName = Literal["light", "dark"]

_ALIASES = {
    "output": "y",
    "input": "x",
    "data": "x",
    "h_0": "h",
    "h_n": "h",
    "c_0": "c",
    "c_n": "c",
    "a": "g",
    "mask": "padding",
}


@dataclass(frozen=True, slots=True)
class Role:
    """The three levels of a tensor's hue: for labels, for lines and frames, for tints."""

    text: str
    line: str
    fill: str


@dataclass(frozen=True, slots=True)
class Current:
    """The lit slab of the current step: its fill, its frame, and text on its ink tab."""

    fill: str
    line: str
    text: str


@dataclass(frozen=True, slots=True)
class Ui:
    """Ink and greys, and the few colours of states."""

    background: str
    surface: str
    surface_sunken: str
    canvas: str
    card: str
    field: str
    text: str
    text_secondary: str
    muted: str
    disabled: str
    border: str
    border_strong: str
    grid: str
    accent: str
    on_accent: str
    accent_soft: str
    focus_ring: str
    ok: str
    warning: str
    error: str


@dataclass(frozen=True, eq=False)
class Style:
    """One theme.

    Attributes:
        name: "light" or "dark".
        ui: ink and greys.
        roles: hue by tensor role.
        current: the lit slab.
        signed, magnitude, gradient, time: the colour maps; that of gradients is for logarithms.
        tokens: everything else, by the names of `resources/theme/tokens.json`: `type`,
            `space`, `layout`, `stroke`, `opacity`, `node`, `motion`.
        background: what pictures are painted on; None is transparent.
    """

    name: ThemeName
    ui: Ui
    roles: Mapping[str, Role]
    current: Current
    signed: Colormap
    magnitude: Colormap
    gradient: Colormap
    time: Colormap
    tokens: Mapping[str, Any]
    background: str | None

    def role(self, name: str) -> Role:
        """The hue of a tensor: a role's letter, or a tensor's name (`h_n`, `output`).

        Parameters have no hue of their own: they are ink, as inputs are.
        """
        if name.startswith(("weight_", "bias_")):
            return self.roles["x"]
        return self.roles[_ALIASES.get(name, name)]


@cache
def _tokens() -> dict[str, Any]:
    text = resource_path("theme", "tokens.json").read_text(encoding="utf-8")
    tokens: dict[str, Any] = json.loads(text)
    return tokens


def _colormap(kind: str, theme: ThemeName, paper: str) -> Colormap:
    data = _tokens()["colormap"][kind][theme]
    return Colormap(data["name"], tuple(data["stops"]), signed=kind == "signed", paper=paper)


@cache
def load_style(name: ThemeName) -> Style:
    """The style of a theme; the same object every time."""
    tokens = _tokens()
    colors = tokens["color"][name]
    roles = {role: Role(**hues) for role, hues in colors["role"].items() if role != "current"}
    ui = Ui(**colors["ui"])
    return Style(
        name=name,
        ui=ui,
        roles=roles,
        current=Current(**colors["role"]["current"]),
        signed=_colormap("signed", name, ui.card),
        magnitude=_colormap("magnitude", name, ui.card),
        gradient=_colormap("gradient", name, ui.card),
        time=_colormap("time", name, ui.card),
        tokens=tokens,
        background=ui.canvas,
    )


@cache
def export_style(transparent: bool = False) -> Style:
    """The style of exported pictures: light, on white paper or on none."""
    light = load_style("light")
    white = replace(light.ui, canvas="#FFFFFF")
    return replace(light, ui=white, background=None if transparent else "#FFFFFF")
