"""aidlog migrate and aidlog verify, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from aidlog.db.transaction import writing
from tests.factories import make_lot, make_warehouse


@pytest.fixture
def stocked(session, database, installed):
    """An installation with 40 pieces in a warehouse; no transaction is open."""
    with writing(session):
        lot = make_lot(session, warehouse=make_warehouse(session), quantity=40)
        lot_id = lot.id
    session.close()
    installed(database)
    return lot_id


def break_in(url, *statements):
    """Change the database as someone could who may switch off its triggers."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for name in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).scalars():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("stock_movement", "stock_balance", "audit_entry", "document"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount == 1
    engine.dispose()


def test_sound_books_are_one_line_and_exit_0(stocked, aidlog):
    result = aidlog("verify")
    assert result.exit_code == 0
    assert result.stdout == "Sound: 1 movements and 1 audit entries hold.\n"


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        (
            "UPDATE stock_balance SET on_hand = on_hand + 1 WHERE kind = 'warehouse'",
            "a balance is the sum of its movements",
        ),
        ("UPDATE stock_movement SET quantity = 41", "a balance is the sum of its movements"),
        ("UPDATE document SET number = 2", "document numbers have no gaps"),
        ("UPDATE audit_entry SET verb = 'Other:done'", "No audit entry was sealed with this key"),
    ],
)
def test_each_fault_is_named_and_the_exit_is_1(stocked, database, aidlog, statement, rule):
    break_in(database, statement)
    result = aidlog("verify")
    assert result.exit_code == 1
    assert rule in result.stderr
    assert result.stdout == ""
    assert "found. Stop work on this database" in result.stderr.splitlines()[0]


def test_books_under_another_key_say_which_setting_to_look_at(stocked, database, installed, aidlog):
    installed(database, key="another key")
    result = aidlog("verify")
    assert result.exit_code == 1
    assert "AIDLOG_AUDIT_KEY" in result.stderr


def test_a_new_database_gets_its_tables_and_a_second_run_changes_nothing(
    tmp_path, installed, aidlog
):
    installed(f"sqlite:///{tmp_path / 'new.db'}")
    assert "Run: aidlog migrate" in aidlog("verify").stderr
    first = aidlog("migrate")
    assert first.exit_code == 0
    assert first.stdout.startswith("The database went from version 0000 to ")
    assert "already" in aidlog("migrate").stdout
    assert aidlog("verify").exit_code == 0


def test_a_database_of_a_newer_aidlog_is_left_alone(stocked, database, aidlog):
    break_in(database, "UPDATE alembic_version SET version_num = '9999'")
    for command in ("migrate", "verify"):
        result = aidlog(command)
        assert result.exit_code == 1
        assert "Install the newer aidlog" in result.stderr


@pytest.mark.parametrize("command", ["migrate", "verify"])
def test_a_server_that_is_not_there_is_a_sentence(command, tmp_path, installed, aidlog):
    installed(f"postgresql+psycopg://aidlog@/aidlog?host={tmp_path}")
    result = aidlog(command)
    assert result.exit_code == 1
    assert result.stderr.startswith("The database cannot be reached.")
    assert "Traceback" not in result.stderr
