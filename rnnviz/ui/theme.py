"""How the window wears a style: an explicit palette, one small style sheet, and the switch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from rnnviz.render.fonts import load_fonts, qfont
from rnnviz.scene.style import Style, load_style
from rnnviz.ui.stylesheet import style_sheet

if TYPE_CHECKING:
    from rnnviz.ui.window import MainWindow

Choice = Literal["system", "light", "dark"]

# Custom-painted controls read their colours from the palette alone, so that a change of theme
# reaches them by Qt's own PaletteChange event. The roles borrow Qt's names:
#   Mid border · Dark border_strong · Midlight grid · Light card · Shadow accent_soft
_ROLES: dict[QPalette.ColorRole, str] = {
    QPalette.ColorRole.Window: "surface",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "surface_sunken",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Button: "field",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "error",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border_strong",
    QPalette.ColorRole.Midlight: "grid",
    QPalette.ColorRole.Light: "card",
    QPalette.ColorRole.Shadow: "accent_soft",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Accent: "focus_ring",
    QPalette.ColorRole.Link: "text",
    QPalette.ColorRole.LinkVisited: "text_secondary",
    QPalette.ColorRole.ToolTipBase: "card",
    QPalette.ColorRole.ToolTipText: "text",
}
_FADED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.PlaceholderText,
)


def palette(style: Style) -> QPalette:
    """The Qt palette of a style; disabled text is faded, nothing else changes."""
    result = QPalette()
    for role, name in _ROLES.items():
        result.setColor(role, QColor(getattr(style.ui, name)))
    for role in _FADED:
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(style.ui.disabled))
    return result


def style_of(widget: QWidget) -> Style:
    """The style that a widget wears now; ask again after a PaletteChange event."""
    # A style sheet may have changed the widget's own palette: the application's tells the theme.
    dark = QApplication.palette(widget).color(QPalette.ColorRole.Window).lightness() < 128
    return load_style("dark" if dark else "light")


def system_theme(app: QApplication) -> Literal["light", "dark"]:
    """What the system asks for; light where it doesn't say."""
    dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return "dark" if dark else "light"


class Theme(QObject):
    """Dresses the whole application, at start and whenever the choice or the system changes.

    Qt polishes every widget anew when a sheet goes and when one comes. Between the two the event
    loop goes on, and the windows keep what they have painted until all of them is dressed.

    Attributes:
        choice: what the user chose; "system" follows the system.
        style: the style worn now, or in a moment.

    Signals:
        changed: the style worn has changed.
    """

    changed = Signal()

    def __init__(self, app: QApplication, choice: Choice = "system") -> None:
        super().__init__(app)
        self._app = app
        self.choice: Choice = choice
        self._wearers = 0
        self.style: Style = load_style(self.resolved)
        self._turns: Iterator[None] = iter(())
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._go_on)
        load_fonts()
        self._begin()
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    @classmethod
    def worn_by(cls, window: MainWindow, choice: Choice) -> Theme:
        """What a new window wears: what others wear that are open, else what is chosen for it."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme = app.findChild(cls) or cls(app, choice)
        theme.dress_until_closed(window)
        return theme

    def dress_until_closed(self, window: MainWindow) -> None:
        """One window more wears it; it goes with the last of them."""
        self._wearers += 1
        window.closed.connect(self._leave)

    def _leave(self) -> None:
        self._wearers -= 1
        if not self._wearers:
            self._turn.stop()
            for _ in self._turns:  # no window may be left that paints nothing
                pass
            self.setParent(None)
            self.deleteLater()

    @property
    def resolved(self) -> Literal["light", "dark"]:
        """The choice, with "system" answered."""
        return system_theme(self._app) if self.choice == "system" else self.choice

    def choose(self, choice: Choice) -> None:
        """Wears another theme from now on."""
        self.choice = choice
        self._refresh()

    def _follow_system(self) -> None:
        if self.choice == "system":
            self._refresh()

    def _refresh(self) -> None:
        style = load_style(self.resolved)
        if style is self.style:
            return
        self.style = style
        if not self._turn.isActive():
            self._turns = self._change()
            self._go_on()
            self._turn.start()

    def _go_on(self) -> None:
        if next(self._turns, self) is self:
            self._turn.stop()
            self.changed.emit()

    def _change(self) -> Iterator[None]:
        """Puts the style on in turns of the event loop, again where another is chosen meanwhile."""
        held = [_Held(window) for window in self._app.topLevelWidgets() if window.isVisible()]
        worn = None
        while worn is not self.style:
            yield
            # Taken off first: Qt takes four times as long to put one in another's place.
            self._app.setStyleSheet("")
            yield
            worn = self.style
            self._app.setPalette(palette(worn))
            yield
            self._app.setStyleSheet(style_sheet(worn))
            yield
        for window in held:
            window.let_go()

    def _begin(self) -> None:
        """Dresses what there is.

        Windows that were closed and are not gone yet are dressed already: to put the same on again
        would style all of them anew, which takes longer than to open a window.
        """
        worn = self._app.styleSheet()
        if worn == style_sheet(self.style):
            return
        if worn not in [style_sheet(load_style(name)) for name in ("light", "dark")]:
            self._app.setStyle("Fusion")
        self._app.setFont(qfont("ui", 12))
        for _ in self._change():
            pass


class _Held:
    """A window that paints nothing until it is let go; it may be gone by then."""

    def __init__(self, window: QWidget) -> None:
        self._window: QWidget | None = window
        self._forget = window.destroyed.connect(self._lose)
        window.setUpdatesEnabled(False)

    def let_go(self) -> None:
        """Lets it paint all of itself."""
        if self._window is not None:
            self._window.destroyed.disconnect(self._forget)
            self._window.setUpdatesEnabled(True)

    def _lose(self) -> None:
        self._window = None
