"""``aidlog backup`` and ``aidlog restore``: one file with database, pictures and manifest.

The audit key is not in the file: whoever holds both could write another history. The file
carries a mark of the key, so that a restore can tell whether the right one is set.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidlog import __version__
from aidlog.cli.opening import engine_of, open_app, require_current, tell
from aidlog.core.text import N_, Message
from aidlog.settings import Settings, as_environment

if TYPE_CHECKING:
    from flask import Flask

    from aidlog.db.copying import Manifest

MANIFEST = "manifest.json"
#: The folder of pictures, in a backup and under the data folder.
PHOTOS = "photos"
#: What the database is called inside a backup.
DATABASE = {"sqlite": "aidlog.db", "postgresql": "aidlog.dump"}


@click.command()
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@click.pass_context
def backup(ctx: click.Context, /, destination: Path) -> None:
    """Write a backup to DEST, a new file or a folder, while work goes on.

    Keep the line that is printed apart from the backup: it shows later whether anything is
    missing. The audit key is not in the backup; keep it apart too.
    """
    app = open_app(ctx)
    require_current(app)
    if destination.is_dir():
        destination /= f"aidlog-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
    if destination.exists():
        raise FileExistsError(17, os.strerror(17), str(destination))
    manifest = write_backup(app, destination)
    tell(
        ctx,
        Message(
            N_(
                "Written: {file}. It holds {movements} movements up to number {last};"
                " audit entry {entry} is sealed {seal}."
            ),
            {
                "file": destination,
                "movements": manifest.rows["stock_movement"],
                "last": manifest.last_movement,
                "entry": manifest.chain_entry,
                "seal": manifest.chain_seal[:16],
            },
        ),
    )


@click.command()
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@click.option(
    "--replace",
    is_flag=True,
    help="Set a database that is there aside (SQLite) under the name aidlog.db.before-restore….",
)
@click.pass_context
def restore(ctx: click.Context, /, source: Path, replace: bool) -> None:
    """Bring back the database from SRC, a file of "aidlog backup", and verify it.

    Stop aidlog first. SQLite: what does not verify never takes the place of what is there.
    PostgreSQL: the configured database must be empty.
    """
    from aidlog.cli.restoring import restore_backup

    app = open_app(ctx)
    manifest, aside = restore_backup(app, source, replace=replace)
    if aside is not None:
        tell(ctx, Message(N_("What was there before is now {file}."), {"file": aside}))
    tell(
        ctx,
        Message(
            N_(
                "Restored and verified: as of {moment}, {movements} movements,"
                " audit entry {entry} sealed {seal}."
            ),
            {
                "moment": manifest.made_at,
                "movements": manifest.rows["stock_movement"],
                "entry": manifest.chain_entry,
                "seal": manifest.chain_seal[:16],
            },
        ),
    )


def write_backup(app: Flask, destination: Path) -> Manifest:
    """Write a backup of the app's database to ``destination``; return its manifest.

    The file appears under its name only when it is whole and on the disk.
    """
    with tempfile.TemporaryDirectory(dir=destination.absolute().parent) as folder:
        dialect = engine_of(app).dialect.name
        copied = Path(folder) / DATABASE[dialect]
        manifest = (_of_sqlite if dialect == "sqlite" else _of_postgresql)(app, copied)
        manifest = dataclasses.replace(manifest, sha256=_hash(copied))
        packed = Path(folder) / "backup.zip"
        with zipfile.ZipFile(packed, "x", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            archive.write(copied, copied.name)
            archive.writestr(MANIFEST, manifest.to_json())
            for photo in _photos(app):
                archive.write(photo, f"{PHOTOS}/{photo.name}", compress_type=zipfile.ZIP_STORED)
        packed.chmod(0o600)
        _to_disk(packed)
        packed.rename(destination)
        _to_disk(destination.absolute().parent)
    return manifest


def _photos(app: Flask) -> Iterator[Path]:
    """Yield the files of pictures; those that came after the database was copied do no harm."""
    settings: Settings = app.config["AIDLOG"]
    yield from sorted((Path(settings.data_dir) / PHOTOS).glob("??/*.jpg"))


def _of_sqlite(app: Flask, target: Path) -> Manifest:
    """Copy, then describe the copy: what the manifest says is what the file holds."""
    from sqlalchemy import create_engine

    from aidlog.db.copying import copy_sqlite

    copy_sqlite(engine_of(app), target)
    copied = create_engine(f"sqlite:///{target}")
    try:
        with copied.connect() as connection:
            return describe_now(app, connection)
    finally:
        copied.dispose()


def _of_postgresql(app: Flask, target: Path) -> Manifest:
    """Describe and dump one and the same moment."""
    from aidlog.db.copying import frozen_view, postgres_program

    settings: Settings = app.config["AIDLOG"]
    engine = engine_of(app)
    with frozen_view(engine) as (connection, snapshot):
        manifest = describe_now(app, connection)
        postgres_program(
            "pg_dump",
            engine,
            as_environment(settings),
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={target}",
        )
    return manifest


def describe_now(app: Flask, connection: object) -> Manifest:
    """Return the manifest of what ``connection`` sees, made by this aidlog now."""
    from sqlalchemy import Connection

    from aidlog.db.copying import describe

    assert isinstance(connection, Connection)
    settings: Settings = app.config["AIDLOG"]
    return describe(
        connection,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        made_by=f"aidlog {__version__}",
        audit_key=settings.audit_key,
    )


def _hash(path: Path) -> str:
    from aidlog.db.copying import file_hash

    return file_hash(path)


def _to_disk(path: Path) -> None:
    """Have what was written reach the disk before anyone is told that it is there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
