"""Every migration goes up, down and up again, and leaves the schema that was reviewed."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.orm import Session

from aidlog.db.base import Base
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.settings import resource
from aidlog.stock.soundness import faults
from tests.factories import make_lot, make_warehouse
from tests.migrations.golden import golden, schema_of


@pytest.fixture
def migrating(make_app, database):
    """An app on a fully migrated database, for flask_migrate's own commands."""
    app = make_app(database)
    with app.app_context():
        yield db.engine


def scripts() -> ScriptDirectory:
    return ScriptDirectory(str(resource("migrations")))


def schema(engine) -> str:
    with engine.connect() as connection:
        return schema_of(connection)


def test_the_schema_after_all_migrations_is_the_reviewed_one(migrating):
    """Write it anew with: python -m tests.migrations.golden."""
    expected = golden(migrating.dialect.name).read_text(encoding="utf-8")
    assert schema(migrating).splitlines() == expected.splitlines()


def test_down_and_up_again_gives_the_same_schema(migrating):
    before = schema(migrating)
    flask_migrate.downgrade(revision="base")
    left = schema(migrating)
    assert "aidlog" not in left
    assert {line.split(":")[0] for line in left.splitlines() if line.startswith("table")} <= {
        "table alembic_version.alembic_version",
        "table alembic_version.version_num",
    }
    flask_migrate.upgrade()
    assert schema(migrating) == before


def test_each_step_can_be_taken_alone(migrating):
    steps = [script.revision for script in scripts().walk_revisions()]
    seen = [schema(migrating)]
    for _ in steps:
        flask_migrate.downgrade(revision="-1")
        seen.append(schema(migrating))
    for expected in reversed(seen[:-1]):
        flask_migrate.upgrade(revision="+1")
        assert schema(migrating) == expected


def test_the_models_ask_for_nothing_that_the_migrations_do_not_make(migrating):
    flask_migrate.check()


@pytest.mark.pg
def test_models_and_migrations_make_the_same_tables_to_the_last_type(postgres_url, make_engine):
    """What the check above does not compare: the types, in PostgreSQL's own words."""
    engine = make_engine(postgres_url)
    of_migrations = _tables(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    Base.metadata.create_all(engine)
    assert _tables(engine) == of_migrations


def _tables(engine) -> list[str]:
    return [
        line
        for line in schema(engine).splitlines()
        if line.startswith(("table", "constraint", "index")) and "alembic_version" not in line
    ]


def test_goods_in_stock_survive_a_migration_that_is_repeated(migrating):
    """An upgrade of a database that is up to date touches no row."""
    with Session(migrating) as session, writing(session):
        make_lot(session, warehouse=make_warehouse(session), quantity=70)
    flask_migrate.upgrade()
    with Session(migrating) as session:
        assert session.execute(text("SELECT quantity FROM stock_movement")).scalars().all() == [70]
        assert list(faults(session)) == []


def test_every_constraint_has_a_name(migrating):
    inspector = inspect(migrating)
    unnamed = [
        (table, constraint)
        for table in inspector.get_table_names()
        if table != "alembic_version"
        for constraint in (
            inspector.get_pk_constraint(table),
            *inspector.get_foreign_keys(table),
            *inspector.get_unique_constraints(table),
            *inspector.get_check_constraints(table),
        )
        if not constraint["name"]
    ]
    assert unnamed == []


def test_no_table_holds_a_float():
    floats = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.type.python_type is float
    ]
    assert floats == []


def test_history_is_guarded_after_all_migrations(migrating):
    guarded = {"stock_movement", "command", "audit_entry", "document", "reservation", "lot"}
    lines = [line for line in schema(migrating).splitlines() if line.startswith("trigger ")]
    assert {line.removeprefix("trigger ").split(".")[0] for line in lines} >= guarded


def test_migrations_are_numbered_in_one_line():
    revisions = [script.revision for script in scripts().walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)
    assert revisions[-1] == "0001"
    assert len(scripts().get_heads()) == 1


def test_a_migration_imports_nothing_of_the_app():
    for file in Path(resource("migrations"), "versions").glob("*.py"):
        assert "aidlog" not in [
            line.split()[1].split(".")[0]
            for line in file.read_text(encoding="utf-8").splitlines()
            if line.startswith(("import ", "from "))
        ], file.name


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_tampered_schema_does_not_pass_for_the_reviewed_one(dialect, request):
    """The comparison itself: one trigger less, one name changed, and it shows."""
    url = request.getfixturevalue(f"{'sqlite' if dialect == 'sqlite' else 'postgres'}_url")
    engine = create_engine(make_url(url))
    with engine.begin() as connection:
        before = schema_of(connection)
        on = "" if dialect == "sqlite" else " ON lot"
        connection.execute(text(f"DROP TRIGGER lot_kept{on}"))
        assert schema_of(connection) != before
    engine.dispose()
