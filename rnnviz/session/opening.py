"""What is opened and saved: examples, somebody's own modules and models, files and sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rnnviz.errors import RnnvizError
from rnnviz.files.marks import Mark, mark_of
from rnnviz.model.schedule import Progress
from rnnviz.session.editor import NO_PROBLEMS
from rnnviz.session.examples import get_example
from rnnviz.session.failures import message_of
from rnnviz.session.fitted_targets import with_targets
from rnnviz.session.model_editor import what_loading_changed
from rnnviz.session.pacing import GRANULARITIES
from rnnviz.session.saving_back import SavingBack
from rnnviz.session.settings import FASTEST, SLOWEST
from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.files.found import Finding, FoundChain
    from rnnviz.session.errands import Errand
    from rnnviz.session.incoming import FoundArrays, Incoming
    from rnnviz.session.keeping import Done, Failed
    from rnnviz.session.opened import Opened
    from rnnviz.session.recovery import Left, Taken
    from rnnviz.session.saved import Restored


class Opening(SavingBack):
    """The intents that bring another document, or keep the one there is in a file."""

    def open_example(self, key: str) -> None:
        """Open an example, some of its steps already computed."""
        try:
            example = get_example(key)
            document = example.document()
        except RnnvizError as error:
            self._store.change(problems=MappingProxyType({"example": message_of(error)}))
            return
        options = {**self.state.options, **example.options} if example.options else None
        self._open(document, example.position, key, example.figure, options)

    def open_several(self, opened: Opened) -> None:
        """Open the first of several documents; the others can be chosen."""
        first = opened.documents[0]
        several = opened if len(opened.documents) > 1 else None
        notice = _said_of(first)
        self._open(first, _end(first), None, self.state.figure, opened=several, notice=notice)

    def choose(self, index: int) -> None:
        """Show another one of the documents that were opened together."""
        state = self.state
        if state.opened is None or not 0 <= index < len(state.opened.documents):
            return
        opened = state.opened.having(state.document, edited=state.unsaved_here)
        document = opened.documents[index]
        if document is state.document:
            return
        kept = replace(document) if index in opened.edited else document
        self._open(document, _end(document), None, state.figure, opened=opened, kept=(kept, None))
        self._is_taken_too(state.kept)

    def open_file(self, path: str | Path, done: Callable[[], None] | None = None) -> None:
        """Open a session, a recording, weights or an input; read beside the window.

        Of weights, and of arrays, the state says what was `found`, until somebody has chosen.

        Args:
            done: told once it is read.
        """
        where = Path(path)

        def read(errand: Any) -> Incoming:
            from rnnviz.session.incoming import read_file

            self._note(where, mark_of(where))  # as it was before it was read
            return read_file(where, errand.is_cancelled)

        def arrived(found: Incoming) -> None:
            self._take(found, where)
            if done is not None:
                done()

        self._errands.start(f"opening {where.name}", read, arrived, self._refuse_file)

    def open_chain(self, finding: Finding, chain: FoundChain, **answers: Any) -> None:
        """Open recurrent layers that were found in a file.

        Args:
            answers: what the file does not say: `nonlinearity`, `batch_first`, `dropout`.
        """
        present = self.state.document

        def make(_: Errand) -> Document:
            from rnnviz.session.incoming import document_of

            return document_of(chain, finding, answers, present)

        def made(document: Document) -> None:
            self._open(document, _end(document), None, self.state.figure)

        self._store.change(found=None)
        self._errands.start(f"opening {finding.path.name}", make, made, self._refuse_file)

    def find_arrays(self, path: str | Path, use: str = "input") -> None:
        """See which arrays a file holds: the state says it as `found`.

        Args:
            use: what one of them is wanted for: "input" or "targets".
        """
        where = Path(path)

        def read(_: Errand) -> FoundArrays:
            from rnnviz.files.tensors import list_arrays
            from rnnviz.session.incoming import FoundArrays

            return FoundArrays(where, list_arrays(where), use)

        def arrived(found: FoundArrays) -> None:
            self._store.change(found=found, problems=NO_PROBLEMS)

        self._errands.start(f"reading {where.name}", read, arrived, self._refuse_file)

    def load_array(
        self, path: str | Path, name: str, axes: str, as_: str = "input", lengths: str = ""
    ) -> None:
        """Take the input, or the targets, from an array of a file.

        Args:
            name: of the array.
            axes: a letter for each of its axes: L timesteps, N sequences, H features.
            as_: "input" or "targets".
            lengths: the name of the array of the file that says how long each sequence is; ""
                where all are whole.
        """
        from rnnviz.session import array_input

        where = Path(path)
        self._store.change(found=None)
        if as_ == "targets":
            self._load(
                where,
                "targets",
                lambda _: array_input.read_targets(where, name, axes),
                with_targets,
                effect="starts",
            )
            return
        self._load(
            where,
            "input",
            lambda _: array_input.read_sequences(where, name, axes, lengths),
            array_input.with_read,
            lambda before, _: what_loading_changed(before, self.state.document),
        )

    def recover(self, left: Left, done: Done | None = None, failed: Failed | None = None) -> None:
        """Open what was left; it stays unsaved, and goes to the file that it was kept in."""

        def read(_: Errand) -> Taken:
            from rnnviz.session.recovery import take

            return take(left)

        def arrived(taken: Taken) -> None:
            kept = taken.session.kept
            if kept is not None:
                self._note(Path(kept.path), Mark(kept.inode, kept.size, kept.modified))
            self._restore_session(taken.session, left.path, unsaved=True)
            self._let_go()
            self._taken = (taken, self.state.kept)
            self._show_later(left.path)
            if done is not None:
                done()

        self._savings.start(f"recovering {left.title}", read, arrived, failed or self._refuse_file)

    def dismiss_found(self) -> None:
        """What was found in a file is not wanted."""
        self._store.change(found=None)

    def _take(self, found: Incoming, path: Path) -> None:
        from rnnviz.session.opened import Opened
        from rnnviz.session.saved import Restored

        if isinstance(found, Restored):
            self._restore_session(found, path)
            self._show_later(path)
        elif isinstance(found, Opened):
            self.open_several(found)
        else:
            self._store.change(found=found, problems=NO_PROBLEMS)

    def _restore_session(
        self, found: Restored, path: Path | None, *, unsaved: bool = False
    ) -> None:
        place, known = found.place, found.place.granularity in GRANULARITIES
        self._open(
            found.document,
            found.progress,
            found.example,
            place.figure,
            found.options,
            original_document=found.original,
            showing=found.showing,
            sequence=place.sequence,
            coming=found.selection,
            returned=place.returned,
            decoder_steps=place.decoder_steps,
            speed=min(max(place.speed, SLOWEST), FASTEST),
            granularity=place.granularity if known else "timestep",
            path=path,
            kept=(replace(found.document) if unsaved else found.document, found.original),
            layout=MappingProxyType(place.layout),
            opened=found.opened,
        )

    def _open(
        self,
        document: Document,
        position: int | Progress,
        example: str | None,
        figure: str,
        options: Mapping[str, Any] | None = None,
        coming: Element | None = None,
        **others: Any,
    ) -> None:
        """Put a document in the place of the one there is.

        Args:
            position: how far it is stepped, as soon as its run is there.
            coming: what is selected then; the run on show may have no such element.
            others: fields of the state that are not as they are at a beginning.
        """
        progress = Progress(position) if isinstance(position, int) else position
        before = self.state
        # What is open first replaces nothing that anyone could want back.
        begun = not before.blank
        name, figures = f"open {document.title}", (before.figure, figure)
        fresh = {
            "document": document,
            "example": example,
            "figure": before.figure if begun else figure,
            "sequence": 0,
            "selection": None,
            "playing": False,
            "original_document": None,
            "original": None,
            "original_pr": None,
            "showing": "new",
            "returned": None,
            "decoder_steps": max(0, progress.step - document.L) if document.decoder else 0,
            "rival": None,
            "history": self._recorded(name, figures=figures) if begun else before.history,
            "opened": None,
            "path": None,
            "kept": (document, others.get("original_document")),
            "found": None,
            "problems": NO_PROBLEMS,
            "notice": "",
        }
        self._store.change(**fresh | others)
        self._computing.compute(document, progress, before, options, figure, coming)


def _said_of(document: Document) -> str:
    """What somebody has to know of their own module, and would not see."""
    said = []
    if document.unbatched:
        said.append("2-D input: taken as one unbatched sequence")
    if document.training and document.spec.dropout and document.spec.num_layers > 1:
        said.append("train mode: dropout draws masks of its own here, not those of your script")
    return "; ".join(said)


def _end(document: Document) -> int:
    """Beyond the last step."""
    return document.L * document.spec.num_layers
