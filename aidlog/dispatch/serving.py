"""Waybills serve what sites ask for: they cite the requisition, and its figures follow them.

A waybill to a site cites by itself, item by item, the oldest requisition that still lacks it:
goods that were asked for are then not sent a second time because nobody wrote the number. A
person may cite another one, or none. What is prepared, on the road and received of a
requisition is read anew from the papers that cite it at every step of one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.dispatch.finding import must_be, waybill_of
from aidlog.dispatch.models import Waybill, WaybillLine, WaybillState
from aidlog.ledger.movement import AccountKind
from aidlog.needs.models import Requisition, RequisitionLine, RequisitionState
from aidlog.needs.requisitions import OtherState, lines_of, settle
from aidlog.stock.models import StockTotal
from aidlog.stock.queries import arrived_from

#: What a waybill may cite afterwards: what was decided on, ended or not.
_DECIDED = (RequisitionState.APPROVED, RequisitionState.FULFILLED, RequisitionState.CLOSED)
_MOVING = tuple(state for state in WaybillState if state is not WaybillState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CiteRequisition(Command):
    """Let a waybill serve a requisition with what is on both; "" lets it serve none."""

    waybill: str
    number: str


@dataclass(frozen=True, slots=True)
class Came:
    """Base units of one item of a requisition, as the papers that cite it say."""

    prepared: int = 0
    on_road: int = 0
    received: int = 0


def cite_requisition(session: Session, actor: Actor, command: CiteRequisition) -> dict[str, Any]:
    """Say which requisition a waybill serves, also after it left; return ``{"waybill"}``.

    Raises:
        NotFound: the waybill or the requisition is not the actor's, or not of this site.
        OtherState: the requisition was not approved, or nothing of it is on the waybill.
    """
    waybill, document = waybill_of(session, actor, command.waybill, Permission.WAYBILL_LOAD)
    must_be(waybill, document, *_MOVING)
    before = set(cited_on(session, waybill).values())
    if command.number:
        asked = _decided(session, actor, waybill, command.number)
        wanted = {line.item_id for line in lines_of(session, asked)}
        shared = wanted & _items_on(session, waybill)
        if not shared:
            raise OtherState(
                Message(
                    N_("Nothing on this waybill was asked for with {number}."),
                    {"number": command.number},
                ),
                field="number",
            )
        _write(session, waybill, dict.fromkeys(shared, asked.id))
    else:
        session.execute(
            update(WaybillLine)
            .where(WaybillLine.waybill_id == waybill.id)
            .values(requisition_id=None)
        )
    follow_requisitions(session, actor, waybill, also=before)
    return {"waybill": document.code}


def cite_what_was_asked(
    session: Session,
    actor: Actor,
    waybill: Waybill,
    *,
    number: str = "",
    kept: Mapping[int, int] | None = None,
) -> None:
    """Let a prepared waybill cite requisitions of its site, and count it for them.

    ``number`` is the one that it is made for. ``kept`` ({item id: requisition id}) is what it
    cited before it was changed or split: that stays, and nothing new is cited.
    """
    session.flush()
    if kept is not None:
        cites = {item: id_ for item, id_ in kept.items() if item in _items_on(session, waybill)}
        also = set(kept.values())
    else:
        items, also = _items_on(session, waybill), set()
        cites = _oldest_lacking(session, actor, waybill, items)
        if number:
            asked = _decided(session, actor, waybill, number)
            on_it = {line.item_id for line in lines_of(session, asked)}
            cites |= dict.fromkeys(on_it & items, asked.id)
    _write(session, waybill, cites)
    follow_requisitions(session, actor, waybill, also=also)


def follow_requisitions(
    session: Session, actor: Actor, waybill: Waybill, *, also: Collection[int] = ()
) -> None:
    """Read anew what came of the requisitions that ``waybill`` cites, and of ``also``."""
    session.flush()
    ids = set(cited_on(session, waybill).values()) | set(also)
    if not ids:
        return
    for requisition in session.scalars(
        select(Requisition)
        .where(Requisition.id.in_(ids))
        .order_by(Requisition.id)
        .with_for_update()
    ).all():
        came = came_for(session, requisition.id)
        for line in lines_of(session, requisition):
            now = came.get(line.item_id, Came())
            line.prepared, line.on_road, line.received = now.prepared, now.on_road, now.received
        session.flush()
        settle(session, actor, requisition)


def cited_on(session: Session, waybill: Waybill) -> dict[int, int]:
    """Return ``{item id: requisition id}`` of what a waybill cites."""
    rows = session.execute(
        select(WaybillLine.item_id, WaybillLine.requisition_id).where(
            WaybillLine.waybill_id == waybill.id, WaybillLine.requisition_id.is_not(None)
        )
    )
    return {row.item_id: row.requisition_id for row in rows}


def came_for(session: Session, requisition_id: int) -> dict[int, Came]:
    """Return what is prepared, on the road and received of each item. Three statements.

    What was lost or came back is neither: it is still lacking. Goods over what was sent were
    not sent for anybody and count as found.
    """
    rows = session.execute(
        select(
            Waybill.state, Waybill.transit_id, WaybillLine.item_id, func.sum(WaybillLine.quantity)
        )
        .join(WaybillLine, WaybillLine.waybill_id == Waybill.id)
        .where(WaybillLine.requisition_id == requisition_id, Waybill.state.in_(_MOVING))
        .group_by(Waybill.state, Waybill.transit_id, WaybillLine.item_id)
    ).all()
    transits = {transit for _state, transit, *_rest in rows if transit is not None}
    on_road, received = _on_road(session, transits), arrived_from(session, transits)
    came: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for _state, transit, item, quantity in rows:
        if transit is None:
            came[item][0] += int(quantity)
        else:
            came[item][1] += on_road.get((transit, item), 0)
            came[item][2] += received.get((transit, item), 0)
    return {item: Came(*figures) for item, figures in came.items()}


def unfollowed(session: Session) -> list[str]:
    """Return the numbers of requisitions whose figures are not those of their waybills."""
    wrong = []
    for id_, number in session.execute(
        select(Requisition.id, Document.code)
        .join(Document, Document.id == Requisition.document_id)
        .order_by(Requisition.id)
    ).all():
        came = came_for(session, id_)
        lines = session.scalars(
            select(RequisitionLine).where(RequisitionLine.requisition_id == id_)
        )
        if any(
            Came(line.prepared, line.on_road, line.received) != came.get(line.item_id, Came())
            for line in lines
        ):
            wrong.append(number)
    return wrong


def _on_road(session: Session, transits: Collection[int]) -> dict[tuple[int, int], int]:
    rows = session.execute(
        select(StockTotal.key, StockTotal.item_id, func.sum(StockTotal.on_hand))
        .where(StockTotal.kind == AccountKind.TRANSIT, StockTotal.key.in_(transits))
        .group_by(StockTotal.key, StockTotal.item_id)
    )
    return {(transit, item): int(quantity) for transit, item, quantity in rows}


def _oldest_lacking(
    session: Session, actor: Actor, waybill: Waybill, items: Collection[int]
) -> dict[int, int]:
    """Return, for each item, the oldest requisition of the site that still lacks some of it."""
    line = RequisitionLine
    rows = session.execute(
        select(line.item_id, Requisition.id)
        .join(Requisition, Requisition.id == line.requisition_id)
        .where(
            Requisition.site_id == waybill.destination_id,
            Requisition.organisation_id.in_(actor.organisation_ids),
            Requisition.state == RequisitionState.APPROVED,
            line.item_id.in_(items),
            line.approved > line.prepared + line.on_road + line.received,
        )
        .order_by(Requisition.asked_on.desc(), Requisition.id.desc())
    )
    return {item: id_ for item, id_ in rows}  # noqa: C416 - the oldest, read last, stays


def _decided(session: Session, actor: Actor, waybill: Waybill, number: str) -> Requisition:
    row = session.execute(
        select(Requisition)
        .join(Document, Document.id == Requisition.document_id)
        .where(
            Document.code == number,
            Requisition.site_id == waybill.destination_id,
            Requisition.organisation_id.in_(actor.organisation_ids),
        )
    ).scalar_one_or_none()  # rows are locked together and in order, by follow_requisitions

    if row is None:
        raise NotFound(f"requisition {number} of this site")
    if row.state not in _DECIDED:
        raise OtherState(
            Message(N_("{number} is not approved, so nothing is sent for it."), {"number": number}),
            field="number",
        )
    return row


def _items_on(session: Session, waybill: Waybill) -> set[int]:
    return set(
        session.scalars(select(WaybillLine.item_id).where(WaybillLine.waybill_id == waybill.id))
    )


def _write(session: Session, waybill: Waybill, cites: Mapping[int, int]) -> None:
    for item_id, requisition_id in cites.items():
        session.execute(
            update(WaybillLine)
            .where(WaybillLine.waybill_id == waybill.id, WaybillLine.item_id == item_id)
            .values(requisition_id=requisition_id)
        )
