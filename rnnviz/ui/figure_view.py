"""One figure in the window: its toolbar, the key to its colours, and its canvas."""

from __future__ import annotations

import logging
from dataclasses import fields, is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from rnnviz.render.painter import paint
from rnnviz.scene.hit import hit
from rnnviz.ui.ahead import Ahead
from rnnviz.ui.banner import NotFiniteBanner
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.controls import Rule
from rnnviz.ui.foresight import given_up_where_it_fails
from rnnviz.ui.live_figure import Foresee, nothing_foreseen
from rnnviz.ui.theme import style_of
from rnnviz.ui.toolbar import FigureToolbar
from rnnviz.ui.value_editor import ValueEditor
from rnnviz.ui.veil import Veil

if TYPE_CHECKING:
    from rnnviz.model.schedule import Progress
    from rnnviz.scene.marks import Scene
    from rnnviz.session import Session
    from rnnviz.session.state import State
    from rnnviz.ui.trajectory_view import TrajectoryView

log = logging.getLogger("rnnviz")

PLOTS = "trajectories"
_REST = 8  # ms after a frame: the next one is painted when this one is on show
# px beside a legend that has none of its own
_MARGINS = {"weights": 20, "trajectories": 16, "gradients": 20}


class FigureView(QWidget):
    """Shows the state's figure; each keeps its own toolbar, diagrams share the canvas.

    Attributes:
        canvas: paints every diagram.
        editor: changes a number where the canvas draws it.
        plots: the trajectories, made when they are first shown.
        veil: dims the figure while it shows the last valid model.
    """

    def __init__(self, session: Session, foresee: Foresee = nothing_foreseen) -> None:
        super().__init__()
        self._session, self._foresee = session, foresee
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REST)
        self._soon.timeout.connect(self._foresee_plots)
        self.canvas = FigureCanvas(session, foresee)
        self.editor = ValueEditor(self.canvas, session)
        self.plots: TrajectoryView | None = None
        self._toolbars: dict[str, FigureToolbar] = {}
        self._bars = QVBoxLayout()
        self.legend = LegendStrip(session)
        self.banner = NotFiniteBanner(session)
        self._panes = QStackedWidget()
        self._panes.addWidget(self.canvas)
        self.veil = Veil(self._panes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._rules = (Rule(), Rule())
        column.addLayout(self._bars)
        for widget in (self._rules[0], self.legend, self._rules[1], self.banner, self._panes):
            column.addWidget(widget, 1 if widget is self._panes else 0)
        self._rules[0].hide()
        self.legend.described.connect(self._show_rule)

    @property
    def shows_plots(self) -> bool:
        """Whether the pane on show is the trajectories'."""
        return self._panes.currentWidget() is not self.canvas

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the figure of a state."""
        if old is None or old.figure != new.figure or not old.ready:
            self._switch(new)
        bar = self._toolbar(new.figure)
        bar.refresh(new)
        bar.setVisible(not bar.empty)
        self.legend.refresh(new)
        self._show_rule()
        self.banner.refresh(new)
        self.veil.refresh(new)
        if self.shows_plots:
            self._refresh_plots(new)
        else:
            self.canvas.refresh(old, new)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.shows_plots:
            self._refresh_plots(self._session.state)

    def _show_rule(self) -> None:
        """Parts the toolbar from the key, where there are both."""
        bar = self._toolbars.get(self._session.state.figure)
        there = bar is not None and not bar.empty and self.legend.height() > 1
        self._rules[0].setVisible(there)

    def _switch(self, state: State) -> None:
        name = state.figure
        for other, bar in self._toolbars.items():
            bar.setVisible(other == name)
        if name == PLOTS and state.run is not None:
            self._show_plots()
        else:
            self._panes.setCurrentWidget(self.canvas)
            self.canvas.show_figure(name)

    def _show_plots(self) -> None:
        if self.plots is None:
            from rnnviz.ui.trajectory_view import TrajectoryView

            session = self._session
            self.plots = TrajectoryView(
                session.seek,
                session.select,
                partial(session.set_option, PLOTS),
                beside=session.beside,
            )
            self._panes.addWidget(self.plots)
        self._panes.setCurrentWidget(self.plots)

    def _refresh_plots(self, state: State) -> None:
        if self.plots is not None and state.run is not None:
            self.plots.show_view(state.view(), state.options[PLOTS], style_of(self))
            self._soon.start()

    def _foresee_plots(self) -> None:
        """Has what another step shows painted while nobody waits for it."""
        if self.plots is None or not self.plots.isVisible():
            return
        with given_up_where_it_fails():
            state = self._foresee()
            if state is not None and state.run is not None:
                self.plots.foresee(state.view(), state.options[PLOTS], style_of(self))

    def _toolbar(self, name: str) -> FigureToolbar:
        if name not in self._toolbars:
            self._toolbars[name] = FigureToolbar(self._session, name)
            self._bars.addWidget(self._toolbars[name])
        return self._toolbars[name]


class LegendStrip(QWidget):
    """The key to the colours of the figure on show.

    Signals:
        described: it may be of another height.
    """

    described = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._scene: Scene | None = None
        self._shown: tuple[object, ...] = ()
        self._margin = 0
        self._ahead = Ahead(self, session.beside, self._arrived, self.update)
        self.setFixedHeight(0)
        self.setAccessibleName("key to the colours")
        self.setMouseTracking(True)

    def refresh(self, state: State) -> None:
        """Describes the legend anew where it may have changed."""
        name = state.figure
        run = state.ready and _shown(state)
        shown = (name, _chosen(state.options.get(name)), run, state.selection, self.width())
        if shown != self._shown:
            self._shown = shown
            self._describe(state)

    def _arrived(self) -> None:
        self._describe(self._session.state)

    def _describe(self, state: State) -> None:
        from rnnviz.figures import get_figure
        from rnnviz.figures.later import Later

        shown, self._scene = self._scene, None
        margin = self._margin = _MARGINS.get(state.figure, 0)
        width = self.width() - 2 * margin
        if state.ready and width > 0:
            options = state.options[state.figure]
            try:
                figure = get_figure(state.figure)
                describe = partial(figure.legend, state.view(), options, width, style_of(self))
                self._scene = self._ahead.attempt(describe)
            except Later:
                self._scene = shown
            except Exception:
                log.exception("the key to the colours could not be drawn")
        self.setFixedHeight(round(self._scene.height) if self._scene else 0)
        self.described.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(style_of(self).ui.canvas))
        if self._scene is not None:
            painter.translate(self._margin, 0)
            paint(self._scene, painter, self.devicePixelRatioF())
        painter.end()

    def progress_at(self, point: QPointF) -> Progress | None:
        """Where a click at a point leads; None where there is nothing to click."""
        from rnnviz.figures import get_figure
        from rnnviz.figures.view import LeadsElsewhere

        state = self._session.state
        if self._scene is None or not state.ready:
            return None
        figure = get_figure(state.figure)
        element = hit(self._scene, point.x() - self._margin, point.y())
        if element is None or not isinstance(figure, LeadsElsewhere):
            return None
        return figure.progress_of(state.view(), element)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.progress_at(event.position()) is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        progress = self.progress_at(event.position())
        if progress is not None and event.button() == Qt.MouseButton.LeftButton:
            self._session.seek_progress(progress)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.refresh(self._session.state)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._shown = ()
            self.refresh(self._session.state)


def _chosen(options: Any) -> tuple[object, ...]:
    """What is chosen of a figure's options; where it is panned and zoomed its key stays."""
    return tuple(
        getattr(options, field.name)
        for field in (fields(options) if is_dataclass(options) else ())
        if field.metadata.get("form", True)
    )


def _shown(state: State) -> tuple[object, ...]:
    """What a key to the colours follows from, beside the options and the selection."""
    runs = (state.run, state.pr, state.gradients, state.rival, state.jacobians, state.original)
    return *map(id, runs), state.position, state.sequence, state.showing, state.returned
