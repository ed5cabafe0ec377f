"""What the window shows, as one frozen value: every change makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from rnnviz.element import Element
from rnnviz.model.spec import ModelSpec
from rnnviz.session.history import History
from rnnviz.session.pacing import Granularity
from rnnviz.session.parts import DecoderPart, FrontPart, HeadPart, StackPart
from rnnviz.session.settings import Theme
from rnnviz.session.shown import Showing, Shown

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from rnnviz.figures.surroundings import Rival, Surroundings
    from rnnviz.figures.view import View
    from rnnviz.files.found import Finding
    from rnnviz.model.clamps import Clamp
    from rnnviz.model.gradients import JacobianNorms
    from rnnviz.model.pipeline import PipelineRun
    from rnnviz.model.pipeline.backward import PipelineGradients
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
    from rnnviz.model.spec import Recurrent
    from rnnviz.model.tokens import Vocabulary
    from rnnviz.model.trace import Trace
    from rnnviz.session.errands import Errand
    from rnnviz.session.incoming import FoundArrays
    from rnnviz.session.opened import Opened
    from rnnviz.session.training_state import TrainingState

# Those that every run can be shown in, known before the figures themselves are loaded.
FIRST_FIGURES = ("unrolled", "folded", "anatomy", "weights", "trajectories", "packed")

COMPUTING = "computing"  # what `busy` says while the runs on show may be of the document before

InitialKind = Literal["zeros", "random", "typed", "vector"]
BadgeStatus = Literal["matches", "differs", "pending"]


@dataclass(frozen=True, eq=False)
class InitialStates:
    """Where the recurrence starts.

    Attributes:
        kind: "zeros" gives the module no `hx`; "random" and "typed" give it the values below;
            with "vector" these are one vector, the same for every sequence, layer and direction.
        h_0: `(D * num_layers, N, H_out)`, None for zeros.
        c_0: `(D * num_layers, N, H_cell)`, None for zeros and for every cell but LSTM.
    """

    kind: InitialKind = "zeros"
    h_0: NDArray[np.float64] | None = None
    c_0: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class WeightEdit:
    """One number of a weight or bias that is not as the module was built.

    Attributes:
        name: the parameter's, as PyTorch spells it.
        row: its first index.
        column: its second index; None for a bias.
        value: what stands there.
    """

    name: str
    row: int
    column: int | None
    value: float

    @property
    def place(self) -> str:
        """The element in PyTorch: `weight_hh_l0[3, 2]`."""
        column = "" if self.column is None else f", {self.column}"
        return f"{self.name}[{self.row}{column}]"


@dataclass(frozen=True, eq=False)
class Document:
    """A model and what is fed to it: all that a run follows from.

    Attributes:
        spec: the model's sizes and options.
        values: `(N, L, features)`, whatever `spec.batch_first` says; padding is included. The
            features are H_in; with a `front` they are what that is given: in_features, or the id
            of a token alone.
        lengths: of each sequence, N of them, each 1 to L.
        training: the module is in train mode, so that its dropout draws masks.
        packed: the module gets a `PackedSequence`.
        enforce_sorted: as in `pack_padded_sequence`.
        unbatched: the module gets `(L, H_in)`; only where N is 1.
        single: what goes in is one vector or token, without an axis of its own; only counts
            where it is unbatched and L is 1.
        padding_value: what stands beyond a sequence's length.
        initial: h_0 and c_0.
        fill: the kind of values that new timesteps, sequences and features get.
        seed: of the fill and of random initial states.
        module: a module that came with its own weights, None where `spec` builds it.
        weight_edits: numbers of the weights that were changed, each element once.
        clamps: what is held at a value while the run is computed; of two the later counts.
        title: what the document is called.
        recurrent: whether there are recurrent layers; without them, `spec` waits.
        front: what stands before them.
        vocabulary: names the ids of the input; None where they are only numbers.
        head: what stands behind them.
        loss: its kind, None for none; there is one only where there are targets.
        targets: class ids (N, L), or (N,) where the head reads one timestep, −100 for one that
            does not count; or numbers with C as a last axis. Padding never counts.
        classes: names of the C classes; empty where they are those of the vocabulary, or numbers.
        weights: numbers in place of those that are drawn, by the pipeline's names
            ("embedding.weight", "recurrent.weight_ih_l0", "head.bias", "decoder.weight_hh_l0").
        weights_from: what those numbers are called: "trained", the name of a file.
        decoder: what writes a sequence behind them; its head is `head`, its targets `targets`.
        lesson: what is put side by side with it: "vanilla", "identity", "projection"; "" nothing.
        task: the key of the task that it learns, "" for its own input and targets.
        rivals: weights of other cells that learned the same, by cell, to be compared with.
        stack: what the recurrent layers are called where they are one of several stacks in a row.
        before, after: those that stand before and behind them; the input is the first one's.
    """

    spec: ModelSpec
    values: NDArray[np.float64]
    lengths: tuple[int, ...]
    training: bool = False
    packed: bool = False
    enforce_sorted: bool = True
    unbatched: bool = False
    single: bool = False
    padding_value: float = 0.0
    initial: InitialStates = InitialStates()
    fill: str = "randn"
    seed: int = 0
    module: Recurrent | None = None
    weight_edits: tuple[WeightEdit, ...] = ()
    clamps: tuple[Clamp, ...] = ()
    title: str = ""
    recurrent: bool = True
    front: FrontPart | None = None
    vocabulary: Vocabulary | None = None
    head: HeadPart | None = None
    loss: str | None = None
    targets: NDArray[Any] | None = None
    classes: tuple[str, ...] = ()
    weights: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    weights_from: str = ""
    decoder: DecoderPart | None = None
    lesson: str = ""
    task: str = ""
    rivals: Mapping[str, Mapping[str, NDArray[np.float64]]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    stack: str = ""
    before: tuple[StackPart, ...] = ()
    after: tuple[StackPart, ...] = ()

    @property
    def features(self) -> int:
        """Numbers that go in at a timestep."""
        if self.front is not None:
            return self.front.features
        if self.before:
            return self.before[0].spec.input_size
        return self.spec.input_size if self.recurrent else int(self.values.shape[2])

    @property
    def takes_ids(self) -> bool:
        """Whether the input is of tokens."""
        return self.front is not None and self.front.takes_ids

    @property
    def is_fed(self) -> bool:
        """Whether what enters the recurrent layers on show is made by something before them."""
        return self.front is not None or bool(self.before)

    @property
    def is_single(self) -> bool:
        """Whether what goes in has no axes of timesteps and sequences."""
        return self.single and self.unbatched and self.L == 1

    @property
    def is_plain(self) -> bool:
        """Whether there are recurrent layers and nothing else."""
        return self.recurrent and not (self.front or self.head or self.loss or self.decoder)

    @property
    def out_width(self) -> int:
        """Features that a head receives."""
        if self.recurrent:
            return self.spec.num_directions * self.spec.output_size
        return self.front.out if self.front is not None else self.features

    @property
    def N(self) -> int:  # noqa: N802 (PyTorch's letter)
        """How many sequences."""
        return int(self.values.shape[0])

    @property
    def L(self) -> int:  # noqa: N802 (PyTorch's letter)
        """How many timesteps the longest sequence may have."""
        return int(self.values.shape[1])

    @property
    def input_shape(self) -> tuple[tuple[str, int], ...]:
        """The axes of the module's padded input by name: `(("L", 6), ("N", 1), ("H_in", 4))`."""
        length, batch = ("L", self.L), ("N", self.N)
        axes = (length,) if self.unbatched else (length, batch)
        if self.spec.batch_first:
            axes = axes[::-1]
        features = () if self.takes_ids else (("H_in", self.features),)
        return features if self.is_single else (*axes, *features)

    @property
    def subtitle(self) -> str:
        """The model in a few words: "2-layer bidirectional LSTM, batch of 4"."""
        if not self.recurrent:
            return "without recurrent layers"
        way = "bidirectional " if self.spec.bidirectional else ""
        batch = f", batch of {self.N}" if self.N > 1 else ""
        packed = ", packed" if self.packed else ""
        return f"{self.spec.num_layers}-layer {way}{self.spec.cell}{batch}{packed}"


@dataclass(frozen=True)
class Badge:
    """How the run compares with torch.

    Attributes:
        status: "pending" until the comparison ran.
        text: of the current step, in one line.
        tooltip: of the whole run, and what a chaotic network means for it.
        element: the place of the largest difference, where it exceeds rounding.
    """

    status: BadgeStatus = "pending"
    text: str = "not compared with torch yet"
    tooltip: str = ""
    element: Element | None = None


@dataclass(frozen=True, eq=False)
class State:
    """Everything the window shows; compare its parts by identity.

    Attributes:
        document: what the next run is made of; while `busy`, `run` may still be of the one before.
        run: what the Stepper has computed up to `position`; None until the first model is built.
        whole: the whole run, None until it is known.
        example: the key of the example that the document still is, None once it was edited.
        position: 0 before the first step, `total` after the last.
        sequence: the row of the batch on show; None shows all.
        figure: the name of the figure on show.
        options: of each figure, by its name; complete as soon as `run` is there.
        playing: steps follow one another, `speed` in a second.
        problems: field → message, of the last edit; it was refused and the document is as before.
        busy: what is being computed, "" for nothing.
        notice: something worth saying once, "" for nothing.
        granularity: what one step of the transport is.
        history: what can be undone and redone.
        original_document: what the document was before its numbers were edited; None where
            nothing is compared.
        original: the whole run of that document; None until it is known.
        showing: which run the figures show of the two, or their difference.
        shown: keeps the run made for the figures, so that it is made once.
        pr: the whole model's run from the batch to the loss; None until it is known, and where
            there are recurrent layers alone.
        original_pr: the same of the original document.
        gradients: of the loss; None without one, and until they are known.
        returned: how many steps back in time are done; None while the pass forward is on show.
        rival: another cell on the same batch, where a figure asks for it.
        jacobians: the sizes of ∂h_T/∂h_t, likewise.
        decoded: an encoder and a decoder together.
        decoder_steps: how many steps of the decoder are done, once its encoder has read.
        errand: long work under way beside the window, None for none.
        training: a training under way, or the last one; None for none.
        figures: the names of those that can show what there is, in the order of their tabs.
        opened: several documents that were opened together; None where it was one.
        path: the session file that the document is kept in; None where it is in none.
        kept: the document, and its original, as they were opened or saved last.
        found: what a file of weights or arrays holds, until somebody has chosen from it.
        tracing: the whole run, while it is being computed.
        saving: what is being written to a session's file, None for nothing.
        layout: what the session opened last remembers of the window.
    """

    document: Document
    run: Trace | None = None
    whole: Trace | None = None
    badge: Badge = Badge()
    example: str | None = None
    position: int = 0
    total: int = 0
    sequence: int | None = 0
    figure: str = "unrolled"
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    selection: Element | None = None
    theme: Theme = "system"
    playing: bool = False
    speed: float = 1.0
    problems: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    busy: str = ""
    notice: str = ""
    granularity: Granularity = "timestep"
    history: History = field(default_factory=History)
    original_document: Document | None = None
    original: Trace | None = None
    showing: Showing = "new"
    shown: Shown = field(default_factory=Shown)
    pr: PipelineRun | None = None
    original_pr: PipelineRun | None = None
    gradients: PipelineGradients | None = None
    returned: int | None = None
    rival: Rival | None = None
    jacobians: tuple[JacobianNorms, ...] | None = None
    decoded: SequenceToSequenceRun | None = None
    decoder_steps: int = 0
    errand: Errand | None = None
    training: TrainingState | None = None
    figures: tuple[str, ...] = FIRST_FIGURES
    opened: Opened | None = None
    path: Path | None = None
    kept: tuple[Document, Document | None] | None = None
    found: Finding | FoundArrays | None = None
    tracing: Errand | None = None
    saving: Errand | None = None
    layout: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def unsaved(self) -> bool:
        """Whether anything has changed since it was opened or saved, on show or not."""
        return self.unsaved_here or bool(self.edited_beside)

    @property
    def edited_beside(self) -> tuple[str, ...]:
        """The names of documents opened together with this one whose edits are saved nowhere."""
        beside = () if self.opened is None else self.opened.edited_beside(self.document)
        return tuple(document.title for document in beside)

    @property
    def unsaved_here(self) -> bool:
        """Whether the document on show has changed since it was opened or saved."""
        kept = self.kept
        return kept is not None and (
            kept[0] is not self.document or kept[1] is not self.original_document
        )

    @property
    def ready(self) -> bool:
        """Whether there is something for figures to show."""
        return self.run is not None or (not self.document.recurrent and self.pr is not None)

    @property
    def blank(self) -> bool:
        """Whether nothing has been computed yet, of this document or of one before."""
        return self.run is None and self.pr is None

    @property
    def outdated(self) -> bool:
        """Whether the runs on show may be of the document before."""
        return self.busy == COMPUTING

    @property
    def decoder_total(self) -> int:
        """How many steps the decoder has; 0 without one."""
        return 0 if self.decoded is None else self.decoded.decoder.form.L

    @property
    def decodes(self) -> bool:
        """Whether the encoder has read its input, so that a decoder writes."""
        return self.decoded is not None and self.position >= self.total

    @property
    def has_way_back(self) -> bool:
        """Whether there are gradients."""
        if self.decoded is not None:
            return self.decoded.loss is not None
        return self.gradients is not None and self.gradients.recurrent is not None

    @property
    def steps_back(self) -> int:
        """How many steps the way back has: as many as the way forward."""
        return self.total + self.decoder_total

    @property
    def learns(self) -> bool:
        """Whether a training is under way."""
        return self.training is not None and self.training.running

    @property
    def undo_name(self) -> str:
        """What undo would take back: "set hidden_size to 8"; "" for nothing."""
        return self.history.undo_name

    @property
    def redo_name(self) -> str:
        """What redo would do again, "" for nothing."""
        return self.history.redo_name

    @property
    def title(self) -> str:
        """What the document is called."""
        return self.document.title

    @property
    def subtitle(self) -> str:
        """The model in a few words."""
        return self.document.subtitle

    def view(self) -> View:
        """What the figures receive: of an edited run and its original, the one to be shown.

        Raises:
            ValueError: before the first model is built (`run` is None).
        """
        from rnnviz.figures.view import View

        if not self.ready:
            raise ValueError("there is no view before the first run")
        showing, run, whole = self.shown.choose(self)
        count = run.N if run is not None else self.pr.form.N if self.pr is not None else 0
        return View(
            run,
            whole,
            row_within(self.sequence, count),
            self.selection,
            self.document.padding_value,
            original=self.original,
            showing=showing,
            around=self._around(showing),
        )

    def _around(self, showing: Showing) -> Surroundings | None:
        from rnnviz.figures.surroundings import Surroundings

        pr = self.shown.choose_pr(self, showing)
        if pr is None:
            return None
        document, forward = self.document, showing == "new"
        # What is being opened may stand further on than the run on show goes.
        returned = None if self.returned is None else min(self.returned, self.steps_back)
        return Surroundings(
            pr,
            document.vocabulary,
            document.classes or _names(document),
            self.position,
            self.gradients if forward else None,
            returned if forward else None,
            self.rival if forward else None,
            self.decoded if forward else None,
            min(self.decoder_steps, self.decoder_total),
            document.lesson,
            self.jacobians if forward else None,
        )

    def with_(self, **changes: Any) -> State:
        """The same state but for `changes`; the sequence on show is one that the document has."""
        changed = replace(self, **changes)
        row = row_within(changed.sequence, changed.document.N)
        return changed if row == changed.sequence else replace(changed, sequence=row)


def row_within(sequence: int | None, N: int) -> int | None:  # noqa: N803
    """A row of the batch that there is; None for all, and where there is none."""
    return None if sequence is None or N == 0 else min(sequence, N - 1)


def _names(document: Document) -> tuple[str, ...]:
    """The vocabulary as the names of the classes, where there are as many."""
    known, head = document.vocabulary, document.head
    if known is None or head is None or len(known) != head.out_features:
        return ()
    return known.tokens
