"""Waybills before the truck is loaded: prepared, changed, split, cancelled.

What stands on a waybill is reserved for it. From a plan, the plan's promise moves to the
waybill and back again; without one, free stock is promised, first expiry first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.dispatch.finding import lines_of, must_be, waybill_of
from aidlog.dispatch.models import Waybill, WaybillState
from aidlog.dispatch.opening import open_waybill
from aidlog.dispatch.promising import LoadLine, give_back, plan_of, promise
from aidlog.dispatch.requesting import follow_request, request_for_waybill
from aidlog.dispatch.seen import must_be_as_seen
from aidlog.dispatch.serving import cite_what_was_asked, cited_on, follow_requisitions
from aidlog.dispatch.truckloads import still_held
from aidlog.planning.models import Plan
from aidlog.registry.models import Item, Place, PlaceKind
from aidlog.stock.picking import NotEnoughToPick, pick_fefo


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAsked:
    """So many base units of an item, of whatever lots expire first."""

    item_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareWaybill(Command):
    """Make a waybill for one truck from ``origin_id`` to ``destination_id``.

    With ``plan_code`` its lines come out of that plan's promises. Without, name lots in
    ``lines`` or let ``items`` be picked from free stock. ``request_code`` is the transfer
    request that it serves, ``requisition_code`` what a site asked for; without one it cites
    what the site still lacks of earlier ones. ``ahead``: on purpose also what the plan holds
    back for a later period.
    """

    organisation_id: int
    origin_id: int
    destination_id: int
    lines: Sequence[LoadLine] = ()
    items: Sequence[ItemAsked] = ()
    plan_code: str = ""
    request_code: str = ""
    requisition_code: str = ""
    meeting_point: str = ""
    ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWaybill(Command):
    """Let the waybill carry exactly ``lines``; ``seen`` is what it carried on the screen."""

    waybill: str
    lines: Sequence[LoadLine]
    meeting_point: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitWaybill(Command):
    """Move ``lines`` from the waybill to a new one of the same trip: a second truck.

    ``seen`` is what it carried on the screen.
    """

    waybill: str
    lines: Sequence[LoadLine]
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWaybill(Command):
    """The truck does not go."""

    waybill: str


class HeldBack(Conflict):
    """The plan holds the goods back for a later period."""


class NothingToLoad(Refusal):
    """A waybill without a line, or with less than the lines it is asked to give away."""


def prepare_waybill(session: Session, actor: Actor, command: PrepareWaybill) -> dict[str, Any]:
    """Prepare a waybill and promise it its goods; return ``{"waybill", "check_code"}``.

    Raises:
        NotFound: a place, lot, item or plan is not there for this actor.
        NotEnoughStock: less is free, or less is left of the plan's promise.
        HeldBack: the plan sends the goods in a later period, and nobody wanted them ahead.
        NothingToLoad: no line was asked for.
        RequestEnded: the request that it would serve is closed.
    """
    actor.must(Permission.WAYBILL_LOAD, at=command.origin_id)
    actor.must_own(command.organisation_id)
    origin, destination = _ends(session, actor, command)
    plan = plan_of(session, actor, command.plan_code) if command.plan_code else None
    if plan is not None and plan.organisation_id != command.organisation_id:
        raise NotFound(f"plan {command.plan_code}")
    request = (
        request_for_waybill(session, actor, command.request_code, origin.id, destination.id)
        if command.request_code
        else None
    )
    lines = [*command.lines, *_picked(session, command)]
    if not lines:
        raise NothingToLoad(
            Message(N_("This waybill has no goods yet. Write at least one quantity."))
        )
    if plan is not None and not command.ahead:
        _must_be_due(session, plan, origin.id, destination.id, _by_lot(command.lines))
    waybill, document = open_waybill(
        session,
        actor,
        Waybill(
            organisation_id=command.organisation_id,
            plan_id=plan.id if plan else None,
            request_id=request.id if request else None,
            origin_id=origin.id,
            destination_id=destination.id,
            meeting_point=command.meeting_point.strip(),
        ),
    )
    promise(session, command.command_id, waybill, document, plan, lines)
    follow_request(session, waybill)
    if destination.kind is PlaceKind.SITE:
        cite_what_was_asked(session, actor, waybill, number=command.requisition_code)
    return _answer(waybill, document)


def change_waybill(session: Session, actor: Actor, command: ChangeWaybill) -> dict[str, Any]:
    """Replace the lines of a waybill that has not left; return ``{"waybill", "check_code"}``.

    Raises:
        NothingToLoad: nothing would be left on it.
        NotEnoughStock: less is free, or less is left of the plan's promise.
        HeldBack: it would take more of what the plan sends in a later period.
    """
    waybill, document = _prepared(session, actor, command.waybill)
    must_be_as_seen(lines_of(session, waybill), command.seen, document.code)
    if not command.lines:
        raise NothingToLoad(
            Message(N_("Nothing would be left on this waybill. Cancel it instead."))
        )
    plan = plan_of(session, actor, waybill.plan_id) if waybill.plan_id else None
    if plan is not None:
        more = _by_lot(command.lines) - _by_lot(_on_it(session, waybill).values())
        _must_be_due(session, plan, waybill.origin_id, waybill.destination_id, more)
    lines = _weighed_before(session, waybill, command.lines)
    cited = cited_on(session, waybill)
    give_back(session, command.command_id, waybill, plan, keep=False)
    promise(session, command.command_id, waybill, document, plan, lines)
    waybill.meeting_point = command.meeting_point.strip()
    follow_request(session, waybill)
    cite_what_was_asked(session, actor, waybill, kept=cited)
    return _answer(waybill, document)


def split_waybill(session: Session, actor: Actor, command: SplitWaybill) -> dict[str, Any]:
    """Move part of a waybill to a new one; return ``{"waybill", "check_code", "from"}``.

    Raises:
        NothingToLoad: one of the two would be empty, or it does not hold that much.
    """
    waybill, document = _prepared(session, actor, command.waybill)
    must_be_as_seen(lines_of(session, waybill), command.seen, document.code)
    stay, go = _parted(session, waybill, command.lines)
    plan = plan_of(session, actor, waybill.plan_id) if waybill.plan_id else None
    other, other_document = open_waybill(
        session,
        actor,
        Waybill(
            organisation_id=waybill.organisation_id,
            plan_id=waybill.plan_id,
            request_id=waybill.request_id,
            origin_id=waybill.origin_id,
            destination_id=waybill.destination_id,
            meeting_point=waybill.meeting_point,
        ),
    )
    cited = cited_on(session, waybill)
    give_back(session, command.command_id, waybill, plan, keep=False)
    promise(session, command.command_id, waybill, document, plan, stay)
    promise(session, command.command_id, other, other_document, plan, go)
    for part in (waybill, other):
        cite_what_was_asked(session, actor, part, kept=cited)
    return _answer(other, other_document) | {"from": document.code}


def cancel_waybill(session: Session, actor: Actor, command: CancelWaybill) -> dict[str, Any]:
    """Call a truck off before it left; return ``{"waybill"}``.

    Its goods are free again, or the plan's again while the plan stands: another truck may
    still take them.
    """
    waybill, document = _prepared(session, actor, command.waybill)
    plan = plan_of(session, actor, waybill.plan_id) if waybill.plan_id else None
    give_back(session, command.command_id, waybill, plan, keep=True)
    waybill.state = WaybillState.CANCELLED
    waybill.closed_at = datetime.now(UTC)
    follow_request(session, waybill)
    follow_requisitions(session, actor, waybill)
    return {"waybill": document.code}


def _prepared(session: Session, actor: Actor, number: str) -> tuple[Waybill, Document]:
    waybill, document = waybill_of(session, actor, number, Permission.WAYBILL_LOAD)
    must_be(waybill, document, WaybillState.PREPARED)
    return waybill, document


def _ends(session: Session, actor: Actor, command: PrepareWaybill) -> tuple[Place, Place]:
    origin = session.get(Place, command.origin_id)
    if origin is None or origin.kind is not PlaceKind.WAREHOUSE or not origin.active:
        raise NotFound(f"warehouse {command.origin_id}")
    destination = session.get(Place, command.destination_id)
    if destination is None or not destination.active or destination.id == origin.id:
        raise NotFound(f"destination {command.destination_id}")
    if destination.kind is PlaceKind.COLLECTION_POINT:
        raise NotFound(f"destination {command.destination_id}")
    # Goods do not change hands by being driven somewhere: that takes an offer (handing_over.py).
    if (
        destination.kind is PlaceKind.WAREHOUSE
        and destination.organisation_id != command.organisation_id
    ):
        raise NotFound(f"warehouse {command.destination_id} of this organisation")
    return origin, destination


def _by_lot(lines: Iterable[LoadLine]) -> Counter[int]:
    asked: Counter[int] = Counter()
    for line in lines:
        asked[line.lot_id] += line.quantity
    return asked


def _must_be_due(
    session: Session, plan: Plan, origin_id: int, destination_id: int, asked: Mapping[int, int]
) -> None:
    """Refuse goods that the plan still holds for this trip, but only from a later period on.

    ``asked`` are base units by lot. An old page sent again must not quietly take what the site
    is to get next month. What the plan does not hold at all is for promise() to refuse.
    """
    held, now = still_held(session, plan, origin_id, destination_id)
    if any(now.get(lot, 0) < quantity <= held.get(lot, 0) for lot, quantity in asked.items()):
        raise HeldBack(
            Message(
                N_(
                    "The plan holds part of these goods back for a later period. Open the plan’s "
                    "waybills again: what leaves later stands apart there."
                )
            )
        )


def _picked(session: Session, command: PrepareWaybill) -> list[LoadLine]:
    """Pick ``command.items`` from what is free at the origin, first expiry first."""
    if not command.items:
        return []
    if command.plan_code:
        raise NothingToLoad(
            Message(N_("A waybill of a plan carries the plan's lots. Choose them by lot."))
        )
    today = datetime.now(UTC).date()
    lines: list[LoadLine] = []
    for asked in command.items:
        if session.get(Item, asked.item_id) is None:
            raise NotFound(f"item {asked.item_id}")
        try:
            picked = pick_fefo(
                session,
                command.origin_id,
                asked.item_id,
                asked.quantity,
                today,
                command.destination_id,
                organisations={command.organisation_id},
            )
        except NotEnoughToPick as refusal:
            refusal.field = f"item_{asked.item_id}"
            raise
        lines += [LoadLine(lot_id=lot.lot_id, quantity=quantity) for lot, quantity in picked]
    return lines


def _on_it(session: Session, waybill: Waybill) -> dict[int, LoadLine]:
    """Return what a waybill carries, by lot, with the weights and volumes known of it."""
    return {
        line.lot_id: LoadLine(
            lot_id=line.lot_id,
            quantity=line.quantity,
            grams=line.grams,
            millilitres=line.millilitres,
        )
        for line in lines_of(session, waybill)
    }


def _weighed_before(
    session: Session, waybill: Waybill, lines: Sequence[LoadLine]
) -> list[LoadLine]:
    """Return ``lines`` with what somebody weighed of the same lots already, in proportion."""
    known = _on_it(session, waybill)
    return [
        known[line.lot_id].share(line.quantity)
        if line.lot_id in known and line.grams is None and line.millilitres is None
        else line
        for line in lines
    ]


def _parted(
    session: Session, waybill: Waybill, going: Sequence[LoadLine]
) -> tuple[list[LoadLine], list[LoadLine]]:
    """Return what stays and what goes, by lot; weights go with the goods, rounded up."""
    on_it = _on_it(session, waybill)
    asked: dict[int, int] = {}
    for line in going:
        asked[line.lot_id] = asked.get(line.lot_id, 0) + line.quantity
    if not asked or any(
        lot not in on_it or not 0 < quantity <= on_it[lot].quantity
        for lot, quantity in asked.items()
    ):
        raise NothingToLoad(
            Message(N_("The waybill does not carry that much. Write at most what stands on it."))
        )
    go = [on_it[lot].share(quantity) for lot, quantity in asked.items()]
    stay = [
        line.share(line.quantity - asked.get(lot, 0))
        for lot, line in on_it.items()
        if line.quantity > asked.get(lot, 0)
    ]
    if not stay:
        raise NothingToLoad(Message(N_("Nothing would be left on this waybill. Move fewer packs.")))
    return stay, go


def _answer(waybill: Waybill, document: Document) -> dict[str, Any]:
    return {"waybill": document.code, "check_code": waybill.check_code}
