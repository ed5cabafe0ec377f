"""An option on its way: the picture goes over from one value to the next, the state is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

if TYPE_CHECKING:
    from rnnviz.session.state import State

DURATION = 700  # ms from one end to the other


class Glide(QObject):
    """Moves an option that is marked as animated; nothing but the picture knows of it.

    The state holds the value that was chosen, from the beginning: what is exported, undone or
    read meanwhile is that. Any other change of what is on show ends the movement at once.

    Args:
        parent: the pane.
        show: asks it to describe and paint its figure anew.
    """

    def __init__(self, parent: QObject, show: Callable[[], object]) -> None:
        super().__init__(parent)
        self._field = ""
        self._animation = QVariantAnimation(self)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._animation.valueChanged.connect(lambda _: show())
        self._animation.finished.connect(lambda: show())

    @property
    def active(self) -> bool:
        """Whether the picture is on its way."""
        return self._animation.state() == QVariantAnimation.State.Running

    def heed(self, old: State | None, new: State, *, visible: bool = True) -> None:
        """Sets off where an animated option was chosen anew; stops where anything else changed.

        Args:
            old, new: the states; both of the figure that the pane shows.
            visible: whether anyone sees the pane.
        """
        name = new.figure
        before = old.options.get(name) if old is not None and old.figure == name else None
        chosen = new.options.get(name)
        field = "" if before is None or chosen is None else _changed(before, chosen)
        if field and visible:
            self._set_off(field, getattr(self.shown(before), field), getattr(chosen, field))
        elif field or old is None or _is_other(old, new):
            self.end()

    def shown(self, chosen: Any) -> Any:
        """A figure's options as its picture shows them now."""
        if not self.active or not hasattr(chosen, self._field):
            return chosen
        return replace(chosen, **{self._field: self._animation.currentValue()})

    def end(self) -> None:
        """Arrives at once."""
        self._animation.stop()

    def _set_off(self, field: str, start: float, end: float) -> None:
        self._animation.stop()
        self._field = field
        self._animation.setStartValue(float(start))
        self._animation.setEndValue(float(end))
        self._animation.setDuration(max(round(DURATION * abs(end - start)), 1))
        self._animation.start()


def _changed(before: Any, after: Any) -> str:
    """The animated option that differs, where it alone does; "" where none does."""
    differing = [field for field in fields(after) if _differs(field.name, before, after)]
    alone = len(differing) == 1 and differing[0].metadata.get("animated", False)
    return differing[0].name if alone else ""


def _differs(name: str, before: Any, after: Any) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _is_other(old: State, new: State) -> bool:
    """Whether a person has changed what is on show."""
    return (
        old.figure != new.figure
        or old.document is not new.document
        or old.position != new.position
        or old.sequence != new.sequence
        or old.selection != new.selection
        or old.options is not new.options
    )
