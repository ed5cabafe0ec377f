"""Which keys do what in the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from rnnviz.ui.shortcuts import Keymap, Shortcut, with_ctrl, with_ctrl_shift, with_shift
from rnnviz.ui.transport import STEPS

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.ui.window import MainWindow
    from rnnviz.ui.workbench import Workbench

Key = Qt.Key
_PACES = (Key.Key_T, Key.Key_L, Key.Key_O)  # as in STEPS
_FAR = 10  # steps that an arrow with Shift goes


def make_keymap(window: MainWindow, bench: Workbench) -> Keymap:
    """Every key of the window, by group."""
    return Keymap(
        {
            "Time": _time(bench.session),
            "View": _view(window, bench),
            "Selection": _selection(bench),
            "Figure": _figure(window, bench),
        }
    )


def _time(session: Session) -> list[Shortcut]:
    def faster(factor: float) -> None:
        session.set_speed(session.state.speed * factor)

    left, right = Key.Key_Left, Key.Key_Right
    return [
        Shortcut((Key.Key_Space,), "Space", "Play, pause", session.toggle_play),
        Shortcut((right,), "→", "Step", session.step),
        Shortcut((left,), "←", "Back", session.back),
        Shortcut((with_shift(right),), "Shift →", "Ten steps", lambda: session.go(_FAR)),
        Shortcut((with_shift(left),), "Shift ←", "Ten steps back", lambda: session.go(-_FAR)),
        Shortcut((Key.Key_Home,), "Home", "Before the first step", session.first),
        Shortcut((Key.Key_End,), "End", "After the last step", session.last),
        *(
            Shortcut(
                (key,), shown, f"Step by {title.lower()}", partial(session.set_granularity, name)
            )
            for key, (name, title, shown) in zip(_PACES, STEPS, strict=True)
        ),
        Shortcut((Key.Key_B,), "B", "Back through time, or forward", session.toggle_returning),
        Shortcut((Key.Key_BracketLeft,), "[", "Slower", lambda: faster(0.5)),
        Shortcut((Key.Key_BracketRight,), "]", "Faster", lambda: faster(2.0)),
    ]


def _selection(bench: Workbench) -> list[Shortcut]:
    follower = bench.follower
    return [
        Shortcut((Key.Key_Up,), "↑", "Layer above", lambda: follower.move_layer(1)),
        Shortcut((Key.Key_Down,), "↓", "Layer below", lambda: follower.move_layer(-1)),
        Shortcut((Key.Key_J,), "J", "Next unit", lambda: follower.move_unit(1)),
        Shortcut((Key.Key_K,), "K", "Previous unit", lambda: follower.move_unit(-1)),
        Shortcut((), "Tab", "Next node; with Shift, the previous", lambda: None),
        Shortcut((Key.Key_P,), "P", "Pin the inspector", follower.toggle_pin),
        Shortcut((with_ctrl(Key.Key_C),), "Ctrl C", "Copy name and value", bench.copy_value),
    ]


def _view(window: MainWindow, bench: Workbench) -> list[Shortcut]:
    canvas = bench.figure.canvas
    views = [
        Shortcut((Key(number),), chr(number), f"View {place + 1}", partial(bench.show_view, place))
        for place, number in enumerate(range(int(Key.Key_1), int(Key.Key_9) + 1))
    ]
    nearer = (Key.Key_Plus, Key.Key_Equal)
    return [
        *views,
        Shortcut((Key.Key_Return, Key.Key_Enter), "Enter", "Open the cell", bench.open_cell),
        Shortcut((Key.Key_Escape,), "Esc", "Go back", bench.leave_cell),
        Shortcut(nearer, "+", "Zoom in; the wheel does too", window.zoom_in),
        Shortcut((Key.Key_Minus,), "−", "Zoom out", window.zoom_out),
        Shortcut((Key.Key_0,), "0", "100 %", lambda: canvas.zoom_to(1.0)),
        Shortcut((Key.Key_F,), "F", "Fit", canvas.fit),
    ]


def _figure(window: MainWindow, bench: Workbench) -> list[Shortcut]:
    session, z = bench.session, Key.Key_Z
    redo = (with_ctrl_shift(z), with_ctrl(Key.Key_Y))
    return [
        Shortcut((with_ctrl(z),), "Ctrl Z", "Undo", session.undo),
        Shortcut(redo, "Ctrl Shift Z", "Redo; Ctrl Y too", session.redo),
        Shortcut((with_ctrl(Key.Key_S),), "Ctrl S", "Save the session", window.save),
        Shortcut((with_ctrl_shift(Key.Key_S),), "Ctrl Shift S", "Save as", window.save_as),
        Shortcut((with_ctrl(Key.Key_E),), "Ctrl E", "Export the figure", bench.export),
        Shortcut((with_ctrl(Key.Key_G),), "Ctrl G", "Examples", bench.show_gallery),
        Shortcut((with_ctrl(Key.Key_O),), "Ctrl O", "Open a file", bench.files.choose),
        Shortcut((with_ctrl(Key.Key_R),), "Ctrl R", "Train the model", bench.training.toggle),
        Shortcut((Key.Key_F6,), "F6", "Next pane", bench.focus_next_pane),
        Shortcut((Key.Key_Question,), "?", "This sheet", window.show_shortcuts),
    ]
