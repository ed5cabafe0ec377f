"""An encoder and a decoder, unrolled side by side."""

from __future__ import annotations

from rnnviz.figures.decoder.fitting import LEAST, fit_zoom, page_frame
from rnnviz.figures.decoder.layout import layout_of
from rnnviz.figures.decoder.legend import legend
from rnnviz.figures.decoder.options import DecoderOptions
from rnnviz.figures.decoder.picture import picture
from rnnviz.figures.decoder.story import story_of
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import Style


class DecoderFigure:
    """One reads, hands its state over, and the other writes."""

    name = "decoder"
    title = "Encoder and decoder"
    options_type = DecoderOptions
    zoom_range = (LEAST, 6.0)

    def applies(self, view: View) -> bool:
        """Whether there is a decoder."""
        around = view.around
        return around is not None and around.decoded is not None and view.trace is not None

    def extent(self, view: View, options: DecoderOptions, frame: Frame) -> Extent:
        """The size of both halves, and where the current step's column lies."""
        story = story_of(view)
        layout = layout_of(story, options, frame)
        found = story.current(layout.sequences.start)
        current = None
        if found is not None:
            track, t = layout.track(found[0]), found[1]
            current = (track.left(t), track.left(t) + track.width(t))
        return Extent(layout.width, layout.height, current)

    def fit_zoom(self, view: View, options: DecoderOptions, width: float, height: float) -> float:
        """The zoom at which a pane shows most: all of it if that can be read."""
        return fit_zoom(view, options, width, height)

    def build(self, view: View, options: DecoderOptions, frame: Frame, style: Style) -> Scene:
        """What a frame shows."""
        return picture(view, options, frame, style)

    def legend(self, view: View, options: DecoderOptions, width: float, style: Style) -> Scene:
        """The key to roles, choice, target and signed colours."""
        return legend(story_of(view), width, style)

    def export_frame(self, view: View, options: DecoderOptions) -> Frame:
        """Both halves: at 100 % where that fits a page, else squeezed to its width."""
        return page_frame(view, options)


FIGURE = DecoderFigure()
