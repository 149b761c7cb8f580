"""How a backup is opened, held against its manifest, verified and put in its place."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.orm import Session

from aidlog.cli.backup import DATABASE, MANIFEST, PHOTOS, describe_now
from aidlog.cli.migrate import upgrade
from aidlog.cli.opening import NotReady, Schema, engine_of, refuse_newer, schema_of
from aidlog.cli.verify import check
from aidlog.core.text import N_, Message
from aidlog.db import audit
from aidlog.db.copying import (
    CopyFailed,
    Manifest,
    differences,
    file_hash,
    key_mark,
    postgres_program,
)
from aidlog.settings import Settings, as_environment

if TYPE_CHECKING:
    from flask import Flask


#: How zipfile says that a file is no archive, is cut short, damaged or locked.
_NOT_WHOLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


#: How a picture is called inside a backup.
_PHOTO = re.compile(f"{PHOTOS}/(?P<file>(?P<hash>[0-9a-f]{{64}})\\.jpg)")


def restore_backup(app: Flask, source: Path, *, replace: bool) -> tuple[Manifest, Path | None]:
    """Bring back ``source`` into the app's database, migrate it and verify it.

    Returns the backup's manifest, and where an SQLite database that was there was set aside.

    Raises:
        CopyFailed: the file is none of ours, is damaged, or was sealed with another key.
        NotReady: the place where it should go is taken or in use.
        Unsound: what was restored does not verify.
    """
    settings: Settings = app.config["AIDLOG"]
    engine = engine_of(app)
    sqlite = engine.dialect.name == "sqlite"
    near = Path(settings.data_dir)
    near.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=near) as folder:
        manifest, unpacked = _unpack(source, Path(folder))
        photos = _unpack_photos(source, Path(folder))
        _refuse_foreign(app, engine, manifest)
        if sqlite:
            aside = _place_sqlite(app, unpacked, manifest, replace=replace)
        else:
            aside = None
            _fill_postgresql(app, unpacked, manifest)
        _place_photos(photos, near)
    upgrade(app)
    with Session(engine) as session:
        check(session, photos=near)
    return manifest, aside


def _unpack(source: Path, folder: Path) -> tuple[Manifest, Path]:
    """Take the database out of the file; refuse what is not whole."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = Manifest.from_json(archive.read(MANIFEST))
            name = DATABASE[manifest.dialect]
            with archive.open(name) as packed, (folder / name).open("wb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
    except (*_NOT_WHOLE, KeyError, ValueError) as error:
        raise CopyFailed(
            Message(
                N_("{file} is not a whole backup of aidlog. Take another copy."),
                {"file": source.name},
            )
        ) from error
    if file_hash(folder / name) != manifest.sha256:
        raise _damaged(source)
    return manifest, folder / name


def _unpack_photos(source: Path, folder: Path) -> list[Path]:
    """Take the pictures out of the file; each is named by its hash, and must have it."""
    found = []
    with zipfile.ZipFile(source) as archive:
        for entry in archive.namelist():
            name = _PHOTO.fullmatch(entry)
            if name is None:
                continue
            target = folder / name["file"]
            try:
                with archive.open(entry) as packed, target.open("wb") as file:
                    shutil.copyfileobj(packed, file, 1 << 20)
            except _NOT_WHOLE as error:
                raise _damaged(source) from error
            if file_hash(target) != name["hash"]:
                raise _damaged(source)
            found.append(target)
    return found


def _damaged(source: Path) -> CopyFailed:
    return CopyFailed(
        Message(
            N_("{file} was changed or damaged since it was made. Take another copy."),
            {"file": source.name},
        )
    )


def _place_photos(photos: Sequence[Path], data_dir: Path) -> None:
    """Put pictures where the app looks for them; those that are there are the same ones."""
    for photo in photos:
        target = data_dir / PHOTOS / photo.name[:2] / photo.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not target.exists():
            shutil.move(photo, target)


def _refuse_foreign(app: Flask, engine: Engine, manifest: Manifest) -> None:
    """Refuse another kind of database, a newer one, and one sealed with another key."""
    settings: Settings = app.config["AIDLOG"]
    if manifest.dialect != engine.dialect.name:
        raise CopyFailed(
            Message(
                N_("The backup is of {theirs} and this installation runs on {ours}."),
                {"theirs": manifest.dialect, "ours": engine.dialect.name},
            )
        )
    if manifest.key_mark != key_mark(settings.audit_key):
        raise CopyFailed(
            Message(
                N_(
                    "The backup was sealed with another audit key. Set AIDLOG_AUDIT_KEY to the key"
                    " of the installation that made it."
                )
            )
        )


def _place_sqlite(app: Flask, unpacked: Path, manifest: Manifest, *, replace: bool) -> Path | None:
    """Verify the copy where it lies, then let it take its place in one step."""
    database = engine_of(app).url.database
    assert database, "a database in memory is not restored"
    target = Path(database)
    if target.exists() and not replace:
        raise NotReady(
            Message(
                N_("{file} is there already. Add --replace to set it aside."),
                {"file": target.name},
            )
        )
    _verify_copy(app, unpacked, manifest)
    aside = _set_aside(app, target) if target.exists() else None
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(unpacked, target)
    return aside


def _verify_copy(app: Flask, unpacked: Path, manifest: Manifest) -> None:
    settings: Settings = app.config["AIDLOG"]
    with _opened(unpacked, settings.audit_key) as engine:
        with engine.connect() as connection:
            found = describe_now(app, connection)
        if wrong := differences(manifest, found):
            raise CopyFailed(
                Message(
                    N_("The backup does not hold what its manifest says: {what}."),
                    {"what": ", ".join(wrong)},
                )
            )
        _refuse_unknown(app, found.schema)
        with Session(engine) as session:
            check(session)


def _refuse_unknown(app: Flask, revision: str) -> None:
    from alembic.script import ScriptDirectory

    from aidlog.settings import resource

    scripts = ScriptDirectory(str(resource("migrations")))
    known = revision in {script.revision for script in scripts.walk_revisions()}
    refuse_newer(Schema(now=revision, newest=scripts.get_current_head() or "", known=known))


@contextmanager
def _opened(path: Path, audit_key: str) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{path}")
    audit.use_key(engine, audit_key.encode())
    try:
        yield engine
    finally:
        engine.dispose()


def _set_aside(app: Flask, target: Path) -> Path:
    """Rename the database that is there; refuse while someone has it open."""
    engine_of(app).dispose()
    connection = sqlite3.connect(target, timeout=1, isolation_level=None)
    try:
        # Leaving WAL needs the file alone, and brings all of it into the one file.
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        raise NotReady(
            Message(N_("{file} is in use. Stop aidlog, then restore."), {"file": target.name})
        ) from error
    finally:
        connection.close()
    aside = target.with_name(f"{target.name}.before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    target.rename(aside)
    return aside


def _fill_postgresql(app: Flask, unpacked: Path, manifest: Manifest) -> None:
    """Restore into an empty database, whole or not at all, and hold it against the manifest."""
    engine = engine_of(app)
    settings: Settings = app.config["AIDLOG"]
    schema_of(app)  # says so in a sentence where the server is not there
    if inspect(engine).get_table_names():
        raise NotReady(
            Message(
                N_(
                    "The database is not empty. Make an empty one and name it in"
                    " AIDLOG_DATABASE_URL."
                )
            )
        )
    _refuse_unknown(app, manifest.schema)
    database = engine.url.database
    assert database
    postgres_program(
        "pg_restore",
        engine,
        as_environment(settings),
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        f"--dbname={database}",
        str(unpacked),
    )
    with engine.connect() as connection:
        wrong = differences(manifest, describe_now(app, connection))
    if wrong:
        raise CopyFailed(
            Message(
                N_("The backup does not hold what its manifest says: {what}."),
                {"what": ", ".join(wrong)},
            )
        )
