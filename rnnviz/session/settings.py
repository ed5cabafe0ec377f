"""What is remembered from one start to the next: theme, layout, last example, recent files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from rnnviz.errors import RnnvizError

Theme = Literal["system", "light", "dark"]

SLOWEST, FASTEST = 0.25, 60.0  # steps per second
MOST_RECENT = 10  # files that are remembered
_LONGEST_PATH = 4096
_LARGEST = 1 << 20  # bytes; a settings file is a few hundred
_PATIENCE = 5.0  # seconds that others may take to save theirs


class Settings(NamedTuple):
    """What a person chose that is not part of a document.

    It is needed before the first paint, and no dataclass: to load those takes as long as that.

    Attributes:
        theme: "system", "light" or "dark".
        example: the key of the example that was open last, None for the first one.
        speed: of playing, in steps per second.
        layout: what the window remembers of itself; strings and numbers by name.
        recent: paths of the files that were open last, the latest first.
    """

    theme: Theme = "system"
    example: str | None = None
    speed: float = 1.0
    layout: Mapping[str, Any] = MappingProxyType({})
    recent: tuple[str, ...] = ()


def settings_folder() -> Path:
    """Where settings and logs go: RNNVIZ_HOME, or the folder that the system has for it."""
    if home := os.environ.get("RNNVIZ_HOME"):
        return Path(home)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "rnnviz"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/rnnviz"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "rnnviz"


def load_settings() -> Settings:
    """What was saved; defaults for what is missing, broken or of another kind."""
    try:
        return _checked(_stored(_path()))
    except (OSError, ValueError, RecursionError):
        return Settings()


def change_settings(change: Callable[[Settings], Settings]) -> Settings | None:
    """Change some of what is saved; what other instances have saved meanwhile stays.

    Args:
        change: from what is saved now to what is to be saved; only where the two differ is
            anything written. Short work: others wait for it.

    Returns:
        What is saved now; None where that is not possible.
    """
    from rnnviz.files.locks import held

    path = _path()
    with held(path.with_name("settings.lock"), _PATIENCE) as alone:
        if not alone:
            return None
        try:
            stored = _kept(path)
            before = _checked(stored)
            after = change(before)
            _write(path, merged(stored, before._asdict(), after._asdict()))
        except (OSError, TypeError, ValueError, RnnvizError):
            return None
    return after


def save_settings(settings: Settings, before: Settings | None = None) -> Settings | None:
    """Save what differs from `before`, of a mapping each entry by itself; all of it without one.

    Returns:
        What is saved now, by this instance and others; None where that is not possible.
    """
    told, known = settings._asdict(), before._asdict() if before is not None else {}

    def change(stored: Settings) -> Settings:
        return _checked(merged(stored._asdict(), known, told))

    return change_settings(change)


def merged(
    stored: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """What is stored, with what has changed from `before` to `after`; mappings entry by entry."""
    result = dict(stored)
    for name, value in after.items():
        known, there = before.get(name), result.get(name)
        if name in before and known == value:
            continue
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            result[name] = merged(there, known if isinstance(known, Mapping) else {}, value)
        else:
            result[name] = value
    for name in before.keys() - after.keys():
        result.pop(name, None)
    return result


def _stored(path: Path) -> dict[str, Any]:
    """What stands in the file, nothing where there is none.

    Raises:
        ValueError: where it is broken.
    """
    if not path.is_file():
        return {}
    if path.stat().st_size > _LARGEST:
        raise ValueError
    stored = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(stored, dict):
        raise ValueError
    return stored


def _kept(path: Path) -> dict[str, Any]:
    """Likewise; what is broken is set aside, for whoever wants to mend it."""
    try:
        return _stored(path)
    except (ValueError, RecursionError):
        path.replace(path.with_name("settings.damaged.json"))
        return {}


def _write(path: Path, stored: Mapping[str, Any]) -> None:
    from rnnviz.files.saving.atomic import save_bytes

    data = (json.dumps(stored, indent=2, default=dict) + "\n").encode()
    if not path.is_file() or path.read_bytes() != data:
        save_bytes(path, data)


def recent_files() -> tuple[Path, ...]:
    """The files that were open last and are still there, the latest first."""
    return tuple(path for path in map(Path, load_settings().recent) if _is_there(path))


def remember_file(path: Path) -> None:
    """Put a file before those that were open last."""
    name = str(path.absolute())

    def change(saved: Settings) -> Settings:
        others = (other for other in saved.recent if other != name)
        return saved._replace(recent=(name, *others)[:MOST_RECENT])

    change_settings(change)


def forget_files() -> None:
    """Remember none of the files that were open."""
    change_settings(lambda saved: saved._replace(recent=()))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _path() -> Path:
    return settings_folder() / "settings.json"


def _checked(saved: dict[str, Any]) -> Settings:
    theme, example = saved.get("theme"), saved.get("example")
    speed, layout = saved.get("speed"), saved.get("layout")
    known = isinstance(speed, (int, float)) and SLOWEST <= speed <= FASTEST
    return Settings(
        theme=theme if theme in ("system", "light", "dark") else "system",
        example=example if isinstance(example, str) else None,
        speed=float(speed) if known else 1.0,  # type: ignore[arg-type]
        layout=layout if isinstance(layout, dict) else {},
        recent=_paths(saved.get("recent")),
    )


def _paths(saved: object) -> tuple[str, ...]:
    """Those of a list that can be paths, each once."""
    found = saved if isinstance(saved, (list, tuple)) else ()
    paths = (path for path in found if isinstance(path, str) and 0 < len(path) <= _LONGEST_PATH)
    return tuple(dict.fromkeys(paths))[:MOST_RECENT]
