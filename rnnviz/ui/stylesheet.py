"""The one style sheet: frames, hover and focus of Qt's own widgets. Fonts are set elsewhere."""

from __future__ import annotations

from string import Template

from rnnviz.scene.style import Style

_SHEET = Template("""
QToolTip { background: $card; color: $text; border: 1px solid $border_strong; padding: 4px 6px; }
QMenu { background: $card; color: $text; border: 1px solid $border; padding: 5px; }
QMenu::item { padding: 5px 24px 5px 22px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }

QMenuBar { background: transparent; color: $text_secondary; border: none; padding: 0; }
QMenuBar::item { padding: 5px 10px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $accent_soft; color: $text; }

QLineEdit, QAbstractSpinBox, QComboBox {
  background: $field; color: $text; border: 1px solid $border; border-radius: 5px;
  padding: 0 8px; min-height: 20px; max-height: 20px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:hover, QComboBox:hover { border-color: $border_strong; }
QLineEdit:focus, QComboBox:focus { border: 2px solid $focus_ring; padding: 0 7px;
  min-height: 18px; max-height: 18px; }
QLineEdit:disabled, QComboBox:disabled { color: $disabled; }
QLineEdit[wrong="true"] { border: 1px solid $error; }
QComboBox { padding: 0 4px 0 8px; }
QComboBox:focus { padding: 0 3px 0 7px; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView {
  background: $card; color: $text; border: 1px solid $border_strong; outline: none; padding: 3px;
  selection-background-color: $accent_soft; selection-color: $text;
}

QPushButton {
  background: $surface; color: $text; border: 1px solid $border; border-radius: 6px;
  padding: 0 12px; min-height: 26px; outline: none;
}
QPushButton:hover { background: $field; border-color: $border_strong; }
QPushButton:pressed { background: $accent_soft; }
QPushButton:focus { border: 2px solid $focus_ring; padding: 0 11px; min-height: 24px; }
QPushButton:disabled { color: $disabled; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[primary="true"]:focus { border-color: $muted; }
QPushButton[primary="true"]:disabled {
  background: $field; color: $disabled; border-color: $border;
}
QPushButton[flat="true"] { background: transparent; border: 1px solid transparent; }
QPushButton[flat="true"]:hover { background: $accent_soft; }
QPushButton[flat="true"]:focus { border: 2px solid $focus_ring; }
QPushButton[compact="true"] { min-height: 18px; padding: 0 8px; border-radius: 4px; }
QPushButton[quiet="true"] { color: $muted; }
QPushButton::menu-indicator { image: none; width: 0; }

QRadioButton::indicator {
  width: 12px; height: 12px; border: 1px solid $muted; border-radius: 7px; background: $field;
}
QRadioButton::indicator:hover { border-color: $text; }
QRadioButton::indicator:checked {
  width: 6px; height: 6px; border: 4px solid $accent; background: $on_accent;
}
QRadioButton::indicator:focus { border-color: $focus_ring; }

QFrame#code, QFrame#formula {
  background: $surface_sunken; border: 1px solid $border; border-radius: 6px;
}
QFrame#popover { background: $card; border: 1px solid $border_strong; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QSplitter::handle { background: transparent; }

QTableView {
  background: transparent; border: none; gridline-color: transparent; outline: none;
  selection-background-color: transparent; selection-color: $text;
}
QTableView QLineEdit, QTableView QLineEdit:focus {
  background: $surface; border: 2px solid $focus_ring; border-radius: 2px;
  padding: 0 2px; min-height: 0; max-height: 99px;
}
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; color: $muted; border: none; padding: 0 4px; }
QTableCornerButton::section { background: transparent; border: none; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border_strong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $disabled; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSlider::groove:horizontal { height: 2px; background: $border_strong; border-radius: 1px; }
QSlider::sub-page:horizontal { height: 2px; background: $accent; border-radius: 1px; }
QSlider::handle:horizontal {
  width: 9px; height: 9px; margin: -5px 0; border-radius: 6px;
  background: $surface; border: 2px solid $accent;
}
QSlider::handle:horizontal:focus { background: $accent; }
QPlainTextEdit {
  background: $surface_sunken; color: $text; border: 1px solid $border; border-radius: 6px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit:focus { border: 2px solid $focus_ring; }
""")


def style_sheet(style: Style) -> str:
    """The application's style sheet in a style's colours."""
    ui = style.ui
    return _SHEET.substitute({name: getattr(ui, name) for name in _SHEET.get_identifiers()})
