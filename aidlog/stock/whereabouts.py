"""Where the goods of a lot are now, in a sentence: why a document cannot be undone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.core.units import Measure
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.models import Item
from aidlog.stock.measures import measure_of
from aidlog.stock.models import Lot
from aidlog.stock.naming import names_of
from aidlog.stock.queries import Holder, holders
from aidlog.stock.reserving import promised_under

_ELSEWHERE = {
    AccountKind.WAREHOUSE: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it stand in {place} now."
    ),
    AccountKind.QUARANTINE: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it are held back in {place} now."
    ),
    AccountKind.TRANSIT: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it are on the road to {place} now."
    ),
    AccountKind.SITE: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it are at {place} now."
    ),
    AccountKind.SITE_HELD: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it are held back at {place} now."
    ),
    AccountKind.PEOPLE: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it were given to households at {place}."
    ),
    AccountKind.LOSS: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it were written off."
    ),
    AccountKind.REMADE: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it were made into another lot."
    ),
    AccountKind.HANDED_OVER: N_(
        "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of"
        " it were handed over to another organisation."
    ),
}
_SENT_BACK = N_(
    "Lot {lot} has moved on: {asked} are to come back and {free} are free there. {there} of it"
    " went back to who gave it."
)


_WHERE = {
    AccountKind.WAREHOUSE: N_("in a warehouse"),
    AccountKind.QUARANTINE: N_("held back in a warehouse"),
    AccountKind.TRANSIT: N_("on the road"),
    AccountKind.SITE: N_("at a site"),
    AccountKind.SITE_HELD: N_("held back at a site"),
    AccountKind.PEOPLE: N_("given to households"),
    AccountKind.LOSS: N_("written off"),
    AccountKind.REMADE: N_("made into another lot"),
    AccountKind.HANDED_OVER: N_("handed over to another organisation"),
}


@dataclass(frozen=True, slots=True)
class LotIs:
    """Some of a lot is somewhere: base units of ``unit``."""

    lot: str
    what: Message
    place: str
    quantity: int
    unit: BaseUnit


def whereabouts(session: Session, lots: Collection[int]) -> list[LotIs]:
    """Return where the goods of ``lots`` are now, the most of each first."""
    rows = []
    for lot, unit in session.execute(
        select(Lot, Item.base_unit)
        .join(Item, Item.id == Lot.item_id)
        .where(Lot.id.in_(lots))
        .order_by(Lot.number)
    ):
        everywhere = holders(session, lot.id)
        names = names_of(session, (one.account for one in everywhere))
        rows += [
            LotIs(
                lot.number,
                Message(_WHERE.get(one.account.kind, N_("back with who gave it"))),
                names.get(one.account, ""),
                one.on_hand,
                unit,
            )
            for one in everywhere
        ]
    return rows


class MovedOn(NotEnoughStock):
    """What a reversal needs back has gone elsewhere, or is promised. Base units."""

    def __init__(self, refusal: NotEnoughStock, said: Message) -> None:
        super().__init__(
            lot_id=refusal.lot_id,
            account=refusal.account,
            asked=refusal.asked,
            free=refusal.free,
        )
        self.say_instead(said)
        self.field = None


def moved_on(session: Session, refusal: NotEnoughStock) -> NotEnoughStock:
    """Return ``refusal`` in a sentence that says where most of the lot is by now."""
    lot = session.get_one(Lot, refusal.lot_id)
    everywhere = holders(session, lot.id)
    here = next((one for one in everywhere if one.account == refusal.account), None)
    elsewhere = [one for one in everywhere if one.account != refusal.account]
    measure = measure_of(session, lot.id)
    values: dict[str, object] = {
        "lot": lot.number,
        "asked": measure.of(refusal.asked),
        "free": measure.of(refusal.free),
    }
    if here is not None and here.on_hand >= refusal.asked:
        promises = promised_under(session, lot.id, refusal.account)
        if promises:
            return MovedOn(
                refusal,
                Message(
                    N_(
                        "Lot {lot}: {asked} are to come back and only {free} are not promised."
                        " Change or cancel {document} first."
                    ),
                    values | {"document": promises[0]},
                ),
            )
    if not elsewhere:
        return refusal.of(lot.number, measure)
    return MovedOn(refusal, _sentence(session, elsewhere[0], values, measure))


def _sentence(
    session: Session, holder: Holder, values: dict[str, object], measure: Measure
) -> Message:
    place = names_of(session, [holder.account]).get(holder.account, "")
    return Message(
        _ELSEWHERE.get(holder.account.kind, _SENT_BACK),
        values | {"there": measure.of(holder.on_hand), "place": place},
    )
