"""Stopping a solver's own search from beside it, as soon as somebody asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: How often a running search looks whether somebody wants it to stop, in seconds.
_LOOK = 0.05


@contextmanager
def watched(stop: Callable[[], bool] | None, interrupt: Callable[[], None]) -> Iterator[None]:
    """Call ``interrupt`` from another thread once ``stop`` says so, until the block ends.

    It is called again at every look: a search that had not begun yet did not hear the first.
    """
    if stop is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK):
            if stop():
                interrupt()

    watcher = threading.Thread(target=watch, name="search-watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
