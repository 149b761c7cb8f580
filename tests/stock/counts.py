"""A stock take step by step, through the real actions: what the tests of counts start from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Place
from aidlog.registry.roles import Role
from aidlog.stock.count_deciding import (
    ApproveCount,
    ExplainDifferences,
    Explanation,
    FinishCount,
    approve_count,
    explain_differences,
    finish_count,
    reasons_for,
)
from aidlog.stock.count_sheets import OpenCount, open_count
from aidlog.stock.counting import CountOfLine, RecordCounts, record_counts
from aidlog.stock.models import Lot, StockTake, StockTakeLine, TakeScope
from tests.factories import command_id, make_actor, make_lot, make_warehouse


@dataclass
class Store:
    """A warehouse with lots, one who counts, another who counts, and one who approves."""

    warehouse: Place
    lots: list[Lot]
    keeper: Actor
    other: Actor
    planner: Actor


def make_store(session: Session, *quantities: int) -> Store:
    warehouse = make_warehouse(session)
    return Store(
        warehouse=warehouse,
        lots=[make_lot(session, warehouse=warehouse, quantity=n) for n in quantities],
        keeper=make_actor(session, Role.STOREKEEPER),
        other=make_actor(session, Role.STOREKEEPER),
        planner=make_actor(session, Role.PLANNER),
    )


def opened(session: Session, store: Store, **scope: object) -> str:
    """Open a stock take of all that is there, or of ``scope``; return its number."""
    values: dict[str, object] = {"scope": TakeScope.ALL} | scope
    command = OpenCount(
        command_id=command_id(),
        warehouse_id=store.warehouse.id,
        organisation_id=store.warehouse.organisation_id,
        **values,  # type: ignore[arg-type]
    )
    with writing(session):
        return str(once(session, store.keeper, command, open_count)["take"])


def line_of(
    session: Session, take: str, lot: Lot, kind: AccountKind = AccountKind.WAREHOUSE
) -> StockTakeLine:
    return session.scalars(
        select(StockTakeLine)
        .join(StockTake, StockTake.id == StockTakeLine.take_id)
        .join(Document, Document.id == StockTake.document_id)
        .where(Document.code == take, StockTakeLine.lot_id == lot.id, StockTakeLine.kind == kind)
    ).one()


def counted(
    session: Session, store: Store, take: str, counts: dict[Lot, int], by: Actor | None = None
) -> dict[str, object]:
    """Count lots; return the answer."""
    command = RecordCounts(
        command_id=command_id(),
        take=take,
        counts=tuple(
            CountOfLine(line=line_of(session, take, lot).id, quantity=quantity)
            for lot, quantity in counts.items()
        ),
    )
    with writing(session):
        return dict(once(session, by or store.keeper, command, record_counts))


def finished(session: Session, store: Store, take: str) -> None:
    """Close the sheet and give every difference the first reason that can explain it."""
    with writing(session):
        once(session, store.keeper, FinishCount(command_id=command_id(), take=take), finish_count)
    differing = [
        line
        for line in session.scalars(
            select(StockTakeLine)
            .join(StockTake, StockTake.id == StockTakeLine.take_id)
            .join(Document, Document.id == StockTake.document_id)
            .where(Document.code == take)
        )
        if line.counted != line.book
    ]
    command = ExplainDifferences(
        command_id=command_id(),
        take=take,
        explanations=tuple(
            Explanation(
                line=line.id,
                reason=reasons_for((line.counted or 0) - (line.book or 0))[0],
                remark="As seen",
            )
            for line in differing
        ),
    )
    if differing:
        with writing(session):
            once(session, store.keeper, command, explain_differences)


def approved(
    session: Session, store: Store, take: str, by: Actor | None = None
) -> dict[str, object]:
    command = ApproveCount(command_id=command_id(), take=take)
    with writing(session):
        return dict(once(session, by or store.planner, command, approve_count))
