"""`python -m tests.gui.abuse EVENTS [SEED] [--xvfb]`: status 1 where anything went wrong."""

from __future__ import annotations

import argparse
import faulthandler
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.gui.xvfb import screen


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gui.abuse")
    parser.add_argument("events", type=int)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--xvfb", action="store_true", help="on a virtual screen of its own")
    given = parser.parse_args()
    if given.xvfb:
        with screen() as display:
            environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
            command = [sys.executable, "-m", "tests.gui.abuse", str(given.events), str(given.seed)]
            return subprocess.run(command, env=environment, check=False).returncode
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        folder, here = Path(place), Path.cwd()
        os.environ["RNNVIZ_HOME"] = str(folder / "home")
        sys.path.insert(0, str(here))
        os.chdir(folder)  # whatever is saved without a folder
        try:
            return _drive(given.events, given.seed, folder)
        finally:
            os.chdir(here)


def _drive(events: int, seed: int, folder: Path) -> int:
    import torch
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from rnnviz.ui.precedence import prefer_window
    from tests.gui.abuse.person import Person

    faulthandler.enable()
    torch.set_num_threads(1)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    app = QApplication(["rnnviz"])
    app.setQuitOnLastWindowClosed(False)
    prefer_window()
    began = time.perf_counter(), time.process_time()
    person = Person(seed, folder)
    person.drive(events)
    wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
    watch, kinds = person.watch, len(person.happened)
    print(  # noqa: T201
        f"seed {seed}: {person.happened.total()} events of {kinds} kinds in {wall:.0f} s "
        f"({cpu:.0f} of CPU), {watch.found.total()} faults of {len(watch.found)} kinds"
    )
    for what, times in watch.found.most_common():
        print(f"  {times}×  {what}")  # noqa: T201
    for what in watch.waited:
        print(f"  waited: {what}")  # noqa: T201
    return 1 if watch.found else 0


if __name__ == "__main__":
    sys.exit(main())
