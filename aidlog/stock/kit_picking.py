"""Which lots the parts of kits are taken from: proposed first expiry first, to be changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from aidlog.ledger.movement import AccountKind
from aidlog.registry.kits import KitList, Part
from aidlog.stock.picking import earmarks
from aidlog.stock.queries import LotAt, lots_at
from aidlog.stock.recalled import recalled


@dataclass(frozen=True, slots=True)
class PartPicks:
    """A part of the kit, the lots it can come from, and how much of each is proposed.

    ``needed`` and ``short`` are base units; ``wishes`` are the places of lots that were given
    for some.
    """

    part: Part
    needed: int
    lots: list[LotAt]
    picks: dict[int, int]
    wishes: dict[int, set[int]]

    @property
    def free(self) -> int:
        return sum(lot.free for lot in self.lots)

    @property
    def short(self) -> int:
        return max(0, self.needed - self.free)


def propose_picks(
    session: Session,
    warehouse_id: int,
    what: KitList,
    kits: int,
    *,
    organisations: Collection[int],
    today: date,
) -> list[PartPicks]:
    """Return what to take for ``kits`` kits, part by part; nothing is reserved by asking.

    First expiry first, and lots that a donor gave for certain sites last: a kit may go only
    where all of its parts may. Expired and recalled lots are left out.
    """
    items = [part.item.id for part in what.parts]
    lots = [
        lot
        for lot in lots_at(session, AccountKind.WAREHOUSE, warehouse_id, items=items)
        if lot.free > 0
        and lot.organisation_id in organisations
        and (lot.expires_on is None or lot.expires_on >= today)
    ]
    out = recalled(session, [lot.lot_id for lot in lots])
    wishes = earmarks(session, [lot.lot_id for lot in lots])
    usable = sorted(
        (lot for lot in lots if lot.lot_id not in out), key=lambda lot: lot.lot_id in wishes
    )
    return [
        _for_part(
            part,
            part.quantity * kits,
            [lot for lot in usable if lot.item_id == part.item.id],
            wishes,
        )
        for part in what.parts
    ]


def most_kits(parts: Collection[PartPicks]) -> int:
    """Return how many kits what is free is enough for."""
    return min((row.free // row.part.quantity for row in parts), default=0)


def _for_part(part: Part, needed: int, lots: list[LotAt], wishes: dict[int, set[int]]) -> PartPicks:
    picks: dict[int, int] = {}
    left = needed
    for lot in lots:
        take = min(left, lot.free)
        if take:
            picks[lot.lot_id] = take
            left -= take
    own = {lot.lot_id: wishes[lot.lot_id] for lot in lots if lot.lot_id in wishes}
    return PartPicks(part, needed, lots, picks, own)
