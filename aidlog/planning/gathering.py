"""What a plan is asked about, read from the tables: warehouses, free lots, roads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.ledger.movement import AccountKind
from aidlog.planning.board import Board, BoardItem
from aidlog.planning.choices import Certainty, DraftPlan
from aidlog.planning.question import (
    ComingFacts,
    Facts,
    ItemFacts,
    LockFacts,
    LotFacts,
    NeedFacts,
    RoadFacts,
    SiteFacts,
    WarehouseFacts,
)
from aidlog.registry.models import Access, Place, PlaceKind, Route
from aidlog.stock.picking import earmarks
from aidlog.stock.queries import LotAt, lots_at
from aidlog.stock.recalled import recalled


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """``quantity`` base units that were promised, ordered or sent and have not come in yet.

    ``on`` is None where no day was said. ``place_id`` is where they come to, None where
    nobody said; ``earmarks`` are the sites they are given for, empty for any.
    """

    certainty: Certainty
    document: str
    organisation_id: int
    item_id: int
    quantity: int
    on: date | None
    place_id: int | None
    earmarks: frozenset[int] = frozenset()


#: Reads what is expected. Pledges, orders and waybills are no part of planning: whoever knows
#: them hands this in.
ExpectedGoods = Callable[[Session, Actor], Sequence[Expected]]


def nothing_expected(session: Session, actor: Actor) -> Sequence[Expected]:
    """Count on nothing but what stands in the warehouses."""
    return ()


def gather(
    session: Session,
    actor: Actor,
    command: DraftPlan,
    board: Board,
    expected: ExpectedGoods = nothing_expected,
) -> Facts:
    """Return the facts of the question that ``command`` asks over ``board``.

    Raises:
        NotFound: a warehouse is not the actor's to send from.
    """
    places = _warehouses(session, actor, [choice.code for choice in command.warehouses])
    chosen = {choice.code: choice for choice in command.warehouses}
    weights = {choice.code: choice for choice in command.sites}
    codes = {site.id: site.code for site in board.sites}
    items = {item.id: item for item in board.items}
    return Facts(
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        sites=tuple(
            SiteFacts(
                code=site.code,
                shown_as=site.shown_as,
                people=site.people or 0,
                households=site.households,
                weight_percent=weights[site.code].weight_percent,
                reason=weights[site.code].reason.strip(),
            )
            for site in board.sites
        ),
        items=tuple(_item(item) for item in board.items),
        warehouses=tuple(
            WarehouseFacts(
                code=place.code,
                shown_as=place.shown_as,
                max_kg=chosen[place.code].max_kg,
                max_litres=chosen[place.code].max_litres,
            )
            for place in places
        ),
        lots=tuple(_lots(session, command.organisation_id, places, items, board)),
        needs=tuple(
            NeedFacts(
                site=codes[cell.site_id],
                item=items[cell.item_id].code,
                need=cell.need,
                held=cell.held,
            )
            for cell in board.cells.values()
            if cell.need
        ),
        roads=tuple(_roads(session, command, places, board)),
        locks=tuple(
            LockFacts(site=lock.site, item=lock.item, packs=lock.packs, reason=lock.reason)
            for lock in command.locks
        ),
        coming=tuple(_coming(expected(session, actor), command, places, board))
        if command.coming
        else (),
        periods=command.periods,
    )


def closed_throughout(route: Route, destination: Place, starts_on: date, ends_on: date) -> bool:
    """Say whether the road is closed on every day from ``starts_on`` to ``ends_on``.

    One that opens during the plan is open: goods wait for it in the warehouse.
    """
    if Access.CLOSED in {route.access, destination.access}:
        return True
    if route.closed_from is None and route.closed_until is None:
        return False
    from_start = route.closed_from is None or route.closed_from <= starts_on
    to_end = route.closed_until is None or route.closed_until >= ends_on
    return from_start and to_end


def _warehouses(session: Session, actor: Actor, codes: Sequence[str]) -> list[Place]:
    places = list(
        session.scalars(
            select(Place)
            .where(Place.code.in_(codes), Place.kind == PlaceKind.WAREHOUSE, Place.active)
            .where(Place.organisation_id.in_(actor.organisation_ids))
            .order_by(Place.code)
        )
    )
    missing = set(codes) - {place.code for place in places}
    if missing:
        raise NotFound(f"warehouse {min(missing)}")
    for place in places:
        actor.must(Permission.PLAN_DRAFT, at=place.id)
    return places


def _item(item: BoardItem) -> ItemFacts:
    assert item.pack_size is not None, "an item without an issue pack was refused before"
    return ItemFacts(
        code=item.code,
        name=item.names["en"],
        tier=item.tier,
        pack_units=item.pack_size,
        weight_mg=item.weight_mg,
        volume_mm3=item.volume_mm3,
    )


def _lots(
    session: Session,
    organisation_id: int,
    places: Iterable[Place],
    items: Mapping[int, BoardItem],
    board: Board,
) -> Iterable[LotFacts]:
    """The lots of one organisation that stand free; what is expired or recalled stays away."""
    standing: list[tuple[Place, LotAt]] = [
        (place, lot)
        for place in places
        for lot in lots_at(session, AccountKind.WAREHOUSE, place.id, items=list(items))
        if lot.organisation_id == organisation_id
        and lot.free > 0
        and (lot.expires_on is None or lot.expires_on >= board.today)
    ]
    wished = earmarks(session, sorted({lot.lot_id for _, lot in standing}))
    out = recalled(session, {lot.lot_id for _, lot in standing})
    codes = {site.id: site.code for site in board.sites}
    for place, lot in standing:
        if lot.lot_id in out:
            continue
        marks = wished.get(lot.lot_id)
        yield LotFacts(
            lot_id=lot.lot_id,
            warehouse=place.code,
            item=items[lot.item_id].code,
            free=lot.free,
            expires_on=lot.expires_on,
            earmarks=None
            if marks is None
            else frozenset(codes[site] for site in marks if site in codes),
        )


def _coming(
    expected: Iterable[Expected], command: DraftPlan, places: Iterable[Place], board: Board
) -> Iterable[ComingFacts]:
    """What is expected of the kinds that are counted on, in a warehouse of the plan.

    What has no day, or whose day has passed, is not counted on until a new day is known.
    """
    warehouses = {place.id: place.code for place in places}
    items = {item.id: item.code for item in board.items}
    codes = {site.id: site.code for site in board.sites}
    elsewhere = command.coming_to if command.coming_to in warehouses.values() else None
    for goods in expected:
        warehouse = warehouses.get(goods.place_id) if goods.place_id is not None else elsewhere
        if (
            warehouse is not None
            and goods.certainty in command.coming
            and goods.organisation_id == command.organisation_id
            and goods.item_id in items
            and goods.on is not None
            and goods.on >= board.today
        ):
            yield ComingFacts(
                certainty=goods.certainty,
                document=goods.document,
                warehouse=warehouse,
                item=items[goods.item_id],
                quantity=goods.quantity,
                on=goods.on,
                earmarks=frozenset(codes[site] for site in goods.earmarks if site in codes)
                if goods.earmarks
                else None,
            )


def _roads(
    session: Session, command: DraftPlan, places: Sequence[Place], board: Board
) -> Iterable[RoadFacts]:
    said = {(road.warehouse, road.site): road for road in command.roads}
    warehouses = {place.id: place.code for place in places}
    rows = session.execute(
        select(Route, Place)
        .join(Place, Place.id == Route.destination_id)
        .where(Route.origin_id.in_(warehouses))
        .where(Route.destination_id.in_([site.id for site in board.sites]))
        .order_by(Route.origin_id, Route.destination_id)
    )
    for route, site in rows:
        key = (warehouses[route.origin_id], site.code)
        choice = said.get(key)
        closed = closed_throughout(route, site, command.starts_on, command.ends_on)
        yield RoadFacts(
            warehouse=key[0],
            site=key[1],
            open=not (closed or (choice is not None and choice.closed)),
            minutes=route.minutes,
            cost_per_tonne=route.cost_per_tonne,
            currency=route.currency,
            max_grams=route.max_grams,
            max_litres=route.max_litres,
            max_kg=None if choice is None else choice.max_kg,
        )
