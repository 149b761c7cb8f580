"""What expires of the goods that stand in warehouses, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Exists, Select, bindparam, func, select
from sqlalchemy.orm import Session

from aidlog.ledger.movement import AccountKind
from aidlog.stock.journal import StockBalance
from aidlog.stock.models import Lot
from aidlog.stock.queries import IN_STORE


def first_expiries(
    session: Session,
    organisations: Collection[int],
    items: Collection[int],
    places: Collection[int] | None,
    until: date,
) -> dict[int, date]:
    """Return ``{item id: earliest expiry}`` of what stands in ``places`` and expires by ``until``.

    Of the lots of ``organisations``; ``places`` None means every warehouse. Lots that expire
    later are not looked at.
    """
    asked: dict[str, Any] = {
        "organisations": list(organisations),
        "items": list(items),
        "until": until,
    }
    if places is not None:
        asked["places"] = list(places)
    rows = session.execute(_first_expiries(places is not None), asked)
    return {row[0]: row[1] for row in rows}


@cache
def _first_expiries(in_places: bool) -> Select[Any]:
    lot = Lot.__table__.c
    return (
        select(lot.item_id, func.min(lot.expires_on))
        .where(
            lot.item_id.in_(bindparam("items", expanding=True)),
            lot.organisation_id.in_(bindparam("organisations", expanding=True)),
            lot.expires_on <= bindparam("until"),
            _stands(lot.id, in_places),
        )
        .group_by(lot.item_id)
    )


def expiring(in_places: bool) -> Select[Any]:
    """Return a statement of the ids of items of which something expires by ``:until``.

    To stand within another one, which names ``:organisations``; with ``in_places``, only what
    stands in ``:places``.
    """
    lot = Lot.__table__.c
    return select(lot.item_id).where(
        lot.organisation_id.in_(bindparam("organisations", expanding=True)),
        lot.expires_on <= bindparam("until"),
        _stands(lot.id, in_places),
    )


def _stands(lot_id: ColumnElement[int], in_places: bool) -> Exists:
    """True of a lot of which some is in store: looked up lot by lot, near expiries being few."""
    balance = StockBalance.__table__.c
    there = select(balance.lot_id).where(
        balance.lot_id == lot_id, balance.kind.in_(IN_STORE), balance.on_hand > 0
    )
    if in_places:
        there = there.where(balance.key.in_(bindparam("places", expanding=True)))
    return there.exists()


def lots_that_expire(
    organisations: Collection[int],
    places: Collection[int] | None,
    *,
    before: str,
    since: str = "",
) -> Select[Any]:
    """Return a statement of the lots that stand in warehouses and expire before ``:before``.

    And not before ``:since``, where it is named. To stand within another statement, which
    brings the days.
    """
    lot, balance = Lot.__table__.c, StockBalance.__table__.c
    wanted = (
        select(
            balance.organisation_id,
            balance.key.label("place_id"),
            balance.item_id,
            balance.lot_id,
            lot.number,
            lot.expires_on,
            balance.on_hand,
        )
        .join_from(Lot.__table__, StockBalance.__table__, balance.lot_id == lot.id)
        .where(
            lot.expires_on < bindparam(before, type_=Date),
            balance.kind == AccountKind.WAREHOUSE,
            balance.on_hand > 0,
            balance.organisation_id.in_(organisations),
        )
    )
    if since:
        wanted = wanted.where(lot.expires_on >= bindparam(since, type_=Date))
    return wanted if places is None else wanted.where(balance.key.in_(places))
