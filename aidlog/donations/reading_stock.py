"""What a row of a stock list means: which item, how many base units, which lot.

A quantity that is not understood is never made up: it is refused, with what would make it
clear. What a carton holds is known from the row or from the item, or it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from aidlog.core.quantity import LARGEST, BaseUnit
from aidlog.core.sheets import Finding, Question, Row
from aidlog.core.text import N_, Message
from aidlog.donations.stock_columns import DAMAGED, GOOD
from aidlog.registry.item_words import MEASURES
from aidlog.registry.looking_up import Items, KnownItem, Places
from aidlog.registry.models import PackKind
from aidlog.registry.queries import PlaceRow

#: Quantities and pack sizes arrive in millionths.
_PARTS = 10**6

#: What an item is counted in, as files write it, and how many base units that is.
_WRITTEN_IN: Mapping[BaseUnit, tuple[str, int]] = {
    BaseUnit.PIECE: (N_("pieces"), 1),
    BaseUnit.GRAM: (N_("kilograms"), 1_000),
    BaseUnit.MILLILITRE: (N_("litres"), 1_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """One lot of a stock list: ``good`` and ``held`` base units of it at one warehouse.

    ``lot_number`` is "" where the goods carry none; it gets the note's number then.
    """

    row: int
    warehouse_id: int
    item_id: int
    lot_number: str
    good: int
    held: int
    pack_kind: PackKind
    pack_size: int
    expires_on: date | None
    donor: str
    origin: str
    counted_on: date
    reason: str = ""


class Wrong(Exception):
    """A row means nothing; ``finding`` says why."""

    def __init__(self, row: Row, field: str, what: Message) -> None:
        super().__init__(str(what))
        self.finding = Finding(row=row.number, field=field, what=what)


class StockRows:
    """The rows of one stock list on their way to lots."""

    def __init__(self, question: Question, items: Items, warehouses: Places) -> None:
        self.question = question
        self.items = items
        self.warehouses = warehouses
        self.findings: list[Finding] = []
        self.empty = self.expired = 0

    def line(self, row: Row) -> StockLine | None:
        """Return the lot of a row; None where it names none, or something is wrong with it."""
        warehouse = self.question.named(row, "warehouse", self.warehouses, self.findings)
        item = self._item(row)
        counted_on = row.day("counted_on")
        if warehouse is None or item is None or counted_on is None:
            return None
        if not {"quantity", "unit"} <= row.values.keys():
            return None
        if row.number_of("quantity") == 0:
            self.empty += 1
            return None
        try:
            return self._understood(row, warehouse, item, counted_on)
        except Wrong as wrong:
            self.findings.append(wrong.finding)
            return None

    def _understood(
        self, row: Row, warehouse: PlaceRow, item: KnownItem, counted_on: date
    ) -> StockLine:
        if counted_on > datetime.now(UTC).date():
            raise Wrong(row, "counted_on", Message(
                N_("The day is in the future. Write the day the goods were counted.")
            ))  # fmt: skip
        pack_kind, pack_size = _pack(row, item)
        quantity = _quantity(row, item, pack_kind, pack_size)
        expires_on = row.day("expires_on")
        line = StockLine(
            row=row.number,
            warehouse_id=warehouse.id,
            item_id=item.id,
            lot_number=row.text("lot"),
            good=quantity,
            held=0,
            pack_kind=pack_kind or (item.packs[0][0] if item.packs else PackKind.PIECE),
            pack_size=pack_size or (item.packs[0][1] if item.packs else 1),
            expires_on=expires_on,
            donor=row.text("donor"),
            origin=row.text("origin"),
            counted_on=counted_on,
        )
        if expires_on is not None and expires_on < datetime.now(UTC).date():
            self.expired += 1
            return replace(line, good=0, held=quantity, reason="Expired")
        if (row.text("condition") or GOOD) == DAMAGED:
            return replace(line, good=0, held=quantity, reason="Damaged")
        return line

    def _item(self, row: Row) -> KnownItem | None:
        """Return the item that a row names by its code, else by its name."""
        if not (row.text("item_code") or row.text("item_name")):
            what = Message(N_("The row names no item. Write its code or its name."))
            self.findings.append(Finding(row=row.number, field="item_code", what=what))
            return None
        field = "item_code" if row.text("item_code") else "item_name"
        item = self.question.named(row, field, self.items, self.findings)
        return None if item is None else self._in_use(row, field, item)

    def _in_use(self, row: Row, field: str, item: KnownItem) -> KnownItem | None:
        if item.active:
            return item
        what = Message(N_("{code} is out of use. Put it back in use, or choose another item."),
                       {"code": item.code})  # fmt: skip
        self.findings.append(Finding(row=row.number, field=field, what=what))
        return None

    def summary(self) -> Iterator[Finding]:
        """Yield what concerns the list as a whole."""
        if self.empty:
            yield _told(
                self.empty,
                N_("{count} row has the quantity 0 and is passed over."),
                N_("{count} rows have the quantity 0 and are passed over."),
            )
        if self.expired:
            yield _told(
                self.expired,
                N_("{count} lot is past its expiry date. It is taken in and held."),
                N_("{count} lots are past their expiry date. They are taken in and held."),
            )


def _told(count: int, one: str, many: str) -> Finding:
    return Finding(
        row=0, stops=False, what=Message(one, {"count": count}, plural=many, count=count)
    )


def _pack(row: Row, item: KnownItem) -> tuple[PackKind | None, int | None]:
    """Return the pack that a row names itself: kind, and size in base units."""
    kind = row.text("pack_kind")
    size = row.number_of("pack_size")
    if size is None:
        return (PackKind(kind) if kind else None), None
    whole, rest = divmod(size * _WRITTEN_IN[item.base_unit][1], _PARTS)
    if rest or not 0 < whole <= LARGEST:
        raise Wrong(row, "pack_size", Message(
            N_("A pack holds whole pieces, grams or millilitres.")
        ))  # fmt: skip
    return (PackKind(kind) if kind else None), whole


def _quantity(row: Row, item: KnownItem, pack_kind: PackKind | None, pack_size: int | None) -> int:
    """Return the quantity in base units, exactly."""
    unit = row.text("unit")
    figure = row.number_of("quantity") or 0
    if unit in MEASURES:
        counted, factor = MEASURES[unit]
        if counted is not item.base_unit:
            raise Wrong(row, "unit", Message(
                N_("{code} is counted in {unit}. Write the quantity in {unit}, or choose another "
                   "item."),
                {"code": item.code, "unit": Message(_WRITTEN_IN[item.base_unit][0])},
            ))  # fmt: skip
    else:
        factor = _in_one(row, item, PackKind(unit), pack_kind, pack_size)
    whole, rest = divmod(figure * factor, _PARTS)
    if rest:
        raise Wrong(row, "quantity", Message(
            N_("This is not a whole number of pieces, grams or millilitres. Count again.")
        ))  # fmt: skip
    if not 0 < whole <= LARGEST:
        raise Wrong(row, "quantity", Message(
            N_("This quantity is too large. Check it and its unit.")
        ))  # fmt: skip
    return whole


def _in_one(
    row: Row, item: KnownItem, unit: PackKind, kind: PackKind | None, size: int | None
) -> int:
    """Return what one pack of ``unit`` holds: from the row, else from the item's own packs."""
    if size is not None and kind in {None, unit}:
        return size
    sizes = {known for own, known in item.packs if own is unit}
    if len(sizes) == 1:
        return sizes.pop()
    if sizes:
        raise Wrong(row, "pack_size", Message(
            N_("{code} comes in packs of this kind of several sizes: {sizes}. Fill in how many "
               "are in a pack."),
            {"code": item.code, "sizes": ", ".join(str(known) for known in sorted(sizes))},
        ))  # fmt: skip
    raise Wrong(row, "pack_size", Message(
        N_("How much of {code} one such pack holds is not known. Fill in how many are in a pack, "
           "or write the quantity in {unit}."),
        {"code": item.code, "unit": Message(_WRITTEN_IN[item.base_unit][0])},
    ))  # fmt: skip
