"""The statement of each kind of alert, as far as organisations and places reach."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from aidlog.core.actor import Scope
from aidlog.db.base import UtcDateTime
from aidlog.db.numbering import Document
from aidlog.dispatch.models import Waybill, WaybillState
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Place
from aidlog.reports.alerts.models import AlertAside, AlertKind, AlertLimit, StockPace
from aidlog.reports.alerts.pace import LEFT_DAYS, NEED_DAYS
from aidlog.stock.expiries import lots_that_expire
from aidlog.stock.models import StockTotal


def rows_of(
    kind: AlertKind, organisations: frozenset[int], places: Scope, dialect: str
) -> Select[*tuple[Any, ...]]:
    """Return the statement of a kind's alerts; ``until`` is None where nobody set it aside."""
    if kind is AlertKind.OVERDUE:
        return _overdue(organisations, places)
    if kind is AlertKind.LOW:
        return _low(organisations, places)
    if kind is AlertKind.EXPIRED:
        return _expired(organisations, places)
    return _expiring(organisations, places, dialect)


def _overdue(organisations: frozenset[int], places: Scope) -> Select[*tuple[Any, ...]]:
    """Trucks on the road that should have arrived, by the hours that were set at loading."""
    aside = aliased(AlertAside)
    wanted = (
        select(
            Waybill.organisation_id,
            Waybill.origin_id.label("place_id"),
            Waybill.id.label("subject_id"),
            Waybill.expected_at.label("moment"),
            Document.code.label("number"),
            aside.until,
            aside.reason,
            aside.set_by,
        )
        .join(Document, Document.id == Waybill.document_id)
        .outerjoin(
            aside,
            _standing(
                aside, AlertKind.OVERDUE, Waybill.organisation_id, Waybill.origin_id, Waybill.id
            ),
        )
        .where(
            Waybill.state == WaybillState.ON_THE_ROAD,
            Waybill.expected_at < bindparam("now", type_=UtcDateTime),
            Waybill.organisation_id.in_(organisations),
        )
    )
    if places is not None:
        wanted = wanted.where(
            or_(Waybill.origin_id.in_(places), Waybill.destination_id.in_(places))
        )
    return wanted


def _low(organisations: frozenset[int], places: Scope) -> Select[*tuple[Any, ...]]:
    """Shelves with fewer days of need than their limit, or less than the least that is kept.

    What is past its date does not count as stock.
    """
    total, pace, aside = aliased(StockTotal), aliased(StockPace), aliased(AlertAside)
    own, every = aliased(AlertLimit), aliased(AlertLimit)
    past = _gone_off(organisations, places)
    stock = total.on_hand - func.coalesce(past.c.units, 0)
    days = func.coalesce(own.days, every.days, bindparam("usual", type_=Integer))
    needed = func.coalesce(pace.needed, 0)
    wanted = (
        select(
            total.organisation_id,
            total.key.label("place_id"),
            total.item_id.label("subject_id"),
            total.item_id,
            stock.label("stock"),
            needed.label("needed"),
            func.coalesce(pace.sites, 0).label("sites"),
            func.coalesce(pace.unknown, 0).label("unknown"),
            days.label("days"),
            own.least,
            aside.until,
            aside.reason,
            aside.set_by,
        )
        .join(Place, and_(Place.id == total.key, Place.active))
        .join(Item, and_(Item.id == total.item_id, Item.active))
        .outerjoin(
            pace,
            and_(
                pace.organisation_id == total.organisation_id,
                pace.warehouse_id == total.key,
                pace.item_id == total.item_id,
            ),
        )
        .outerjoin(
            own,
            and_(own.organisation_id == total.organisation_id, own.item_id == total.item_id),
        )
        .outerjoin(
            every, and_(every.organisation_id == total.organisation_id, every.item_id.is_(None))
        )
        .outerjoin(
            past,
            and_(
                past.c.organisation_id == total.organisation_id,
                past.c.place_id == total.key,
                past.c.item_id == total.item_id,
            ),
        )
        .outerjoin(
            aside,
            _standing(aside, AlertKind.LOW, total.organisation_id, total.key, total.item_id),
        )
        .where(
            total.kind == AccountKind.WAREHOUSE,
            total.organisation_id.in_(organisations),
            or_(stock * NEED_DAYS < needed * days, stock < own.least),
        )
    )
    return wanted if places is None else wanted.where(total.key.in_(places))


def _gone_off(organisations: frozenset[int], places: Scope) -> Subquery:
    """What stands in warehouses past its date, by shelf."""
    lots = lots_that_expire(organisations, places, before="today").subquery()
    return (
        select(
            lots.c.organisation_id,
            lots.c.place_id,
            lots.c.item_id,
            func.sum(lots.c.on_hand).label("units"),
        )
        .group_by(lots.c.organisation_id, lots.c.place_id, lots.c.item_id)
        .subquery()
    )


def _expired(organisations: frozenset[int], places: Scope) -> Select[*tuple[Any, ...]]:
    """Lots past their date that stand among what can be used."""
    lots = lots_that_expire(organisations, places, before="today").subquery()
    aside = aliased(AlertAside)
    return select(
        lots.c.organisation_id,
        lots.c.place_id,
        lots.c.lot_id.label("subject_id"),
        lots.c.item_id,
        lots.c.number,
        lots.c.expires_on.label("day"),
        lots.c.on_hand.label("stock"),
        aside.until,
        aside.reason,
        aside.set_by,
    ).outerjoin(
        aside,
        _standing(aside, AlertKind.EXPIRED, lots.c.organisation_id, lots.c.place_id, lots.c.lot_id),
    )


def _expiring(
    organisations: frozenset[int], places: Scope, dialect: str
) -> Select[*tuple[Any, ...]]:
    """Lots of which some will not be used before their date, at the pace of the last weeks.

    First expiry goes out first, so a lot waits for those before it. With S the stock that
    expires up to a lot and C what can leave up to its date, the running greatest of S - C and
    zero is what is lost up to there; the lot's own loss is by how much it grows
    (tests/reports/test_alerts.py holds it against a simulation).
    """
    lots = lots_that_expire(organisations, places, since="today", before="until").subquery()
    pace, aside = aliased(StockPace), aliased(AlertAside)
    shelf = (lots.c.organisation_id, lots.c.place_id, lots.c.item_id)
    order = (lots.c.expires_on, lots.c.lot_id)
    left = func.coalesce(pace.left, 0)
    through = func.sum(lots.c.on_hand).over(partition_by=shelf, order_by=order)
    leaves = left * _days_until(lots.c.expires_on, dialect) // LEFT_DAYS
    ahead = (
        select(*lots.c, left.label("left"), (through - leaves).label("ahead"))
        .outerjoin(
            pace,
            and_(
                pace.organisation_id == lots.c.organisation_id,
                pace.warehouse_id == lots.c.place_id,
                pace.item_id == lots.c.item_id,
            ),
        )
        .subquery()
    )
    shelf = (ahead.c.organisation_id, ahead.c.place_id, ahead.c.item_id)
    order = (ahead.c.expires_on, ahead.c.lot_id)
    greatest = func.max(ahead.c.ahead).over(partition_by=shelf, order_by=order)
    lost = select(*ahead.c, case((greatest > 0, greatest), else_=0).label("lost")).subquery()
    shelf = (lost.c.organisation_id, lost.c.place_id, lost.c.item_id)
    order = (lost.c.expires_on, lost.c.lot_id)
    before = func.coalesce(func.lag(lost.c.lost).over(partition_by=shelf, order_by=order), 0)
    by_lot = select(*lost.c, (lost.c.lost - before).label("quantity")).subquery()
    return (
        select(
            by_lot.c.organisation_id,
            by_lot.c.place_id,
            by_lot.c.lot_id.label("subject_id"),
            by_lot.c.item_id,
            by_lot.c.number,
            by_lot.c.expires_on.label("day"),
            by_lot.c.on_hand.label("stock"),
            cast(by_lot.c.quantity, BigInteger).label("quantity"),
            by_lot.c.left,
            aside.until,
            aside.reason,
            aside.set_by,
        )
        .outerjoin(
            aside,
            _standing(
                aside,
                AlertKind.EXPIRING,
                by_lot.c.organisation_id,
                by_lot.c.place_id,
                by_lot.c.lot_id,
            ),
        )
        .where(by_lot.c.quantity > 0)
    )


def _days_until(day: ColumnElement[date], dialect: str) -> ColumnElement[int]:
    """Return how many days lie between today and ``day``: goods leave on that day no more."""
    today = bindparam("today", type_=Date)
    if dialect == "postgresql":
        return day - cast(today, Date)  # type: ignore[return-value] # a number of days there
    return cast(func.julianday(day) - func.julianday(today), Integer)


def _standing(
    aside: type[AlertAside],
    kind: AlertKind,
    organisation: ColumnElement[int] | Any,
    place: ColumnElement[int] | Any,
    subject: ColumnElement[int] | Any,
) -> ColumnElement[bool]:
    return and_(
        aside.kind == kind,
        aside.organisation_id == organisation,
        aside.place_id == place,
        aside.subject_id == subject,
        aside.ended_at.is_(None),
        aside.until >= bindparam("today", type_=Date),
    )
