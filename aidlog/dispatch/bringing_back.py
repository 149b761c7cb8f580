"""A site sends goods back that it cannot use: they leave its stock and stand in a warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Series, new_document
from aidlog.dispatch.arrival_notes import NotedArrival, write_lines
from aidlog.dispatch.finding import not_in_the_future
from aidlog.donations.models import GoodsReceived, Source
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Organisation, Place, PlaceKind
from aidlog.stock.models import Lot
from aidlog.stock.posting import post


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtBack:
    """``good`` base units of a lot that can be used again, and ``damaged`` beside them."""

    lot_id: int
    good: int
    damaged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFromSite(Command):
    """Goods of ``site_id`` are in ``warehouse_id`` again, and counted; ``remark`` says why."""

    site_id: int
    warehouse_id: int
    lines: Sequence[BroughtBack]
    returned_at: datetime
    remark: str


class WrongReturn(Refusal):
    """Nothing came back, or nobody wrote why."""


def return_from_site(session: Session, actor: Actor, command: ReturnFromSite) -> dict[str, Any]:
    """Take back what a site sent; return ``{"grn"}``.

    Good goods stand in the warehouse, damaged ones are held back there. They keep their lot,
    so its donor, its wish and its date come back with them.

    Raises:
        NotFound: site, warehouse or lot are not of the actor's organisations.
        WrongReturn: nothing was counted, or no reason was written.
        NotEnoughStock: the site holds less of a lot; it names the lot.
    """
    actor.must(Permission.GOODS_RECEIVE, at=command.warehouse_id)
    warehouse = _place(session, actor, command.warehouse_id, PlaceKind.WAREHOUSE)
    if not warehouse.active:
        raise NotFound(f"warehouse {warehouse.id} that takes goods in")
    site = _place(session, actor, command.site_id, PlaceKind.SITE)
    _check(command)
    lots = _lots(session, warehouse, command)
    organisation = session.get_one(Organisation, warehouse.organisation_id)
    number = new_document(
        session,
        Series.GRN,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    note = GoodsReceived(
        document_id=number.id,
        organisation_id=organisation.id,
        warehouse_id=warehouse.id,
        source=Source.RETURN,
        received_from=site.shown_as[:120],
        arrived_at=command.returned_at,
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
        remark=command.remark.strip(),
    )
    session.add(note)
    session.flush()
    write_lines(session, note, list(_noted(lots, command)))
    post(
        session,
        actor,
        list(_moves(site, warehouse, command)),
        command_id=command.command_id,
        document=number,
        occurred_at=command.returned_at,
    )
    return {"grn": number.code}


def _place(session: Session, actor: Actor, place_id: int, kind: PlaceKind) -> Place:
    place = session.get(Place, place_id)
    if place is None or place.kind is not kind:
        raise NotFound(f"{kind} {place_id}")
    actor.must_own(place.organisation_id)
    return place


def _check(command: ReturnFromSite) -> None:
    if any(min(line.good, line.damaged) < 0 for line in command.lines) or not any(
        line.good + line.damaged for line in command.lines
    ):
        raise WrongReturn(Message(N_("Nothing was counted. Write what came.")))
    if len({line.lot_id for line in command.lines}) < len(command.lines):
        raise WrongReturn(Message(N_("A lot stands in two lines. Write it in one.")))
    if not command.remark.strip():
        raise WrongReturn(Message(N_("Write why the site sent the goods back.")), field="remark")
    not_in_the_future(command.returned_at, field="returned_at")


def _lots(session: Session, warehouse: Place, command: ReturnFromSite) -> Mapping[int, Lot]:
    wanted = {line.lot_id for line in command.lines}
    lots = {lot.id: lot for lot in session.scalars(select(Lot).where(Lot.id.in_(wanted)))}
    if lots.keys() != wanted or any(
        lot.organisation_id != warehouse.organisation_id for lot in lots.values()
    ):
        raise NotFound("a lot of this organisation")
    return lots


def _noted(lots: Mapping[int, Lot], command: ReturnFromSite) -> Iterator[NotedArrival]:
    for line in command.lines:
        if line.good or line.damaged:
            yield NotedArrival(
                lot_id=line.lot_id,
                item_id=lots[line.lot_id].item_id,
                declared=line.good + line.damaged,
                good=line.good,
                damaged=line.damaged,
                reason=command.remark,
            )


def _moves(site: Place, warehouse: Place, command: ReturnFromSite) -> Iterator[Movement]:
    for line in command.lines:
        for quantity, kind in (
            (line.good, AccountKind.WAREHOUSE),
            (line.damaged, AccountKind.QUARANTINE),
        ):
            if quantity:
                yield Movement(
                    kind=MovementKind.RETURNED,
                    lot_id=line.lot_id,
                    quantity=quantity,
                    source=Account(AccountKind.SITE, site.id),
                    target=Account(kind, warehouse.id),
                )
