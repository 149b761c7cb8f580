"""A large operation, made fast: rows go in by bulk SQL, with every trigger at work.

Every lot arrives once and is then issued from in small steps, so that the balances, totals and
stock cards are those of real work, only many. ``python -m aidlog verify`` finds it sound.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain, count, islice

from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.orm import Session

from aidlog.core.quantity import BaseUnit
from aidlog.db.commands import CommandRecord
from aidlog.db.numbering import Document, DocumentCounter, Series
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind, MovementKind
from aidlog.registry.models import Item, ItemPack, PackKind, Place
from aidlog.registry.roles import Role
from aidlog.stock.journal import StockMovement
from aidlog.stock.models import Lot
from tests.factories import make_organisation, make_person, make_place, make_warehouse
from tests.stock.limit import lift_the_limit

ITEMS = 200
LOTS_PER_ITEM = 25
BEGAN = datetime(2025, 11, 1, 8, 0, tzinfo=UTC)
#: Units that a lot arrives with; far more than is ever issued from it.
ARRIVES = 1_000_000
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Operation:
    """Ids to measure with."""

    planner_id: int
    storekeeper_id: int
    warehouse_id: int
    warehouse_code: str
    item_id: int
    item_code: str
    lot_id: int
    document_id: int
    command_id: str


def make_operation(
    engine: Engine,
    movements: int,
    *,
    lots: int = ITEMS * LOTS_PER_ITEM,
    used_up: int = 0,
    began: datetime = BEGAN,
) -> Operation:
    """Fill an empty, migrated database with about ``movements`` movements of ``lots`` lots.

    ``used_up`` more lots of the first item came and went whole, as in years of work. A
    movement is made every minute from ``began`` on.
    """
    with Session(engine) as session, writing(session):
        organisation = make_organisation(session)
        warehouses = [make_warehouse(session, code=f"W{n}") for n in range(1, 4)]
        for number in range(1, 13):
            make_place(session, code=f"S{number}")
        planner = make_person(session, Role.PLANNER, login="planner@example.org")
        keeper = make_person(session, Role.STOREKEEPER, login="storekeeper@example.org")
        lift_the_limit(session, organisation)
        ids = (organisation.id, planner.id, keeper.id)
        stores = [(place.id, place.code) for place in warehouses]
    with Session(engine) as session, writing(session):
        connection = session.connection()
        items = _items(connection, lots // LOTS_PER_ITEM)
        standing = _lots(connection, items, ids[0], LOTS_PER_ITEM)
        first = {standing[0][1]: items[standing[0][1]]}
        gone = _lots(connection, first, ids[0], used_up, letter="U")
        document_id, command_id = _one_document(connection, ids[0], ids[2])
    bulk = Bulk(document_id, command_id, ids[2], began)
    places = [store for store, _ in stores]
    rows = chain(_used_up(bulk, gone, places[0]), _movements(bulk, standing, places))
    for begin in range(0, movements, BATCH):
        batch = list(islice(rows, min(BATCH, movements - begin)))
        with Session(engine) as session, writing(session):
            session.connection().execute(insert(StockMovement), batch)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA optimize")
    lot_id, item_id = standing[0]
    return Operation(
        planner_id=ids[1],
        storekeeper_id=ids[2],
        warehouse_id=stores[0][0],
        warehouse_code=stores[0][1],
        item_id=item_id,
        item_code=items[item_id],
        lot_id=lot_id,
        document_id=document_id,
        command_id=command_id,
    )


def _items(connection: Connection, number_of_items: int) -> dict[int, str]:
    connection.execute(
        insert(Item),
        [
            {
                "code": f"ITEM{number:04d}",
                "name_en": f"Item number {number}, as it is called in the catalogue",
                "name_fr": "", "name_sw": "", "name_rw": "", "category": "shelter", "source": "",
                "base_unit": BaseUnit.PIECE, "tier": 1 + number % 3, "active": True,
                "weight_mg": 1_000_000, "volume_mm3": 4_000_000,
            }
            for number in range(number_of_items)
        ],
    )  # fmt: skip
    items = {row.id: row.code for row in connection.execute(select(Item.id, Item.code))}
    connection.execute(
        insert(ItemPack),
        [
            {"item_id": item, "kind": PackKind.BALE, "size": 10, "issue": True, "active": True}
            for item in items
        ],
    )
    return items


def _lots(
    connection: Connection, items: dict[int, str], owner: int, each: int, letter: str = ""
) -> list[tuple[int, int]]:
    if not each:
        return []
    known = connection.scalar(select(func.coalesce(func.max(Lot.id), 0)))
    connection.execute(
        insert(Lot),
        [
            {
                "organisation_id": owner, "item_id": item, "number": f"{code}-{letter}{number:03d}",
                "expires_on": date(2027, 6, 1) + timedelta(days=number),
                "pack_kind": PackKind.BALE, "pack_size": 10, "origin": "",
                "donor_name": "Friends of the Lake", "gift_code": "", "created_at": BEGAN,
            }
            for item, code in items.items()
            for number in range(each)
        ],
    )  # fmt: skip
    rows = connection.execute(
        select(Lot.id, Lot.item_id).where(Lot.id > known).order_by(Lot.number)
    )
    return [(lot, item) for lot, item in rows]


def _one_document(connection: Connection, owner: int, person: int) -> tuple[int, str]:
    key = {"organisation_id": owner, "series": Series.GRN, "year": 2025}
    connection.execute(insert(DocumentCounter).values(**key, last=1))
    connection.execute(
        insert(Document).values(**key, number=1, code="GRN-KRB-25-0001", created_at=BEGAN)
    )
    command_id = str(uuid.UUID(int=7))
    connection.execute(
        insert(CommandRecord).values(
            id=command_id, kind="Bulk", actor_id=person, request_hash="", outcome="done",
            answer="{}", recorded_at=BEGAN,
        )
    )  # fmt: skip
    return connection.execute(select(Document.id)).scalar_one(), command_id


@dataclass(slots=True)
class Bulk:
    """One command and document that all movements are written under, a minute each."""

    document_id: int
    command_id: str
    person_id: int
    began: datetime
    lines: Iterator[int] = field(default_factory=lambda: count(1))

    def row(
        self,
        lot: tuple[int, int],
        kind: MovementKind,
        quantity: int,
        source: tuple[AccountKind, int],
        target: tuple[AccountKind, int],
    ) -> dict[str, object]:
        line = next(self.lines)
        at = self.began + timedelta(minutes=line)
        return {
            "command_id": self.command_id, "line": line, "document_id": self.document_id,
            "kind": kind, "lot_id": lot[0], "item_id": lot[1], "quantity": quantity,
            "source_kind": source[0], "source_key": source[1],
            "target_kind": target[0], "target_key": target[1],
            "occurred_at": at, "recorded_at": at, "recorded_by": self.person_id,
            "reverses_id": None,
        }  # fmt: skip


_DONOR, _LOSS = (AccountKind.DONOR, 0), (AccountKind.LOSS, 0)


def _used_up(bulk: Bulk, lots: list[tuple[int, int]], store: int) -> Iterator[dict[str, object]]:
    """Yield lots that came and went whole."""
    here = (AccountKind.WAREHOUSE, store)
    for lot in lots:
        yield bulk.row(lot, MovementKind.RECEIVED, 10, _DONOR, here)
        yield bulk.row(lot, MovementKind.ADJUSTED_DOWN, 10, here, _LOSS)


def _movements(
    bulk: Bulk, lots: list[tuple[int, int]], stores: list[int]
) -> Iterator[dict[str, object]]:
    """Yield movements without end: each lot arrives, then a unit at a time is written off."""
    where = {
        lot: (AccountKind.WAREHOUSE, stores[number % LOTS_PER_ITEM % len(stores)])
        for number, lot in enumerate(lots)
    }
    for lot in lots:
        yield bulk.row(lot, MovementKind.RECEIVED, ARRIVES, _DONOR, where[lot])
    while True:
        for lot in lots:
            yield bulk.row(lot, MovementKind.ADJUSTED_DOWN, 1, where[lot], _LOSS)


def stock_site(engine: Engine, operation: Operation, code: str, most: int) -> list[int]:
    """Let ``most`` items of the operation stand at a site, a lot each; return the items."""
    with Session(engine) as session, writing(session):
        site = session.scalars(select(Place.id).where(Place.code == code)).one()
        lots = session.execute(
            select(func.min(Lot.id), Lot.item_id).group_by(Lot.item_id).limit(most)
        ).all()
        last = session.scalar(
            select(func.max(StockMovement.line)).where(
                StockMovement.command_id == operation.command_id
            )
        )
        bulk = Bulk(
            operation.document_id,
            operation.command_id,
            operation.storekeeper_id,
            BEGAN,
            count((last or 0) + 1),
        )
        rows = [
            bulk.row((lot, item), MovementKind.RECEIVED, ARRIVES, _DONOR, (AccountKind.SITE, site))
            for lot, item in lots
        ]
        session.connection().execute(insert(StockMovement), rows)
    return [item for _lot, item in lots]
