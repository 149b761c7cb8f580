"""Find a waybill for someone, locked where it is about to change; another's is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.numbering import Document
from aidlog.dispatch.models import Waybill, WaybillLine, WaybillState
from aidlog.registry.models import Place, PlaceKind

#: How far a clock may run ahead of the server's before its time counts as the future.
CLOCKS_DIFFER = timedelta(minutes=15)


class WrongState(Conflict):
    """The waybill is past the point where this can be done to it."""


class NotTheirs(Conflict):
    """The goods changed hands before the road: their sender does not take them back like that."""


class InTheFuture(Refusal):
    """Something is said to have happened later than now."""


def waybill_of(
    session: Session, actor: Actor, number: str, permission: Permission
) -> tuple[Waybill, Document]:
    """Return the actor's waybill ``number`` and its document, the waybill's row locked.

    Raises:
        NotFound: there is none, or it is another organisation's.
        NotAllowed: the actor does not hold ``permission`` at its origin.
    """
    waybill, document = locked(session, number)
    actor.must_own(waybill.organisation_id)
    actor.must(permission, at=waybill.origin_id)
    return waybill, document


def locked(session: Session, number: str) -> tuple[Waybill, Document]:
    """Return waybill ``number``, whoever owns it, its row locked."""
    row = session.execute(
        select(Waybill, Document)
        .join(Document, Document.id == Waybill.document_id)
        .where(Document.code == number)
        .with_for_update(of=Waybill)
    ).one_or_none()
    if row is None:
        raise NotFound(f"waybill {number}")
    return row[0], row[1]


def must_be(waybill: Waybill, document: Document, *states: WaybillState) -> None:
    """Raise unless the waybill is in one of ``states``; the sentence says what it is."""
    if waybill.state not in states:
        raise WrongState(
            Message(_SAID[waybill.state], {"number": document.code}),
        )


_SAID = {
    WaybillState.PREPARED: N_(
        "Waybill {number} has not left yet. Record its departure first. Nothing was changed."
    ),
    WaybillState.ON_THE_ROAD: N_("Waybill {number} is on the road. Nothing was changed."),
    WaybillState.RECEIVED: N_("Waybill {number} was received already. Nothing was changed."),
    WaybillState.DISPUTED: N_(
        "Waybill {number} was received with goods missing. Nothing was changed."
    ),
    WaybillState.RETURNED: N_("Waybill {number} was returned to its sender. Nothing was changed."),
    WaybillState.CANCELLED: N_("Waybill {number} was cancelled. Nothing was changed."),
}


def must_be_the_senders(session: Session, waybill: Waybill, document: Document) -> None:
    """Raise where the goods were handed over: they never were this organisation's at the origin.

    Raises:
        NotTheirs: the waybill came of an offer that was accepted.
    """
    origin = session.get_one(Place, waybill.origin_id)
    if origin.organisation_id != waybill.organisation_id:
        raise NotTheirs(
            Message(
                N_(
                    "The goods of {number} are yours since you accepted them."
                    " To give them back, receive them and then offer them."
                ),
                {"number": document.code},
            )
        )


def lines_of(session: Session, waybill: Waybill) -> list[WaybillLine]:
    """Return the waybill's lines in their order."""
    return list(
        session.scalars(
            select(WaybillLine)
            .where(WaybillLine.waybill_id == waybill.id)
            .order_by(WaybillLine.line)
        )
    )


def must_receive(session: Session, actor: Actor, waybill: Waybill, *, clerk: bool = False) -> Place:
    """Return the waybill's destination, or raise unless the actor may say what arrived there.

    That is who receives at the destination (a site's lead, a storekeeper). With ``clerk``
    also someone who loads at the origin and types in the paper that came back signed, but
    never the one who loaded this truck: nobody confirms their own load.

    Raises:
        NotFound: neither the goods nor the destination are of the actor's organisations.
        NotAllowed: the actor may not receive there.
    """
    destination = session.get_one(Place, waybill.destination_id)
    if actor.organisation_ids.isdisjoint({waybill.organisation_id, destination.organisation_id}):
        raise NotFound(f"waybill {waybill.id}")
    if actor.may(receiving(destination), at=destination.id):
        return destination
    if clerk and actor.user_id != waybill.loaded_by:
        actor.must_own(waybill.organisation_id)
        actor.must(Permission.WAYBILL_LOAD, at=waybill.origin_id)
        return destination
    raise NotAllowed(receiving(destination))


def receiving(destination: Place) -> Permission:
    """Return the permission to receive what comes to ``destination``."""
    return (
        Permission.GOODS_RECEIVE
        if destination.kind is PlaceKind.WAREHOUSE
        else Permission.RECEIPT_CONFIRM
    )


def not_in_the_future(moment: datetime, *, field: str) -> None:
    """Refuse a moment that has not come yet."""
    if moment > datetime.now(UTC) + CLOCKS_DIFFER:
        raise InTheFuture(
            Message(N_("This time is in the future. Write when it happened.")), field=field
        )


def site_of(session: Session, actor: Actor, code: str, permission: Permission) -> Place:
    """Return the site ``code`` where the actor holds ``permission``.

    Raises:
        NotFound: there is no such site, or it is not one of theirs.
        NotAllowed: they hold the permission, but not there.
    """
    site = session.scalars(
        select(Place).where(Place.code == code, Place.kind == PlaceKind.SITE)
    ).one_or_none()
    if site is None:
        raise NotFound(f"site {code}")
    if actor.places(permission) is None:
        actor.must_own(site.organisation_id)
    actor.must(permission, at=site.id)
    return site


def sites_of(session: Session, actor: Actor, permission: Permission) -> list[Place]:
    """Return the sites where the actor holds ``permission``, by code."""
    places = actor.places(permission)
    wanted = (
        select(Place)
        .where(Place.kind == PlaceKind.SITE, Place.active.is_(True))
        .order_by(Place.code)
    )
    if places is None:
        wanted = wanted.where(Place.organisation_id.in_(actor.organisation_ids))
    else:
        wanted = wanted.where(Place.id.in_(places))
    return list(session.scalars(wanted))
