"""Files that one process at a time holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rnnviz.files.locks import held, try_lock
from rnnviz.files.marks import mark_of
from rnnviz.files.saving import save_bytes

_HOLD = """
import sys
from pathlib import Path
from rnnviz.files.locks import try_lock
lock = try_lock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_one_holds_it_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = try_lock(path)
    assert first is not None
    assert try_lock(path) is None  # in the same process, too
    first.release()
    first.release()
    second = try_lock(path)
    assert second is not None
    second.release(remove=True)
    assert not path.exists()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert try_lock(path) is None
        process.kill()
        process.wait()
    lock = try_lock(path)
    assert lock is not None
    lock.release()


def test_waiting_has_an_end(tmp_path: Path) -> None:
    with held(tmp_path / "folder" / "lock", 0.0) as first:
        assert first
        with held(tmp_path / "folder" / "lock", 0.02) as second:
            assert not second
    (tmp_path / "file").write_bytes(b"")
    with held(tmp_path / "file" / "lock", 0.02) as third:
        assert not third


def test_a_file_that_was_replaced_has_another_mark(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert mark_of(path) is None
    save_bytes(path, b"same")
    before = mark_of(path)
    assert before == mark_of(path)
    save_bytes(path, b"same")
    assert mark_of(path) != before
    assert mark_of(tmp_path / "nul\0") is None
