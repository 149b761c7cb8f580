"""Rows of the stock list and the stock card, ready to be printed.

A long table calls for hundreds of numbers, dates and addresses. They are worked out here, in
one pass, and the templates only set them: a template's calls cost many times a function's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from urllib.parse import quote

from flask import url_for
from flask_babel import get_timezone
from flask_babel import gettext as _

from aidlog.core.quantity import BaseUnit
from aidlog.registry.models import Place
from aidlog.stock.card import Card, CardLine
from aidlog.stock.history import MovementLine
from aidlog.stock.levels import IssuePack, Level
from aidlog.web.filters import day, number, packs
from aidlog.web.filters import quantity as amount
from aidlog.web.i18n import language, say


@dataclass(frozen=True, slots=True)
class Counted:
    """How the figures of a card are written: in packs of ``size`` base units, or one by one."""

    size: int
    unit: BaseUnit

    @classmethod
    def by(cls, pack: IssuePack | None, unit: BaseUnit) -> Counted:
        return cls(pack.size if pack else 1, unit)

    def show(self, quantity: int) -> str:
        """Return ``quantity`` as a bare figure: whole packs, and the rest behind a plus."""
        full, loose = divmod(abs(quantity), self.size)
        figure = number(full)
        if loose:
            rest = number(loose) if self.unit is BaseUnit.PIECE else amount(loose, self.unit)
            figure = f"{figure} + {rest}"
        return f"−{figure}" if quantity < 0 else figure

    def whole(self, quantity: int) -> str:
        """Return ``quantity`` in whole packs, rounded down: for the marks of a chart."""
        return number(quantity // self.size)


@dataclass(frozen=True, slots=True)
class ListRow:
    """An item of the stock list. Figures carry their unit; an empty one is nothing."""

    name: str
    code: str
    url: str
    on_hand: str
    reserved: str
    held: str
    free: str
    in_packs: str
    expires_on: date | None


def list_rows(
    rows: Iterable[Level], packed: Mapping[int, IssuePack], only: Place | None
) -> list[ListRow]:
    """Return the rows of the list; ``only`` is the one warehouse that it is about, if it is."""
    speaks = language()
    if only is not None:
        address = url_for("stock.show_card", warehouse=only.code, item="-")[:-1] + "{}"
    else:
        address = url_for("stock.listing", item="-")[:-1] + "{}"
    return [_list_row(row, packed.get(row.item.id), address, speaks) for row in rows]


def _list_row(row: Level, pack: IssuePack | None, address: str, speaks: str) -> ListRow:
    unit = row.item.base_unit
    return ListRow(
        name=row.item.name_in(speaks),
        code=row.item.code,
        url=address.format(_quoted(row.item.code)),
        on_hand=amount(row.on_hand, unit),
        reserved=amount(row.reserved, unit) if row.reserved else "",
        held=amount(row.held, unit) if row.held else "",
        free=amount(row.free, unit),
        in_packs=packs(row.free, pack.size, pack.kind)
        if pack and pack.size > 1 and row.free
        else "",
        expires_on=row.first_expiry,
    )


@dataclass(frozen=True, slots=True)
class CardRow:
    """A line of the stock card in words and figures."""

    iso: str
    day: str
    document: str
    url: str
    corrects: bool
    counts: str
    what: str
    remark: str
    unchanged: str
    lot: str
    came: str
    went: str
    balance: str
    by: str


def card_rows(lines: Collection[CardLine], counted: Counted) -> list[CardRow]:
    """Return the lines of a card, each figure counted as the card is."""
    written = cache(day)  # a page has few days and many lines
    zone = get_timezone()
    address = url_for("movements.document", code="-")[:-1]
    return [
        CardRow(
            iso=line.move.occurred_at.isoformat(),
            day=written(line.move.occurred_at.astimezone(zone).date()),
            document=line.move.document,
            url=address + _quoted(line.move.document),
            corrects=line.move.reason is not None and line.move.counted is None,
            counts=count_words(line.move),
            what=say(line.what),
            remark=line.move.remark,
            unchanged="" if line.change else counted.show(line.move.quantity),
            lot=line.move.lot,
            came=f"+{counted.show(line.change)}" if line.change > 0 else "",
            went=counted.show(line.change) if line.change < 0 else "",
            balance=counted.show(line.balance),
            by=line.move.by,
        )
        for line in lines
    ]


def count_words(line: MovementLine) -> str:
    """Return what a stock take counted where the card said otherwise; else nothing."""
    if line.counted is None:
        return ""
    unit = line.item.base_unit
    return str(
        _(
            "counted %(counted)s, the card said %(book)s",
            counted=amount(line.counted, unit),
            book=amount(line.book, unit),
        )
    )


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot of the card; ``held`` is empty where none of it is, and ``all_held`` tells if all."""

    number: str
    url: str
    expires_on: date | None
    gift: str
    giver: str
    on_hand: str
    reserved: str
    free: str
    held: str
    all_held: bool


def lot_rows(shown: Card, counted: Counted) -> list[LotRow]:
    """Return the lots of a card, first to expire first."""
    address = url_for("lots.show", lot_id=0).removesuffix("0")
    return [
        LotRow(
            number=lot.number,
            url=f"{address}{lot.lot_id}",
            expires_on=lot.expires_on,
            gift=lot.gift_code,
            giver=lot.donor_name,
            on_hand=counted.show(lot.on_hand),
            reserved=counted.show(lot.reserved) if lot.reserved else "–",
            free=counted.show(lot.free),
            held=counted.show(lot.held) if lot.held else "",
            all_held=lot.held == lot.on_hand,
        )
        for lot in shown.lots
    ]


def _quoted(code: str) -> str:
    """Return a code as it stands in an address."""
    return quote(code, safe="")
