"""What is told of an element of a state: of the recurrent layers, around them, or of a decoder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model import provenance
from rnnviz.model.provenance import around
from rnnviz.model.provenance.around import Half, Steps, Whole

if TYPE_CHECKING:
    from rnnviz.model.provenance import Description, Dissection
    from rnnviz.model.provenance.columns import Columns
    from rnnviz.model.trace import Trace
    from rnnviz.session.state import State

DECODER = "decoder."


@dataclass(frozen=True, eq=False)
class Account:
    """All that can be told of the elements of a model at one moment.

    Attributes:
        run: the recurrent layers as far as they are computed; None without any.
        whole: the model from the batch to the loss; None where it is not known.
        decoder: what writes behind it; its elements are named `decoder.` and what they are.
        giver: the stack before, and the variable of what it gives, where that is the input.
    """

    run: Trace | None
    whole: Whole | None = None
    decoder: Account | None = None
    giver: tuple[str, str] | None = None
    _told: dict[Element, Description] = field(default_factory=dict, repr=False)

    def has(self, element: Element) -> bool:
        """Whether there is such an element."""
        try:
            self.describe(element)
        except UsageError:
            return False
        return True

    def describe(self, element: Element) -> Description:
        """All that the inspector says of an element; worked out once.

        Raises:
            UsageError: where there is none.
        """
        if element not in self._told:
            self._told[element] = self._describe(element)
        return self._told[element]

    def _describe(self, element: Element) -> Description:
        inner = self._inner(element)
        if inner is not None:
            told = inner[0].describe(inner[1])
            return replace(told, element=_prefixed(told.element), title=f"Decoder: {told.title}")
        if self._is_around(element):
            assert self.whole is not None
            return around.describe(self.whole, element)
        told = provenance.describe(self._trace(element), element)
        return told if self.giver is None else _given(told, *self.giver)

    def value_at(self, element: Element) -> float | None:
        """The one number that an element names; None where it names several, or is not known."""
        try:
            told = self.describe(element)
        except UsageError:
            return None
        if told.index is None or told.status != "computed":
            return None
        return float(told.values[told.index])

    def accessible_name(self, element: Element) -> str:
        """An element in words; "" where there is none."""
        inner = self._inner(element)
        if inner is not None:
            said = inner[0].accessible_name(inner[1])
            return f"decoder: {said}" if said else ""
        if self._is_around(element):
            assert self.whole is not None
            return around.accessible_name(self.whole, element)
        return "" if self.run is None else provenance.accessible_name(self.run, element)

    def dissect(self, element: Element) -> Dissection | None:
        """One number taken apart; None where it follows from no others."""
        inner = self._inner(element)
        if inner is not None:
            return inner[0].dissect(inner[1])
        if self.whole is not None and (self._is_around(element) or self._is_embedded(element)):
            return around.dissect(self.whole, element)
        return None if self.run is None else provenance.dissect(self.run, element)

    def columns_of(self, dissection: Dissection) -> Columns | None:
        """All units of a state, where a number is of one; None of all else."""
        if self.run is None or self._is_around(dissection.source):
            return None
        try:
            return provenance.columns_of(self.run, dissection.source)
        except UsageError:
            return None

    def sources(self, element: Element) -> tuple[Element, ...]:
        """What an element was computed from, one step back."""
        inner = self._inner(element)
        if inner is not None:
            return tuple(map(_prefixed, inner[0].sources(inner[1])))
        if self.whole is not None and (self._is_around(element) or self._is_embedded(element)):
            found = around.sources(self.whole, element)
            return tuple(source for source in found if self.has(source))
        return () if self.run is None else provenance.sources(self.run, element)

    @property
    def is_difference(self) -> bool:
        """Whether every number is new − original."""
        if self.run is not None:
            return self.run.is_difference
        return self.whole is not None and self.whole.is_difference

    def _is_around(self, element: Element) -> bool:
        return self.whole is not None and around.knows(self.whole, element)

    def _is_embedded(self, element: Element) -> bool:
        """Whether it is of what the lowest layer receives from something in front."""
        if self.whole is None or element.tensor != "x" or element.layer:
            return False
        return "embedded" in self.whole.pr.tensors

    def _inner(self, element: Element) -> tuple[Account, Element] | None:
        if self.decoder is None or not element.tensor.startswith(DECODER):
            return None
        return self.decoder, element._replace(tensor=element.tensor.removeprefix(DECODER))

    def _trace(self, element: Element) -> Trace:
        if self.run is None:
            raise UsageError(f"there is no tensor {element.tensor!r} here")
        return self.run


def account_of(state: State) -> Account:
    """What can be told of the elements of a state, as it is shown.

    Raises:
        ValueError: before the first model is built.
    """
    view = state.view()
    given = view.around
    giver = _giver(state)
    if given is None:
        return Account(view.trace, giver=giver)
    whole = Whole(
        given.pr,
        given.gradients,
        view,
        given.returned,
        () if given.vocabulary is None else given.vocabulary.tokens,
        given.classes,
        view.showing == "difference",
    )
    decoded = given.decoded
    if decoded is None:
        return Account(view.trace, whole, giver=giver)
    done, total = given.decoder_steps, decoded.decoder.form.L
    known = decoded.gradients if decoded.loss is not None else None
    back = None if given.returned is None else max(given.returned - total, 0)
    whole = replace(
        whole,
        gradients=None if known is None else known.encoder,
        returned=back,
        half=Half(decoded, "encoder"),
    )
    behind = Whole(
        decoded.decoder,
        None if known is None else known.decoder,
        Steps(done, total),
        None if given.returned is None else min(given.returned, total),
        whole.tokens,
        given.classes or whole.tokens,
        half=Half(decoded, "decoder"),
    )
    trace = decoded.decoder.run
    return Account(view.trace, whole, Account(None if trace is None else trace.at(done), behind))


def _giver(state: State) -> tuple[str, str] | None:
    document = state.document
    if not document.before:
        return None
    from rnnviz.session.stack_names import packed_variable, received_variable

    received = received_variable(document, len(document.before))
    given = packed_variable(received) if document.packed else received
    return document.before[-1].name, given


def _given(told: Description, name: str, variable: str) -> Description:
    """What is said of a stack that is given another's output: that, wherever the input stands."""
    code, setup = (
        tuple(_INPUT.sub(variable, line) for line in lines) for lines in (told.code, told.setup)
    )
    note = told.note
    if told.element.tensor == "x" and not told.element.layer:
        note = f"The output of {name}, the stack before."
    return replace(told, code=code, setup=setup, note=note)


_INPUT = re.compile(r"\binput\b")


def _prefixed(element: Element) -> Element:
    return element._replace(tensor=f"{DECODER}{element.tensor}")
