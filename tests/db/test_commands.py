"""One id, one effect, one answer, for ever; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Permission
from aidlog.core.errors import Conflict, NotAllowed, Refusal
from aidlog.core.text import Message
from aidlog.db import audit
from aidlog.db.audit import AuditEntry
from aidlog.db.commands import Command, CommandRecord, IdReused, new_id, once
from aidlog.db.transaction import writing
from aidlog.registry.models import Setting
from aidlog.registry.roles import Role
from tests.factories import NOW, make_actor, make_organisation

ONE_ID = "6ad40a87-15e7-4031-847d-d35e45ac8eac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep(Command):
    """Keep ``value`` under ``name``."""

    name: str
    value: str = "1"
    sent_at: datetime = NOW


def keep(session, _actor, command):
    session.add(Setting(name=command.name, value=command.value))
    session.flush()
    return {"kept": command.name}


def keep_and_refuse(session, actor, command):
    keep(session, actor, command)
    raise Conflict(
        Message("Only {free} of {name} left.", {"free": 4, "name": command.name}), field="name"
    )


def send(session, actor, command, action=keep):
    with writing(session):
        return once(session, actor, command, action)


def kept(session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Setting.name).order_by(Setting.name)))


@pytest.fixture
def storekeeper(session):
    with writing(session):
        return make_actor(session, Role.STOREKEEPER)


def test_a_command_sent_twice_has_one_effect_and_one_answer(session, storekeeper):
    command = Keep(command_id=new_id(), name="tents")
    answers = [send(session, storekeeper, command) for _ in range(3)]
    assert answers == [{"kept": "tents"}] * 3
    assert kept(session) == ["tents"]


def test_the_hour_of_sending_does_not_make_another_command(session, storekeeper):
    command = Keep(command_id=new_id(), name="tents")
    first = send(session, storekeeper, command)
    late = replace(command, sent_at=NOW + timedelta(days=9))
    assert send(session, storekeeper, late) == first


def test_a_refusal_undoes_the_effects_and_is_remembered(session, storekeeper):
    command = Keep(command_id=new_id(), name="tents")
    with pytest.raises(Conflict) as first:
        send(session, storekeeper, command, keep_and_refuse)
    assert kept(session) == []
    with pytest.raises(Conflict) as again:  # though the action would agree now
        send(session, storekeeper, command, keep)
    assert str(again.value) == str(first.value) == "Only 4 of tents left."
    assert again.value.field == "name"
    assert kept(session) == []


def test_a_plain_refusal_is_not_remembered_as_a_conflict(session, storekeeper):
    def refuse(_session, _actor, _command):
        raise Refusal(Message("Write a name."))

    command = Keep(command_id=new_id(), name="")
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            send(session, storekeeper, command, refuse)
        assert not isinstance(refused.value, Conflict)


def test_an_id_with_other_content_is_refused_and_does_nothing(session, storekeeper):
    command = Keep(command_id=new_id(), name="tents")
    send(session, storekeeper, command)
    for other in (replace(command, name="soap"), replace(command, value="2")):
        with pytest.raises(IdReused):
            send(session, storekeeper, other)
    assert kept(session) == ["tents"]


def test_an_id_with_the_same_content_of_another_kind_is_refused(session, storekeeper):
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Forget(Keep):
        pass

    command = Keep(command_id=new_id(), name="tents")
    send(session, storekeeper, command)
    with pytest.raises(IdReused):
        send(session, storekeeper, Forget(command_id=command.command_id, name="tents"))


def test_an_id_of_another_person_is_refused_and_tells_nothing(session, storekeeper):
    command = Keep(command_id=new_id(), name="tents")
    send(session, storekeeper, command)
    with writing(session):
        other = make_actor(session, Role.STOREKEEPER)
    with pytest.raises(IdReused) as refused:
        send(session, other, command)
    assert "tents" not in str(refused.value)


def test_what_the_actor_may_not_do_is_not_remembered(session, storekeeper):
    def approve(session, actor, command):
        actor.must(Permission.PLAN_APPROVE)
        return keep(session, actor, command)

    command = Keep(command_id=new_id(), name="tents")
    with pytest.raises(NotAllowed):
        send(session, storekeeper, command, approve)
    assert session.get(CommandRecord, command.command_id) is None
    assert send(session, storekeeper, command, keep) == {"kept": "tents"}


def test_a_fault_of_ours_leaves_no_trace_and_may_be_tried_again(session, storekeeper):
    def stumble(session, actor, command):
        keep(session, actor, command)
        raise ZeroDivisionError

    command = Keep(command_id=new_id(), name="tents")
    with pytest.raises(ZeroDivisionError):
        send(session, storekeeper, command, stumble)
    assert kept(session) == []
    assert send(session, storekeeper, command) == {"kept": "tents"}


def test_each_new_command_chains_one_audit_entry_and_a_repetition_none(session, storekeeper):
    command = Keep(command_id=new_id(), name="tents")
    refused = Keep(command_id=new_id(), name="soap")
    for _ in range(2):
        send(session, storekeeper, command)
        with pytest.raises(Conflict):
            send(session, storekeeper, refused, keep_and_refuse)
    verbs = session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs == ["Keep:done", "Keep:refused"]
    assert list(audit.breaks(session)) == []


@pytest.mark.parametrize(
    "command_id",
    ["", "7", "not-a-number", ONE_ID.upper(), f"{{{ONE_ID}}}", ONE_ID.replace("-", "")],
)
def test_an_id_is_a_uuid_in_its_one_spelling(command_id):
    with pytest.raises(Refusal):
        Keep(command_id=command_id, name="tents")


def test_eight_senders_of_one_id_at_once_get_one_answer(engine, session, storekeeper):
    with writing(session):
        make_organisation(session, code="ABC")
    command = Keep(command_id=new_id(), name="tents")
    numbered: list[int] = []

    def number(session, actor, command):
        numbered.append(1)
        return keep(session, actor, command) | {"turn": len(numbered)}

    def sender(_):
        with Session(engine) as own:
            return send(own, storekeeper, command, number)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sender, range(8)))
    assert answers == [{"kept": "tents", "turn": 1}] * 8
    assert session.scalar(select(func.count()).select_from(CommandRecord)) == 1
