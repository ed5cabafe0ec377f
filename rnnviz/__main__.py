"""The `rnnviz` command: open the window, export a picture without one, list the examples."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.errors import FileError, RnnvizError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from rnnviz.session.state import Document

FAILURE, USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; what goes wrong is one line on stderr.

    Returns:
        0, or 1 for a failure and 2 for a wrong command line.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(given)
    except BrokenPipeError:  # whoever read our output has enough
        return FAILURE
    except UsageError as error:
        return _complain(str(error), USAGE)
    except (RnnvizError, MemoryError) as error:
        return _complain(str(error) or "there is not enough memory", FAILURE)
    except ImportError as error:
        return _complain(f"{error} (see the README for what has to be installed)", FAILURE)
    except KeyboardInterrupt:
        return 130


def _run(given: list[str]) -> int:
    # torch says so of every LSTM with proj_size; nobody who runs this command can change it.
    warnings.filterwarnings("ignore", message="LSTM with projections is not supported with oneDNN")
    if not given:
        return _open_window(None)
    from rnnviz.arguments import examples_parser, export_parser, window_parser

    if given[:1] == ["export"]:
        return _export(export_parser().parse_args(given[1:]))
    if given[:1] == ["examples"]:
        examples_parser().parse_args(given[1:])
        return _list_examples()
    return _open_window(window_parser().parse_args(given).example)


def _list_examples() -> int:
    from rnnviz.session.examples import example_keys, grouped_examples

    width, parts = max(map(len, example_keys())), []
    for group, found in grouped_examples().items():
        lines = [f"  {example.key:<{width}}  {example.title}\n" for example in found]
        parts.append(f"{group}\n{''.join(lines)}")
    _write_out("\n".join(parts))
    return 0


def _open_window(example: str | None) -> int:
    from rnnviz.display import missing_display, missing_library

    path = example if example is not None and _is_path(example) else None
    if path is not None:
        from rnnviz.files.reading import LARGEST_ARRAY, checked_size

        checked_size(Path(path), LARGEST_ARRAY)
    elif example is not None:
        from rnnviz.session.examples import get_example

        get_example(example)
    if reason := missing_library() or missing_display():
        raise RnnvizError(reason)
    from rnnviz.ui.precedence import prefer_window

    prefer_window()
    from rnnviz import app

    return app.run(path=path) if path is not None else app.run(example=example)


def _is_path(text: str) -> bool:
    """Whether an argument names a file: no example has a dot or a slash in its key."""
    if "." in text or any(mark and mark in text for mark in (os.sep, os.altsep)):
        return True
    from rnnviz.session.examples import example_keys

    return text not in example_keys() and Path(text).is_file()


def _document(name: str) -> Document:
    """An example's document, or that of a session in a file."""
    if not _is_path(name):
        from rnnviz.session.examples import load_example

        return load_example(name)
    from rnnviz.session.saved import Restored, read_saved

    found = read_saved(Path(name))
    return found.document if isinstance(found, Restored) else found[0].document


def _export(wanted: Namespace) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # whatever display there is, none is asked
    from rnnviz.figures import get_figure

    document = _document(wanted.example)
    get_figure(wanted.figure)
    from rnnviz.writers import WRITERS

    if not wanted.output.lower().endswith(tuple(WRITERS)):
        known = ", ".join(WRITERS)
        raise FileError(f"cannot write {wanted.output}: expected a path that ends in {known}")
    # Mistakes are told before torch is imported, which takes a while.
    from rnnviz.pictures import picture_of
    from rnnviz.session.asked import rival_of
    from rnnviz.session.runner import Cancel
    from rnnviz.session.running import run_of
    from rnnviz.viewing import Naming, Place, view_of

    options = dict(wanted.options)
    rival = None
    if wanted.figure == "gradients" and options.get("compare"):
        rival = rival_of(document, options["compare"], Cancel()).pr
    view = view_of(
        run_of(document),
        Place(wanted.step, wanted.cell, wanted.operation, wanted.back),
        sequence=wanted.sequence,
        padding_value=document.padding_value,
        rival=rival,
        naming=Naming(document.vocabulary, document.classes, document.lesson),
    )
    made = picture_of(view, wanted.figure, options, wanted.transparent)
    made.save(wanted.output, wanted.dpi)
    return 0


def _write_out(text: str) -> None:
    if sys.stdout is None:  # as Python has it where the caller has closed it
        raise FileError("cannot write to the standard output: it is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Python would try once more at exit, and complain in its own way.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise FileError(f"cannot write to the standard output: {error.strerror}") from None


def _complain(message: str, status: int) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"rnnviz: {' '.join(message.split())}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
