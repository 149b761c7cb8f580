"""One cell of the needs board, told in full: who counted, what is on the road, what is free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.db.numbering import Document
from aidlog.dispatch.models import Waybill
from aidlog.ledger.movement import AccountKind
from aidlog.needs.queries import CountRow, counts_of
from aidlog.needs.requisition_queries import (
    AskedOfCell,
    AssessedRow,
    ChosenNeed,
    asked_of_cell,
    assessments,
    chosen_for_cell,
)
from aidlog.planning.board import Board, BoardItem, BoardSite, Cell
from aidlog.registry.models import Access, Place, Route
from aidlog.stock.models import StockTotal, Transit
from aidlog.stock.queries import free_of_item


@dataclass(frozen=True, slots=True)
class OnTheRoad:
    """``quantity`` base units under one waybill."""

    waybill: str
    quantity: int


@dataclass(frozen=True, slots=True)
class FreeStock:
    """What is free in one warehouse, and its road to the site; ``km`` None: no road is known."""

    shown_as: str
    code: str
    free: int
    expired: int
    first_expiry: date | None
    km: int | None
    access: Access | None


@dataclass(frozen=True, slots=True)
class CellStory:
    """``others_coming``: on the way under papers that the actor may not see.

    ``asked`` are the requisitions that are open, ``assessed`` is the figure that may count.
    """

    site: BoardSite
    item: BoardItem
    cell: Cell
    count: CountRow | None
    coming: list[OnTheRoad]
    others_coming: int
    free: list[FreeStock] | None
    asked: list[AskedOfCell]
    assessed: AssessedRow | None
    chosen: ChosenNeed | None


def cell_story(session: Session, actor: Actor, board: Board, cell: Cell) -> CellStory:
    """Return everything that makes ``cell`` what it is. Six statements at most."""
    site = next(site for site in board.sites if site.id == cell.site_id)
    item = next(item for item in board.items if item.id == cell.item_id)
    counts = counts_of(session, actor, site.id, limit=1)
    coming = _coming(session, actor, cell) if cell.on_the_way else []
    return CellStory(
        site=site,
        item=item,
        cell=cell,
        count=counts[0] if counts else None,
        coming=coming,
        others_coming=cell.on_the_way - sum(load.quantity for load in coming),
        free=_free(session, actor, board, cell) if actor.may(Permission.STOCK_VIEW) else None,
        asked=asked_of_cell(session, actor, site.id, item.id) if cell.beside else [],
        assessed=_assessed(session, actor, board, cell),
        chosen=chosen_for_cell(session, site.id, item.id) if cell.beside else None,
    )


def _assessed(session: Session, actor: Actor, board: Board, cell: Cell) -> AssessedRow | None:
    """Return the assessment whose figure stands in the cell."""
    if cell.beside is None or cell.beside.assessed is None:
        return None
    holding = [
        row
        for row in assessments(session, actor, place_id=cell.site_id, item_id=cell.item_id)
        if not row.withdrawn_why
        and row.assessed_on <= board.today
        and (row.valid_until is None or row.valid_until >= board.starts_on)
    ]
    return max(holding, key=lambda row: (row.assessed_on, row.id), default=None)


def _coming(session: Session, actor: Actor, cell: Cell) -> list[OnTheRoad]:
    """The waybills of the actor's organisations that carry the item to the site."""
    if not actor.may(Permission.WAYBILL_VIEW):
        return []
    rows = session.execute(
        select(Document.code, StockTotal.on_hand)
        .join(Waybill, Waybill.document_id == Document.id)
        .join(Transit, Transit.id == Waybill.transit_id)
        .join(
            StockTotal,
            (StockTotal.kind == AccountKind.TRANSIT) & (StockTotal.key == Transit.id),
        )
        .where(
            Transit.destination_id == cell.site_id,
            StockTotal.item_id == cell.item_id,
            StockTotal.on_hand > 0,
            Waybill.organisation_id.in_(actor.organisation_ids),
        )
        .order_by(Document.id)
    )
    return [OnTheRoad(*row) for row in rows]


def _free(session: Session, actor: Actor, board: Board, cell: Cell) -> list[FreeStock]:
    """Where the item is free, the nearest first; warehouses without a road come last."""
    stores = {
        store.place_id: store
        for store in free_of_item(session, cell.item_id, actor.organisation_ids, board.today)
    }
    wanted = (
        select(Place.id, Place.shown_as, Place.code, Route.km, Route.access)
        .outerjoin(Route, (Route.origin_id == Place.id) & (Route.destination_id == cell.site_id))
        .where(Place.id.in_(stores))
        .order_by(Route.km.is_(None), Route.km, Place.code)
    )
    scope = actor.places(Permission.STOCK_VIEW)
    if scope is not None:
        wanted = wanted.where(Place.id.in_(scope))
    return [
        FreeStock(
            shown_as=shown_as,
            code=code,
            free=stores[place_id].free,
            expired=stores[place_id].expired,
            first_expiry=stores[place_id].first_expiry,
            km=km,
            access=access,
        )
        for place_id, shown_as, code, km, access in session.execute(wanted)
    ]
