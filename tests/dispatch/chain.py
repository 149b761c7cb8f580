"""A trip step by step, through the real actions: what the tests of dispatch start from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.commands import once
from aidlog.db.numbering import Document, Series, new_document
from aidlog.dispatch.loading import LoadAndSend, load_and_send
from aidlog.dispatch.preparing import PrepareWaybill, prepare_waybill
from aidlog.dispatch.promising import LoadLine
from aidlog.dispatch.receipts import ConfirmReceipt, Counted, confirm_receipt
from aidlog.planning.models import Plan, PlanLine, PlanState
from aidlog.registry.models import Organisation, Place
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot
from aidlog.stock.reserving import Hold, reserve
from tests.factories import command_id, make_actor, make_lot, make_place, make_warehouse

LEFT = datetime.now(UTC) - timedelta(hours=5)
EXPECTED = LEFT + timedelta(hours=4)
ARRIVED = LEFT + timedelta(hours=3)


@dataclass
class Trip:
    """Everyone and everything of one trip; ``number`` is the waybill's."""

    origin: Place
    site: Place
    lots: list[Lot]
    clerk: Actor
    lead: Actor
    number: str = ""
    check: str = ""


def make_ends(session: Session, quantities: tuple[int, ...] = (400,)) -> Trip:
    """Make a warehouse with one lot per quantity, a site, a storekeeper and a site lead."""
    origin, site = make_warehouse(session), make_place(session)
    return Trip(
        origin=origin,
        site=site,
        lots=[make_lot(session, warehouse=origin, quantity=quantity) for quantity in quantities],
        clerk=make_actor(session, Role.STOREKEEPER, place=origin),
        lead=make_actor(session, Role.SITE_LEAD, place=site),
    )


def prepare(
    session: Session, trip: Trip, *quantities: int, plan: str = "", ahead: bool = False
) -> Trip:
    """Prepare a waybill with ``quantities`` of the trip's lots, in their order."""
    command = PrepareWaybill(
        command_id=command_id(),
        organisation_id=trip.origin.organisation_id,
        origin_id=trip.origin.id,
        destination_id=trip.site.id,
        lines=tuple(
            LoadLine(lot_id=lot.id, quantity=quantity)
            for lot, quantity in zip(trip.lots, quantities, strict=False)
            if quantity
        ),
        plan_code=plan,
        ahead=ahead,
    )
    answer = once(session, trip.clerk, command, prepare_waybill)
    trip.number, trip.check = answer["waybill"], answer["check_code"]
    return trip


def send(session: Session, trip: Trip, **more: object) -> Trip:
    """Load the trip's waybill and let the truck leave."""
    once(session, trip.clerk, sending(trip, **more), load_and_send)
    return trip


def sending(trip: Trip, **more: object) -> LoadAndSend:
    values: dict[str, object] = {
        "command_id": command_id(),
        "waybill": trip.number,
        "plate": "RAF 218 C",
        "driver": "Driver One",
        "seal": "004417",
        "left_at": LEFT,
        "expected_at": EXPECTED,
    }
    return LoadAndSend(**(values | more))  # type: ignore[arg-type]


def counting(trip: Trip, *lines: Counted, **more: object) -> ConfirmReceipt:
    values: dict[str, object] = {
        "command_id": command_id(),
        "waybill": trip.number,
        "lines": lines,
        "arrived_at": ARRIVED,
    }
    return ConfirmReceipt(**(values | more))  # type: ignore[arg-type]


def count(session: Session, trip: Trip, *lines: Counted, **more: object) -> dict[str, object]:
    """Let the site lead confirm ``lines``; return the answer."""
    return dict(once(session, trip.lead, counting(trip, *lines, **more), confirm_receipt))


def make_approved_plan(
    session: Session,
    trip: Trip,
    *quantities: int,
    by_period: Sequence[Sequence[int]] = (),
    starts_on: date = date(2026, 11, 20),
) -> Plan:
    """Make an approved plan that promises ``quantities`` of the trip's lots to its site.

    ``by_period`` are the base units of each lot that leave in each period of fifteen days; the
    last period's first lot comes with ten packs more that no warehouse holds.
    """
    number = max([len(parts) for parts in by_period], default=1)
    ends = {"warehouse": trip.origin.code, "site": trip.site.code}
    sent = [
        ends | {"item": "GOODS", "lot": str(lot.id), "period": period, "packs": units}
        for lot, parts in zip(trip.lots, by_period, strict=False)
        for period, units in enumerate(parts, start=1)
    ]
    coming = ends | {"item": "GOODS", "lot": "+ordered:B-1:GOODS", "period": number, "packs": 10}
    organisation = session.get_one(Organisation, trip.origin.organisation_id)
    document = new_document(
        session,
        Series.PLAN,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    plan = Plan(
        document_id=document.id,
        organisation_id=organisation.id,
        title="Round one",
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=29),
        rule="lowest-first",
        state=PlanState.APPROVED,
        problem=json.dumps(
            {
                "periods": number,
                "period_days": 30 // number,
                "items": [{"id": "GOODS", "pack_units": 1}],
            }
        ),
        result=json.dumps({"shipments": [*sent, coming] if sent else []}),
        problem_sha256="",
        created_at=LEFT,
        created_by=trip.clerk.user_id,
    )
    session.add(plan)
    session.flush()
    ids = reserve(
        session,
        [
            Hold(
                lot_id=lot.id,
                warehouse_id=trip.origin.id,
                destination_id=trip.site.id,
                quantity=quantity,
            )
            for lot, quantity in zip(trip.lots, quantities, strict=True)
        ],
        command_id=_last_command(session),
        document=document,
    )
    session.add_all(
        PlanLine(
            plan_id=plan.id,
            warehouse_id=trip.origin.id,
            site_id=trip.site.id,
            lot_id=lot.id,
            item_id=lot.item_id,
            packs=quantity // lot.pack_size,
            pack_size=lot.pack_size,
            quantity=quantity,
            reservation_id=held,
        )
        for lot, quantity, held in zip(trip.lots, quantities, ids, strict=True)
    )
    session.flush()
    return plan


def _last_command(session: Session) -> str:
    from sqlalchemy import select

    from aidlog.db.commands import CommandRecord

    return session.scalars(select(CommandRecord.id).limit(1)).one()


def number_of(session: Session, plan: Plan) -> str:
    return session.get_one(Document, plan.document_id).code
