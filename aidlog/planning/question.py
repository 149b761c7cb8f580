"""From what stands in the tables to the engine's question: a pure mapping, every unit stated.

Ids in the question are codes of places and items, so that a stored question can be read
without the database. Names are those for lists: a protected site appears by its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from aidlog.allocation.problem import (
    Item,
    LimitScope,
    Lock,
    Lot,
    Need,
    Problem,
    Route,
    SharedLimit,
    Site,
    Warehouse,
)
from aidlog.core.decimals import minor_digits
from aidlog.planning.choices import Certainty

#: A truck drives ten hours a day: what takes longer arrives on a later day.
DRIVING_MINUTES = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """``weight_percent`` 150: at an equal level this site gets 1.5 times the coverage."""

    code: str
    shown_as: str
    people: int
    households: int | None
    weight_percent: int = 100
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """``pack_units`` base units in the smallest pack that may leave; weight of one unit."""

    code: str
    name: str
    tier: int
    pack_units: int
    weight_mg: int | None
    volume_mm3: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseFacts:
    """``max_kg`` and ``max_litres``: what its trucks carry in the whole plan, None unlimited."""

    code: str
    shown_as: str
    max_kg: int | None = None
    max_litres: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFacts:
    """``free`` base units of a lot in one warehouse; ``earmarks`` site codes, None any site."""

    lot_id: int
    warehouse: str
    item: str
    free: int
    expires_on: date | None
    earmarks: frozenset[str] | None = None
    donor: str = ""

    @property
    def id(self) -> str:
        """The lot's id in the question; a lot in two warehouses stands there twice."""
        return f"{self.lot_id}@{self.warehouse}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingFacts:
    """``quantity`` base units of an item, expected in a warehouse on a day.

    ``document`` is what they will come under: a pledge, an order, a waybill.
    """

    certainty: Certainty
    document: str
    warehouse: str
    item: str
    quantity: int
    on: date
    earmarks: frozenset[str] | None = None

    @property
    def id(self) -> str:
        """The id in the question of what stands in no warehouse yet."""
        return f"+{self.certainty}:{self.document}:{self.item}@{self.warehouse}"


def standing_lot(lot: str) -> int | None:
    """Return the number of the lot that ``lot`` of a question is; None where it is to come."""
    return None if lot.startswith("+") else int(lot.split("@", 1)[0])


def coming_lot(lot: str) -> tuple[Certainty, str]:
    """Return how sure it is that ``lot`` of a question comes, and its document."""
    certainty, document, _item = lot.removeprefix("+").split("@", 1)[0].split(":", 2)
    return Certainty(certainty), document


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFacts:
    """Base units; ``held`` are at the site or on the way to it."""

    site: str
    item: str
    need: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadFacts:
    """A road of the registry; grams and litres per day (None = not known to be limited).

    ``cost_per_tonne`` is in minor units of ``currency``. ``max_kg`` is the planner's own
    limit for this road in the whole plan.
    """

    warehouse: str
    site: str
    open: bool
    minutes: int
    cost_per_tonne: int
    currency: str
    max_grams: int | None = None
    max_litres: int | None = None
    max_kg: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFacts:
    """A person's decision: exactly so many packs of an item to a site, and why."""

    site: str
    item: str
    packs: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a plan's question is made of, read at one moment."""

    starts_on: date
    ends_on: date
    sites: Sequence[SiteFacts]
    items: Sequence[ItemFacts]
    warehouses: Sequence[WarehouseFacts]
    lots: Sequence[LotFacts]
    needs: Sequence[NeedFacts]
    roads: Sequence[RoadFacts]
    locks: Sequence[LockFacts] = ()
    coming: Sequence[ComingFacts] = ()
    periods: int = 1

    @property
    def days(self) -> int:
        """Days of the plan, first and last included."""
        return (self.ends_on - self.starts_on).days + 1

    @property
    def period_days(self) -> int:
        """Days of each period; the last one has those that are left over beside."""
        return self.days // self.periods

    def period_on(self, day: date) -> int:
        """Return the first period that starts on ``day`` or later; it may be past the last."""
        return max(0, -(-(day - self.starts_on).days // self.period_days)) + 1


def build(name: str, facts: Facts) -> Problem:
    """Return the question called ``name``, in whole packs; one period is the whole plan.

    Free stock counts in whole issue packs; what is loose beside them stays. A lot that
    expired before the plan, or is meant for none of its sites, is left out.
    """
    items = {item.code: item for item in facts.items}
    chosen = frozenset(site.code for site in facts.sites)
    return Problem(
        id=name,
        items=tuple(_item(item) for item in facts.items),
        sites=tuple(_site(site) for site in facts.sites),
        warehouses=tuple(Warehouse(id=w.code, name=w.shown_as) for w in facts.warehouses),
        lots=(*_lots(facts, items, chosen), *_coming(facts, items, chosen)),
        needs=tuple(
            Need(site=need.site, item=need.item, need_units=need.need, held_units=need.held)
            for need in facts.needs
        ),
        routes=tuple(_route(road, facts) for road in facts.roads),
        shared_limits=(*_truck_limits(facts), *_road_limits(facts)),
        locks=tuple(
            Lock(site=lock.site, item=lock.item, packs=lock.packs, reason=lock.reason)
            for lock in facts.locks
        ),
        periods=facts.periods,
        period_days=facts.period_days,
    )


def travel_days(minutes: int) -> int:
    """Return how many days after leaving a truck arrives; 0 is the same day."""
    return max(0, (minutes - 1) // DRIVING_MINUTES)


def _item(item: ItemFacts) -> Item:
    weight, volume = item.weight_mg, item.volume_mm3
    return Item(
        id=item.code,
        name=item.name,
        tier=item.tier,
        pack_units=item.pack_units,
        kg_per_pack=None if weight is None else weight * item.pack_units / 1_000_000,
        m3_per_pack=None if volume is None else volume * item.pack_units / 1_000_000_000,
    )


def _site(site: SiteFacts) -> Site:
    return Site(
        id=site.code,
        name=site.shown_as,
        population=site.people,
        households=site.households,
        weight=site.weight_percent / 100,
        reason=site.reason,
    )


def _lots(facts: Facts, items: dict[str, ItemFacts], chosen: frozenset[str]) -> Iterable[Lot]:
    for lot in facts.lots:
        packs = lot.free // items[lot.item].pack_units
        wished = None if lot.earmarks is None else lot.earmarks & chosen
        expired = lot.expires_on is not None and lot.expires_on < facts.starts_on
        if packs > 0 and not expired and wished != frozenset():
            yield Lot(
                id=lot.id,
                warehouse=lot.warehouse,
                item=lot.item,
                packs=packs,
                expiry_day=(lot.expires_on - facts.starts_on).days if lot.expires_on else None,
                sites=wished,
                donor=lot.donor,
            )


def _coming(facts: Facts, items: dict[str, ItemFacts], chosen: frozenset[str]) -> Iterable[Lot]:
    """What is expected within the plan, in whole packs from the period after it has come."""
    for goods in facts.coming:
        packs = goods.quantity // items[goods.item].pack_units
        wished = None if goods.earmarks is None else goods.earmarks & chosen
        period = facts.period_on(goods.on)
        if packs > 0 and period <= facts.periods and wished != frozenset():
            yield Lot(
                id=goods.id,
                warehouse=goods.warehouse,
                item=goods.item,
                packs=packs,
                sites=wished,
                available_period=period,
            )


def _route(road: RoadFacts, facts: Facts) -> Route:
    """A road's daily limits count for every day of a period; the planner's own for all the plan.

    With several periods the planner's own is a limit over all of them: see _road_limits().
    """
    days = facts.period_days
    known = None if road.max_grams is None else road.max_grams * days / 1_000
    own = road.max_kg if facts.periods == 1 else None
    limits = [limit for limit in (known, own) if limit is not None]
    return Route(
        warehouse=road.warehouse,
        site=road.site,
        open=road.open,
        max_kg=float(min(limits)) if limits else None,
        max_m3=None if road.max_litres is None else road.max_litres * days / 1_000,
        travel_days=travel_days(road.minutes),
        cost_per_kg=road.cost_per_tonne / 10 ** minor_digits(road.currency) / 1_000,
    )


def _limit_name(warehouse: WarehouseFacts) -> str:
    """Name a limit by its warehouse and its size, which read the same in every language."""
    sizes = (
        None if warehouse.max_kg is None else f"{warehouse.max_kg} kg",
        None if warehouse.max_litres is None else f"{warehouse.max_litres} L",
    )
    return f"{warehouse.shown_as}: {' / '.join(size for size in sizes if size)}"


def _truck_limits(facts: Facts) -> Iterable[SharedLimit]:
    for warehouse in facts.warehouses:
        roads = frozenset(
            (road.warehouse, road.site) for road in facts.roads if road.warehouse == warehouse.code
        )
        limited = warehouse.max_kg is not None or warehouse.max_litres is not None
        if limited and roads:
            litres = warehouse.max_litres
            yield SharedLimit(
                id=f"trucks of {warehouse.code}",
                name=_limit_name(warehouse),
                over=roads,
                max_kg=None if warehouse.max_kg is None else float(warehouse.max_kg),
                max_m3=None if litres is None else litres / 1_000,
                scope=LimitScope.HORIZON,
            )


#: How the limits begin that a planner sets for one road over several periods.
ROAD_LIMIT = "road "


def _road_limits(facts: Facts) -> Iterable[SharedLimit]:
    for road in facts.roads:
        if facts.periods > 1 and road.max_kg is not None:
            yield SharedLimit(
                id=f"{ROAD_LIMIT}{road.warehouse} → {road.site}",
                name=f"{road.warehouse} → {road.site}: {road.max_kg} kg",
                over=frozenset({(road.warehouse, road.site)}),
                max_kg=float(road.max_kg),
                scope=LimitScope.HORIZON,
            )
