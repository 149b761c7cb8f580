"""writing(): where a change begins and ends; on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.core.text import Message
from aidlog.db import transaction
from aidlog.db.transaction import Busy, writing
from aidlog.registry.models import Setting


def value(session, name):
    return session.scalar(select(Setting.value).where(Setting.name == name))


def test_what_was_written_is_there_for_others_afterwards(engine, session):
    with writing(session):
        session.add(Setting(name="a", value="1"))
    with Session(engine) as other:
        assert value(other, "a") == "1"


@pytest.mark.parametrize("error", [ZeroDivisionError(), Refusal(Message("No.")), SystemExit(1)])
def test_any_error_undoes_everything(engine, session, error):
    def write_and_fail():
        with writing(session):
            session.add(Setting(name="a", value="1"))
            session.flush()
            raise error

    with pytest.raises(type(error)):
        write_and_fail()
    with Session(engine) as other:
        assert value(other, "a") is None


def test_what_was_read_before_is_forgotten_inside(engine, session):
    with writing(session):
        session.add(Setting(name="a", value="1"))
    assert session.get_one(Setting, "a").value == "1"
    with Session(engine) as other, writing(other):
        other.get_one(Setting, "a").value = "2"
    with writing(session):
        assert session.get_one(Setting, "a").value == "2"


@pytest.mark.parametrize("how", ["added", "changed"])
def test_a_change_made_outside_is_a_fault_of_ours(session, how):
    with writing(session):
        session.add(Setting(name="a", value="1"))
    if how == "added":
        session.add(Setting(name="b", value="1"))
    else:
        session.get_one(Setting, "a").value = "2"
    with pytest.raises(AssertionError), writing(session):
        pass
    session.expunge_all()


def test_waiting_too_long_is_a_refusal_and_changes_nothing(database, make_engine, monkeypatch):
    monkeypatch.setattr(transaction, "LOCK_WAIT_MS", 200)
    engine = make_engine(database)
    with Session(engine) as first, writing(first):
        first.add(Setting(name="a", value="1"))
    with Session(engine) as holder, Session(engine) as second:
        with writing(holder):
            holder.scalars(select(Setting).where(Setting.name == "a").with_for_update()).one()
            with pytest.raises(Busy), writing(second):
                second.scalars(select(Setting).where(Setting.name == "a").with_for_update()).one()
        with writing(second):  # the session is as good as new
            second.get_one(Setting, "a").value = "2"
        assert value(second, "a") == "2"


def test_two_writers_who_wait_in_a_circle_end_as_one_success_and_one_busy(engine, session):
    with writing(session):
        session.add_all([Setting(name="a", value="0"), Setting(name="b", value="0")])
    both_hold_one = threading.Barrier(2)
    outcomes = []

    def writer(names):
        with Session(engine) as own:
            try:
                with writing(own):
                    for name in names:
                        row = select(Setting).where(Setting.name == name).with_for_update()
                        own.scalars(row).one().value = names[0]
                        own.flush()
                        if name == names[0] and engine.dialect.name == "postgresql":
                            both_hold_one.wait(5)
                outcomes.append("done")
            except Busy:
                outcomes.append("busy")

    threads = [threading.Thread(target=writer, args=(names,)) for names in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    if engine.dialect.name == "postgresql":
        assert sorted(outcomes) == ["busy", "done"]
    else:  # SQLite has one writer at a time: no circle can form
        assert outcomes == ["done", "done"]
    assert value(session, "a") == value(session, "b")


def test_sqlite_is_durable_and_keeps_its_foreign_keys(sqlite_url, make_engine):
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        wanted |= {"recursive_triggers": 1, "trusted_schema": 0}
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
    assert found == wanted


def test_insert_or_replace_cannot_rewrite_history(sqlite_url, make_engine):
    engine = make_engine(sqlite_url)
    with Session(engine) as session:
        with writing(session):
            session.execute(
                text(
                    "INSERT INTO audit_entry (id, at, verb, subject, content_hash, previous, seal)"
                    " VALUES (1, '2026-01-01', 'v', 's', '', '', '')"
                )
            )
        with pytest.raises(Exception, match="audit_entry_is_frozen"), writing(session):
            session.execute(
                text(
                    "INSERT OR REPLACE INTO audit_entry"
                    " (id, at, verb, subject, content_hash, previous, seal)"
                    " VALUES (1, '2026-01-01', 'other', 's', '', '', '')"
                )
            )
