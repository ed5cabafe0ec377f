"""Colour maps: numbers to colours, the same in the window and in every exported picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

_ENTRIES = 256
_ZERO = 128  # the signed map's middle; entry 0 is kept for NaN
_INK = "#14181F"
_WHITE = "#FFFFFF"
_LIGHT_FROM = 120.0  # of 255; near where ink and white contrast alike


def hex_to_rgb(color: str) -> tuple[int, int, int]:
    """`#RRGGBB` as three numbers from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def rgb_to_hex(rgb: ArrayLike) -> str:
    """Three numbers from 0 to 255 as `#RRGGBB`."""
    red, green, blue = (int(channel) for channel in np.asarray(rgb))
    return f"#{red:02X}{green:02X}{blue:02X}"


def luminance(color: str) -> float:
    """WCAG 2 relative luminance, 0 (black) to 1 (white)."""
    channels = np.asarray(hex_to_rgb(color)) / 255
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def contrasting_text(color: str) -> str:
    """Ink or white, whichever reads better on a colour."""
    return max((_INK, _WHITE), key=lambda text: contrast(text, color))


def mix(color: str, other: str, share: float) -> str:
    """A colour on its way to another: `share` 0 is the first, 1 the other."""
    start, end = np.asarray(hex_to_rgb(color)), np.asarray(hex_to_rgb(other))
    return rgb_to_hex(np.rint(start + (end - start) * share))


@dataclass(frozen=True, eq=False)
class Colormap:
    """A map from numbers to colours, linear in sRGB between its stops.

    Attributes:
        name: what the map is called where it comes from.
        stops: colours at even distances, first to last.
        signed: centred on 0, from −limit to limit; else from 0 to limit.
        paper: the colour of NaN.
    """

    name: str
    stops: tuple[str, ...]
    signed: bool
    paper: str
    _table: NDArray[np.uint8] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compute the table once: entry 0 is NaN, the rest spread over the range."""
        stops = np.asarray([hex_to_rgb(stop) for stop in self.stops], dtype=np.float64)
        places = np.linspace(0, 1, len(stops))
        wanted = np.linspace(0, 1, _ENTRIES - 1)
        channels = [np.interp(wanted, places, stops[:, channel]) for channel in range(3)]
        table = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
        paper = np.asarray([hex_to_rgb(self.paper)], dtype=np.uint8)
        object.__setattr__(self, "_table", np.concatenate([paper, table]))

    def indices(self, values: ArrayLike, limit: float) -> NDArray[np.uint8]:
        """Entries of the map's table: 0 for NaN, else 1 to 255 (signed: 128 is zero)."""
        array = np.asarray(values)
        if array.dtype != np.float32:
            array = array.astype(np.float64)
        limit = limit if np.isfinite(limit) and limit > 0 else 1.0
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = array / array.dtype.type(limit)
            if self.signed:
                scaled = scaled * (_ZERO - 1) + _ZERO
            else:
                scaled = scaled * (_ENTRIES - 2) + 1
            places = np.clip(np.rint(scaled), 1, _ENTRIES - 1)
        result: NDArray[np.uint8] = np.where(np.isnan(places), 0, places).astype(np.uint8)
        return result

    def colors(self, values: ArrayLike, limit: float) -> NDArray[np.uint8]:
        """The colours `(..., 3)` of values `(...)`; NaN is the paper's colour.

        Args:
            values: any shape.
            limit: the end of the range; values beyond keep the colour of the end. A limit
                that is 0 or not finite counts as 1.
        """
        return self._table[self.indices(values, limit)]

    def hex(self, value: float, limit: float) -> str:
        """The colour of one value, as `#RRGGBB`."""
        return rgb_to_hex(self.colors(value, limit))


def contrasting_colors(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink or white for each of many colours `(..., 3)`: what crosses are drawn with."""
    light = colors @ np.asarray((0.299, 0.587, 0.114)) > _LIGHT_FROM
    pair = np.asarray([hex_to_rgb(_WHITE), hex_to_rgb(_INK)], dtype=np.uint8)
    result: NDArray[np.uint8] = pair[light.astype(np.intp)]
    return result
