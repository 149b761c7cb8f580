"""What a lot was made from, and what was made from it, through repacking and kits.

Links of documents that were reversed do not count: what they made was never made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from aidlog.db.numbering import Document
from aidlog.registry.models import KitVersion
from aidlog.stock.models import KitWork, Lot, LotParent, StockCorrection

#: What of a lot is doubted: base items by id; None is all of it.
Doubt = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Link:
    """``quantity`` base units of ``parent_id`` went into ``lot_id``.

    ``breaks``: kits were taken apart, and the lot is one of the things that came out.
    """

    document: str
    lot_id: int
    parent_id: int
    quantity: int
    item_id: int
    parent_item_id: int
    breaks: bool

    @property
    def builds(self) -> bool:
        """True where the lot is of kits and the parent went into them."""
        return self.item_id != self.parent_item_id and not self.breaks


@dataclass(frozen=True, slots=True)
class Step:
    """A lot that a trace reached, how many times it was remade, and the link it came by."""

    lot_id: int
    depth: int
    link: Link | None


def children(session: Session, lots: Collection[int]) -> list[Link]:
    """Return what was made from ``lots`` directly, in the order in which it was made."""
    return _links(session, LotParent.parent_id.in_(lots)) if lots else []


def parents(session: Session, lots: Collection[int]) -> list[Link]:
    """Return what ``lots`` were made from directly."""
    return _links(session, LotParent.lot_id.in_(lots)) if lots else []


def forward(session: Session, roots: Collection[int]) -> list[Step]:
    """Return ``roots`` and every lot that holds some of them, nearest first.

    Where kits with a doubted item are taken apart, only that item is followed: the soap that
    lay beside a recalled biscuit is not recalled with it. Of a root that is a kit all parts
    are followed. One statement a generation.
    """

    def onwards(level: Collection[int]) -> list[_Reach]:
        return [(link, link.parent_id, link.lot_id) for link in children(session, level)]

    return _walk(_of_roots(session, roots), onwards, _carried)


def backward(session: Session, lots: Collection[int]) -> list[Step]:
    """Return ``lots`` and everything that they were made from, nearest first.

    What came out of kits leads back to the kit, and past it only to what the kit held of the
    same item.
    """

    def back(level: Collection[int]) -> list[_Reach]:
        return [(link, link.lot_id, link.parent_id) for link in parents(session, level)]

    return _walk(dict.fromkeys(lots, None), back, _carried_back)


def built_by(session: Session, lot_id: int) -> KitWork | None:
    """Return the work by which a lot of kits was built, repacked since or not; else None."""
    lots = [step.lot_id for step in backward(session, [lot_id])]
    work = session.scalars(
        select(KitWork)
        .where(KitWork.lot_id.in_(lots), ~KitWork.broken, ~_undone(KitWork.document_id))
        .order_by(KitWork.id.desc())
    ).all()
    order = {lot: at for at, lot in enumerate(lots)}
    return min(work, key=lambda one: order[one.lot_id], default=None)


#: A link, the lot that it was reached from, and the one it leads to.
_Reach = tuple[Link, int, int]


def _walk(
    start: dict[int, Doubt],
    onwards: Callable[[Collection[int]], list[_Reach]],
    carried: Callable[[Link, Doubt], Doubt],
) -> list[Step]:
    """Return ``start`` and what is reached from it; what comes by two ways is doubted for both."""
    doubts = dict(start)
    steps = {lot: Step(lot, 0, None) for lot in sorted(doubts)}
    level, depth = set(doubts), 0
    while level:
        depth += 1
        reached: set[int] = set()
        for link, lot, further in onwards(level):
            doubt = carried(link, doubts[lot])
            if doubt == frozenset():
                continue
            known = doubts.get(further, frozenset())
            together = None if known is None or doubt is None else known | doubt
            if further not in steps or together != known:
                doubts[further] = together
                steps.setdefault(further, Step(further, depth, link))
                reached.add(further)
        level = reached
    return list(steps.values())


def _carried(link: Link, doubt: Doubt) -> Doubt:
    if link.breaks:
        if doubt is None or link.item_id in doubt:
            return frozenset({link.item_id})
        return frozenset()
    return doubt


def _carried_back(link: Link, doubt: Doubt) -> Doubt:
    if link.breaks:
        return frozenset({link.item_id})
    if link.builds:
        return None if doubt is None or link.parent_item_id in doubt else frozenset()
    return doubt


def _of_roots(session: Session, roots: Collection[int]) -> dict[int, Doubt]:
    kit = exists().where(KitVersion.item_id == Lot.item_id)
    return {
        lot_id: None if is_kit else frozenset({item_id})
        for lot_id, item_id, is_kit in session.execute(
            select(Lot.id, Lot.item_id, kit).where(Lot.id.in_(roots))
        )
    }


def _undone(document_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return exists().where(StockCorrection.reverses_document_id == document_id)


def _links(session: Session, which: ColumnElement[bool]) -> list[Link]:
    parent = aliased(Lot)
    rows = session.execute(
        select(
            Document.code,
            LotParent.lot_id,
            LotParent.parent_id,
            LotParent.quantity,
            Lot.item_id,
            parent.item_id,
            exists().where(KitWork.document_id == LotParent.document_id, KitWork.broken),
        )
        .join(Document, Document.id == LotParent.document_id)
        .join(Lot, Lot.id == LotParent.lot_id)
        .join(parent, parent.id == LotParent.parent_id)
        .where(which, ~_undone(LotParent.document_id))
        .order_by(LotParent.document_id, LotParent.lot_id, LotParent.parent_id)
    )
    return [Link(*row) for row in rows]
