"""The `rnnviz` command: open the window, export a picture without one, list the examples."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz import __version__
from rnnviz.errors import FileError, RnnvizError, UsageError

if TYPE_CHECKING:
    from rnnviz.session.state import Document

FAILURE, USAGE = 1, 2

_DIGITS = 20

_DESCRIPTION = "See every number of a real torch.nn.RNN, LSTM or GRU, one timestep at a time."
_EPILOG = """\
commands:
  rnnviz [EXAMPLE | FILE]     open the window
  rnnviz examples             list the examples: key and title
  rnnviz export EXAMPLE ...   write a picture (rnnviz export --help)
"""


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
    if given[:1] == ["export"]:
        return _export(_export_parser().parse_args(given[1:]))
    if given[:1] == ["examples"]:
        _examples_parser().parse_args(given[1:])
        return _list_examples()
    return _open_window(_window_parser().parse_args(given).example)


class _Parser(argparse.ArgumentParser):
    """Complains in one line, as everything here does."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(f"{message} (see {self.prog} --help)")


def _window_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="rnnviz",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "example",
        nargs="?",
        metavar="EXAMPLE",
        help="the example to open, or a file: a session, weights or an input; without one, the "
        "example that was open last",
    )
    parser.add_argument("--version", action="version", version=f"rnnviz {__version__}")
    return parser


def _examples_parser() -> argparse.ArgumentParser:
    return _Parser(prog="rnnviz examples", description="List the examples: key and title.")


def _export_parser() -> argparse.ArgumentParser:
    from rnnviz.figures import figure_names

    parser = _Parser(prog="rnnviz export", description="Write a picture of an example.")
    parser.add_argument(
        "example",
        metavar="EXAMPLE",
        help="a key that `rnnviz examples` lists, or a session (.rnnviz)",
    )
    parser.add_argument(
        "--figure", default="unrolled", metavar="FIGURE", help=f"one of {', '.join(figure_names())}"
    )
    parser.add_argument(
        "--step", type=_place, metavar="K", help="position, 0 before the first step; default: end"
    )
    parser.add_argument(
        "--cell", type=_place, default=0, metavar="K", help="cells of the next step, too"
    )
    parser.add_argument(
        "--operation",
        type=_place,
        default=0,
        metavar="K",
        help="operations inside the next cell, too",
    )
    parser.add_argument(
        "--back", type=_place, metavar="K", help="steps back through time; default: none"
    )
    parser.add_argument(
        "--output", required=True, metavar="PATH", help="a file that ends in .svg, .pdf or .png"
    )
    parser.add_argument("--dpi", type=float, default=300, help="of a PNG; default: 300")
    parser.add_argument("--transparent", action="store_true", help="without the white background")
    parser.add_argument(
        "--sequence", type=_sequence, default=0, metavar="N", help="row of the batch, or `all`"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_option,
        dest="options",
        metavar="OPTION=VALUE",
        help="an option of the figure; may be given several times",
    )
    return parser


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
    from rnnviz.session.examples import get_example

    path = example if example is not None and _is_path(example) else None
    if path is not None:
        from rnnviz.files.reading import LARGEST_ARRAY, checked_size

        checked_size(Path(path), LARGEST_ARRAY)
    elif example is not None:
        get_example(example)
    if reason := missing_library() or missing_display():
        raise RnnvizError(reason)
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


def _export(wanted: argparse.Namespace) -> int:
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


def _place(text: str) -> int:
    return _whole(text, "a whole number from 0")


def _sequence(text: str) -> int | None:
    return None if text == "all" else _whole(text, "a row from 0, or `all`")


def _whole(text: str, expected: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return int(text[:_DIGITS])  # Python reads no more than some thousand; all are too many


def _option(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"expected OPTION=VALUE, got {text!r}")
    return name.strip(), value.strip()


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
