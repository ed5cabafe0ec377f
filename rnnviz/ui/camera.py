"""Where a canvas looks: a zoom and a corner, as pure arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # a view's own types need torch, which comes after the first paint
    from rnnviz.figures.view import Extent, Frame

    ExtentAt = Callable[[float], Extent]

Fit = Literal["whole", "readable"]
Box = tuple[float, float, float, float]  # x, y, width and height

_READABLE = 0.7  # below this zoom, text is too small to read
_OVERHANG = 1.6  # panes wide that content may be and yet be shown readably
_HEADROOM = 36.0  # px left at most above content that is lower than the pane
_MARGIN = 24.0  # px kept between a followed slab and the edge


@dataclass(frozen=True)
class Camera:
    """A look at a figure.

    Attributes:
        zoom: 1.0 is 100 %.
        x, y: the content's px at the pane's top left corner.
        fit: how the zoom follows the pane's size: "whole" shows everything, "readable" is
            content with less where everything would be too small; None once the user zooms.
    """

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    fit: Fit | None = "readable"

    def frame(self, width: float, height: float) -> Frame:
        """What a pane of this size sees."""
        from rnnviz.figures.view import Frame

        return Frame(self.x, self.y, width, height, self.zoom)

    def moved(self, dx: float, dy: float) -> Camera:
        """The look after dragging the content by (−dx, −dy)."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def zoomed(self, zoom: float, at: tuple[float, float], extent_at: ExtentAt) -> Camera:
        """Another zoom, with the content under the pane's point `at` kept where it is."""
        before, after = extent_at(self.zoom), extent_at(zoom)
        x = _kept(self.x + at[0], before.width, after.width) - at[0]
        y = _kept(self.y + at[1], before.height, after.height) - at[1]
        return Camera(zoom, x, y, fit=None)

    def within(self, extent: Extent, width: float, height: float) -> Camera:
        """The nearest look that leaves no room unused.

        What is narrower than the pane is centred; what is lower stays near its top.
        """
        return replace(
            self,
            x=_clamped(self.x, extent.width, width),
            y=max(_clamped(self.y, extent.height, height), -_HEADROOM),
        )

    def following(
        self, extent: Extent, width: float, height: float, opening: Box | None = None
    ) -> Camera:
        """The look with the current step in sight, moved no further than needed.

        A step that is more than a pane away is brought to the middle: after a jump, what came
        before it is to be seen as well as what comes after.

        Args:
            opening: where the content is seen, in its px; the whole pane if None.
        """
        left, top, across, down = opening or (self.x, self.y, width, height)
        dx = dy = 0.0
        if extent.current is not None and extent.width > width:
            dx = _in_sight(left, extent.current, across) - left
        if extent.current_row is not None and extent.height > height:
            dy = _in_sight(top, extent.current_row, down) - top
        return self.moved(dx, dy)


def fitting_zoom(
    extent_at: ExtentAt, width: float, height: float, limits: tuple[float, float]
) -> float:
    """The largest zoom within limits at which everything fits the pane.

    What a figure draws changes with the zoom, so the zoom is searched, not computed.
    """
    low, high = limits
    if _fits(extent_at(high), width, height):
        return high
    for _ in range(24):
        middle = (low * high) ** 0.5
        if _fits(extent_at(middle), width, height):
            low = middle
        else:
            high = middle
    return low


def readable_zoom(
    extent_at: ExtentAt, width: float, height: float, limits: tuple[float, float]
) -> float:
    """The zoom at which everything fits, or one at which a little less does, but readably."""
    zoom = fitting_zoom(extent_at, width, height, limits)
    if zoom >= _READABLE or not limits[0] <= _READABLE <= limits[1]:
        return zoom
    extent = extent_at(_READABLE)
    readable = extent.width <= width * _OVERHANG and extent.height <= height
    return _READABLE if readable else zoom


def _fits(extent: Extent, width: float, height: float) -> bool:
    return extent.width <= width and extent.height <= height


def _kept(place: float, before: float, after: float) -> float:
    return place * after / before if before > 0 else place


def _in_sight(corner: float, span: tuple[float, float], room: float) -> float:
    """The corner from which a span can be seen, with a margin: the nearest, if one is near."""
    first, last = span[0] - _MARGIN, span[1] + _MARGIN
    if last - first > room:
        return first
    if last < corner - room or first > corner + 2 * room:
        return (first + last - room) / 2
    if first < corner:
        return first
    return max(corner, last - room)


def _clamped(corner: float, content: float, pane: float) -> float:
    if content <= pane:
        return (content - pane) / 2
    return min(max(corner, 0.0), content - pane)
