"""What is remembered from one start to the next: theme, layout, last example."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Theme = Literal["system", "light", "dark"]

SLOWEST, FASTEST = 0.25, 60.0  # steps per second
_LARGEST = 1 << 20  # bytes; a settings file is a few hundred


@dataclass(frozen=True)
class Settings:
    """What a person chose that is not part of a document.

    Attributes:
        theme: "system", "light" or "dark".
        example: the key of the example that was open last, None for the first one.
        speed: of playing, in steps per second.
        layout: what the window remembers of itself; strings and numbers by name.
    """

    theme: Theme = "system"
    example: str | None = None
    speed: float = 1.0
    layout: Mapping[str, Any] = field(default_factory=dict)


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
        path = _path()
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return Settings()
        saved = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Settings()
    return _checked(saved) if isinstance(saved, dict) else Settings()


def save_settings(settings: Settings) -> bool:
    """Write the settings, whole or not at all; False where that is not possible."""
    path = _path()
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(asdict(settings), indent=2) + "\n", encoding="utf-8")
        temporary.replace(path)
    except (OSError, TypeError, ValueError):
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        return False
    return True


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
    )
