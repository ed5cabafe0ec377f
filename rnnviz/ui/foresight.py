"""What is made ahead of time, and may come to nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("rnnviz")


@contextmanager
def given_up_where_it_fails() -> Iterator[None]:
    """What is painted ahead may fail, or take too long: it is told where it is really seen."""
    try:
        yield
    except Exception:
        log.debug("nothing is painted ahead", exc_info=True)
