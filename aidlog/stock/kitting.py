"""Kits are built from what stands in a warehouse, and taken apart again; both are traceable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import Conflict, NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.core.units import Measure
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.kits import KitList, Part, contents, kit_list
from aidlog.registry.models import Item, PackKind
from aidlog.stock.adjusting import numbered
from aidlog.stock.levels import issue_packs
from aidlog.stock.making import (
    REMADE,
    CannotMake,
    add_made,
    agreed,
    expired,
    own_lot,
    refuse_unusable,
    shared_wish,
    wish_of,
    working_in,
)
from aidlog.stock.models import KitWork, Lot, LotParent
from aidlog.stock.posting import post
from aidlog.stock.recalled import recalled
from aidlog.stock.recalling import follow_recalls
from aidlog.stock.tracing import built_by

#: More kits at once than this is a slip of the hand.
MOST_KITS = 1_000_000

#: What a measured part comes out of a kit in: the amount that was in one kit.
_LOOSE = {BaseUnit.GRAM: PackKind.BAG, BaseUnit.MILLILITRE: PackKind.BOTTLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """``quantity`` base units taken from a lot."""

    lot_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildKits(Command):
    """Put ``picks`` into ``kits`` kits, by the list of contents ``version`` of the kit."""

    warehouse_id: int
    kit_id: int
    version: int
    kits: int
    picks: Sequence[Pick]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakKits(Command):
    """Take ``kits`` kits of a lot apart; ``held``: of those that are held back."""

    warehouse_id: int
    lot_id: int
    kits: int
    held: bool = False


class ContentsChanged(Conflict):
    """The list of contents is another one than when the work began."""


def build_kits(session: Session, actor: Actor, command: BuildKits) -> dict[str, Any]:
    """Make a lot of kits; return ``{"document", "lot_id", "kits"}``.

    The kits expire with the first of their parts and may go only where all of their parts
    may. A donor's name stands on them where one donor gave everything.

    Raises:
        NotFound: the warehouse, a lot or the kit is not the actor's.
        ContentsChanged: the list of contents has changed since the picks were proposed.
        CannotMake: the picks are not what is in so many kits, are of several organisations or
            were given for different sites, or a lot is recalled.
        LotExpired: a lot's date has passed.
        NotEnoughStock: fewer are free; it names the lot.
    """
    warehouse = working_in(session, actor, command.warehouse_id)
    kit, what = _kit(session, command)
    _check_number(command.kits)
    lots = [own_lot(session, actor, pick.lot_id) for pick in command.picks]
    _check_picks(what, command, lots)
    refuse_unusable(session, lots)
    wish = shared_wish(session, lots)
    document = numbered(session, lots[0].organisation_id, Series.KIT)
    made = add_made(
        session,
        _kit_lot(session, kit, lots, document),
        [(pick.lot_id, pick.quantity) for pick in command.picks],
        wish,
        document,
    )
    _record(session, document, what, made, command.kits, broken=False)
    here = Account(AccountKind.WAREHOUSE, warehouse.id)
    moves = [
        Movement(
            kind=MovementKind.USED_FOR_KITS,
            lot_id=pick.lot_id,
            quantity=pick.quantity,
            source=here,
            target=REMADE,
        )
        for pick in command.picks
    ]
    moves.append(
        Movement(
            kind=MovementKind.KITS_BUILT,
            lot_id=made.id,
            quantity=command.kits,
            source=REMADE,
            target=here,
        )
    )
    post(
        session,
        actor,
        moves,
        command_id=command.command_id,
        document=document,
        occurred_at=datetime.now(UTC),
    )
    return {"document": document.code, "lot_id": made.id, "kits": command.kits}


def break_kits(session: Session, actor: Actor, command: BreakKits) -> dict[str, Any]:
    """Take kits apart into lots of their parts; return ``{"document", "lots", "held"}``.

    Kits that were built here give what they were built from; those that came ready, what the
    newest list says. Parts of kits that are expired, recalled or held back come out held back:
    each is looked at before it is let go. Those that a recall is about are recalled themselves.

    Raises:
        NotFound: the warehouse or the lot is not the actor's.
        CannotMake: the lot is not of kits, or no number was written.
        NotEnoughStock: fewer are free; it names the lot.
    """
    warehouse = working_in(session, actor, command.warehouse_id)
    lot = own_lot(session, actor, command.lot_id)
    _check_number(command.kits)
    what, sources = _inside(session, lot)
    document = numbered(session, lot.organisation_id, Series.KIT)
    held = (
        command.held or expired(lot, datetime.now(UTC).date()) or bool(recalled(session, [lot.id]))
    )
    came_out = [
        add_made(
            session,
            _part_lot(lot, part, sources.get(part.item.id, []), f"{document.code}/{number}"),
            [(lot.id, command.kits)],
            wish_of(session, lot),
            document,
        )
        for number, part in enumerate(what.parts, start=1)
    ]
    _record(session, document, what, lot, command.kits, broken=True)
    follow_recalls(session, lot.id)
    source, target = (
        Account(AccountKind.QUARANTINE if apart else AccountKind.WAREHOUSE, warehouse.id)
        for apart in (command.held, held)
    )
    moves = [
        Movement(
            kind=MovementKind.KITS_BROKEN,
            lot_id=lot.id,
            quantity=command.kits,
            source=source,
            target=REMADE,
        )
    ]
    moves += [
        Movement(
            kind=MovementKind.OUT_OF_KITS,
            lot_id=made.id,
            quantity=part.quantity * command.kits,
            source=REMADE,
            target=target,
        )
        for made, part in zip(came_out, what.parts, strict=True)
    ]
    post(
        session,
        actor,
        moves,
        command_id=command.command_id,
        document=document,
        occurred_at=datetime.now(UTC),
    )
    return {"document": document.code, "lots": [made.id for made in came_out], "held": held}


def _kit(session: Session, command: BuildKits) -> tuple[Item, KitList]:
    kit = session.get(Item, command.kit_id)
    what = contents(session, [command.kit_id]).get(command.kit_id)
    if kit is None or what is None:
        raise NotFound(f"kit {command.kit_id}")
    if what.number != command.version:
        raise ContentsChanged(
            Message(
                N_("The list of contents of {kit} was changed meanwhile. Pick the parts anew."),
                {"kit": kit.code},
            )
        )
    return kit, what


def _check_number(kits: int) -> None:
    if not 1 <= kits <= MOST_KITS:
        raise CannotMake(
            Message(N_("Write how many kits: from 1 to {most}."), {"most": MOST_KITS}),
            field="kits",
        )


def _check_picks(what: KitList, command: BuildKits, lots: Sequence[Lot]) -> None:
    """Refuse picks that are not exactly what is in so many kits."""
    if len({lot.organisation_id for lot in lots}) > 1:
        raise CannotMake(
            Message(N_("The lots belong to several organisations. Take lots of one of them.")),
            field="lot",
        )
    if len({lot.id for lot in lots}) < len(lots) or any(
        pick.quantity < 1 for pick in command.picks
    ):
        raise CannotMake(Message(N_("Write each lot once, and how many come from it.")))
    picked: dict[int, int] = defaultdict(int)
    for lot, pick in zip(lots, command.picks, strict=True):
        picked[lot.item_id] += pick.quantity
    for part in what.parts:
        needed, there = part.quantity * command.kits, picked.pop(part.item.id, 0)
        if there != needed:
            measure = Measure(part.item.base_unit, typed=True)
            raise CannotMake(
                Message(
                    N_(
                        "{item}: {kits} kits take {needed}, and {picked} are picked."
                        " Pick exactly {needed}."
                    ),
                    {
                        "item": part.item.code,
                        "kits": command.kits,
                        "needed": measure.of(needed),
                        "picked": measure.of(there),
                    },
                ),
                field=f"item_{part.item.id}",
            )
    if picked:
        raise CannotMake(Message(N_("A lot of something that is not in the kit is picked.")))


def _kit_lot(session: Session, kit: Item, lots: Sequence[Lot], document: Document) -> Lot:
    """Return the lot of kits, named by the paper that made it. No gift's units are kits."""
    pack = issue_packs(session, [kit.id]).get(kit.id)
    return Lot(
        organisation_id=lots[0].organisation_id,
        item_id=kit.id,
        number=document.code,
        expires_on=min((lot.expires_on for lot in lots if lot.expires_on), default=None),
        pack_kind=pack.kind if pack else PackKind.PIECE,
        pack_size=pack.size if pack else 1,
        origin=agreed([lot.origin for lot in lots]),
        donor_name=agreed([lot.donor_name for lot in lots]),
        created_at=datetime.now(UTC),
    )


def _part_lot(kit: Lot, part: Part, sources: Sequence[Lot], number: str) -> Lot:
    """Return the lot of a part: the first date of what it came from, its donor where one."""
    known = bool(sources)
    dates: list[date] = [lot.expires_on for lot in sources if lot.expires_on]
    measured = part.item.base_unit in _LOOSE
    return Lot(
        organisation_id=kit.organisation_id,
        item_id=part.item.id,
        number=number,
        expires_on=min(dates, default=None) if known else kit.expires_on,
        pack_kind=_LOOSE[part.item.base_unit] if measured else PackKind.PIECE,
        pack_size=part.quantity if measured else 1,
        origin=agreed([lot.origin for lot in sources]) if known else kit.origin,
        donor_name=agreed([lot.donor_name for lot in sources]) if known else kit.donor_name,
        gift_code=agreed([lot.gift_code for lot in sources]) if known else "",
        created_at=datetime.now(UTC),
    )


def _record(
    session: Session,
    document: Document,
    what: KitList,
    lot: Lot,
    kits: int,
    *,
    broken: bool,
) -> None:
    session.add(
        KitWork(
            document_id=document.id,
            version_id=what.version_id,
            lot_id=lot.id,
            kits=kits,
            broken=broken,
        )
    )
    session.flush()


def _inside(session: Session, lot: Lot) -> tuple[KitList, dict[int, list[Lot]]]:
    """Return what is in the kits of a lot, and by item the lots that went into them."""
    work = built_by(session, lot.id)
    if work is None:
        what = contents(session, [lot.item_id]).get(lot.item_id)
        if what is None:
            raise CannotMake(
                Message(N_("Lot {lot} is not of kits."), {"lot": lot.number}), field="lot"
            )
        return what, {}
    sources: dict[int, list[Lot]] = defaultdict(list)
    for source in session.scalars(
        select(Lot)
        .join(LotParent, LotParent.parent_id == Lot.id)
        .where(LotParent.document_id == work.document_id, LotParent.lot_id == work.lot_id)
        .order_by(Lot.id)
    ):
        sources[source.item_id].append(source)
    return kit_list(session, work.version_id), sources
