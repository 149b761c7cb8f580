"""Files of the command line: read whole, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message


def check_targets(source: Path | None, targets: list[Path]) -> None:
    """Refuse, before any work is done, targets that cannot or must not be written.

    Raises:
        Refusal: a target is the source, or two targets are one file.
        OSError: a target's folder is missing or may not be written to.
    """
    seen: list[Path] = [] if source is None else [source.resolve()]
    for target in targets:
        if target.resolve() in seen:
            raise Refusal(
                Message(N_("{file} would be overwritten. Choose another name for the result."),
                        {"file": target})
            )  # fmt: skip
        seen.append(target.resolve())
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target.parent))


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write every file, or none.

    Each is written beside its target and put in its place only when all are on the disk,
    so a full disk or a pulled plug leaves the old files as they were.
    """
    waiting: dict[Path, Path] = {}
    try:
        for target, data in contents.items():
            waiting[target] = _write_beside(target, data)
        for target, temporary in list(waiting.items()):
            temporary.replace(target)
            del waiting[target]
    finally:
        for temporary in waiting.values():
            with contextlib.suppress(OSError):
                temporary.unlink()


def _write_beside(target: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(_mode(target))
    except BaseException:
        temporary.unlink()
        raise
    return temporary


def _mode(target: Path) -> int:
    """Return the permissions that the file has, or that a new one would get."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
