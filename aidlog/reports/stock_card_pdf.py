"""The stock card on paper: every movement of an item in a warehouse with the balance after it."""

from __future__ import annotations

from aidlog.core.text import N_, Message
from aidlog.reports.amounts import Tongue
from aidlog.reports.table_pdf import Column, Head, TablePaper, table_pdf
from aidlog.stock.card import Card, CardLine, CardPage

#: The newest lines are printed; older ones are on the screen.
MOST_LINES = 400
_COLUMNS = (
    Column(N_("Date"), 21),
    Column(N_("Document"), 31),
    Column(N_("What happened"), 53),
    Column(N_("Lot"), 26),
    Column(N_("In"), 18, right=True),
    Column(N_("Out"), 18, right=True),
    Column(N_("Balance"), 21, right=True),
)


def stock_card_pdf(card: Card, page: CardPage, tongue: Tongue) -> bytes:
    """Return the card as PDF, A4, oldest line first as on the paper form."""
    unit = card.item.base_unit
    rows: list[tuple[str, ...]] = []
    if page.brought_forward or page.older:
        brought = tongue.amount(page.brought_forward, unit)
        rows.append(("", "", tongue.word(N_("Balance brought forward")), "", "", "", brought))
    rows += [_row(line, card, tongue) for line in reversed(page.lines)]
    item = f"{card.item.name_in(tongue.language)} ({card.item.code})"
    facts = [
        item,
        f"{card.warehouse.shown_as} ({card.warehouse.code})",
        tongue.say(
            Message(
                N_("On hand {on_hand}, reserved {reserved}, held back {held}, free {free}"),
                {
                    "on_hand": tongue.amount(card.on_hand, unit),
                    "reserved": tongue.amount(card.reserved, unit),
                    "held": tongue.amount(card.held, unit),
                    "free": tongue.amount(card.free, unit),
                },
            )
        ),
    ]
    if card.first_expiry:
        facts.append(tongue.say(Message(N_("First expiry {day}"), {"day": card.first_expiry})))
    return table_pdf(
        TablePaper(
            head=Head(tongue.word(N_("Stock card")), card.item.code, facts),
            columns=_COLUMNS,
            rows=rows,
            notes=[tongue.word(N_("Do not destroy this card."))],
        ),
        tongue,
    )


def _row(line: CardLine, card: Card, tongue: Tongue) -> tuple[str, ...]:
    unit = card.item.base_unit
    what = tongue.say(line.what)
    if line.move.counted is not None and line.move.book is not None:
        said = Message(
            N_("counted {counted}, the card said {book}"),
            {
                "counted": tongue.amount(line.move.counted, unit),
                "book": tongue.amount(line.move.book, unit),
            },
        )
        what = f"{what} · {tongue.say(said)}"
    return (
        line.move.occurred_at.date().isoformat(),
        line.move.document,
        f"{what} · {line.move.remark}" if line.move.remark else what,
        line.move.lot,
        tongue.amount(line.change, unit) if line.change > 0 else "",
        tongue.amount(-line.change, unit) if line.change < 0 else "",
        tongue.amount(line.balance, unit),
    )
