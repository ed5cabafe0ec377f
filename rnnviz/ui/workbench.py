"""Everything in the window: panels around one figure, each told of every change of the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from rnnviz.ui.comparison import ComparisonBar
from rnnviz.ui.controls import Rule
from rnnviz.ui.export_dialog import ExportDialog
from rnnviz.ui.figure_view import FigureView
from rnnviz.ui.file_banner import FileBanner
from rnnviz.ui.file_opener import FileOpener
from rnnviz.ui.follow import Follower
from rnnviz.ui.input_panel import InputPanel
from rnnviz.ui.inspector import Inspector
from rnnviz.ui.model_panel import ModelPanel
from rnnviz.ui.opened_bar import OpenedBar
from rnnviz.ui.panel import HEADING
from rnnviz.ui.panes import WIDTH, Panes
from rnnviz.ui.picture_request import copy_image, request_of
from rnnviz.ui.playing import Player, Unhurried
from rnnviz.ui.save_back import SaveBack, has_values
from rnnviz.ui.shapes_strip import ShapesStrip
from rnnviz.ui.stacks_bar import StacksBar
from rnnviz.ui.statusbar import StatusBar
from rnnviz.ui.tabs import TabBar
from rnnviz.ui.topbar import TopBar
from rnnviz.ui.training_strip import TrainingStrip
from rnnviz.ui.transport import TransportPanel

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.runner import Runner
    from rnnviz.session.state import State

FIGURES = (
    ("unrolled", "Unrolled graph"),
    ("folded", "Folded"),
    ("anatomy", "Cell anatomy"),
    ("weights", "Weights"),
    ("trajectories", "Trajectories"),
    ("packed", "Packed batch"),
    ("lookup", "Lookup"),
    ("linear", "Linear"),
    ("scores", "Scores and loss"),
    ("rows", "View and transpose"),
    ("decoder", "Encoder and decoder"),
    ("sides", "Side by side"),
    ("gradients", "Gradients"),
)
_TAKES_TAB = Qt.FocusPolicy.TabFocus
LEAST_FIGURE, _LEAST_INSPECTOR = 420, 260
_LEFT, _RIGHT, _TRANSPORT = 272, 328, 96


class _Parts(NamedTuple):
    """Where panels are put: above one another, all of them, and those about the figure."""

    outer: QVBoxLayout
    middle: QVBoxLayout


class Workbench(QWidget):
    """Builds the panels and tells them of the state; what they do goes to the session."""

    def __init__(
        self,
        session: Session,
        runner: Runner,
        show_shortcuts: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        """An empty one: `build` fills it.

        Args:
            parent: the window that it will stand in; widgets that change their parent are
                styled anew, with all that they hold.
        """
        super().__init__(parent)
        self.session, self._runner = session, runner
        self._show_shortcuts = show_shortcuts
        self._left_figure = "unrolled"
        # Does what ends the document on show, once nothing can be lost by it.
        self.ask_first: Callable[[Callable[[], object]], object] = lambda deed: deed()
        self._seen = session.state

    def build(self) -> Iterator[None]:
        """Makes the panels in their places, a moment of work at a time."""
        session, parts = self.session, self._arrange()
        self.follower = Follower(session)
        self.player = Player(session, self)
        self.topbar = TopBar()
        self._put(self.topbar, parts.outer, 0)
        yield
        self.model = ModelPanel(session)
        yield
        self._put(self.model, self.left)
        yield
        self.input = InputPanel(session)
        yield
        self._put(self.input, self.left)
        yield
        self.tabs, self.shapes = TabBar(FIGURES), ShapesStrip(session)
        self.opened, self.stacks = OpenedBar(session), StacksBar(session)
        self.refused, self.comparison = FileBanner(session), ComparisonBar(session)
        self.files = FileOpener(session, self.window())
        self.back = SaveBack(session, self.window())
        above = (self.refused, self.opened, self.stacks, self.shapes, self.comparison)
        for bar in (self.tabs, Rule(), *above):
            self._put(bar, parts.middle)
        yield
        self.training = TrainingStrip(session, self._runner)
        yield
        self._put(self.training, parts.middle)
        yield
        self.figure = FigureView(session, self.follower.foreseen)
        parts.middle.addWidget(self.figure, 1)
        yield
        self.inspector = Inspector(session, self.follower)
        self.inspector.setMinimumWidth(_LEAST_INSPECTOR)
        yield
        self._put(self.inspector, self.columns)
        yield
        self.transport = TransportPanel(session)
        self.transport.setFixedHeight(_TRANSPORT)
        self.status = StatusBar(session, self._show_shortcuts)
        for part in (Rule(), self.transport, Rule(), self.status):
            self._put(part, parts.outer)
        yield
        self._divide_columns()
        self._connect()
        self.topbar.show_theme()
        self._panels: tuple[Any, ...] = (
            Unhurried(self.inspector),  # shows what is selected before the figure paints
            self.topbar,
            self.model,
            Unhurried(self.input),
            self.refused,
            self.opened,
            self.stacks,
            self.comparison,
            self.shapes,
            self.files,
            self.training,
            self.figure,
            self.transport,
            self.status,
            self.player,
        )
        self._seen = session.state
        for panel in self._panels:
            panel.refresh(None, self._seen)
            yield
        self._refresh_tabs(None, self._seen)
        self._unsubscribe = session.subscribe(self._on_changed)

    def close_session(self) -> None:
        """Hears no more of the session, and computes no more."""
        self.player.stop()
        self.inspector.close_typesetter()
        self._unsubscribe()
        self.session.close()

    def layout_to_remember(self) -> dict[str, Any]:
        """The sizes of the panes."""
        return {
            "columns": self.columns.sizes(),
            "left": self.left.sizes(),
            "inspector": not self.inspector.isHidden(),
        }

    def restore_layout(self, layout: dict[str, Any]) -> None:
        """Takes the sizes back that were remembered, where they make sense."""
        for name, panes in (("columns", self.columns), ("left", self.left)):
            sizes = layout.get(name)
            if _are_sizes(sizes, panes.count()):
                panes.setSizes(sizes)
        self.inspector.setVisible(layout.get("inspector", True) is not False)

    def divide(self) -> None:
        """Gives the model what it needs and the input the rest, at least two fifths."""
        self.left.setStretchFactor(0, 0)
        self.left.setStretchFactor(1, 1)
        room = self.left.height()
        wanted = self.model.content.sizeHint().height() + HEADING + self.model.height_below
        model = min(wanted, room * 3 // 5)
        self.left.setSizes([model, room - model])

    # -- what the menus and keys do beyond the session's own intents

    def copy_value(self) -> None:
        """Copies the selected element's name and value."""
        text = self.inspector.copy_text()
        if text:
            QGuiApplication.clipboard().setText(text)

    def copy_picture(self) -> None:
        """Copies the figure on show."""
        wanted = request_of(self.session)
        if wanted is not None:
            copy_image(wanted, self._runner)

    def export(self) -> ExportDialog | None:
        """Opens the export dialog."""
        if not self.session.state.ready:
            return None
        dialog = ExportDialog(self.session, self._runner, self.window())
        dialog.open()
        return dialog

    def show_gallery(self) -> None:
        """Opens the gallery of examples."""
        from rnnviz.ui.gallery import Gallery

        Gallery(self.session, self.window(), lambda deed: self.ask_first(deed)).open()

    def show_view(self, place: int) -> None:
        """Shows a figure by the place of its tab, from 0."""
        figures = self.session.state.figures
        if place < len(figures):
            self.session.show_figure(figures[place])

    def open_cell(self) -> None:
        """Opens the cell that the selected element lies in."""
        state = self.session.state
        if "anatomy" in state.figures and state.figure != "anatomy":
            self._left_figure = state.figure
            self.session.show_figure("anatomy")

    def leave_cell(self) -> None:
        """Goes back to the figure from which the cell was opened."""
        if self.session.state.figure == "anatomy":
            self.session.show_figure(self._left_figure)

    def toggle_inspector(self) -> None:
        """Shows or hides the inspector."""
        self.inspector.setVisible(self.inspector.isHidden())

    def focus_next_pane(self) -> None:
        """Gives the keyboard to the next pane: model, input, figure, inspector, transport."""
        panes: list[QWidget] = [self.model, self.input, self.figure, self.inspector, self.transport]
        focused = self.focusWidget()
        here = next(
            (place for place, pane in enumerate(panes) if focused and pane.isAncestorOf(focused)),
            -1,
        )
        for offset in range(1, len(panes) + 1):
            if _focus_first(panes[(here + offset) % len(panes)]):
                return

    def show_menu(self, at: QPoint) -> QMenu:
        """The context menu of the figure."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy value\tCtrl C", self.copy_value)
        menu.addAction("Copy picture", self.copy_picture)
        menu.addAction("Export figure…\tCtrl E", self.export)
        chosen = self.session.state.selection
        if chosen is not None and has_values(self.session.state):
            menu.addAction(f"Save values of {chosen.tensor}…", self.back.save_values)
        menu.addSeparator()
        menu.addAction("Fit\tF", self.figure.canvas.fit)
        menu.addAction("100 %\t0", lambda: self.figure.canvas.zoom_to(1.0))
        menu.popup(at)
        return menu

    # -- parts

    def _arrange(self) -> _Parts:
        """The places of the panels, empty as yet."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.columns = Panes(
            Qt.Orientation.Horizontal, ("Model and input", "Figure", "Inspector"), (True, False)
        )
        outer.addWidget(Rule())
        outer.addWidget(self.columns, 1)
        self.left = Panes(Qt.Orientation.Vertical, ("Model", "Input"), (False,))
        self.left.setMinimumWidth(220)
        self.columns.add(self.left)
        middle = QWidget()
        middle.setMinimumWidth(LEAST_FIGURE)
        self.columns.add(middle)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        return _Parts(outer, column)

    def _put(self, part: QWidget, into: Panes | QVBoxLayout, at: int = -1) -> None:
        """Puts a part in its place, dressed, so that showing all at once takes no longer."""
        if isinstance(into, Panes):
            into.add(part)
        else:
            into.insertWidget(at, part)
        for widget in (part, *part.findChildren(QWidget)):
            widget.ensurePolished()

    def _divide_columns(self) -> None:
        for place, stretch in enumerate((0, 1, 0)):
            self.columns.setStretchFactor(place, stretch)
        self.columns.setSizes([_LEFT - WIDTH, 1000, _RIGHT - WIDTH])

    def _connect(self) -> None:
        canvas = self.figure.canvas
        self.tabs.chosen.connect(self.session.show_figure)
        self.tabs.zoom_reset.connect(lambda: canvas.zoom_to(1.0))
        self.tabs.fit.connect(canvas.fit)
        self.tabs.inspector_toggled.connect(self.toggle_inspector)
        self.topbar.undo_wanted.connect(self.session.undo)
        self.topbar.redo_wanted.connect(self.session.redo)
        self.topbar.export_wanted.connect(self.export)
        self.model.examples_wanted.connect(self.show_gallery)
        canvas.zoomed.connect(self.tabs.show_zoom)
        canvas.menu_wanted.connect(self.show_menu)

    def _on_changed(self, old: State, new: State) -> None:
        self.follower.changed(old, new)
        # Of several changes in a row the panels are told once, of the last.
        if self.session.state is new:
            seen, self._seen = self._seen, new
            self._refresh(seen, new)

    def _refresh(self, old: State | None, new: State) -> None:
        for panel in self._panels:
            panel.refresh(old, new)
        self._refresh_tabs(old, new)

    def _refresh_tabs(self, old: State | None, new: State) -> None:
        if old is None or (old.figure, old.figures) != (new.figure, new.figures):
            self.tabs.show_figures(new.figures, new.figure)
        self.tabs.show_zoomable(not self.figure.shows_plots)


def _are_sizes(sizes: object, count: int) -> TypeGuard[list[int]]:
    if not isinstance(sizes, list) or len(sizes) != count:
        return False
    return all(isinstance(size, int) and 0 <= size < 10_000 for size in sizes)


def _focus_first(pane: QWidget) -> bool:
    """Gives the keyboard to the first widget of a pane that takes it."""
    for widget in pane.findChildren(QWidget):
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & _TAKES_TAB:
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False
