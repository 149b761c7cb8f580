"""The papers of a stock take: the blind sheet to fill in by hand, and the report of it."""

from __future__ import annotations

from collections.abc import Sequence

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.ledger.movement import AccountKind
from aidlog.reports.amounts import Tongue
from aidlog.reports.table_pdf import Column, Head, TablePaper, table_pdf
from aidlog.stock.takes import Difference, SheetLine, Take
from aidlog.stock.wording import reason_word

_BLIND = (
    Column(N_("Zone"), 22),
    Column(N_("Item"), 58),
    Column(N_("Lot"), 30),
    Column(N_("Expires"), 22),
    Column(N_("Full packs"), 32),
    Column(N_("Loose"), 24),
)
#: What loose units are written in; nothing stands for pieces.
LOOSE = {
    BaseUnit.PIECE: "",
    BaseUnit.GRAM: N_("in grams"),
    BaseUnit.MILLILITRE: N_("in millilitres"),
}
_FOUND = (
    Column(N_("Item"), 48),
    Column(N_("Lot"), 28),
    Column(N_("Books"), 23, right=True),
    Column(N_("Counted"), 23, right=True),
    Column(N_("Difference"), 23, right=True),
    Column(N_("Why"), 43),
)


def blind_sheet_pdf(take: Take, lines: Sequence[SheetLine], qr: str, tongue: Tongue) -> bytes:
    """Return the sheet to count on: lots, and room to write; no figure of the books."""
    rows = [
        (
            line.zone,
            _named(line, tongue),
            line.lot,
            line.expires_on.isoformat() if line.expires_on else "–",
            tongue.packs(2, line.pack_size, line.pack_kind, line.item.base_unit)
            if line.pack_size > 1
            else "–",
            _loose(line, tongue),
        )
        for line in lines
    ]
    notes = [
        tongue.word(
            N_("Write 0 where there is none. Write lots that are not on the sheet on its back.")
        ),
        tongue.word(N_("Do not look at the stock card. Count what stands there, not what should.")),
    ]
    return table_pdf(
        TablePaper(
            head=Head(tongue.word(N_("Count sheet")), take.code, _facts(take, tongue), qr),
            columns=_BLIND,
            rows=rows,
            row_height=11,
            notes=notes,
            signatures=(tongue.word(N_("Counted by")), tongue.word(N_("Seen by"))),
        ),
        tongue,
    )


def count_report_pdf(take: Take, found: Sequence[Difference], tongue: Tongue) -> bytes:
    """Return what was found, with reasons, and who counted and approved."""
    rows = [
        (
            _named(one, tongue),
            one.lot,
            tongue.amount(one.book, one.item.base_unit),
            tongue.amount(one.counted, one.item.base_unit),
            _signed(one, tongue),
            _why(one, tongue),
        )
        for one in found
    ]
    notes = [
        tongue.say(
            Message(
                N_("Lines counted: {lines}. Lines that differ from the books: {differ}."),
                {"lines": take.lines, "differ": len(found)},
            )
        ),
        tongue.say(
            Message(N_("Counted by: {names}"), {"names": ", ".join(take.counters.values())})
        ),
    ]
    if take.decided_by and take.take.decided_at:
        notes.append(
            tongue.say(
                Message(
                    N_("Approved by {name}, {when}."),
                    {"name": take.decided_by, "when": take.take.decided_at},
                )
            )
        )
    return table_pdf(
        TablePaper(
            head=Head(tongue.word(N_("Stock take report")), take.code, _facts(take, tongue)),
            columns=_FOUND,
            rows=rows,
            notes=notes,
            signatures=(
                tongue.word(N_("Counted by")),
                tongue.word(N_("Approved by")),
                tongue.word(N_("Seen by")),
            ),
        ),
        tongue,
    )


def _facts(take: Take, tongue: Tongue) -> list[str]:
    facts = [
        f"{take.warehouse.shown_as} ({take.warehouse.code})",
        take.organisation.name,
        tongue.say(Message(N_("Opened {when}"), {"when": take.take.opened_at})),
    ]
    if take.take.zone:
        facts.append(tongue.say(Message(N_("Zone {zone}"), {"zone": take.take.zone})))
    return facts


def _named(line: SheetLine | Difference, tongue: Tongue) -> str:
    name = f"{line.item.name_in(tongue.language)} ({line.item.code})"
    if line.kind is AccountKind.QUARANTINE:
        return tongue.say(Message(N_("{item}, held back"), {"item": name}))
    return name


def _loose(line: SheetLine, tongue: Tongue) -> str:
    words = LOOSE[line.item.base_unit]
    return tongue.word(words) if words else ""


def _signed(one: Difference, tongue: Tongue) -> str:
    amount = tongue.amount(abs(one.difference), one.item.base_unit)
    return f"+{amount}" if one.difference > 0 else f"−{amount}"


def _why(one: Difference, tongue: Tongue) -> str:
    if one.reason is None:
        return one.remark
    said = tongue.say(reason_word(one.reason))
    return f"{said}. {one.remark}" if one.remark else said
