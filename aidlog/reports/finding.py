"""Find: documents by number, items by code or name, places by code, as far as one may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.db.numbering import Document, Series
from aidlog.dispatch.models import Waybill
from aidlog.dispatch.queries import within_reach
from aidlog.donations.models import Pledge, Purchase
from aidlog.needs.models import Requisition
from aidlog.needs.requisition_queries import within_reach as requisitions_within_reach
from aidlog.registry.finding_items import find_items
from aidlog.registry.models import Place, PlaceKind
from aidlog.stock.lots import lots_called
from aidlog.stock.models import StockAdjustment, StockTake
from aidlog.stock.queries import moved_at

#: As many of each kind are shown; who has more to go through writes more letters.
MOST = 20
#: Shorter than this finds everything and helps nobody.
SHORTEST = 2


class FoundKind(StrEnum):
    DOCUMENT = "document"
    PLEDGE = "pledge"
    ITEM = "item"
    LOT = "lot"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Found:
    """One hit: ``code`` leads to it, ``title`` says what it is.

    ``detail`` is the series of a document, the kind of a place, or the id of a lot.
    ``guessed``: nothing is called what was typed, this looks like it.
    """

    kind: FoundKind
    code: str
    title: str
    detail: str
    guessed: bool = False


#: Who may see documents of a series, everywhere; those who may at some places only find their
#: documents in their lists.
_SERIES: Mapping[Permission, frozenset[Series]] = {
    Permission.PLEDGE_VIEW: frozenset({Series.PLEDGE, Series.CONSIGNMENT}),
    Permission.STOCK_VIEW: frozenset(
        {
            Series.GRN,
            Series.ADJUSTMENT,
            Series.COUNT,
            Series.REVERSAL,
            Series.REPACK,
            Series.KIT,
            Series.HOLD,
            Series.DISPOSAL,
            Series.SENT_BACK,
            Series.RECALL,
            Series.HANDOVER,
            Series.PURCHASE,
        }
    ),
    Permission.PLAN_VIEW: frozenset({Series.PLAN}),
    Permission.WAYBILL_VIEW: frozenset(
        {Series.WAYBILL, Series.RECEIPT, Series.LOSS, Series.HANDOUT, Series.TRANSFER}
    ),
    Permission.REQUISITION_VIEW: frozenset({Series.REQUISITION}),
}


def find(session: Session, actor: Actor, text: str, language: str) -> list[Found]:
    """Return what ``text`` names, exact numbers first; at most MOST of a kind.

    Items are found misspelt too, where nothing is called exactly so. A protected site is found
    by its code and never by its name: that one exists would already be told by a hit.
    """
    words = " ".join(text.split())[:80]
    if len(words) < SHORTEST:
        return []
    hits = [
        *_documents(session, actor, words),
        *_pledges(session, actor, words),
        *_lots(session, actor, words, language),
        *_items(session, actor, words, language),
        *_places(session, actor, words),
    ]
    return [hit for hit in hits if not hit.guessed] or hits


def _documents(session: Session, actor: Actor, words: str) -> list[Found]:
    series = [
        one
        for permission, several in _SERIES.items()
        if permission in actor.grants and actor.grants[permission] is None
        for one in sorted(several)
    ]
    rows = session.execute(
        select(Document.code, Document.series)
        .where(
            Document.organisation_id.in_(actor.organisation_ids),
            or_(Document.series.in_(series), *_at_ones_places(actor)),
            Document.code.ilike(_holding(words), escape="\\"),
        )
        .order_by(Document.code != words.upper(), Document.id.desc())
        .limit(MOST)
    )
    return [Found(FoundKind.DOCUMENT, code, code, str(kind)) for code, kind in rows]


def _at_ones_places(actor: Actor) -> Iterator[ColumnElement[bool]]:
    """Yield what makes a document one's own to who sees some places only."""
    places = actor.grants.get(Permission.STOCK_VIEW)
    if places is not None:
        yield moved_at(Document.id, places)
        for table in (StockTake, StockAdjustment, Purchase):
            yield exists().where(table.document_id == Document.id, table.warehouse_id.in_(places))
    if actor.grants.get(Permission.WAYBILL_VIEW) is not None:
        reach = within_reach(actor, Permission.WAYBILL_VIEW)
        yield exists().where(Waybill.document_id == Document.id, reach)
    if actor.grants.get(Permission.REQUISITION_VIEW) is not None:
        yield exists().where(
            Requisition.document_id == Document.id, requisitions_within_reach(actor)
        )


def _pledges(session: Session, actor: Actor, words: str) -> list[Found]:
    """By the reference that a donor says on the phone."""
    if actor.grants.get(Permission.PLEDGE_VIEW, frozenset()) is not None:
        return []
    rows = session.execute(
        select(Document.code, Pledge.reference)
        .join(Document, Document.id == Pledge.document_id)
        .where(
            Pledge.organisation_id.in_(actor.organisation_ids),
            Pledge.reference.ilike(_holding(words), escape="\\"),
        )
        .order_by(Pledge.id.desc())
        .limit(MOST)
    )
    return [
        Found(FoundKind.PLEDGE, code, reference, str(Series.PLEDGE)) for code, reference in rows
    ]


def _lots(session: Session, actor: Actor, words: str, language: str) -> list[Found]:
    if not actor.may(Permission.STOCK_VIEW):
        return []
    return [
        Found(FoundKind.LOT, lot.number, item.name_in(language), str(lot.id))
        for lot, item in lots_called(session, actor, words)
    ]


def _items(session: Session, actor: Actor, words: str, language: str) -> list[Found]:
    if not actor.may(Permission.REGISTRY_VIEW):
        return []
    found = find_items(session, words, limit=MOST)
    return [
        Found(FoundKind.ITEM, item.code, item.name_in(language), "", guessed=found.guessed)
        for item in found.items
    ]


def _places(session: Session, actor: Actor, words: str) -> list[Found]:
    if not actor.may(Permission.REGISTRY_VIEW):
        return []
    named = Place.name.ilike(_holding(words), escape="\\") & (
        (Place.kind != PlaceKind.SITE) | Place.protected.is_(False)
    )
    chosen = select(Place).where(
        Place.active,
        Place.organisation_id.in_(actor.organisation_ids),
        Place.code.ilike(_holding(words), escape="\\") | named,
    )
    scope = actor.grants[Permission.REGISTRY_VIEW]
    if scope is not None:
        chosen = chosen.where(Place.id.in_(scope))
    return [
        Found(FoundKind.PLACE, place.code, place.shown_as, str(place.kind))
        for place in session.scalars(chosen.order_by(Place.code).limit(MOST))
    ]


def _holding(words: str) -> str:
    """Return the LIKE pattern for a text that holds ``words`` as they stand."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
