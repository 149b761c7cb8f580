"""Rows of lots with how much of each, in packs and loose; a row says which lot it counts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import FieldList, HiddenField
from wtforms.validators import Regexp

from aidlog.core.errors import Refusal
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.models import Item
from aidlog.stock.queries import LotAt
from aidlog.web.counting import PacksForm
from aidlog.web.forms import CommandForm, show_on

#: More lots than these stand on no form.
MOST_ROWS = 1000
_NUMBER = r"[0-9]{1,15}\Z"


class LotRow(PacksForm):
    """How much of one lot; it says which, and how large the packs were that were shown."""

    lot = HiddenField(validators=[Regexp(_NUMBER)])
    size = HiddenField(validators=[Regexp(_NUMBER)])

    @property
    def lot_id(self) -> int:
        """The lot; 0, which is none, where what was sent is no number."""
        return 0 if self.lot.errors else int(self.lot.data or 0)

    @property
    def quantity(self) -> int:
        """Base units that were typed."""
        return self.units(int(self.size.data or 0))


def lay_out(rows: FieldList, lots: Sequence[LotAt]) -> None:
    """Give a form one row for each of ``lots``."""
    for lot in lots[:MOST_ROWS]:
        rows.append_entry({"lot": str(lot.lot_id), "size": str(lot.pack_size)})


def shown(
    session: Session, rows: FieldList, lots: Sequence[LotAt]
) -> list[tuple[LotAt, Item, LotRow]]:
    """Return each row with its lot and item, as far as the lot is still there. One statement."""
    there = {lot.lot_id: lot for lot in lots}
    wanted = {lot.item_id for lot in lots}
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(wanted)))}
    return [
        (lot, items[lot.item_id], entry.form)
        for entry in rows
        if (lot := there.get(entry.form.lot_id)) is not None
    ]


def show_on_lot(form: CommandForm, rows: FieldList, refusal: Refusal) -> None:
    """Show a refusal on the row of the lot that there is too little of, else as any other."""
    field = None
    if isinstance(refusal, NotEnoughStock):
        row = next((entry.form for entry in rows if entry.form.lot_id == refusal.lot_id), None)
        if row is not None:
            field = row.packs if row.packs.data else row.loose
    show_on(form, refusal, field=field)
