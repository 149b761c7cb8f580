"""aidlog user: people are added, given roles and switched off from the machine's terminal."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.registry.models import LoginSession, Person
from aidlog.registry.roles import Role, actor_for
from aidlog.registry.signing_in import verified
from tests.factories import NOW


@pytest.fixture
def people(make_engine, sqlite_url, installed, aidlog):
    """A session on an installation whose first administrator was just added."""
    installed(sqlite_url)
    added = aidlog(
        "user", "add", "kim@example.org", "--name", "Kim Ade", "--role", "administrator",
        "--organisation", "KRB", "--new-organisation", "Karibu",
    )  # fmt: skip
    assert added.exit_code == 0, added.stderr
    with Session(make_engine(sqlite_url)) as session:
        session.info["said"] = added.stdout
        yield session


def person(session, login="kim@example.org") -> Person:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Person).where(Person.login == login)).one()


def word_in(said: str) -> str:
    return said.split(" signs in once with ")[1].split(maxsplit=1)[0]


def test_the_first_administrator_signs_in_with_the_printed_password(people):
    word = word_in(people.info["said"])
    assert verified(people, "kim@example.org", word) == person(people).id
    assert person(people).must_change_password
    assert actor_for(people, person(people).id).role == Role.ADMINISTRATOR


def test_a_role_is_given_and_taken_back(people, aidlog):
    def roles():
        return actor_for(people, person(people).id).may("plan:draft")

    assert not roles()
    assert aidlog("user", "role", "kim@example.org", "planner").exit_code == 0
    assert roles()
    assert aidlog("user", "role", "kim@example.org", "planner", "--withdraw").exit_code == 0
    assert not roles()


def test_who_is_switched_off_has_no_session_left_and_gets_no_new_password(people, aidlog):
    from aidlog.db.transaction import writing
    from aidlog.registry.signing_in import new_session

    with writing(people):
        new_session(people, person(people).id, now=NOW, hours=12)
    assert aidlog("user", "disable", "kim@example.org").exit_code == 0
    assert not person(people).active
    assert people.scalars(select(LoginSession.revoked_at)).one() is not None
    refused = aidlog("user", "password", "kim@example.org")
    assert refused.exit_code == 1
    assert "aidlog user enable" in refused.stderr
    assert aidlog("user", "enable", "kim@example.org").exit_code == 0
    assert person(people).active


def test_a_new_password_ends_the_old_one(people, aidlog):
    old = word_in(people.info["said"])
    new = word_in(aidlog("user", "password", "kim@example.org").stdout)
    assert verified(people, "kim@example.org", old) is None
    assert verified(people, "kim@example.org", new) == person(people).id


def test_the_audit_holds_what_was_done_and_no_name(people, aidlog):
    aidlog("user", "disable", "kim@example.org")
    people.rollback()
    entries = people.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.id)).all()
    assert entries[-1].verb == "SwitchPerson:operator"
    assert not [entry for entry in entries if "kim" in entry.verb + entry.subject]
    assert list(audit.breaks(people)) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "kim@example.org", "--name", "K", "--role", "planner"), "already"),
        (("add", "a b", "--name", "K", "--role", "planner"), "cannot be a sign-in name"),
        (("add", "new@example.org", "--name", " ", "--role", "planner"), "Write the name"),
        (("add", "new@example.org", "--name", "K", "--role", "site_lead"), "Choose the site"),
        (
            ("add", "n@example.org", "--name", "K", "--role", "planner", "--organisation", "XX"),
            "There are: KRB",
        ),
        (
            ("add", "n@example.org", "--name", "K", "--role", "site_lead", "--place", "S99"),
            "no place with the code S99",
        ),
        (("role", "nobody@example.org", "planner"), "Nobody signs in as"),
        (("role", "kim@example.org", "planner", "--withdraw"), "do not have the role"),
        (("disable", "nobody@example.org"), "Nobody signs in as"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_changes_nothing(people, aidlog, arguments, said):
    before = people.scalars(select(Person.id)).all()
    result = aidlog("user", *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    people.rollback()
    assert people.scalars(select(Person.id)).all() == before


@pytest.mark.parametrize(
    "arguments", [("add", "kim@example.org"), ("role", "kim@example.org", "king"), ("crown",)]
)
def test_wrong_usage_is_exit_2(people, aidlog, arguments):
    assert aidlog("user", *arguments).exit_code == 2
