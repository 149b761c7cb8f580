"""What a process of a storm does: work on the books through the real actions.

It ends when its task is done, or when it is killed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.db import audit
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import prepare, writing
from aidlog.donations.receiving import CountedLine, ReceiveGoods, receive_goods
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.roles import actor_for
from aidlog.stock.adjusting import CorrectStock, correct_stock
from aidlog.stock.models import Correcting, Reason
from tests.conftest import TEST_KEY

#: Lines of a document in the kill tests: a document with fewer of them is a half one.
LINES = 4


def work_on(url: str, task: dict[str, Any], tell: Connection) -> None:
    """Do ``task`` in a process of its own; tell each answer once it is committed, never before."""
    engine = create_engine(url)
    prepare(engine)
    audit.use_key(engine, TEST_KEY.encode())
    work = {"issue": issue, "receive": receive}[task["work"]]
    for number in range(task["times"]):
        with Session(engine) as session:
            said = work(session, task, number)
        tell.send(said)
    tell.close()
    engine.dispose()


def issue(session: Session, task: dict[str, Any], number: int) -> dict[str, Any]:
    """Take ``task["quantity"]`` off a lot; the ids are given where several send the same."""
    ids = task.get("ids")
    command = CorrectStock(
        command_id=ids[number] if ids else new_id(),
        warehouse_id=task["warehouse"],
        lot_id=task["lot"],
        what=Correcting.TAKE_OFF,
        quantity=task["quantity"],
        reason=Reason.UNRECORDED_ISSUE,
    )
    try:
        with writing(session):
            answer = once(session, actor_for(session, task["actor"]), command, correct_stock)
    except NotEnoughStock as refusal:
        return {"id": command.command_id, "refused": str(refusal), "free": refusal.free}
    except Refusal as refusal:
        return {"id": command.command_id, "refused": str(refusal)}
    return {"id": command.command_id, "done": answer["document"]}


def receive(session: Session, task: dict[str, Any], number: int) -> dict[str, Any]:
    """Take a delivery of LINES lots into a warehouse."""
    line = CountedLine(
        item_id=task["item"],
        lot_number="",
        expires_on=None,
        pack_kind="bale",
        pack_size=1,
        declared=10,
        good=10,
    )
    command = ReceiveGoods(
        command_id=new_id(),
        organisation_id=task["organisation"],
        warehouse_id=task["warehouse"],
        lines=(line,) * LINES,
        arrived_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        received_from=f"Donor {number}",
    )
    with writing(session):
        answer = once(session, actor_for(session, task["actor"]), command, receive_goods)
    return {"id": command.command_id, "done": answer["grn"]}
