"""Changes of the whole model: tokens and tables in front, scores, losses and targets behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rnnviz.errors import InputError, RnnvizError
from rnnviz.session import edits, surrounding
from rnnviz.session.editor import Editor
from rnnviz.session.fitted_targets import with_targets
from rnnviz.session.large_edits import Effect
from rnnviz.session.naming import class_of, meant_token
from rnnviz.session.parts import FrontKind
from rnnviz.session.runner import Cancelled as NotWanted
from rnnviz.session.state import Document
from rnnviz.session.wording import number, setting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rnnviz.files.sequences import Sequences
    from rnnviz.files.vectors import WordVectors
    from rnnviz.model.tokens import Vocabulary
    from rnnviz.session.errands import Errand, Errands

Loaded = TypeVar("Loaded")

_FRONTS = {
    "embedding": "put an Embedding in front",
    "one_hot": "put one-hot rows in front",
    "linear": "put a Linear layer in front",
    None: "take away what stands in front",
}


class ModelEditor(Editor):
    """The intents that change what stands around the recurrent layers."""

    _errands: Errands

    # In front

    def set_front(self, kind: FrontKind | None, linear: bool = True) -> None:
        """Put another kind of front before the recurrent layers, or none.

        Args:
            kind: what it does.
            linear: of "one_hot": with a Linear layer behind, or the rows themselves.
        """
        self._edit("front", _FRONTS[kind], lambda d: surrounding.with_front(d, kind, linear))

    def set_front_fields(self, **changes: Any) -> None:
        """Change `size`, `width`, `padding_idx` or `bias` of what stands in front."""
        self._edit(
            next(iter(changes), "front"),
            setting(**changes),
            lambda d: surrounding.with_front_fields(d, **changes),
            key=("front", *changes),
        )

    def set_recurrent(self, recurrent: bool) -> None:
        """Have recurrent layers, or none."""
        name = "add the recurrent layers" if recurrent else "take the recurrent layers away"
        self._edit("cell", name, lambda d: surrounding.with_recurrent(d, recurrent))

    def set_cell(self, cell: str) -> None:
        """Have recurrent layers of a kind: "RNN", "LSTM" or "GRU"."""
        if self.state.document.recurrent:
            self.set_model(cell=cell)
            return

        def edit(document: Document) -> Document:
            from rnnviz.session.edits import with_model

            return with_model(surrounding.with_recurrent(document, True), cell=cell)

        self._edit("cell", f"add layers of {cell}", edit)

    def set_table(self, table: NDArray[np.float64], name: str = "a table") -> None:
        """Take an embedding's table (V, E) over, as `from_pretrained` does."""
        self._edit("table", f"take {name}", lambda d: surrounding.with_table(d, table))

    def load_table(self, path: str | Path) -> None:
        """Take an embedding's table from a CSV or .npy file."""
        from rnnviz.files.values import read_matrix

        where = Path(path)
        self._edit(
            "table",
            f"load {where.name}",
            lambda d: surrounding.with_table(d, read_matrix(where), where.name),
        )

    def load_vectors(self, path: str | Path) -> None:
        """Take the vectors of the vocabulary's words from a GloVe or word2vec text file.

        It is read beside the window, with progress; words that it does not hold keep the row
        that they have.
        """
        where, known = Path(path), self.state.document.vocabulary
        if known is None:
            problem = InputError("table", expected="a vocabulary: type a text first", got="none")
            self._refuse(problem, "table")
            return

        def read(errand: Errand) -> WordVectors:
            from rnnviz.files.vectors import read_vectors
            from rnnviz.model.engine import Cancelled

            try:
                return read_vectors(where, known, errand.told, errand.is_cancelled)
            except Cancelled:
                raise NotWanted from None

        def edit(document: Document, vectors: WordVectors) -> Document:
            return surrounding.with_word_vectors(document, known, vectors, where.name)

        def told(_: Document, vectors: WordVectors) -> str:
            return _what_was_found(where.name, vectors)

        self._load(where, "table", read, edit, told)

    # From files

    def load_values(self, path: str | Path) -> None:
        """Take the input from a CSV or .npy file."""
        batch_first = self.state.document.spec.batch_first

        def read(_: Errand) -> Sequences:
            from rnnviz.files.values import read_values

            return read_values(Path(path), batch_first)

        def told(before: Document, _: Sequences) -> str:
            return what_loading_changed(before, self.state.document)

        self._load(Path(path), "input", read, edits.with_sequences, told)

    def load_ids(self, path: str | Path) -> None:
        """Take the input from a file: a text, each line a sequence, or a table of ids (N, L)."""
        where, known = Path(path), self.state.document.vocabulary
        by = "words" if known is None else known.by

        def read(_: Errand) -> str | NDArray[np.float64]:
            from rnnviz.files.reading import read_text
            from rnnviz.files.values import read_array

            return read_text(where) if where.suffix.lower() == ".txt" else read_array(where)

        def edit(document: Document, given: str | NDArray[np.float64]) -> Document:
            if isinstance(given, str):
                return surrounding.with_text(document, given, by)
            return surrounding.with_ids(document, given)

        self._load(where, "ids", read, edit)

    def load_targets(self, path: str | Path) -> None:
        """Take the targets from a CSV or .npy file."""

        def read(_: Errand) -> NDArray[np.float64]:
            from rnnviz.files.values import read_array

            return read_array(Path(path))

        self._load(Path(path), "targets", read, with_targets, effect="starts")

    def _load(
        self,
        path: Path,
        field: str,
        read: Callable[[Errand], Loaded],
        edit: Callable[[Document, Loaded], Document],
        told: Callable[[Document, Loaded], str] | None = None,
        effect: Effect = "ends",
    ) -> None:
        """Read a file beside the window, and make an edit of what it holds.

        Args:
            field: where a problem with it is told.
            told: what to say of it once it is in the document; given the one before.
        """

        def done(loaded: Loaded) -> None:
            before = self.state.document
            name = f"load {path.name}"
            if self._edit(field, name, lambda d: edit(d, loaded), effect) and told is not None:
                self._store.change(notice=told(before, loaded))

        def failed(error: BaseException) -> None:
            if not isinstance(error, RnnvizError):
                raise error
            self._refuse(error, field)

        self._errands.start(f"reading {path.name}", read, done, failed)

    # Tokens

    def set_vocabulary(
        self,
        vocabulary: Vocabulary,
        name: str = "edit the vocabulary",
        rows: tuple[int | None, ...] | None = None,
    ) -> None:
        """Use another vocabulary; tokens keep their rows of the table.

        Args:
            vocabulary: the new one.
            name: of the edit, for undo.
            rows: for each id the one that it had before, None for a new one; by default a token
                is known again by its name.
        """
        self._edit("vocabulary", name, lambda d: surrounding.with_vocabulary(d, vocabulary, rows))

    def set_text(self, text: str, by: str = "words") -> None:
        """Take the input from a text, each line a sequence, parted into words or characters."""
        self._edit("text", "type a text", lambda d: surrounding.with_text(d, text, by), key="text")

    def set_token(self, sequence: int, t: int, token: str) -> None:
        """Change one token of the input: a token of the vocabulary, or an id."""

        def edit(document: Document) -> Document:
            from rnnviz.session.edits import with_value

            return with_value(document, sequence, t, 0, float(_id_of(document, token)))

        place = (
            f"token {t + 1} of sequence {sequence}"
            if self.state.document.N > 1
            else (f"token {t + 1}")
        )
        self._edit("ids", f"set {place} to {token}", edit, "starts", place)

    # Behind

    def set_head(self, on: bool) -> None:
        """Put a Linear layer behind the recurrent layers, or none."""
        name = "add a Linear head" if on else "take the Linear head away"
        self._edit(
            "head",
            name,
            lambda d: surrounding.with_head(d, surrounding.new_head(d) if on else None),
        )

    def set_head_fields(self, **changes: Any) -> None:
        """Change `out_features`, `on`, `activation` or `bias` of the head."""

        def edit(document: Document) -> Document:
            head = document.head or surrounding.new_head(document)
            return surrounding.with_head(document, replace(head, **changes))

        self._edit(next(iter(changes), "head"), setting(**changes), edit, key=("head", *changes))

    def set_loss(self, loss: str | None) -> None:
        """Change the loss: "cross_entropy", "mse", "bce" or none."""
        name = "take the loss away" if loss is None else f"set the loss to {loss}"
        self._edit("loss", name, lambda d: surrounding.with_loss(d, loss))

    def set_target(self, place: tuple[int, ...], value: float | str) -> None:
        """Change one target.

        Args:
            place: (sequence, t), or (sequence,); of numbers with a feature behind.
            value: the number, or the name of a class.
        """
        told = f"targets[{', '.join(map(str, place))}]"

        def edit(document: Document) -> Document:
            meant = class_of(document, value) if isinstance(value, str) else value
            return surrounding.with_target(document, place, meant)

        name = value if isinstance(value, str) else number(value)
        self._edit("targets", f"set {told} to {name}", edit, "starts", told)

    def set_decoding(self, on: bool) -> None:
        """Put a decoder behind the recurrent layers, or take it away."""
        name = "add a decoder" if on else "take the decoder away"
        self._edit("decoder", name, lambda d: surrounding.with_decoder(d, on))

    def set_decoder(self, **changes: Any) -> None:
        """Change the decoder's cell, seed, start, end, forced or steps."""

        def edit(document: Document) -> Document:
            if document.decoder is None:
                raise InputError("decoder", expected="an example that has one", got="none")
            return _refitted(replace(document, decoder=replace(document.decoder, **changes)))

        self._edit("decoder", setting(**changes), edit, key=("decoder", *changes))

    def set_weights(self, weights: surrounding.Weights, name: str) -> None:
        """Put numbers in place of those that are drawn, compared with what was before."""
        self._edit("weights", name, lambda d: surrounding.with_weights(d, weights), "starts")

    def draw_weights(self) -> None:
        """Go back to the weights that the seed draws, whatever was given or edited."""
        self._edit("weights", "draw the weights from the seed", surrounding.with_drawn_weights)


def what_loading_changed(before: Document, after: Document) -> str:
    """What a new input has changed of the model, in words; "" for nothing."""
    said = []
    if after.spec.input_size != before.spec.input_size:
        said.append(f"input_size is now {after.spec.input_size}, as in the file")
    if after.unbatched:
        said.append("2-D input: taken as one unbatched sequence")
    return "; ".join(said)


def _what_was_found(name: str, vectors: WordVectors) -> str:
    missing = vectors.missing
    found = f"{len(vectors.words) - len(missing)} of {len(vectors.words)} words are in {name}"
    if not missing:
        return found
    told = ", ".join(repr(word) for word in missing[:4]) + (" …" if len(missing) > 4 else "")
    return f"{found}; not: {told}"


def _id_of(document: Document, token: str) -> int:
    known = document.vocabulary
    if known is not None and token in known:
        return known.ids[token]
    sign = meant_token(token)
    if known is not None and sign in known:
        return known.ids[sign]
    if token.strip().isdigit():
        return int(token)
    if known is not None:
        return known.id_of(token)
    raise InputError("ids", expected="a whole number", got=repr(token))


def _refitted(document: Document) -> Document:
    return surrounding.with_fitting_weights(document)
