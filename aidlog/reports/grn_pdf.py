"""The goods received note on paper: how the goods came, what was counted, what is claimed."""

from __future__ import annotations

from aidlog.core.text import N_, Message
from aidlog.donations.models import Source
from aidlog.donations.queries import NoteDetail, NoteLine
from aidlog.donations.wording import SOURCE_WORDS
from aidlog.reports.amounts import Tongue
from aidlog.reports.table_pdf import Column, Head, TablePaper, table_pdf

_COLUMNS = (
    Column(N_("Item"), 44),
    Column(N_("Lot"), 26),
    Column(N_("Expires"), 19),
    Column(N_("On the papers"), 19, right=True),
    Column(N_("Good"), 19, right=True),
    Column(N_("Damaged"), 16, right=True),
    Column(N_("Missing"), 15, right=True),
    Column(N_("In excess"), 14, right=True),
    Column(N_("Why it differs"), 16),
)


def grn_pdf(
    note: NoteDetail, code: str, organisation: str, tongue: Tongue, *, reversed_by: str | None
) -> bytes:
    """Return the note as PDF, A4, in one language."""
    return table_pdf(
        TablePaper(
            head=Head(
                tongue.word(N_("Goods received note")), code, _facts(note, organisation, tongue)
            ),
            columns=_COLUMNS,
            rows=[_row(line, tongue) for line in note.lines],
            row_height=10,
            notes=_notes(note, tongue, reversed_by),
            signatures=(
                tongue.word(N_("Delivered by")),
                tongue.word(N_("Received by")),
                tongue.word(N_("Checked by")),
            ),
        ),
        tongue,
    )


def _facts(note: NoteDetail, organisation: str, tongue: Tongue) -> list[str]:
    written = note.note
    return [
        f"{organisation} · {note.warehouse.shown_as} ({note.warehouse.code})",
        _how(note, tongue),
        tongue.say(Message(N_("Received from: {giver}"), {"giver": written.received_from or "–"})),
        tongue.say(
            Message(
                N_("Arrived {arrived}, recorded {recorded} by {name}"),
                {
                    "arrived": written.arrived_at,
                    "recorded": written.recorded_at,
                    "name": note.by,
                },
            )
        ),
    ]


def _how(note: NoteDetail, tongue: Tongue) -> str:
    """Return how the goods came, with the numbers of the papers that say so."""
    papers = [
        number
        for number in (
            note.pledge.reference if note.pledge else "",
            note.order or "",
            note.note.order_reference,
            note.cites or "",
        )
        if number
    ]
    how = tongue.word(SOURCE_WORDS[note.note.source])
    return f"{how}: {' · '.join(papers)}" if papers else how


def _row(row: NoteLine, tongue: Tongue) -> tuple[str, ...]:
    line, unit = row.line, row.item.base_unit

    def amount(quantity: int) -> str:
        return tongue.amount(quantity, unit) if quantity else "–"

    expires = row.lot.expires_on if row.lot else None
    return (
        f"{row.item.name_in(tongue.language)} ({row.item.code})",
        row.lot.number if row.lot else "–",
        expires.isoformat() if expires else "–",
        amount(line.declared),
        amount(line.good),
        amount(line.damaged),
        amount(line.missing),
        amount(line.excess),
        line.reason,
    )


def _notes(note: NoteDetail, tongue: Tongue, reversed_by: str | None) -> list[str]:
    notes = [_weight(note, tongue)]
    if _claimed(note):
        notes.append(
            tongue.word(
                N_("What is damaged or missing is claimed from who carried or sold the goods.")
            )
        )
    if any(row.line.unpledged for row in note.lines):
        notes.append(
            tongue.word(
                N_("Lots with a + behind their number came beside what was promised or ordered.")
            )
        )
    if note.note.remark:
        notes.append(note.note.remark)
    if reversed_by:
        notes.append(
            tongue.say(
                Message(N_("This note was reversed by {document}."), {"document": reversed_by})
            )
        )
    return notes


def _claimed(note: NoteDetail) -> bool:
    """Say whether somebody answers for what is wrong: not a donor, nor a site that gives back."""
    by_truck = note.note.source is Source.RETURN and note.cites is not None
    answers = by_truck or note.note.source in {Source.PLEDGE, Source.PURCHASE, Source.TRANSFER}
    return answers and any(row.line.damaged or row.line.missing for row in note.lines)


def _weight(note: NoteDetail, tongue: Tongue) -> str:
    """Return what came weighs, and how many lines nobody knows the weight of."""
    known, unknown = 0, 0
    for row in note.lines:
        came = row.line.good + row.line.damaged
        if came and row.item.weight_mg is None:
            unknown += 1
        elif came:
            known += -(-came * (row.item.weight_mg or 0) // 1_000)
    kilograms = tongue.kilograms(known)
    if not unknown:
        return tongue.say(Message(N_("Weight of what came: {kg} kg"), {"kg": kilograms}))
    return tongue.say(
        Message(
            N_("Weight of what came: {kg} kg, and {count} line of unknown weight"),
            {"kg": kilograms, "count": unknown},
            plural=N_("Weight of what came: {kg} kg, and {count} lines of unknown weight"),
            count=unknown,
        )
    )
