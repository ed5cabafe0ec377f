"""What can stand behind `rnnviz` on the command line; read only where something does."""

from __future__ import annotations

import argparse

from rnnviz import __version__
from rnnviz.errors import UsageError

_DIGITS = 20

_DESCRIPTION = "See every number of a real torch.nn.RNN, LSTM or GRU, one timestep at a time."
_EPILOG = """\
commands:
  rnnviz [EXAMPLE | FILE]     open the window
  rnnviz examples             list the examples: key and title
  rnnviz export EXAMPLE ...   write a picture (rnnviz export --help)
"""


class _Parser(argparse.ArgumentParser):
    """Complains in one line, as everything here does."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(f"{message} (see {self.prog} --help)")


def window_parser() -> argparse.ArgumentParser:
    """Of `rnnviz` itself."""
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


def examples_parser() -> argparse.ArgumentParser:
    """Of `rnnviz examples`."""
    return _Parser(prog="rnnviz examples", description="List the examples: key and title.")


def export_parser() -> argparse.ArgumentParser:
    """Of `rnnviz export`."""
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
