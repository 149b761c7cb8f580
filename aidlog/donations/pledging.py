"""Promises: recorded, confirmed, ended. A pledge is never stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Series, new_document
from aidlog.donations.models import Appeal, Pledge, PledgeEarmark, PledgeState
from aidlog.donations.tracking_links import new_reference
from aidlog.registry.models import Item, Organisation, Person, Place, PlaceKind, RoleGrant
from aidlog.registry.roles import Role

#: States in which more goods are expected.
OPEN = frozenset({PledgeState.PROMISED, PledgeState.CONFIRMED, PledgeState.PARTLY_RECEIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPledge(Command):
    """Someone promises ``quantity`` base units of an item.

    The donor is a name (it may be left out) or an account, ``donor_id``. ``earmarks`` are the
    sites the donor gives for; none is wherever it is needed. Of the private link only the
    hash comes in here, so that neither the command nor its answer can open anything.
    """

    organisation_id: int
    item_id: int
    quantity: int
    token_hash: str
    donor_name: str = ""
    donor_id: int | None = None
    appeal_id: int | None = None
    earmarks: tuple[int, ...] = ()
    collection_id: int | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPledge(Command):
    """The donor said again that the goods will come, and perhaps when."""

    reference: str
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPledge(Command):
    """Nothing more is expected of a pledge."""

    reference: str
    why: str


class WrongPledge(Refusal):
    """The promise cannot be recorded as it is."""


class PledgeClosed(Conflict):
    """The pledge was ended before, or all of it came."""


def record_pledge(session: Session, actor: Actor, command: RecordPledge) -> dict[str, Any]:
    """Write down a promise; return ``{"reference", "document"}``.

    Raises:
        NotFound: item, site, collection point, appeal or donor are not there for the actor.
        WrongPledge: nothing is promised, or the day has passed; it names the field.
    """
    actor.must(Permission.PLEDGE_RECORD)
    actor.must_own(command.organisation_id)
    _check(session, actor, command)
    organisation = session.get_one(Organisation, command.organisation_id)
    document = new_document(
        session,
        Series.PLEDGE,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    pledge = Pledge(
        document_id=document.id,
        organisation_id=organisation.id,
        reference=_free_reference(session),
        token_hash=command.token_hash,
        appeal_id=command.appeal_id,
        donor_id=command.donor_id,
        donor_name=_donor_name(session, command),
        item_id=command.item_id,
        quantity=command.quantity,
        collection_id=command.collection_id,
        expected_on=command.expected_on,
        state=PledgeState.PROMISED,
        created_at=datetime.now(UTC),
    )
    session.add(pledge)
    session.flush()
    session.add_all(
        PledgeEarmark(pledge_id=pledge.id, place_id=place)
        for place in sorted(set(command.earmarks))
    )
    session.flush()
    return {"reference": pledge.reference, "document": document.code}


def confirm_pledge(session: Session, actor: Actor, command: ConfirmPledge) -> dict[str, Any]:
    """Note that the donor confirmed; return ``{"reference"}``.

    Raises:
        NotFound: there is no such pledge of the actor's organisations.
        PledgeClosed: goods came already, or it was ended.
    """
    pledge = locked_pledge(session, actor, command.reference)
    if pledge.state is not PledgeState.PROMISED:
        raise PledgeClosed(
            Message(
                N_("Pledge {reference} is past being confirmed. Open it to see what happened."),
                {"reference": pledge.reference},
            )
        )
    _not_past(command.expected_on)
    pledge.state = PledgeState.CONFIRMED
    pledge.expected_on = command.expected_on or pledge.expected_on
    return {"reference": pledge.reference}


def end_pledge(session: Session, actor: Actor, command: EndPledge) -> dict[str, Any]:
    """Expect nothing more of a pledge; return ``{"reference", "state"}``.

    A pledge of which nothing came is cancelled; one of which some came counts as received,
    with what came.

    Raises:
        NotFound: there is no such pledge of the actor's organisations.
        WrongPledge: no reason was given.
        PledgeClosed: it was closed before.
    """
    pledge = locked_pledge(session, actor, command.reference)
    if not command.why.strip():
        raise WrongPledge(Message(N_("Write why nothing more is expected.")), field="why")
    if pledge.state not in OPEN:
        raise PledgeClosed(
            Message(
                N_("Pledge {reference} is closed already. Nothing was changed."),
                {"reference": pledge.reference},
            )
        )
    pledge.state = PledgeState.RECEIVED if pledge.received else PledgeState.CANCELLED
    pledge.closing_note = command.why.strip()
    return {"reference": pledge.reference, "state": pledge.state.value}


def locked_pledge(session: Session, actor: Actor, reference: str) -> Pledge:
    """Return a pledge of the actor's organisations, locked until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    actor.must(Permission.PLEDGE_RECORD)
    pledge = session.scalars(
        select(Pledge).where(Pledge.reference == reference).with_for_update()
    ).one_or_none()
    if pledge is None or pledge.organisation_id not in actor.organisation_ids:
        raise NotFound("pledge")
    return pledge


def _check(session: Session, actor: Actor, command: RecordPledge) -> None:
    item = session.get(Item, command.item_id)
    if item is None or not item.active:
        raise WrongPledge(Message(N_("Choose an item from the list.")), field="item")
    if not 0 < command.quantity <= LARGEST:
        raise WrongPledge(
            Message(N_("Write how much is promised: a whole number above zero.")),
            field="quantity",
        )
    _not_past(command.expected_on)
    for place in command.earmarks:
        _place(session, place, {PlaceKind.SITE})
    if command.collection_id is not None:
        _place(session, command.collection_id, {PlaceKind.COLLECTION_POINT, PlaceKind.WAREHOUSE})
    if command.appeal_id is not None:
        appeal = session.get(Appeal, command.appeal_id)
        if appeal is None or appeal.organisation_id not in actor.organisation_ids:
            raise NotFound("appeal")


def _not_past(day: date | None) -> None:
    if day is not None and day < datetime.now(UTC).date():
        raise WrongPledge(
            Message(
                N_("{date} has passed. Write the day on which the goods should come."),
                {"date": day},
            ),
            field="expected_on",
        )


def _place(session: Session, place_id: int, kinds: set[PlaceKind]) -> None:
    place = session.get(Place, place_id)
    if place is None or not place.active or place.kind not in kinds:
        raise NotFound("place")


def _donor_name(session: Session, command: RecordPledge) -> str:
    """Return the donor's name: that of the account, where there is one."""
    if command.donor_id is None:
        return command.donor_name.strip()
    donor = session.scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            Person.id == command.donor_id,
            Person.active,
            RoleGrant.role == Role.DONOR,
            RoleGrant.organisation_id == command.organisation_id,
        )
    ).first()
    if donor is None:
        raise NotFound("donor")
    return donor.name


def _free_reference(session: Session) -> str:
    while True:
        reference = new_reference()
        if session.scalar(select(Pledge.id).where(Pledge.reference == reference)) is None:
            return reference
