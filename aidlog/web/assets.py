"""Static files under an address that changes with their content, so browsers keep them a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import current_app, url_for


def asset(name: str) -> str:
    """Return the address of a static file, with the beginning of its hash as the version."""
    folder = current_app.static_folder
    assert folder is not None
    path = Path(folder) / name
    return url_for("static", filename=name, v=_version(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=200)
def _version(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
