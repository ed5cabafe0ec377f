"""The tensors' names as mathematics: `f₃ ⊙ c₂`, each letter in its own hue."""

from __future__ import annotations

from rnnviz.figures.anatomy.subject import CARRIED, Subject
from rnnviz.model.cells import Operation
from rnnviz.scene.marks import Run
from rnnviz.scene.style import Style
from rnnviz.scene.text import symbol

Runs = tuple[Run, ...]
_FUNCTIONS = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU"}


class Names:
    """The names of one cell's tensors.

    Args:
        subject: the cell; its timestep stands below the letters.
        style: the hues.
        short: without timesteps and biases, as on a chip.
        muted: the ink of everything, where nothing has a hue yet.
    """

    def __init__(
        self, subject: Subject, style: Style, *, short: bool = False, muted: str | None = None
    ) -> None:
        self._subject, self._style, self._short, self._muted = subject, style, short, muted
        self._given = {name: op for op in subject.operations for name in op.gives}

    @property
    def is_muted(self) -> bool:
        """Whether all letters have one ink."""
        return self._muted is not None

    def of(self, name: str) -> Runs:
        """A tensor's name; of what is computed without a letter of its own, how."""
        if name in ("x", *CARRIED) or name in self._subject.run.cell.gates or name in ("h", "c"):
            return self.letter(name)
        if name.startswith("a_"):
            return symbol("a", sub=name[2:], color=self._muted)
        if name[:3] in ("ih_", "hh_"):
            return self.product(name)
        return self.formula(self._given[name])

    def brief(self, name: str) -> Runs:
        """The same where there is less room: a bias without its index, a sum left out."""
        if name[:3] in ("ih_", "hh_") and self._subject.run.spec.bias:
            return (*self._weighted(name), Run(" + ", color=self._muted), *self._bias(""))
        operation = self._given.get(name)
        if operation is not None and operation.takes[1:2] and operation.takes[1][:3] == "hh_":
            return (*self.of(operation.takes[0]), Run(" ⊙ (…)", color=self._muted))
        return tuple(run._replace(text=run.text.replace(" ", "")) for run in self.of(name))

    def letter(self, name: str) -> Runs:
        """A letter with its timestep."""
        base = name.removesuffix("_prev")
        color = self._muted or self._style.role(base).text
        return symbol(base, sub=None if self._short else self.time(name), color=color)

    def time(self, name: str) -> str:
        """The index below a letter, counted from 1; 0 for an initial state."""
        if name not in CARRIED:
            return str(self._subject.place.t + 1)
        before = self._subject.before
        return "0" if before is None else str(before + 1)

    def product(self, name: str) -> Runs:
        """A gate's rows of a weight times what enters, with the bias."""
        runs = self._weighted(name)
        if self._subject.run.spec.bias and not self._short:
            runs += (Run(" + ", color=self._muted), *self._bias(name[0] + name[3:]))
        return runs

    def _weighted(self, name: str) -> Runs:
        entering = self.letter("x" if name[0] == "i" else "h_prev")
        return (*symbol("W", sub=name[0] + name[3:], color=self._muted), *entering)

    def _bias(self, index: str) -> Runs:
        return symbol("b", sub=index or None, color=self._muted)

    def formula(self, operation: Operation) -> Runs:
        """How an operation makes one of its results of what it takes."""
        taken = [self._within(name) for name in operation.takes]
        ink = self._muted
        if operation.verb in _FUNCTIONS:
            return (Run(f"{_FUNCTIONS[operation.verb]} ", color=ink, italic=False), *taken[0])
        if operation.verb == "complement":
            left = (Run("(1 − ", color=ink), *taken[0], Run(") ⊙ ", color=ink))
            return (*left, *taken[1])
        if operation.verb == "project":
            return (*symbol("W", sub="hr", color=ink), *taken[0])
        sign = " + " if operation.verb == "add" else " ⊙ "
        return (*taken[0], Run(sign, color=ink), *taken[1])

    def _within(self, name: str) -> Runs:
        """A name as a part of another: in brackets where it is a sum, in short where it is long."""
        if name[:3] not in ("ih_", "hh_"):
            return self.of(name)
        runs = self.product(name)
        brackets = self._subject.run.spec.bias and not self._short
        ink = self._muted
        return (Run("(", color=ink), *runs, Run(")", color=ink)) if brackets else runs
