"""The audit chain shows what was done to it; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.db.audit import AuditEntry, AuditHead
from aidlog.db.transaction import writing


@pytest.fixture
def chain(session):
    """Seven sealed entries, and a database whose triggers an intruder has switched off."""
    with writing(session):
        for number in range(1, 8):
            audit.record(session, actor_id=None, verb=f"act{number}", subject=f"thing{number}")
    with writing(session):
        if session.get_bind().dialect.name == "sqlite":
            for act in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER audit_entry_no_{act}"))
        else:
            session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
    return session


def tamper(session, *statements: str) -> None:
    with writing(session):
        for statement in statements:
            assert session.execute(text(statement)).rowcount > 0


def broken_at(session) -> list[tuple[int, str]]:
    session.rollback()
    session.expire_all()
    return [(found.entry_id, found.what) for found in audit.breaks(session)]


def test_an_untouched_chain_holds(chain):
    assert broken_at(chain) == []


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'other'",
        "subject = 'other'",
        "content_hash = 'other'",
        "at = '2020-01-01 00:00:00.000000'",
    ],
)
def test_a_changed_entry_is_found_by_number(chain, change):
    tamper(chain, f"UPDATE audit_entry SET {change} WHERE id = 4")
    assert broken_at(chain) == [(4, "changed since it was sealed")]


def test_an_entry_taken_out_of_the_middle_is_found(chain):
    tamper(chain, "DELETE FROM audit_entry WHERE id = 4")
    assert (4, "missing") in broken_at(chain)


def test_a_cut_tail_is_found(chain):
    tamper(chain, "DELETE FROM audit_entry WHERE id > 5")
    assert broken_at(chain) == [(7, "the head names another last entry")]


def test_a_cut_tail_with_the_head_set_back_shows_against_an_anchor_only(chain):
    """Why a backup carries the head and someone keeps it elsewhere."""
    head = chain.get_one(AuditHead, 1)
    anchor = (head.entry_id, head.seal)
    tamper(
        chain,
        "DELETE FROM audit_entry WHERE id > 5",
        "UPDATE audit_head SET entry_id = 5, seal = (SELECT seal FROM audit_entry WHERE id = 5)",
    )
    assert broken_at(chain) == []
    head = chain.get_one(AuditHead, 1)
    assert (head.entry_id, head.seal) != anchor


def test_entries_in_another_order_are_found(chain):
    tamper(
        chain,
        "UPDATE audit_entry SET id = 100 WHERE id = 3",
        "UPDATE audit_entry SET id = 3 WHERE id = 4",
        "UPDATE audit_entry SET id = 4 WHERE id = 100",
    )
    assert {entry for entry, _ in broken_at(chain)} >= {3, 4}


def test_an_entry_forged_without_the_key_is_found(chain):
    """The forger knows the method, not the key, and moves the head as well."""
    last = chain.get_one(AuditEntry, 7)
    forged = AuditEntry(
        id=8,
        at=last.at,
        actor_id=None,
        verb="forged",
        subject="",
        content_hash="",
        previous=last.seal,
    )
    forged.seal = audit._seal(b"a guess", forged)
    seal = forged.seal
    with writing(chain):
        chain.add(forged)
    tamper(chain, f"UPDATE audit_head SET entry_id = 8, seal = '{seal}'")
    assert broken_at(chain) == [(8, "changed since it was sealed")]


def test_under_another_key_no_entry_holds(chain):
    audit.use_key(chain.get_bind(), b"another key")
    assert broken_at(chain) == [(number, "changed since it was sealed") for number in range(1, 8)]


def test_a_lost_head_is_found(chain):
    tamper(chain, "DELETE FROM audit_head")
    assert broken_at(chain) == [(0, "the head is gone")]


def test_eight_writers_at_once_do_not_fork_the_chain(engine, session):
    def writer(number):
        for turn in range(10):
            with Session(engine) as own, writing(own):
                audit.record(own, actor_id=None, verb=f"w{number}", subject=f"t{turn}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(writer, range(8)))
    assert list(audit.breaks(session)) == []
    assert session.scalars(select(AuditHead.entry_id)).one() == 80
