"""Whole copies of the database, and the manifest that shows a copy to be whole.

A copy of a live SQLite file made with ``cp`` loses acknowledged writes while every integrity
check passes; so the database itself makes the copy. A tail that was lost passes every inner
check too: only figures kept elsewhere show it, which is what the manifest is for.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from sqlalchemy import Connection, Engine, MetaData, func, select, text
from sqlalchemy import table as named
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message


class CopyFailed(Refusal):
    """A copy could not be made or does not hold what its manifest says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a copy holds: rows per table, the last movement, the head of the audit chain.

    ``sha256`` is of the copied file; ``key_mark`` tells whether an audit key is the one the
    chain was sealed with, without telling the key.
    """

    format: str = "aidlog-backup/1"
    made_at: str
    made_by: str
    dialect: str
    schema: str
    rows: Mapping[str, int]
    last_movement: int
    chain_entry: int
    chain_seal: str
    key_mark: str
    sha256: str = ""

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, content: str | bytes) -> Manifest:
        """Read a manifest.

        Raises:
            ValueError: it is none, or of another format.
        """
        values = json.loads(content)
        if not isinstance(values, dict) or values.get("format") != "aidlog-backup/1":
            raise ValueError("not a manifest")
        try:
            return cls(**values)
        except TypeError as error:
            raise ValueError("not a manifest") from error


def key_mark(key: str) -> str:
    """Return a mark of ``key`` that two holders can compare."""
    return hmac.new(key.encode(), b"aidlog backup", hashlib.sha256).hexdigest()[:16]


def size_of(session: Session, table: str) -> int:
    """Return how many rows ``table`` has."""
    return int(session.scalars(select(func.count()).select_from(named(table))).one())


def describe(connection: Connection, *, made_at: str, made_by: str, audit_key: str) -> Manifest:
    """Return the manifest of what ``connection`` sees now."""
    metadata = MetaData()
    metadata.reflect(connection)
    rows = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }
    head = connection.execute(text("SELECT entry_id, seal FROM audit_head")).one()
    movement = connection.execute(text("SELECT MAX(id) FROM stock_movement")).scalar()
    version = connection.execute(text("SELECT version_num FROM alembic_version"))
    return Manifest(
        made_at=made_at,
        made_by=made_by,
        dialect=connection.dialect.name,
        schema=str(version.scalar_one()),
        rows=rows,
        last_movement=movement or 0,
        chain_entry=head.entry_id,
        chain_seal=head.seal,
        key_mark=key_mark(audit_key),
    )


def differences(expected: Manifest, found: Manifest) -> list[str]:
    """Return what a copy holds otherwise than its manifest says, in words for the log."""
    names = ("schema", "last_movement", "chain_entry", "chain_seal")
    wrong = [name for name in names if getattr(expected, name) != getattr(found, name)]
    tables = expected.rows.keys() | found.rows.keys()
    return wrong + sorted(t for t in tables if expected.rows.get(t) != found.rows.get(t))


def file_hash(path: Path) -> str:
    """Return the SHA-256 of the file at ``path``."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def frozen_view(engine: Engine) -> Iterator[tuple[Connection, str]]:
    """Hold one moment of a PostgreSQL database; yield it and the name others can see it by."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        name = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        yield connection, str(name)


def copy_sqlite(engine: Engine, target: Path) -> None:
    """Write the SQLite database as it is at this moment into ``target``, a new file."""
    with closing(engine.raw_connection()) as connection:
        assert connection.driver_connection is not None
        connection.driver_connection.execute("VACUUM INTO ?", (str(target),))


def postgres_program(name: str, engine: Engine, environment: Mapping[str, str], *more: str) -> None:
    """Run pg_dump or pg_restore on the engine's database; a password goes by the environment.

    Raises:
        CopyFailed: it is not installed, or it said no; the sentence carries its last line.
    """
    program = which(name, path=environment.get("PATH"))
    if program is None:
        raise CopyFailed(
            Message(
                N_("{program} is not installed. Install the PostgreSQL client programs."),
                {"program": name},
            )
        )
    url = engine.url
    known = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    place = {key: str(value) for key, value in known.items() if value}
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [program, "--no-password", *more],
        env={**environment, **place},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise CopyFailed(
            Message(N_("{program} did not finish: {why}"), {"program": name, "why": last})
        )
